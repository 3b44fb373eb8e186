import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// Payouts and what they are made up of, the surprises first.
@Suite struct StripeSandboxTests {
    private typealias Bench = StripeSandboxBench

    // MARK: Payouts

    @Test func aPayoutsContentIsIncompleteUntilItIsReconciledWhichIsAfterItWasPaid() async throws {
        try await Bench.open { bench in
            for order in 1...4 { bench.stripe.charge(100_00, "sek", order: String(order), at: Bench.start) }
            let payout = try #require(bench.stripe.payOut(at: Bench.day(3)))

            bench.stripe.advance(to: Bench.day(5, hours: 15))
            let paid = try await bench.json("payouts/\(payout)")
            let early = try await bench.ids("balance_transactions?payout=\(payout)")
            bench.stripe.advance(to: Bench.day(7))
            let settled = try await bench.json("payouts/\(payout)")
            let whole = try await bench.json("balance_transactions?payout=\(payout)")

            // A Friday and two days would be Sunday.
            #expect(paid["arrival_date"]?.int == Int(Sample.instant("2026-11-09T00:00:00Z").milliseconds / 1000))
            #expect(paid.text("status") == "paid")
            #expect(paid.text("reconciliation_status") == "in_progress")
            #expect(early.count == 3)
            #expect(settled.text("reconciliation_status") == "completed")
            #expect(Bench.ids(whole).count == 5)
            #expect(whole.text("data.0.type") == "payout")
            #expect(whole.text("data.0.source") == payout)
            let net = whole["data"]?.array?.compactMap { $0["net"]?.int } ?? []
            #expect(net == [-392_00, 98_00, 98_00, 98_00, 98_00])
            #expect(settled["amount"] == 392_00)
        }
    }

    @Test func contentIsCompleteWhenItIsToldWhereNoTimeIsSet() async throws {
        var settings = Bench.settings
        settings.reconciliationLag = nil
        try await Bench.open(settings) { bench in
            bench.stripe.charge(100_00, "sek", at: Bench.start)
            let payout = try #require(bench.stripe.payOut(at: Bench.day(3)))
            bench.stripe.advance(to: Bench.day(40))
            #expect(bench.stripe.books.payouts.first?.isReconciled == false)
            #expect(try await bench.ids("balance_transactions?payout=\(payout)").count == 1)
            #expect(bench.stripe.reconcile(payout, at: Bench.day(40)))
            #expect(try await bench.ids("balance_transactions?payout=\(payout)").count == 2)
        }
    }

    @Test func aPayoutGoesFromPendingThroughInTransitToPaid() async throws {
        try await Bench.open { bench in
            bench.stripe.charge(100_00, "sek", at: Bench.start)
            let payout = try #require(bench.stripe.payOut(at: Bench.day(3)))
            var states: [String?] = []
            for time in [Bench.day(3), Bench.day(3, hours: 7), Bench.day(5, hours: 15)] {
                bench.stripe.advance(to: time)
                states.append(try await bench.json("payouts/\(payout)").text("status"))
            }
            #expect(states == ["pending", "in_transit", "paid"])
            let told = bench.stripe.events.filter { $0.subject == payout }.map(\.type)
            #expect(told == ["payout.created", "payout.updated", "payout.paid"])
        }
    }

    @Test func aPaidPayoutThatFailsComesBackAsAPartOfALaterOne() async throws {
        try await Bench.open { bench in
            bench.stripe.charge(100_00, "sek", at: Bench.start)
            let first = try #require(bench.stripe.payOut(at: Bench.day(3)))
            #expect(bench.stripe.fail(first, at: Bench.day(8)))
            let failed = try await bench.json("payouts/\(first)")
            bench.stripe.charge(50_00, "sek", at: Bench.day(5))
            let second = try #require(bench.stripe.payOut(at: Bench.day(9)))
            bench.stripe.advance(to: Bench.day(15))
            let content = try await bench.json("balance_transactions?payout=\(second)")

            #expect(failed.text("status") == "failed")
            #expect(failed.text("failure_code") == "account_closed")
            let told = bench.stripe.events.filter { $0.subject == first }.map(\.type)
            #expect(told.contains("payout.paid"))
            #expect(told.last == "payout.failed")
            let back = content["data"]?.array?.first { $0.text("type") == "payout_failure" }
            #expect(back?.text("id") == failed.text("failure_balance_transaction"))
            #expect(back?["amount"] == 98_00)
            #expect(back?.text("reporting_category") == "payout_reversal")
            #expect(back?.text("source") == first)
            #expect(content.text("data.0.amount") == "-14650")
            #expect(try await bench.ids("balance_transactions?payout=\(first)").count == 2)
        }
    }

    @Test func refundsAloneAreWithdrawnFromTheBankAccount() async throws {
        try await Bench.open { bench in
            let charge = bench.stripe.charge(100_00, "sek", at: Bench.start)
            bench.stripe.payOut(at: Bench.day(3))
            bench.stripe.refund(charge, 40_00, at: Bench.day(4))
            let withdrawal = try #require(bench.stripe.payOut(at: Bench.day(5)))
            bench.stripe.advance(to: Bench.day(9))
            let payout = try await bench.json("payouts/\(withdrawal)")
            let content = try await bench.json("balance_transactions?payout=\(withdrawal)")
            #expect(payout["amount"] == -40_00)
            #expect(content["data"]?.array?.compactMap { $0["net"]?.int } == [40_00, -40_00])
        }
    }

    @Test func whatWasPaidOutByHandCannotBeAskedFor() async throws {
        try await Bench.open { bench in
            bench.stripe.charge(100_00, "sek", at: Bench.start)
            let manual = try #require(bench.stripe.payOut(automatic: false, amount: 60_00, at: Bench.day(3)))
            #expect(try await bench.refusal("balance_transactions?payout=\(manual)") == "400 payout")
            #expect(try await bench.json("payouts/\(manual)").text("reconciliation_status") == "not_applicable")
            #expect(bench.stripe.payOut(automatic: false, amount: 40_00, at: Bench.day(3)) == nil)
            // What is left is paid out by itself, the other payout among its movements.
            let rest = try #require(bench.stripe.payOut(at: Bench.day(4)))
            bench.stripe.advance(to: Bench.day(9))
            let content = try await bench.json("balance_transactions?payout=\(rest)")
            #expect(content["data"]?.array?.compactMap { $0.text("source") }.contains(manual) == true)
            #expect(content.text("data.0.amount") == "-3800")
        }
    }

    @Test func onlyAPendingPayoutCanBeCancelled() async throws {
        try await Bench.open { bench in
            bench.stripe.charge(100_00, "sek", at: Bench.start)
            let payout = try #require(bench.stripe.payOut(at: Bench.day(3)))
            #expect(bench.stripe.cancel(payout, at: Bench.day(3, hours: 1)))
            let next = try #require(bench.stripe.payOut(at: Bench.day(4)))
            #expect(!bench.stripe.cancel(next, at: Bench.day(5)))
            #expect(bench.stripe.books.payouts.map(\.status) == ["canceled", "in_transit"])
            #expect(bench.stripe.books.content(of: next).map(\.type) == ["payout_cancel"])
        }
    }

    @Test func theScheduleMakesAPayoutOfEveryDayAndCurrency() async throws {
        var settings = Bench.settings
        settings.settlementCurrencies = ["sek", "eur"]
        try await Bench.open(settings) { bench in
            for day in 0..<3 {
                bench.stripe.charge(100_00, "sek", at: Bench.day(day))
                bench.stripe.charge(20_00, "eur", at: Bench.day(day))
            }
            bench.stripe.advance(to: Bench.day(20))
            let books = bench.stripe.books
            #expect(books.payouts(in: "sek").map(\.net) == [98_00, 98_00, 98_00])
            #expect(books.payouts(in: "eur").map(\.net) == [19_70, 19_70, 19_70])
            #expect(books.payouts.allSatisfy { $0.isReconciled && $0.status == "paid" })
            #expect(books.unpaid(in: "sek") == 0)
            #expect(books.balance(in: "eur") == 0)
        }
    }

    @Test func aLongHistoryIsTheSameDayByDayAndAtOnce() {
        func books(_ isDaily: Bool) -> [StripeSandbox.Books.Payout] {
            let stripe = StripeSandbox(settings: Bench.settings, clock: VirtualClock(Bench.start))
            for day in 0..<40 {
                let charge = stripe.charge(100_00 + day * 137, "sek", at: Bench.day(day))
                if day % 3 == 0 { stripe.refund(charge, 10_00, at: Bench.day(day, hours: 5)) }
                if isDaily { stripe.advance(to: Bench.day(day, hours: 6)) }
            }
            stripe.advance(to: Bench.day(60))
            return stripe.books.payouts
        }
        let (daily, once) = (books(true), books(false))
        #expect(daily.map(\.net) == once.map(\.net))
        #expect(daily.map(\.created) == once.map(\.created))
        #expect(daily.count > 30)
    }

    // MARK: Movements

    @Test func aChargeInAnotherCurrencyIsSettledInTheFirstAtItsRate() async throws {
        try await Bench.open { bench in
            bench.stripe.setExchangeRate(Sample.decimal("0.97"), of: "NOK")
            let charge = bench.stripe.charge(100_01, "NOK", order: "12", at: Bench.start)
            let list = try await bench.json("balance_transactions?source=\(charge)&expand[]=data.source")
            let row = try #require(list["data"]?[0])
            #expect(row.text("currency") == "sek")
            #expect(row["amount"] == 97_01)
            #expect(row.text("exchange_rate") == "0.97")
            #expect(row["fee"] == 1_97)
            #expect(row["net"] == 95_04)
            #expect(row.text("source.currency") == "nok")
            #expect(row["source"]?["amount"] == 100_01)
            #expect(row.text("source.metadata.order_id") == "12")
            #expect(row.text("source.description") == "Shop - Order 12")
            #expect(bench.stripe.books.transactions.first?.sale?.paid == 100_01)
        }
    }

    @Test func aRefundBringsNoFeeBackAndCannotExceedItsCharge() async throws {
        try await Bench.open { bench in
            let charge = bench.stripe.charge(100_00, "sek", at: Bench.start)
            let refund = try #require(bench.stripe.refund(charge, 60_00, at: Bench.day(1)))
            #expect(bench.stripe.refund(charge, 40_01, at: Bench.day(1)) == nil)
            #expect(bench.stripe.refund(charge, at: Bench.day(2)) != nil)
            #expect(bench.stripe.refund(charge, at: Bench.day(2)) == nil)
            let shown = try await bench.json("charges/\(charge)")
            #expect(shown["refunded"] == true)
            #expect(shown["refunds"]?["data"]?.array?.count == 2)
            let row = try await bench.json("refunds/\(refund)?expand[]=balance_transaction")
            #expect(row["balance_transaction"]?["amount"] == -60_00)
            #expect(row["balance_transaction"]?["fee"] == 0)
        }
    }

    @Test func aRefundThatFailsComesBack() async throws {
        try await Bench.open { bench in
            let charge = bench.stripe.charge(100_00, "sek", at: Bench.start)
            let refund = try #require(bench.stripe.refund(charge, at: Bench.day(1)))
            #expect(bench.stripe.failRefund(refund, at: Bench.day(3)))
            #expect(!bench.stripe.failRefund(refund, at: Bench.day(3)))
            let shown = try await bench.json("refunds/\(refund)?expand[]=failure_balance_transaction")
            #expect(shown.text("status") == "failed")
            #expect(shown.text("failure_balance_transaction.reporting_category") == "refund_failure")
            #expect(try await bench.json("charges/\(charge)")["amount_refunded"] == 0)
            #expect(bench.stripe.books.balance(in: "sek") == 98_00)
        }
    }

    @Test func aDisputeTakesMoneyAndFeeAndAWonOneBringsTheMoneyBack() async throws {
        try await Bench.open { bench in
            let charge = bench.stripe.charge(100_00, "sek", at: Bench.start)
            let dispute = try #require(bench.stripe.dispute(charge, fee: 150_00, at: Bench.day(9)))
            #expect(bench.stripe.dispute(charge, at: Bench.day(9)) == nil)
            #expect(bench.stripe.refund(charge, at: Bench.day(9)) == nil)
            #expect(bench.stripe.win(dispute, at: Bench.day(20)))
            #expect(!bench.stripe.lose(dispute, at: Bench.day(20)))
            let shown = try await bench.json("disputes/\(dispute)")
            let rows = shown["balance_transactions"]?.array ?? []
            #expect(shown.text("status") == "won")
            #expect(rows.map { $0.text("reporting_category") } == ["dispute", "dispute_reversal"])
            #expect(rows.map { $0.text("type") } == ["adjustment", "adjustment"])
            #expect(rows.compactMap { $0["net"]?.int } == [-250_00, 100_00])
            #expect(try await bench.json("charges/\(charge)")["disputed"] == true)
        }
    }

    @Test func anInquiryMovesNothing() async throws {
        try await Bench.open { bench in
            let charge = bench.stripe.charge(100_00, "sek", at: Bench.start)
            let inquiry = try #require(bench.stripe.dispute(charge, isInquiry: true, at: Bench.day(1)))
            #expect(try await bench.json("disputes/\(inquiry)")["balance_transactions"] == .array([]))
            #expect(bench.stripe.refund(charge, at: Bench.day(1)) != nil)
            #expect(bench.stripe.books.transactions.count == 2)
        }
    }

    @Test func severalCapturesAreSeveralChargesOfOnePaymentIntent() async throws {
        try await Bench.open { bench in
            let intent = bench.stripe.authorise(100_00, "sek", order: "7", at: Bench.start)
            let first = try #require(bench.stripe.capture(30_00, of: intent, at: Bench.day(1)))
            #expect(bench.stripe.capture(70_01, of: intent, at: Bench.day(2)) == nil)
            let second = try #require(bench.stripe.capture(of: intent, at: Bench.day(2)))
            let shown = try await bench.json("payment_intents/\(intent)")
            #expect(shown["amount_received"] == 100_00)
            #expect(shown.text("latest_charge") == second)
            #expect(try await bench.ids("charges?payment_intent=\(intent)") == [second, first])
            #expect(bench.stripe.books.transactions.map(\.amount) == [30_00, 70_00])
        }
    }

    @Test func whatBelongsToNoOrderHasTheCategoriesThatStripeGivesIt() async throws {
        try await Bench.open { bench in
            let stripe = bench.stripe
            stripe.chargeFee("Radar", 8_00, tax: 2_00, at: Bench.start)
            stripe.refundFee("Radar", 1_00, at: Bench.start)
            for style in StripeSandbox.ReserveStyle.allCases {
                stripe.holdReserve(5_00, style: style, at: Bench.start)
                stripe.releaseReserve(5_00, style: style, at: Bench.start)
            }
            stripe.adjust(-3_00, at: Bench.start)
            let topUp = stripe.topUp(50_00, at: Bench.start)
            stripe.transfer(20_00, at: Bench.start)
            stripe.move("quantum_settlement", category: "quantum", 1_23, at: Bench.start)
            let list = try await bench.json("balance_transactions?limit=100")
            let rows = (list["data"]?.array ?? []).reversed().map { row in
                "\(row.text("type") ?? "") \(row.text("reporting_category") ?? "") \(row.text("net") ?? "")"
            }
            #expect(
                rows == [
                    "stripe_fee fee -1000", "stripe_fee fee 100", "reserved_funds risk_reserved_funds -500",
                    "reserved_funds risk_reserved_funds 500", "reserve_transaction risk_reserved_funds -500",
                    "reserve_transaction risk_reserved_funds 500", "reserve_hold risk_reserved_funds -500",
                    "reserve_release risk_reserved_funds 500", "adjustment other_adjustment -300",
                    "topup topup 5000", "transfer transfer -2000", "quantum_settlement quantum 123",
                ])
            let shown = try await bench.json("balance_transactions/\(topUp)?expand[]=source")
            #expect(shown.text("source.object") == "topup")
            let fees = list["data"]?.array?.last?["fee_details"]
            #expect(fees?[0]?.text("type") == "tax")
        }
    }

    @Test func theBalanceIsWhatIsAvailableAndWhatComes() async throws {
        try await Bench.open { bench in
            bench.stripe.charge(100_00, "sek", at: Bench.start)
            bench.stripe.charge(200_00, "sek", at: Bench.day(3))
            bench.stripe.payOut(at: Bench.day(3))
            let balance = try await bench.json("balance")
            #expect(balance["available"]?[0]?["amount"] == 0)
            #expect(balance["pending"]?[0]?["amount"] == 197_00)
            #expect(balance["pending"]?[0]?.text("currency") == "sek")
        }
    }
}
