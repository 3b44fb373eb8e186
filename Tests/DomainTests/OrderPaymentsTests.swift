import TestKit
import Testing

@testable import Domain

/// Which payments the documents of an order get, of what payouts and the shop tell.
@Suite struct OrderPaymentsTests {
    private func line(
        _ id: String, _ paid: String, kind: PayoutLine.Kind = .charge, at: String = "2026-11-20T10:00:00Z",
        place: PayoutPlace = .clearing
    ) -> Settlement {
        PaymentBench.line(id, paid, kind: kind, at: at, place: place)
    }

    private func euros(_ id: String, _ paid: String, _ settled: String, kind: PayoutLine.Kind = .charge) -> Settlement {
        PaymentBench.line(id, paid, settled, in: PaymentBench.euro, kind: kind)
    }

    @Test(arguments: PaymentSettings.Register.allCases)
    func aLineThatTwoOrdersSharePaysEachUnderAReferenceOfItsOwn(register: PaymentSettings.Register) {
        var references: [ExternalReference] = []
        for id in ["1", "2"] {
            var bench = PaymentBench(PaymentBench.euroOrder(id), [euros("txn-1", "99.00", "1080.00")])
            bench.settings = PaymentBench.settings(register)
            #expect(bench.settle() == .complete)
            #expect((bench.open, bench.clearing) == ([], "0.00"))
            references += bench.documents.map(\.reference).filter { [.payment, .journalEntry].contains($0.kind) }
        }
        #expect(references.count == (register == .payout ? 2 : 4))
        #expect(Set(references).count == references.count, "\(references)")
    }

    @Test func referencesOfLinesStayApartWhateverDashesAreInThem() {
        let lines = [("stripe", "a-b-1"), ("stripe", "a-b~2d1"), ("stripe-a", "b-1"), ("stripe-a-b", "1")]
        let orders = ["1", "12"].map { Sample.order($0) }
        let records = orders.flatMap { order in
            lines.map { PaymentBench.line($0.1, "99.00", provider: $0.0).record(of: order) }
        }
        #expect(records.first == "order-1-line-stripe-a-b-1")
        #expect(Set(records).count == records.count, "\(records)")
    }

    // MARK: Taken back by the provider

    @Test func whatWasNotCapturedOfAnAuthorisedAmountStaysOpenOnTheInvoice() {
        var bench = PaymentBench(Sample.order(), [line("back", "-39.00"), line("all", "99.00")])
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice) == ["60.00 by 1580"])
        #expect((bench.open, bench.clearing) == (["39.00"], "0.00"))
    }

    @Test func ofSeveralChargesTheLatestIsTakenBackFirst() {
        var bench = PaymentBench(
            Sample.order(),
            [
                line("1", "50.00"), line("2", "30.00", at: "2026-11-21T10:00:00Z"),
                line("back", "-39.00", at: "2026-11-22T10:00:00Z"),
            ])
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice) == ["41.00 by 1580"])
        #expect((bench.open, bench.clearing) == (["58.00"], "0.00"))
    }

    @Test func whatLiesElsewhereIsNotTakenOffACharge() {
        var bench = PaymentBench(Sample.order(), [line("all", "99.00"), line("back", "-39.00", place: .suspense)])
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice) == ["99.00 by 1580"])
    }

    @Test func inAnotherCurrencyWhatWasCapturedHasTheRateOfBothLines() {
        var bench = PaymentBench(
            PaymentBench.euroOrder(), [euros("all", "99.00", "1080.01"), euros("back", "-39.00", "-425.46")])
        #expect(bench.settle() == .complete)
        #expect(bench.payments.map(\.settled) == [Sample.money("654.55")])
        #expect(bench.clearing == "0.00")
    }

    /// Paid with the whole, and a part was taken back since.
    private func takenBackLate() -> PaymentBench {
        var bench = PaymentBench(Sample.order(), [line("all", "99.00")])
        bench.settle()
        bench.lines.append(line("back", "-39.00", at: "2026-11-25T10:00:00Z"))
        return bench
    }

    @Test func whatIsTakenBackAfterTheInvoiceWasPaidWholeStopsAndSaysWhatToDo() throws {
        var bench = takenBackLate()
        let problem = try #require(bench.settle().problem)
        #expect(problem.code == .paymentExceedsInvoice)
        for word in ["order 1", "39.00 SEK", "line all of payout stripe-po_1", "line back of payout stripe-po_1"] {
            #expect(problem.detail.contains(word), "\(problem.detail)")
        }
        #expect((bench.open, bench.clearing) == ([], "39.00"))
    }

    @Test func aRefundOfWhatWasTakenBackEndsThat() {
        var bench = takenBackLate()
        bench.settle()
        bench.order.refunds = [PaymentBench.refund("7", "39.00")]
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.creditNote) == ["-39.00 by 1580"])
        #expect((bench.open, bench.clearing) == ([], "0.00"))
    }

    @Test func aNewChargeOfWhatWasTakenBackEndsThatToo() {
        var bench = takenBackLate()
        bench.settle()
        bench.lines.append(line("anew", "39.00", at: "2026-11-28T10:00:00Z"))
        #expect(bench.settle() == .complete)
        #expect((bench.open, bench.clearing) == ([], "0.00"))
    }

    @Test func aLowerOrderEndsThatToo() {
        var bench = takenBackLate()
        bench.settle()
        bench.lower()
        #expect(bench.settle() == .complete)
        #expect((bench.open, bench.clearing) == ([], "0.00"))
    }

    @Test(arguments: [false, true])
    func whereACreditNoteStandsForWhatWasNotCapturedBothAreSettled(isNotedFirst: Bool) {
        var bench = PaymentBench(Sample.order(), [line("all", "99.00"), line("back", "-39.00")])
        if !isNotedFirst { bench.settle() }
        bench.order.refunds = [PaymentBench.refund("7", "39.00")]
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice) == ["60.00 by 1580", "39.00 by 1580"])
        #expect(bench.paid(.creditNote) == ["-39.00 by 1580"])
        #expect((bench.open, bench.clearing) == ([], "0.00"))
    }

    @Test func theCreditNoteOfARefundIsNotTakenByWhatWasNotCaptured() {
        var bench = PaymentBench(
            Sample.order(),
            [
                line("all", "99.00"), line("back", "-39.00"),
                line("re_7", "-39.00", kind: .refund, at: "2026-11-22T10:00:00Z"),
            ])
        bench.order.refunds = [PaymentBench.refund("7", "39.00")]
        bench.settle()
        #expect(bench.paid(.invoice) == ["60.00 by 1580"])
        #expect(bench.paid(.creditNote) == ["-39.00 by 1580"])
        #expect((bench.open, bench.clearing) == (["39.00"], "0.00"))
    }

    @Test func theCreditNoteOfALaterRefundIsLeftToIt() {
        var bench = takenBackLate()
        bench.lines.append(line("anew", "39.00", at: "2026-11-28T10:00:00Z"))
        bench.settle()
        bench.order.refunds = [PaymentBench.refund("7", "39.00")]
        #expect(bench.settle() == .complete)
        #expect((bench.open, bench.clearing) == (["-39.00"], "0.00"))
    }

    @Test func whatIsTakenBackBeforeItsChargeIsKnownWaitsForThat() {
        var bench = PaymentBench(Sample.order(), [line("back", "-20.00")])
        bench.order.refunds = [PaymentBench.refund("7", "39.00")]
        #expect(bench.settle() == .complete)
        #expect(bench.payments.isEmpty)
        bench.lines.append(line("all", "99.00"))
        #expect(bench.settle() == .complete)
        #expect((bench.open, bench.clearing) == (["20.00", "-39.00"], "0.00"))
    }

    @Test func nextToNothingTakenBackLateGoesToRoundingAndSumsUpToNoMore() {
        var bench = takenBackLate()
        bench.lines[1] = line("back", "-0.50", at: "2026-11-25T10:00:00Z")
        #expect(bench.settle() == .complete)
        #expect((bench.balance("3740"), bench.clearing, bench.entries.count) == ("0.50", "0.00", 1))
        bench.lines.append(line("more", "-0.50", at: "2026-11-26T10:00:00Z"))
        #expect(bench.settle() == .complete)
        #expect((bench.balance("3740"), bench.clearing, bench.entries.count) == ("1.00", "0.00", 2))
        bench.lines.append(line("most", "-0.50", at: "2026-11-27T10:00:00Z"))
        #expect(bench.settle().problem?.code == .paymentExceedsInvoice)
    }

    // MARK: Carried over to another invoice

    @Test func whatWentToRoundingIsNotCarriedOverAsMoney() {
        var bench = PaymentBench(Sample.order(), [line("1", "98.50")])
        bench.settle()
        #expect(bench.paid(.invoice) == ["98.50 by 1580", "0.50 by 3740"])
        bench.correct()
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.creditNote) == ["-98.50 by 1580", "-0.50 by 3740"])
        #expect(bench.paid(.invoice, 2) == ["98.50 by 1580", "0.50 by 3740"])
        #expect((bench.open, bench.clearing, bench.balance("3740")) == ([], "0.00", "0.50"))
    }

    @Test func toALowerInvoiceMoneyIsCarriedOverAndNoRounding() {
        var bench = PaymentBench(Sample.order(), [line("1", "98.50")])
        bench.settings.payments?.rounding = "1000"
        bench.settle()
        bench.lower()
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice, 2) == ["60.00 by 1580"])
        #expect((bench.open, bench.clearing, bench.balance("1000")) == (["-39.00"], "0.00", "0.50"))
    }

    @Test func eachAccountsPartIsCarriedOverByItself() {
        var bench = PaymentBench(Sample.order(), [line("1", "60.00"), line("2", "39.00", place: .suspense)])
        bench.settle()
        bench.correct()
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.creditNote) == ["-60.00 by 1580", "-39.00 by 2999"])
        #expect(bench.paid(.invoice, 2) == ["60.00 by 1580", "39.00 by 2999"])
        #expect((bench.open, bench.clearing, bench.balance("2999")) == ([], "0.00", "39.00"))
    }

    @Test func noMoreIsCarriedOverThanWasPaid() {
        var bench = PaymentBench(Sample.order(), [line("1", "60.00")])
        bench.settle()
        bench.correct()
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice, 2) == ["60.00 by 1580"])
        #expect(bench.clearing == "0.00")
    }

    @Test func whatWasCarriedOutIsCarriedInToTheSameAccountWhateverComesBetween() {
        var bench = PaymentBench(Sample.order(), [line("1", "60.00")])
        bench.settle()
        bench.correct()
        bench.settle { $0.reference.record == "order-1-carried-1580" }
        bench.settings.payments?.accounts[0].clearing = "1581"
        bench.lines.append(line("2", "99.00", at: "2026-11-22T10:00:00Z"))
        bench.settle { $0.reference.record == "order-1-carried-1580" }
        #expect(bench.paid(.invoice, 2) == ["60.00 by 1580"])
    }

    @Test func correctedTwiceItIsCarriedOverTwice() {
        var bench = PaymentBench(Sample.order(), [line("1", "99.00")])
        bench.settle()
        bench.correct()
        bench.settle()
        bench.order.billing.city = "Lund"
        bench.order.modifiedAt = Sample.instant("2026-12-05T12:00:00Z")
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice, 3) == ["99.00 by 1580"])
        #expect((bench.open, bench.clearing, bench.payments.count) == ([], "0.00", 5))
    }

    @Test(arguments: PaymentSettings.Register.allCases)
    func carriedOverInAnotherCurrencyClearingHasWhatItHadWhateverTheRates(register: PaymentSettings.Register) {
        var bench = PaymentBench(PaymentBench.euroOrder(), [euros("1", "99.00", "1080.00")])
        bench.settings = PaymentBench.settings(register)
        bench.settle()
        bench.rates = [Sample.day("2026-12-01"): 12, Sample.day("2026-12-05"): 10]
        bench.correct()
        bench.settle { if case .bookCreditNote = $0 { true } else { false } }
        bench.books.lastInvoiceDate = [2026: Sample.day("2026-12-05")]
        #expect(bench.settle() == .complete)
        #expect((bench.open, bench.clearing) == ([], "0.00"))
    }

    // MARK: Rates

    @Test(arguments: [("1080.00", "7960"), ("1100.00", "3960")])
    func r20ADifferenceInRatesMovesOnlyClearingAndGainOrLoss(settled: String, account: String) {
        // The invoice is booked at 1089.00.
        var bench = PaymentBench(PaymentBench.euroOrder(), [euros("1", "99.00", settled)])
        bench.settings = PaymentBench.settings(.capture)
        #expect(bench.settle() == .complete)
        #expect(bench.entries.map { $0.map(\.account) } == [["1580", account]])
        #expect(bench.payments.map(\.account) == ["1580"])
        #expect(bench.clearing == "0.00")

        bench = PaymentBench(PaymentBench.euroOrder(), [euros("1", "99.00", settled)])
        #expect(bench.settle() == .complete)
        #expect(bench.entries.isEmpty)
        #expect(bench.payments.map { [$0.account, $0.gain, $0.loss] } == [["1580", "3960", "7960"]])
        #expect(bench.payments.map(\.settled) == [Sample.money(settled)])
        #expect(bench.clearing == "0.00")
    }

    @Test func aCorrectionBeforeThePayoutLeavesItsRateAlone() {
        var bench = PaymentBench(PaymentBench.euroOrder())
        bench.settings = PaymentBench.settings(.capture)
        bench.settle()
        bench.rates = [Sample.day("2026-12-01"): 12]
        bench.correct()
        bench.settle()
        bench.lines = [euros("1", "99.00", "1080.00")]
        #expect(bench.settle() == .complete)
        #expect((bench.clearing, bench.balance("7960")) == ("0.00", "9.00"))
    }

    @Test func aDifferenceInRatesWithoutAnAccountStopsAndNamesIt() throws {
        var bench = PaymentBench(PaymentBench.euroOrder(), [euros("1", "99.00", "1080.00")])
        bench.settings = PaymentBench.settings(.capture)
        bench.settings.payments?.exchangeLoss = nil
        let problem = try #require(bench.settle().problem)
        #expect(problem.code == .paymentNotSet)
        #expect(problem.detail.contains("payments.exchangeLoss"), "\(problem.detail)")

        bench.lines = [euros("1", "99.00", "1089.00")]
        #expect(bench.settle() == .complete)
        bench.lines = [euros("1", "99.00", "1100.00")]
        #expect(bench.settle() == .complete)
        #expect(bench.clearing == "0.00")
    }

    // MARK: Dates

    @Test func r22APaymentHasTheDayThatTheMoneyMovedAndNeverOneBeforeItsInvoice() {
        func date(_ date: PaymentSettings.Date, charged: String, invoiced: String) -> [Day] {
            var order = Sample.order()
            order.paidAt = Sample.instant(invoiced)
            var bench = PaymentBench(order, [line("1", "99.00", at: charged)])
            bench.settings = PaymentBench.settings(date: date)
            #expect(bench.settle() == .complete)
            return bench.payments.map(\.date)
        }
        let (sold, late) = ("2026-11-19T10:00:00Z", "2026-11-26T10:00:00Z")
        // The 21st has begun in Stockholm.
        let charged = "2026-11-20T23:30:00Z"
        #expect(date(.transaction, charged: charged, invoiced: sold) == [Sample.day("2026-11-21")])
        #expect(date(.payout, charged: charged, invoiced: sold) == [Sample.day("2026-11-24")])
        #expect(date(.transaction, charged: charged, invoiced: late) == [Sample.day("2026-11-26")])
        #expect(date(.payout, charged: charged, invoiced: late) == [Sample.day("2026-11-26")])
    }

    @Test func r22OnCaptureAPaymentHasTheDayThatTheCustomerPaid() {
        var bench = PaymentBench(Sample.order(), [line("1", "99.00", at: "2026-11-23T10:00:00Z")])
        bench.settings = PaymentBench.settings(.capture, date: .payout)
        bench.order.shippedAt = Sample.instant("2026-11-18T10:00:00Z")
        #expect(bench.settle() == .complete)
        #expect(bench.payments.map(\.date) == [Sample.day("2026-11-20")])
        #expect(bench.clearing == "0.00")
    }

    // MARK: Too little, too much

    @Test(arguments: [("98.00", "1.00"), ("98.50", "0.50"), ("99.00", "0.00"), ("99.50", "-0.50"), ("100.00", "-1.00")])
    func r29NextToNothingGoesToRoundingOnceWhicheverWayPaymentsAreRegistered(came: String, rounding: String) {
        for register in PaymentSettings.Register.allCases {
            var bench = PaymentBench(Sample.order(), [line("1", came)])
            bench.settings = PaymentBench.settings(register)
            #expect(bench.settle() == .complete)
            #expect(bench.balance("3740") == rounding, "\(register)")
            #expect((bench.open, bench.clearing) == ([], "0.00"), "\(register)")
        }
    }

    @Test func r29MoreStaysOpenOrAsksAPerson() throws {
        var little = PaymentBench(Sample.order(), [line("1", "97.99")])
        #expect(little.settle() == .complete)
        #expect((little.open, little.clearing, little.balance("3740")) == (["1.01"], "0.00", "0.00"))
        var much = PaymentBench(Sample.order(), [line("1", "100.01")])
        #expect(try #require(much.settle().problem).code == .paymentExceedsInvoice)
        #expect((much.open, much.clearing, much.balance("3740")) == ([], "-1.01", "0.00"))
    }

    @Test(arguments: ["97.99", "100.01"])
    func r29OnCaptureMoreAsksAPersonAndNamesBothAmounts(came: String) throws {
        var bench = PaymentBench(Sample.order(), [line("1", came)])
        bench.settings = PaymentBench.settings(.capture)
        let problem = try #require(bench.settle().problem)
        #expect(problem.code == .paymentExceedsInvoice)
        #expect(problem.detail.contains("99.00 SEK") && problem.detail.contains("\(came) SEK"), "\(problem.detail)")
        #expect((bench.balance("3740"), bench.entries.count) == ("0.00", 0))
    }

    @Test func onCaptureSeveralChargesComeToWhatWasCapturedAndRoundingIsTakenBack() {
        var bench = PaymentBench(Sample.order(), [line("1", "33.00")])
        bench.settings = PaymentBench.settings(.capture)
        #expect(bench.settle().problem?.code == .paymentExceedsInvoice)
        bench.lines.append(line("2", "65.50"))
        #expect(bench.settle() == .complete)
        #expect(bench.balance("3740") == "0.50")
        bench.lines.append(line("3", "0.50"))
        #expect(bench.settle() == .complete)
        #expect((bench.balance("3740"), bench.clearing) == ("0.00", "0.00"))
    }

    @Test func onCaptureWhatWasNotCapturedMayBeWhatTheShopGaveBack() {
        var bench = PaymentBench(Sample.order(), [line("all", "99.00"), line("back", "-39.00")])
        bench.settings = PaymentBench.settings(.capture)
        #expect(bench.settle().problem?.code == .paymentExceedsInvoice)
        bench.order.refunds = [PaymentBench.refund("7", "39.00")]
        #expect(bench.settle() == .complete)
        #expect((bench.open, bench.clearing) == ([], "0.00"))
    }

    @Test(arguments: [("98.95", "1075.00"), ("99.05", "1075.00")])
    func onCaptureInAnotherCurrencyNextToNothingGoesToRoundingAndTheRestToRates(came: String, settled: String) {
        var bench = PaymentBench(PaymentBench.euroOrder(), [euros("1", came, settled)])
        bench.settings = PaymentBench.settings(.capture)
        #expect(bench.settle() == .complete)
        #expect(bench.balance("3740") == (came == "98.95" ? "0.55" : "-0.55"))
        #expect((bench.open, bench.clearing) == ([], "0.00"))
    }

    @Test func whatWentToRoundingPaysNoLaterInvoice() {
        var bench = PaymentBench(Sample.order(), [line("1", "99.50")])
        bench.settle()
        bench.correct()
        bench.order.lines[0].subtotal = Sample.money("80.00")
        bench.order.lines[0].total = Sample.money("80.00")
        bench.order.lines[0].taxes[0].amount = Sample.decimal("20")
        bench.order.taxes[0].amount = Sample.money("20.00")
        (bench.order.total, bench.order.totalTax) = (Sample.money("100.00"), Sample.money("20.00"))
        bench.settings.payments?.tolerance["SEK"] = Sample.money("0.50")
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.invoice, 2) == ["99.00 by 1580"])
        #expect(bench.clearing == "0.00")
    }

    @Test(arguments: PaymentSettings.Register.allCases)
    func r30WhatCostsNothingHasNoPayment(register: PaymentSettings.Register) {
        var order = Sample.order()
        (order.lines[0].subtotal, order.lines[0].total) = (Sample.money("0.00"), Sample.money("0.00"))
        order.lines[0].taxes[0].amount = Sample.decimal("0")
        order.taxes[0].amount = Sample.money("0.00")
        (order.total, order.totalTax) = (Sample.money("0.00"), Sample.money("0.00"))
        var bench = PaymentBench(order, [line("1", "0.00")])
        bench.settings = PaymentBench.settings(register)
        bench.settings.orders.includeZeroValueOrders = true
        #expect(bench.settle() == .complete)
        #expect(bench.documents.contains { $0.reference.kind == .invoice && $0.erp.state.isBooked })
        #expect(bench.payments.isEmpty && bench.entries.isEmpty)
    }

    @Test func r30APaymentOfNothingIsNeverPlanned() {
        var bench = PaymentBench(
            Sample.order(),
            [line("nothing", "0.00"), line("all", "99.00"), line("back", "-99.00"), line("re", "0.00", kind: .refund)])
        #expect(bench.settle() == .complete)
        #expect(bench.payments.isEmpty && bench.entries.isEmpty)
        #expect((bench.open, bench.clearing) == (["99.00"], "0.00"))
    }

    // MARK: Whatever happens

    @Test(arguments: 1...60)
    func whateverComesWhenAndWhereverWorkIsInterruptedTheBooksAddUp(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bench = PaymentBench()
        func charge(_ number: Int) -> Settlement {
            let taken = bench.lines.filter { $0.kind == .charge }.map(\.paid.minorUnits).reduce(0, +)
            let amount = ["60.00", "39.00", "99.00", "0.50", "20.00"].randomElement(using: &random) ?? "99.00"
            let isBack = Int.random(in: 0..<3, using: &random) == 0 && taken >= Sample.money(amount).minorUnits
            let day = Int.random(in: 20...28, using: &random)
            return line("txn_\(number)", (isBack ? "-" : "") + amount, at: "2026-11-\(day)T10:00:00Z")
        }
        for number in 1...8 {
            let isUntouched = bench.order.refunds.isEmpty && bench.order.total == Sample.money("99.00")
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where isUntouched:
                bench.order.refunds = [PaymentBench.refund("7", "39.00")]
                bench.lines.append(line("re_7", "-39.00", kind: .refund, at: "2026-11-29T10:00:00Z"))
            case 1 where isUntouched: bench.lower()
            default: bench.lines.append(charge(number))
            }
            var steps = Int.random(in: 0...9, using: &random)
            bench.settle { _ in
                steps -= 1
                return steps < 0
            }
        }
        let plan = bench.settle()
        guard plan == .complete else {
            #expect(plan.problem?.code == .paymentExceedsInvoice, "seed \(seed): \(plan)")
            return
        }
        // What lies on clearing came and no document awaits it; nothing was registered that did not come.
        let clearing = Sample.money(bench.clearing)
        #expect(clearing.minorUnits <= 0, "seed \(seed): \(clearing)")
        let isAwaited = bench.open.contains { !$0.hasPrefix("-") }
        #expect(clearing.isZero || !isAwaited, "seed \(seed): \(clearing) \(bench.open)")
    }

    // MARK: Several of a day

    @Test(arguments: PaymentSettings.Register.allCases)
    func refundsOfOneDayAreEachPaidBackOnTheirOwnCreditNote(register: PaymentSettings.Register) {
        let ids = (8...11).map(String.init)
        let back = ids.map { line("re_\($0)", "-10.00", kind: .refund, at: "2026-11-21T09:00:00Z") }
        var bench = PaymentBench(Sample.order(), [line("1", "99.00")] + back.reversed())
        bench.settings = PaymentBench.settings(register)
        bench.order.refunds = ids.map { PaymentBench.refund($0, "10.00") }
        #expect(bench.settle() == .complete)
        #expect(bench.paid(.creditNote) == Array(repeating: "-10.00 by 1580", count: 4))
        #expect((bench.open, bench.clearing, bench.payments.count) == ([], "0.00", 5))
        guard register == .capture else { return }
        for payment in bench.payments where payment.kind == .creditNote {
            let note = bench.documents.first { $0.erp.id == payment.document }
            #expect(note?.reference.record == payment.reference.record)
        }
    }

    @Test func chargesOfOneDayAndAmountAreToldApartByTheirCount() {
        var bench = PaymentBench(Sample.order(), ["c", "a", "b"].map { line($0, "33.00") })
        #expect(bench.settle() == .complete)
        #expect(bench.payments.map(\.equalBefore) == [0, 1, 2])
        #expect(bench.payments.map(\.reference.record).last == "order-1-line-stripe-c")
        #expect(bench.open.isEmpty)
    }
}
