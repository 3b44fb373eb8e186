import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// From a provider's payout to paid invoices and one balanced entry, each once, whatever goes wrong.
@Suite struct PayoutFlowTests: PayoutScene {
    // MARK: Once

    @Test(arguments: PaymentSettings.Register.allCases)
    func aPayoutPaysItsInvoicesAndIsOneEntryAndNothingIsLeftOnClearing(register: PaymentSettings.Register) async throws
    {
        let world = try world(register: register)
        placeAll(world)
        payOutAll(world)
        let process = try await world.process()

        try await world.settle(process)

        expectPaidOut(world)
        #expect(try await standing("po_1", process)?.state == .completed)
        #expect(
            world.erp.documents(.payment).allSatisfy { $0.date == Sample.day("2026-11-20") || register == .capture })
    }

    @Test func r22TheSamePayoutByPollWebhookAndAgainIsBookedOnce() async throws {
        let world = try world()
        placeAll(world)
        payOutAll(world)
        let process = try await world.process()
        let webhook = Webhook(headers: [(name: "signature", value: "signed")], body: Array("po_1".utf8))
        for _ in 0..<3 {
            try await PayoutPickup(process).take(webhook, of: "stripe")
            try await world.settle(process)
        }
        try await process.store.markDue([process.payoutKey("stripe-po_1")], trigger: .retry)
        try await world.settle(process)
        expectPaidOut(world)
        await #expect(throws: Problem.self) {
            try await PayoutPickup(process).take(Webhook(headers: [], body: Array("po_1".utf8)), of: "stripe")
        }
    }

    @Test(arguments: [true, false])
    func aProcessKilledAtAnyBoundaryPaysAndBooksOnceAfterTheRestart(_ erpRefusesDuplicates: Bool) async throws {
        let lines = [charge("1")]
        func sellAndPayOut(_ world: World) {
            world.shop.put(order("1"))
            world.provider.put(payout(lines), lines)
        }
        let rehearsal = try world()
        sellAndPayOut(rehearsal)
        let whole = CrashPoint()
        try await rehearsal.settle(try await rehearsal.process(crash: whole))
        let boundaries = whole.passed
        #expect(boundaries.contains { $0.contains("keep matches") })

        for (number, boundary) in boundaries.enumerated() {
            let world = try world(enforcesUniqueness: erpRefusesDuplicates)
            sellAndPayOut(world)
            let crash = CrashPoint(at: number)
            try? await world.settle(try await world.process(crash: crash))
            #expect(crash.isDead, "boundary \(number) \(boundary) was not reached")
            world.clock.advance(by: .seconds(3))

            let restarted = try await world.process()
            try await world.settle(restarted)

            expectPaidOut(world, orders: ["1"], bank: 9610)
        }
    }

    @Test(arguments: [Step.Kind.registerPayment, .createJournalEntry, .attach], [true, false])
    func whatWasAskedForAndComesLateIsNotMadeTwice(kind: Step.Kind, isLate: Bool) async throws {
        let first = FirstOnly()
        let world = try world(enforcesUniqueness: false) { call in
            call.kind == kind && first.take() ? (isLate ? .late : .loseAfter) : .none
        }
        placeAll(world)
        payOutAll(world)
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        _ = try await PayoutPickup(process).run()
        let worker = Worker(process, name: "worker", tuning: world.tuning)
        while world.erp.callsByKind[kind] == nil {
            if try await worker.workOff() == 0 { world.clock.advance(by: .seconds(1)) }
        }
        // The client has given up; what it sent arrives just before the ERP's limit.
        for _ in 0..<8 {
            world.clock.advance(by: .seconds(7))
            try await worker.workOff()
        }
        world.erp.deliverLate()
        try await world.settle(process)
        expectPaidOut(world)
    }

    // MARK: Evidence

    private func reports(_ world: World) -> [AttachmentDraft] {
        world.erp.documents(.journalEntry).flatMap { world.erp.files(of: $0.id) }
    }

    @Test func theReportAsItWasReceivedIsKeptWithTheEntryInTheERP() async throws {
        let world = try world()
        placeAll(world)
        payOutAll(world)
        try await world.settle(try await world.process())
        let report = try #require(reports(world).first)
        #expect(report.name.hasPrefix("stripe po_1"))
        #expect(String(decoding: report.content, as: UTF8.self) == "page from 0page from 2")
    }

    @Test func aReportThatIsTooLargeIsToldOfInTheERPAndKeptHere() async throws {
        let world = try world()
        placeAll(world)
        payOutAll(world)
        let process = try await world.process()
        try await process.store.keepReport(
            "stripe-po_1", integration: "test", piece: 1, [UInt8](repeating: 32, count: 5_000_001))
        try await world.settle(process)
        let report = try #require(reports(world).first)
        #expect(String(decoding: report.content, as: UTF8.self).contains("payouts report stripe-po_1"))
        expectPaidOut(world)
    }

    @Test func reportsStayHereWhereTheSettingsSaySo() async throws {
        let world = try world()
        world.settings.payments?.attachReports = false
        placeAll(world)
        payOutAll(world)
        let process = try await world.process()
        try await world.settle(process)
        #expect(reports(world).isEmpty)
        #expect(try await standing("po_1", process)?.state == .completed)
        #expect(try await process.store.report(of: process.payoutKey("stripe-po_1"), piece: 1) != nil)
    }

    // MARK: Never waits

    @Test func aPayoutBeforeItsInvoicesIsBookedAtOnceAndItsLinesSettleWhenTheyCome() async throws {
        let world = try world()
        var waiting = order("1")
        (waiting.status, waiting.paidAt) = (.onHold, nil)
        world.shop.put(waiting)
        let lines = [charge("1")]
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        try await world.settle(process)
        #expect(world.erp.documents(.journalEntry).count == 1)
        #expect(world.erp.balance("1580") == -9900)
        #expect(try await standing("po_1", process)?.state == .completed)

        var paid = order("1")
        paid.modifiedAt = world.clock.now()
        world.shop.put(paid)
        try await world.settle(process)
        expectPaidOut(world, orders: ["1"], bank: 9610)
    }

    @Test func linesOfOrdersBeforeTheStartGoToTheirAccountAndOnesOfNobodyWait() async throws {
        let world = try world()
        world.settings.orders.excludeBefore = Sample.day("2026-11-10")
        var old = charge("old")
        old.at = Sample.instant("2026-11-09T12:00:00Z")
        let lines = [old, charge("lost")]
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        try await world.settle(process)
        #expect(world.erp.balance("1589") == -9900)
        #expect(world.erp.balance("1580") == -9900)
        #expect(world.erp.balance("1930") == 19220)
        let standing = try await standing("po_1", process)
        #expect(standing?.code == ProblemCode.payoutLineNotMatched.rawValue, "\(standing as Any)")
        #expect(standing?.reason.contains("transaction id ch_lost is of no order") == true, "\(standing as Any)")
    }

    @Test func aLineMatchedByAPersonIsPaidAndThePayoutIsDone() async throws {
        let world = try world()
        world.shop.put(Sample.order("1"))
        var line = charge("1")
        line.keys.transactionIDs = ["ch_of_another_system"]
        let lines = [line]
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        try await world.settle(process)
        #expect(try await standing("po_1", process)?.state == .stopped)
        let key = process.payoutKey("stripe-po_1")
        let kept = try await process.store.lines(of: key, after: 0, limit: 10)
        #expect(kept[0].why?.hasSuffix("of this amount: order 1 of test") == true, "\(kept)")

        let share = LineMatch.Share(
            order: EntityKey(integration: "test", type: .order, id: "1"), paid: Sample.money("99.00"),
            settled: Sample.money("99.00"))
        try await process.store.settle(
            "txn_1", of: key, as: LineWord(shares: [share], by: "Eva", reason: "seen at the provider"))
        try await world.settle(process)
        expectPaidOut(world, orders: ["1"], bank: 9610)
        #expect(try await standing("po_1", process)?.state == .completed)
    }

    // MARK: Too little, too much, in parts

    @Test(arguments: [("98.50", 50), ("90.00", 0), ("99.50", -50), ("120.00", 0)])
    func r29NextToNothingGoesToRoundingAndMoreStaysOpenOrAsksAPerson(paid: String, rounding: Int64) async throws {
        let world = try world()
        world.shop.put(order("1"))
        let lines = [charge("1", paid)]
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        try await world.settle(process)
        #expect(world.erp.balance("3740") == rounding)
        let standing = try await world.standing(of: "1", process)
        let open = world.erp.documents(.invoice).first?.open
        switch paid {
        case "90.00":
            #expect(open == Sample.money("9.00"))
            #expect(standing?.state == .completed)
        case "120.00":
            #expect(world.erp.balance("1580") == -2100)
            #expect(standing?.code == ProblemCode.paymentExceedsInvoice.rawValue)
        default:
            #expect(open?.isZero == true)
            #expect(world.erp.balance("1580") == 0)
            #expect(standing?.state == .completed)
        }
    }

    @Test func severalCapturesOfEqualAmountPayOneInvoiceTogether() async throws {
        let world = try world()
        world.shop.put(order("1"))
        var lines = [charge("1", "33.00"), charge("1", "33.00"), charge("1", "33.00")]
        for index in lines.indices { lines[index].id = "txn_\(index)" }
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        try await world.settle(process)
        #expect(world.erp.documents(.payment).count == 3)
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .paid })
        #expect(world.erp.balance("1580") == 0)
    }

    @Test func whatWasPaidGoesOverToTheInvoiceThatReplacesTheFirst() async throws {
        let world = try world()
        world.settings.invoices.changesAfterBooking = .correct
        world.settings.articles.refund = "REFUND"
        world.shop.put(order("1"))
        let lines = [charge("1")]
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        try await world.settle(process)
        expectPaidOut(world, orders: ["1"], bank: 9610)

        world.clock.advance(by: .seconds(3600))
        var changed = order("1")
        changed.billing.city = "Malmö"
        changed.lines[0].name = "Another mug"
        changed.lines[0].sku = "MUG-002"
        changed.modifiedAt = world.clock.now()
        world.shop.put(changed)
        try await world.settle(process)
        let standing = try await world.standing(of: "1", process)
        #expect(standing?.state == .completed, "\(standing as Any)")
        #expect(world.erp.documents(.creditNote).count == 1)
        #expect(world.erp.documents(.invoice).count == 2)
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .paid })
        #expect(world.erp.documents(.creditNote).allSatisfy { $0.state == .paid })
        #expect(world.erp.balance("1580") == 0)
    }

    // MARK: Refunds, failures, changes

    @Test func aRefundOnlyPayoutPaysTheCreditNoteBackAndTheBankPays() async throws {
        let world = try world()
        var refunded = order("1")
        refunded.refunds = [
            OrderRefund(
                id: "7", amount: refunded.total, reason: "returned", createdAt: Sample.instant("2026-11-21T09:00:00Z"),
                lines: [])
        ]
        world.shop.put(refunded)
        var back = charge("r", "-99.00", fee: "0.00")
        back.kind = .refund
        back.keys.transactionIDs = ["re_7", "ch_1"]
        let sold = [charge("1")]
        world.provider.put(payout(sold), sold)
        world.provider.put(payout([back], id: "po_2"), [back])
        let process = try await world.process()
        try await world.settle(process)
        #expect(world.erp.balance("1580") == 0)
        #expect(world.erp.balance("1930") == -290)
        #expect(world.erp.documents(.creditNote).allSatisfy { $0.state == .paid })
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .paid })
    }

    @Test func aRefundThatTheShopDoesNotShowWaitsOnClearingForAPersonOrTheShop() async throws {
        let world = try world()
        world.shop.put(order("1"))
        var back = charge("r", "-50.00", fee: "0.00")
        back.kind = .refund
        back.keys.transactionIDs = ["ch_1"]
        let lines = [charge("1"), back]
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        try await world.settle(process)
        #expect(world.erp.balance("1580") == 5000)
        #expect(try await standing("po_1", process)?.code == ProblemCode.payoutLineForPerson.rawValue)

        world.clock.advance(by: .seconds(3600))
        world.shop.put(refunded("1", ["50.00"]))
        try await world.settle(process)
        #expect(world.erp.balance("1580") == 0)
        world.clock.advance(by: .seconds(3600))
        try await world.settle(process)
        #expect(try await standing("po_1", process)?.state == .completed)
    }

    @Test func aPayoutThatFailsAfterItWasPaidIsOwedByTheProviderAgain() async throws {
        let world = try world()
        placeAll(world)
        payOutAll(world)
        let process = try await world.process()
        try await world.settle(process)
        expectPaidOut(world)

        let lines = World.orders.map { charge($0) }
        var failed = payout(lines, state: .failed)
        failed.returnedOn = Sample.day("2026-11-23")
        world.provider.put(failed, lines)
        try await world.settle(process)
        #expect(world.erp.balance("1930") == 0)
        #expect(world.erp.balance("1580") == 28830)
        #expect(world.erp.documents(.journalEntry).count == 2)

        var returned = charge("back", "288.30", fee: "0.00")
        returned.kind = .returned
        world.provider.put(payout([returned], id: "po_2"), [returned])
        try await world.settle(process)
        #expect(world.erp.balance("1930") == 28830)
        #expect(world.erp.balance("1580") == 0)
    }

    @Test func aReportThatSaysSomethingElseThanWhatIsBookedChangesNothing() async throws {
        let world = try world()
        placeAll(world)
        payOutAll(world)
        let process = try await world.process()
        try await world.settle(process)
        var other = payout(World.orders.map { charge($0) })
        other.net = Sample.money("300.00")
        world.provider.put(other, [])
        try await world.settle(process)
        let standing = try await standing("po_1", process)
        #expect(standing?.code == ProblemCode.payoutDoesNotAddUp.rawValue, "\(standing as Any)")
        expectPaidOut(world)
    }
}
