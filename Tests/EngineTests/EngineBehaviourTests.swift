import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

@Suite struct EngineBehaviourTests {
    @Test func oneRefusedOrderDoesNotKeepTheOthersOfItsBatch() async throws {
        let world = try World { call in
            // Refused whole while the bad one is among them: 8 orders, then halves with 4, 2, 1.
            call.kind == .createOrder && (call.number == 2 || call.number == 3 || call.number == 4 || call.number == 5)
                ? .refuse(Problem(.refusedByERP, "no")) : .none
        }
        for id in 1...8 { world.shop.put(Sample.order(String(id))) }
        let process = try await world.process()

        try await world.settle(process)

        let states = try await process.store.tally(integration: "test", type: .order)
        #expect(states.first { $0.state == .stopped }?.count == 1)
        #expect(states.first { $0.state == .completed }?.count == 7)
    }

    @Test func aBusyERPIsTriedAgainAndAskedForAPersonOnlyAfterManyTries() async throws {
        let world = try World { call in call.kind == .confirmOrder ? .busy : .none }
        world.shop.put(Sample.order("1"))
        let process = try await world.process()

        try await world.settle(process)

        let standing = try await world.standing(of: "1", process)
        #expect(standing?.state == .stopped)
        #expect(standing?.code == "UNREACHABLE")
        #expect(world.erp.callsByKind[.confirmOrder] == 8)
    }

    @Test func aChangeThatComesWhileAnOrderIsWorkedOnIsNotLost() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let claim = try #require(
            try await process.store.claim(
                ClaimRequest(integration: "test", lane: .general, worker: "w", limit: 1, leaseFor: .seconds(60))
            ).first)
        var changed = Sample.order("1")
        changed.customerNote = "changed meanwhile"
        world.clock.advance(by: .seconds(1))
        world.shop.put(changed)
        _ = try await OrderPickup(process).run()
        try await process.store.finish([
            Finish(
                claim: claim, standing: Standing(.completed), next: .rest, doubtResolved: false, at: world.clock.now())
        ])

        let entity = try await process.store.entity(claim.entity.key)
        #expect(entity.map { $0.due > $0.worked } == true)
    }

    @Test func anOldSnapshotIsReadAgainBeforeItIsBooked() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let worker = Worker(process, name: "w", tuning: world.tuning)
        _ = try await worker.turn(in: .general)
        // Before the booking lane's turn the customer cancels; no webhook, no poll tells.
        var cancelled = Sample.order("1")
        cancelled.status = .cancelled
        cancelled.statusText = "cancelled"
        world.shop.put(cancelled)
        world.clock.advance(by: .seconds(301))

        try await worker.workOff()

        #expect(world.erp.documents(.invoice).map(\.state) == [.cancelled])
        #expect(world.erp.documents(.order).map(\.state) == [.cancelled])
        #expect(try await world.standing(of: "1", process)?.code == "CANCELLED_ORDER")
    }

    @Test func anOrderThatTheShopNoLongerShowsHoldsAndUndoesNothing() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let worker = Worker(process, name: "w", tuning: world.tuning)
        _ = try await worker.turn(in: .general)
        world.shop.remove("1")
        world.clock.advance(by: .seconds(301))

        try await worker.workOff()

        #expect(try await world.standing(of: "1", process)?.state == .waiting)
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .draft })
    }

    @Test func whatPeopleBookedInTheERPIsTakenAsItIs() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let worker = Worker(process, name: "w", tuning: world.tuning)
        _ = try await worker.turn(in: .general)
        let draft = try #require(world.erp.documents(.invoice).first)
        world.erp.edit(draft.id, to: .booked)

        try await worker.workOff()

        #expect(try await world.standing(of: "1", process)?.state == .completed)
        #expect(world.count(.invoice, of: "1") == 1)
    }

    @Test func aDraftThatSomebodyChangedInTheERPIsNotBooked() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let worker = Worker(process, name: "w", tuning: world.tuning)
        _ = try await worker.turn(in: .general)
        let draft = try #require(world.erp.documents(.invoice).first)
        world.erp.edit(draft.id, total: Sample.money("98.00"))

        try await worker.workOff()

        #expect(try await world.standing(of: "1", process)?.code == "TOTAL_DIFFERS")
        #expect(world.erp.documents(.invoice).map(\.state) == [.draft])
    }

    @Test func aDocumentDeletedInTheERPIsNoticedAndNotMadeAgain() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let worker = Worker(process, name: "w", tuning: world.tuning)
        _ = try await worker.turn(in: .general)
        for document in world.erp.documents(.invoice) { world.erp.edit(document.id, to: .gone) }

        try await world.settle(process)

        #expect(try await world.standing(of: "1", process)?.code == "DOCUMENT_GONE")
        #expect(world.erp.documents(.invoice).isEmpty)
    }

    @Test func changingSettingsChangesNoBookedDocument() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        try await world.settle(try await world.process())
        let before = world.erp.documents(.invoice)
        world.settings.invoices.trigger = .shipped
        world.settings.vat.rules = [VATRule(reason: .export, tax: "OTHER")]

        let process = try await world.process()
        try await process.store.markDue(
            [EntityKey(integration: "test", type: .order, id: "1")], trigger: .settingsChange)
        try await world.settle(process)

        #expect(world.erp.documents(.invoice) == before)
        #expect(try await world.standing(of: "1", process)?.state == .completed)
    }
}

/// What people do, and that it has its effect.
@Suite struct PeopleTests {
    private let key = EntityKey(integration: "test", type: .order, id: "1")

    @Test func goingLiveWakesWhatWaitedForIt() async throws {
        let world = try World()
        world.settings.live = false
        world.shop.put(Sample.order("1"))
        let before = try await world.process()
        try await world.settle(before)
        #expect(try await world.standing(of: "1", before)?.reason == "live mode")
        #expect(world.erp.writeCalls == 0)

        world.settings.live = true
        let after = try await world.process()
        try await world.settle(after)

        #expect(try await world.standing(of: "1", after)?.state == .completed)
    }

    @Test func aRuleThatWasMissingLetsTheStoppedOrderThrough() async throws {
        let world = try World()
        let rules = world.settings.vat.rules
        world.settings.vat.rules = [VATRule(reason: .export, tax: "EXPORT0")]
        world.shop.put(Sample.order("1"))
        let before = try await world.process()
        try await world.settle(before)
        #expect(try await world.standing(of: "1", before)?.code == "VAT_NOT_MAPPED")

        world.settings.vat.rules = rules
        let after = try await world.process()
        try await world.settle(after)

        #expect(try await world.standing(of: "1", after)?.state == .completed)
    }

    @Test func anUnlinkedOrderWhoseDocumentsAreGoneIsMadeAgainOnce() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let worker = Worker(process, name: "w", tuning: world.tuning)
        _ = try await worker.turn(in: .general)
        for document in world.erp.documents(.invoice) + world.erp.documents(.order) {
            world.erp.edit(document.id, to: .gone)
        }
        try await world.settle(process)
        #expect(try await world.standing(of: "1", process)?.code == "DOCUMENT_GONE")

        for document in try await process.store.documents(of: key) where document.reference.kind != .customer {
            try await process.store.removeReference(document.reference, integration: "test", by: "Eva")
        }
        try await process.store.markDue([key], trigger: .retry)
        try await world.settle(process)

        #expect(try await world.standing(of: "1", process)?.state == .completed)
        #expect(world.count(.order, of: "1") == 1)
        #expect(world.count(.invoice, of: "1") == 1)
    }

    @Test func anInvoiceThatAPersonBooksWhenBookingIsManualCompletesItsOrder() async throws {
        let world = try World()
        world.settings.invoices.automaticBooking = false
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        try await world.settle(process)
        #expect(try await world.standing(of: "1", process)?.state == .waiting)
        for invoice in world.erp.documents(.invoice) { world.erp.edit(invoice.id, to: .booked) }

        world.clock.advance(by: .seconds(3601))
        try await world.settle(process)

        #expect(try await world.standing(of: "1", process)?.state == .completed)
    }
}

@Suite struct PickupTests {
    @Test func anOrderDatedInYearsToComeDoesNotHideTheOnesAfterIt() async throws {
        let world = try World()
        var future = Sample.order("1")
        future.modifiedAt = Sample.instant("2035-01-01T00:00:00Z")
        world.shop.put(future)
        let process = try await world.process()
        try await world.settle(process)

        var next = Sample.order("2")
        world.clock.advance(by: .seconds(60))
        next.modifiedAt = world.clock.now()
        world.shop.put(next)
        world.clock.advance(by: .seconds(60))
        try await world.settle(process)

        #expect(try await world.standing(of: "2", process)?.state == .completed)
    }

    @Test func aPersonsMoveBackDuringAPickUpIsNotOverruledByIt() async throws {
        let world = try World()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        let known = try #require(try await process.store.timeHistory(integration: "test", type: .order))
        world.clock.advance(by: .seconds(10))
        let back = TimeHistory(
            integration: "test", type: .order, loadedThrough: .distantPast, movedAt: world.clock.now(), movedBy: "Eva",
            reason: "again")
        try await process.store.moveTimeHistory(back)
        world.clock.advance(by: .seconds(1))

        // The page of a pick-up that began before Eva's move.
        _ = try await process.store.record(
            [], trigger: .schedule, force: false,
            moving: TimeHistory(
                integration: "test", type: .order, loadedThrough: world.clock.now(), movedAt: world.clock.now(),
                movedBy: "system", reason: "loaded", knowing: known.movedAt))

        #expect(try await process.store.timeHistory(integration: "test", type: .order)?.movedBy == "Eva")
    }
}
