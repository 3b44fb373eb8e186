import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// What could make a payout's money lie in two places, be paid twice, or hold others up.
@Suite struct PayoutHazardTests: PayoutScene {
    private func settled(_ world: World) async throws -> Integration {
        let process = try await world.process()
        try await world.settle(process)
        return process
    }

    private func share(_ order: String, _ amount: String = "99.00") -> LineMatch.Share {
        LineMatch.Share(
            order: EntityKey(integration: "test", type: .order, id: order), paid: Sample.money(amount),
            settled: Sample.money(amount))
    }

    // MARK: Another order

    @Test func aLineThatHasPaidAnOrderGoesToNoOtherBeforeThatPaymentIsTakenBack() async throws {
        let world = try world()
        for id in ["1", "2"] { world.shop.put(order(id)) }
        let lines = [charge("1")]
        world.provider.put(payout(lines), lines)
        let process = try await settled(world)
        let key = process.payoutKey("stripe-po_1")
        let word = LineWord(shares: [share("2")], by: "Eva", reason: "mistaken")
        await #expect(throws: StoreError.self) { try await process.store.settle("txn_1", of: key, as: word) }
        try await world.settle(process)
        #expect(world.erp.documents(.payment).count == 1)
        #expect(world.erp.balance("1580") == 0)

        let takenBack = LineWord(shares: [share("2")], by: "Eva", reason: "mistaken", isTakenBack: true)
        try await process.store.settle("txn_1", of: key, as: takenBack)
        try await world.settle(process)
        #expect(world.count(.invoice, of: "2") == 1)
        let second = world.erp.documents(.invoice).filter { $0.state == .paid }
        #expect(second.count == 2, "the first payment is the person's to take back")
        #expect(world.erp.documents(.payment).count == 2)
    }

    @Test func aLineSettledWhileItsOrderIsWorkedOnIsRefusedRatherThanPaidTwice() async throws {
        let world = try world()
        world.shop.put(order("1"))
        let lines = [charge("1")]
        world.provider.put(payout(lines), lines)
        let process = try await settled(world)
        let order = EntityKey(integration: "test", type: .order, id: "1")
        try await process.store.markDue([order], trigger: .retry)
        let claims = try await process.store.claim(
            ClaimRequest(integration: "test", lane: .general, worker: "other", limit: 1, leaseFor: .seconds(60)))
        #expect(claims.count == 1)
        await #expect(throws: StoreError.self) {
            try await process.store.settle(
                "txn_1", of: process.payoutKey("stripe-po_1"),
                as: LineWord(shares: [], by: "Eva", reason: "mine", isTakenBack: true))
        }
    }

    // MARK: Places

    @Test func chargeAndRefundOfAnOrderBeforeTheStartHaveOnePlaceInWhateverPayouts() async throws {
        let world = try world()
        var old = refunded("1", ["40.00"])
        old.createdAt = Sample.instant("2026-10-01T10:00:00Z")
        world.settings.orders.excludeBefore = Sample.day("2026-11-10")
        world.shop.put(old)
        let (sold, back) = ([charge("1")], [refund("r", of: "1", "40.00")])
        world.provider.put(payout(sold), sold)
        world.provider.put(payout(back, id: "po_2"), back)
        _ = try await settled(world)
        #expect(world.erp.balance("1589") == -5900)
        #expect(world.erp.balance("1580") == 0)
        #expect(world.erp.balance("2999") == 0)
    }

    @Test(arguments: PaymentSettings.Register.allCases)
    func payoutsThatAreReadBeforeTheirOrdersLeaveNothingBehind(register: PaymentSettings.Register) async throws {
        let world = try world(register: register)
        let lines = [charge("1"), refund("r", of: "1", "40.00")]
        world.provider.put(payout(lines), lines)
        let process = try await settled(world)
        #expect(try await standing("po_1", process)?.code == ProblemCode.payoutLineNotMatched.rawValue)

        world.shop.put(refunded("1", ["40.00"]))
        for _ in 0..<2 {
            try await world.settle(process)
            world.clock.advance(by: .seconds(3600))
        }
        try await world.settle(process)
        #expect(world.erp.balance("1580") == 0)
        #expect(world.erp.balance("2999") == 0)
        #expect(try await standing("po_1", process)?.state == .completed)
    }

    @Test func ofTwoRefundsWhereTheShopShowsOneAPersonIsToldOfTheOther() async throws {
        let world = try world()
        world.shop.put(refunded("1", ["40.00"]))
        let lines = [charge("1"), refund("r1", of: "1", "40.00"), refund("r2", of: "1", "40.00")]
        world.provider.put(payout(lines), lines)
        let process = try await settled(world)
        #expect(world.erp.balance("1580") == 4000)
        #expect(try await standing("po_1", process)?.code == ProblemCode.payoutLineForPerson.rawValue)
    }

    @Test func chargeAndRefundOfASaleThatTheShopCalledOffBeforeItWasBookedAreNobodysTask() async throws {
        let world = try world()
        var cancelled = order("1")
        cancelled.status = .cancelled
        world.shop.put(cancelled)
        let lines = [charge("1"), refund("r", of: "1", "99.00")]
        world.provider.put(payout(lines), lines)
        let process = try await settled(world)
        #expect(world.erp.balance("1580") == 0)
        #expect(try await standing("po_1", process)?.state == .completed)
    }

    // MARK: What is booked at all

    @Test func r17NothingOfAPayoutThatDoesNotAddUpIsPaidOrBooked() async throws {
        let world = try world()
        placeAll(world)
        let lines = World.orders.map { charge($0) }
        var crooked = payout(lines)
        crooked.net += Sample.money("0.01")
        world.provider.put(crooked, lines)
        let process = try await settled(world)
        #expect(world.erp.documents(.payment).isEmpty)
        #expect(world.erp.documents(.journalEntry).isEmpty)
        #expect(try await standing("po_1", process)?.code == ProblemCode.payoutDoesNotAddUp.rawValue)
    }

    @Test func theDayOfArrivalDecidesWhetherAPayoutIsFromBeforeTheStart() async throws {
        let world = try world()
        world.settings.orders.excludeBefore = Sample.day("2026-11-22")
        let lines = [charge("1")]
        var early = payout(lines, id: "po_0")
        early.arrivesOn = Sample.day("2026-11-21")
        world.provider.put(early, lines)
        let others = [charge("2")]
        world.provider.put(payout(others), others)
        let process = try await settled(world)
        #expect(try await standing("po_0", process)?.code == Exclusion.Rule.beforeExclusionDate.rawValue)
        #expect(world.erp.documents(.journalEntry).count == 1)
        #expect(world.erp.balance("1930") == 9610)
    }

    @Test func aPayoutThatAPersonLeavesOutIsNotBooked() async throws {
        let world = try world()
        let lines = [charge("1")]
        var crooked = payout(lines)
        crooked.net += Sample.money("0.01")
        world.provider.put(crooked, lines)
        let process = try await settled(world)
        try await process.store.decide(
            Decision(kind: .bookedByHand(number: "A7"), by: "Eva", at: world.clock.now(), reason: "crooked report"),
            about: process.payoutKey("stripe-po_1"))
        try await world.settle(process)
        #expect(try await standing("po_1", process)?.code == Exclusion.Rule.bookedByHand.rawValue)
        #expect(world.erp.documents(.journalEntry).isEmpty)
    }

    @Test func onePayoutWhoseLinesCannotBeReadKeepsNoOtherFromBeingBooked() async throws {
        let world = try world()
        for number in 1...3 {
            let lines = [charge("\(number)")]
            world.shop.put(order("\(number)"))
            world.provider.put(payout(lines, id: "po_\(number)"), lines)
        }
        world.provider.refuse("po_2", ConnectorError(.stop, Problem(.recordUnreadable, "line txn_2 is in no currency")))
        let process = try await settled(world)
        #expect(world.erp.documents(.journalEntry).count == 2)
        let standing = try await standing("po_2", process)
        #expect(standing?.state == .stopped && standing?.code == ProblemCode.recordUnreadable.rawValue)
    }

    // MARK: Closed books

    @Test(arguments: [true, false])
    func anEntryWhoseAnswerWasLostIsLookedForAsItWasBegunThoughTheBooksWereClosedSince(wasMade: Bool) async throws {
        let first = FirstOnly()
        let world = try world(enforcesUniqueness: false) { call in
            call.kind == .createJournalEntry && first.take() ? (wasMade ? .loseAfter : .loseBefore) : .none
        }
        world.settings.invoices.periodPolicy = .nextOpenDay
        world.shop.put(order("1"))
        let lines = [charge("1")]
        world.provider.put(payout(lines), lines)
        let process = try await world.process()
        _ = try await OrderPickup(process).run()
        _ = try await PayoutPickup(process).run()
        let worker = Worker(process, name: "worker", tuning: world.tuning)
        while world.erp.callsByKind[.createJournalEntry] == nil {
            if try await worker.workOff() == 0 { world.clock.advance(by: .seconds(1)) }
        }
        world.erp.lock(through: Sample.day("2026-11-22"))
        try await world.settle(process)
        expectPaidOut(world, orders: ["1"], bank: 9610)
        let entry = world.erp.documents(.journalEntry).first
        #expect(entry?.date == Sample.day(wasMade ? "2026-11-22" : "2026-11-23"))
    }

    @Test(arguments: [PeriodPolicy.nextOpenDay, .wait])
    func aPayoutOfAClosedPeriodIsBookedByThePolicyAndOnce(policy: PeriodPolicy) async throws {
        let world = try world()
        world.settings.invoices.periodPolicy = policy
        world.shop.put(order("1"))
        _ = try await settled(world)
        world.erp.lock(through: Sample.day("2026-11-22"))
        let lines = [charge("1")]
        world.provider.put(payout(lines), lines)
        let process = try await settled(world)
        if policy == .wait {
            #expect(world.erp.documents(.journalEntry).isEmpty && world.erp.documents(.payment).isEmpty)
            #expect(try await standing("po_1", process)?.state == .waiting)
            world.erp.lock(through: nil)
            world.clock.advance(by: .seconds(3600))
            try await world.settle(process)
        }
        expectPaidOut(world, orders: ["1"], bank: 9610)
        let day = Sample.day(policy == .wait ? "2026-11-22" : "2026-11-23")
        #expect(world.erp.documents(.journalEntry).first?.date == day)
    }
}
