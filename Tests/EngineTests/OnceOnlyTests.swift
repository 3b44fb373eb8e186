import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// One document each time, whatever goes wrong.
@Suite struct OnceOnlyTests {
    private let orders = World.orders

    @Test func ordersBecomeBookedInvoicesInOneCallPerStep() async throws {
        let world = try World()
        world.placeOrders()
        let process = try await world.process()

        try await world.settle(process)

        try await world.expectEachBookedOnce(process)
        #expect(
            world.erp.callsByKind == [
                .ensureCustomer: 1, .createOrder: 1, .confirmOrder: 1, .createInvoice: 1, .bookInvoice: 1,
            ])
    }

    @Test func runningAgainFromAnEarlierTimeHistoryWritesNothing() async throws {
        let world = try World()
        world.placeOrders()
        let process = try await world.process()
        try await world.settle(process)
        let calls = world.erp.writeCalls

        try await process.store.moveTimeHistory(
            TimeHistory(
                integration: "test", type: .order, loadedThrough: .distantPast, movedAt: world.clock.now(),
                movedBy: "Eva", reason: "test"))
        try await world.settle(process)

        #expect(world.erp.writeCalls == calls)
    }

    @Test(arguments: [true, false])
    func aProcessKilledAtAnyBoundaryLeavesOneDocumentAfterTheRestart(_ erpRefusesDuplicates: Bool) async throws {
        let rehearsal = try World()
        rehearsal.placeOrders()
        let whole = CrashPoint()
        try await rehearsal.settle(try await rehearsal.process(crash: whole))
        let boundaries = whole.passed
        #expect(boundaries.count > 20)

        for (number, boundary) in boundaries.enumerated() {
            let world = try World(enforcesUniqueness: erpRefusesDuplicates)
            world.placeOrders()
            let crash = CrashPoint(at: number)
            try? await world.settle(try await world.process(crash: crash))
            #expect(crash.isDead, "boundary \(number) \(boundary) was not reached")
            world.clock.advance(by: .seconds(3))

            let restarted = try await world.process()
            try await world.settle(restarted)

            try await world.expectEachBookedOnce(restarted)
        }
    }

    private static let way: [Step.Kind] = [.ensureCustomer, .createOrder, .confirmOrder, .createInvoice, .bookInvoice]

    /// A process that has sent its first call of this kind.
    private func working(in world: World, until kind: Step.Kind) async throws -> (Integration, Worker) {
        let process = try await world.process()
        let worker = Worker(process, name: "worker", tuning: world.tuning)
        _ = try await OrderPickup(process).run()
        while world.erp.callsByKind[kind] == nil { try await worker.workOff() }
        return (process, worker)
    }

    @Test func anOrderThatArrivesLateAfterItWasCalledOffIsWithdrawnToo() async throws {
        let first = FirstOnly()
        let world = try World { call in call.kind == .createOrder && first.take() ? .late : .none }
        world.shop.put(Sample.order("1"))
        let (process, worker) = try await working(in: world, until: .createOrder)
        // The shop calls the sale off before the call arrives.
        world.clock.advance(by: .seconds(2))
        var cancelled = Sample.order("1")
        (cancelled.status, cancelled.statusText) = (.cancelled, "cancelled")
        cancelled.modifiedAt = world.clock.now()
        world.shop.put(cancelled)
        _ = try await OrderPickup(process).run()
        world.clock.advance(by: .seconds(5))
        try await worker.workOff()
        world.erp.deliverLate()

        try await world.settle(process)

        #expect(try await world.standing(of: "1", process)?.code == "CANCELLED_ORDER")
        #expect(world.erp.documents(.order).map(\.state) == [.cancelled])
    }

    @Test func aCreditNoteWhoseAnswerWasLostIsFoundThoughItsRefundWasDeletedMeanwhile() async throws {
        let first = FirstOnly()
        let world = try World { call in call.kind == .createCreditNote && first.take() ? .loseAfter : .none }
        world.settings.articles.refund = "REFUND"
        var order = Sample.order("1")
        order.refunds = [OrderRefund(id: "9", amount: Sample.money("49.50"), reason: "", lines: [])]
        world.shop.put(order)
        let (process, _) = try await working(in: world, until: .createCreditNote)
        world.clock.advance(by: .seconds(2))
        (order.refunds, order.modifiedAt) = ([], world.clock.now())
        world.shop.put(order)

        try await world.settle(process)

        // The draft that nobody wants any more is found, and withdrawn.
        #expect(world.erp.documents(.creditNote).map(\.state) == [.cancelled])
        #expect(try await world.standing(of: "1", process)?.state == .completed)
    }

    @Test func anOrderThatArrivesLateAfterAPersonUndidItIsWithdrawnToo() async throws {
        let first = FirstOnly()
        let world = try World { call in call.kind == .createOrder && first.take() ? .late : .none }
        world.shop.put(Sample.order("1"))
        let (process, worker) = try await working(in: world, until: .createOrder)
        try await process.store.decide(
            Decision(kind: .undone, by: "Anna", at: world.clock.now(), reason: "her word"),
            about: EntityKey(integration: "test", type: .order, id: "1"))
        world.clock.advance(by: .seconds(5))
        try await worker.workOff()
        world.erp.deliverLate()

        try await world.settle(process)

        #expect(world.erp.documents(.order).map(\.state) == [.cancelled])
    }

    @Test(arguments: way, ["lost before", "lost after", "late", "busy"])
    func anAnswerThatNeverCameMakesNoSecondDocument(_ kind: Step.Kind, _ fault: String) async throws {
        for erpRefusesDuplicates in [true, false] {
            try await loseAnAnswer(kind, fault, erpRefusesDuplicates)
        }
    }

    private func loseAnAnswer(_ kind: Step.Kind, _ fault: String, _ erpRefusesDuplicates: Bool) async throws {
        let first = FirstOnly()
        let world = try World(enforcesUniqueness: erpRefusesDuplicates) { call in
            guard call.kind == kind, first.take() else { return .none }
            return switch fault {
            case "lost before": .loseBefore
            case "lost after": .loseAfter
            case "late": .late
            default: .busy
            }
        }
        world.placeOrders()
        let process = try await world.process()

        try await world.settle(process)
        world.erp.deliverLate()
        try await process.store.markInDoubt(orders.map { EntityKey(integration: "test", type: .order, id: $0) })
        try await world.settle(process)

        try await world.expectEachBookedOnce(process)
    }

    @Test func whereTheERPRefusesNoDuplicatesALateRequestIsWaitedFor() async throws {
        let first = FirstOnly()
        let world = try World(enforcesUniqueness: false) { call in
            call.kind == .createOrder && first.take() ? .late : .none
        }
        world.placeOrders()
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let worker = Worker(process, name: "w", tuning: world.tuning)
        try await worker.workOff()
        world.clock.advance(by: .seconds(5))
        try await worker.workOff()
        #expect(world.erp.documents(.order).isEmpty, "nothing may be made while the first call can still arrive")

        world.erp.deliverLate()
        try await world.settle(process)

        try await world.expectEachBookedOnce(process)
    }

    @Test func aReferenceDeletedByHandIsFoundAgainInTheERP() async throws {
        let world = try World()
        world.placeOrders()
        let process = try await world.process()
        try await world.settle(process)

        for id in orders {
            for kind in [DocumentKind.order, .invoice] {
                try await process.store.removeReference(
                    ExternalReference(shop: Sample.shop, record: "order-\(id)", kind: kind), integration: "test",
                    by: "Eva")
            }
        }
        try await world.settle(process)

        try await world.expectEachBookedOnce(process)
    }

    @Test func aStoreRestoredFromAnOlderCopyAdoptsWhatItDoesNotRemember() async throws {
        let world = try World()
        let early = try await world.process()
        try await world.settle(early)
        try world.backUp()
        world.placeOrders()
        try await world.settle(early)
        try world.restore()

        let restored = try await world.process()
        try await world.settle(restored)

        try await world.expectEachBookedOnce(restored)
        #expect(world.erp.callsByKind[.createOrder] == 1)
    }

    @Test func twoWorkersShareTheWorkAndDoNothingTwice() async throws {
        let world = try World(batchLimit: 5)
        let many = (1...60).map { String($0) }
        for id in many { world.shop.put(Sample.order(id)) }
        let process = try await world.process()
        _ = try await OrderPickup(process).run()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["one", "two"] {
                let worker = Worker(process, name: name, batchSize: 7, tuning: world.tuning)
                group.addTask { try await worker.workOff() }
            }
            try await group.waitForAll()
        }
        try await world.settle(process)

        for id in many {
            #expect(world.count(.order, of: id) == 1)
            #expect(world.count(.invoice, of: id) == 1)
        }
        #expect(world.erp.documents(.customer).count == 1)
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .booked })
    }

    @Test func aSuspendedWorkerThatWakesAfterItsLeaseCommitsNothing() async throws {
        let world = try World()
        world.placeOrders()
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        // A worker claims and is suspended; its lease runs out and another one does the work.
        let asleep = try await process.store.claim(
            ClaimRequest(integration: "test", lane: .general, worker: "asleep", limit: 10, leaseFor: .seconds(60)))
        #expect(asleep.count == 3)
        world.clock.advance(by: .seconds(61))
        try await world.settle(process, worker: "awake")
        try await world.expectEachBookedOnce(process)

        let claim = try #require(asleep.first)
        let reference = ExternalReference(shop: Sample.shop, record: "order-\(claim.entity.key.id)", kind: .order)
        let granted = try await process.store.recordIntents([
            IntentRecord(
                key: claim.entity.key, lease: claim.lease, taskID: claim.taskID, reference: reference,
                kind: .createOrder, deadline: world.clock.now() + .seconds(60))
        ])
        try await process.store.finish([
            Finish(
                claim: claim, standing: Standing(.stopped, code: "X", reason: "stale"), next: .rest,
                doubtResolved: false, at: world.clock.now())
        ])

        #expect(granted.isEmpty)
        try await world.expectEachBookedOnce(process)
    }

    @Test func anOldIDHandedOutAnewByARestoredShopIsNotAdopted() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let first = try await world.process()
        try await world.settle(first)
        // Shop and store both lose their memory; the shop's next order gets the same id.
        let fresh = try World()
        _ = fresh
        var other = Sample.order("1")
        other.lines[0].total = Sample.money("792.00")
        other.lines[0].subtotal = Sample.money("792.00")
        other.taxes[0].amount = Sample.money("198.00")
        other.total = Sample.money("990.00")
        world.shop.put(other)
        try world.restore()

        let process = try await world.process()
        try await world.settle(process)

        #expect(try await world.standing(of: "1", process)?.code == "DOCUMENT_CONFLICT")
        #expect(world.count(.order, of: "1") == 1)
    }
}

/// True once.
final class FirstOnly: Sendable {
    private let taken = Counter()
    func take() -> Bool { taken.next() == 1 }
}
