import TestKit
import Testing

@testable import Domain

/// Refunds become credit notes of every shape (R5–R9, R34), or say why not.
@Suite struct RefundTests {
    private let now = Sample.instant("2026-11-25T12:00:00Z")

    private var settings: Settings {
        var settings = Sample.settings
        settings.articles.refund = "REFUND"
        return settings
    }

    private var books: Books {
        var books = Sample.books(at: now)
        books.rules.creditNotes = true
        return books
    }

    /// Two mugs at 25 %, cheese at 12 %, shipping at 25 %: 198.00 + 56.00 + 49.00 = 303.00.
    private var order: Order {
        var order = Sample.order("7")
        order.modifiedAt = Sample.instant("2026-11-24T10:00:00Z")
        order.lines = [
            OrderLine(
                id: "1", kind: .goods, sku: "MUG-001", name: "Mug", quantity: ExactDecimal(2),
                subtotal: Sample.money("158.40"), total: Sample.money("158.40"),
                taxes: [LineTax(taxID: "25", amount: Sample.decimal("39.60"))]),
            OrderLine(
                id: "2", kind: .goods, sku: "FOOD-001", name: "Cheese", quantity: .one,
                subtotal: Sample.money("50.00"), total: Sample.money("50.00"),
                taxes: [LineTax(taxID: "12", amount: Sample.decimal("6.00"))]),
            OrderLine(
                id: "3", kind: .shipping, name: "PostNord", methodID: "flat_rate", quantity: .one,
                subtotal: Sample.money("39.20"), total: Sample.money("39.20"),
                taxes: [LineTax(taxID: "25", amount: Sample.decimal("9.80"))]),
        ]
        order.taxes = [
            OrderTax(id: "25", label: "VAT", percent: ExactDecimal(25), amount: Sample.money("49.40")),
            OrderTax(id: "12", label: "VAT", percent: ExactDecimal(12), amount: Sample.money("6.00")),
        ]
        order.totalTax = Sample.money("55.40")
        order.total = Sample.money("303.00")
        return order
    }

    private func refund(_ id: String, _ amount: String, _ lines: [RefundLine]? = []) -> OrderRefund {
        OrderRefund(
            id: id, amount: Sample.money(amount), reason: "returned", createdAt: Sample.instant("2026-11-23T10:00:00Z"),
            lines: lines)
    }

    private func line(_ id: String, _ quantity: Int, _ net: String, _ tax: (String, String)) -> RefundLine {
        RefundLine(
            lineID: id, quantity: ExactDecimal(quantity), total: Sample.money(net),
            taxes: [LineTax(taxID: tax.0, amount: Sample.decimal(tax.1))])
    }

    private func credits(_ order: Order) throws -> [CreditMapper.Mapped] {
        try CreditMapper(shop: Sample.shop, settings: settings, rules: books.rules).credits(
            of: order, closing: order.calledOff)
    }

    private func code(_ order: Order) -> ProblemCode? {
        do throws(Problem) {
            _ = try CreditMapper(shop: Sample.shop, settings: settings, rules: books.rules).credits(
                of: order, closing: order.calledOff)
            return nil
        } catch {
            return error.code
        }
    }

    private func taxes(_ draft: CreditMapper.Mapped) -> [String: Money] {
        draft.taxes.reduce(into: [:]) { $0[$1.code] = $1.amount }
    }

    // MARK: Shapes

    @Test func aReturnByLineAndQuantityIsCreditedAsItWasInvoiced() throws {
        var order = order
        order.refunds = [refund("9", "99.00", [line("1", 1, "79.20", ("25", "19.80"))])]
        let credit = try #require(try credits(order).first)
        #expect(credit.reference.key == "nordic-shop/refund-9/creditNote/1")
        #expect(credit.lines.map(\.article) == ["MUG-001"])
        #expect(credit.lines.map(\.quantity) == [.one])
        #expect(credit.total == Sample.money("99.00"))
        #expect(taxes(credit) == ["VAT25": Sample.money("19.80")])
        #expect(credit.date == Sample.day("2026-11-23"))
        #expect(credit.text == "Refund 9 of order 7: returned")
    }

    @Test func shippingAloneKeepsTheVATOfShipping() throws {
        var order = order
        order.refunds = [refund("9", "49.00", [line("3", 1, "39.20", ("25", "9.80"))])]
        let credit = try #require(try credits(order).first)
        #expect(credit.lines.map(\.article) == ["SHIPPING"])
        #expect(taxes(credit) == ["VAT25": Sample.money("9.80")])
    }

    @Test func moneyForGoodsThatStayIsCreditedOnTheirLine() throws {
        var order = order
        order.refunds = [refund("9", "25.00", [line("1", 0, "20.00", ("25", "5.00"))])]
        let credit = try #require(try credits(order).first)
        #expect(credit.lines.map(\.quantity) == [.one])
        #expect(credit.lines.map(\.net) == [Sample.money("20.00")])
    }

    @Test func anAmountWithoutLinesIsSpreadByWhatEachRateHas() throws {
        var order = order
        order.refunds = [refund("9", "100.00")]
        let credit = try #require(try credits(order).first)
        // 247.00 of 303.00 is at 25 %, 56.00 at 12 %: 81.52 and 18.48.
        #expect(credit.lines.map(\.article) == ["REFUND", "REFUND"])
        #expect(taxes(credit) == ["VAT25": Sample.money("16.30"), "VAT12": Sample.money("1.98")])
        #expect(credit.total == Sample.money("100.00"))
        #expect(credit.lines.map(\.net).sum(order.currency) == Sample.money("81.72"))
    }

    @Test func theLastRefundTakesTheRestOfEachRate() throws {
        var order = order
        order.refunds = [refund("9", "33.33"), refund("10", "33.33"), refund("11", "236.34")]
        let drafts = try credits(order)
        #expect(drafts.map(\.total).sum(order.currency) == order.total)
        for (code, whole) in ["VAT25": "49.40", "VAT12": "6.00"] {
            #expect(drafts.compactMap { taxes($0)[code] }.sum(order.currency) == Sample.money(whole), "\(code)")
        }
    }

    @Test(arguments: [OrderStatus.refunded, .cancelled])
    func anOrderTakenBackWithoutARefundIsCreditedAsItWasInvoiced(_ status: OrderStatus) throws {
        var order = order
        (order.status, order.statusText) = (status, status.rawValue)
        let credit = try #require(try credits(order).first)
        #expect(credit.reference.key == "nordic-shop/order-7/creditNote/1")
        #expect(credit.lines.map(\.article) == ["MUG-001", "FOOD-001", "SHIPPING"])
        #expect(credit.total == order.total)
        #expect(taxes(credit) == ["VAT25": Sample.money("49.40"), "VAT12": Sample.money("6.00")])
    }

    @Test func whatIsLeftAfterARefundIsCreditedOnceWhenTheOrderIsTakenBack() throws {
        var order = order
        order.status = .refunded
        order.refunds = [refund("9", "56.00", [line("2", 1, "50.00", ("12", "6.00"))])]
        let drafts = try credits(order)
        #expect(drafts.map(\.total) == [Sample.money("56.00"), Sample.money("247.00")])
        #expect(drafts[1].lines.map(\.article) == ["MUG-001", "SHIPPING"])
        order.refunds = [refund("9", "303.00")]
        #expect(try credits(order).count == 1, "a refund of all leaves nothing")
    }

    @Test func aRefundOfAllWithoutLinesIsCreditedAsItWasInvoiced() throws {
        var order = order
        order.refunds = [refund("9", "303.00")]
        let credit = try #require(try credits(order).first)
        #expect(credit.lines.map(\.article) == ["MUG-001", "FOOD-001", "SHIPPING"])
        #expect(credit.total == order.total)
    }

    @Test func theRoundingOfManyLinesIsGivenBackWithTheRest() throws {
        var order = order
        // Ten lines whose VAT was rounded down line by line: 0.04 less than 6 % of their sum.
        order.lines = (1...10).map { number in
            OrderLine(
                id: String(number), kind: .goods, sku: "BOOK-1", name: "Book", quantity: .one,
                subtotal: Sample.money("10.07"), total: Sample.money("10.07"),
                taxes: [LineTax(taxID: "6", amount: Sample.decimal("0.60"))])
        }
        order.taxes = [OrderTax(id: "6", label: "VAT", percent: ExactDecimal(6), amount: Sample.money("6.00"))]
        order.totalTax = Sample.money("6.00")
        order.total = Sample.money("106.70")
        order.refunds = [refund("9", "1.00"), refund("10", "105.70")]
        let drafts = try credits(order)
        #expect(drafts.map(\.total).sum(order.currency) == order.total)
        #expect(drafts.compactMap { taxes($0)["VAT6"] }.sum(order.currency) == Sample.money("6.00"))
    }

    @Test func aRefundOfNothingMakesNoDocument() throws {
        var order = order
        order.refunds = [refund("9", "0.00")]
        #expect(try credits(order).isEmpty)
    }

    // MARK: What does not add up

    @Test func anOrderRefundedInFullWhoseRefundsComeToLessAsksAPerson() {
        var order = order
        (order.status, order.statusText) = (.refunded, "refunded")
        order.refunds = [refund("9", "50.00")]
        guard case .stop(let problem) = plan(order) else { return #expect(Bool(false), "\(plan(order))") }
        #expect(problem.code == .refundDoesNotAddUp)
        #expect(problem.detail.contains("50.00 SEK of 303.00 SEK"))
        let both = [
            document(.creditNote, "refund-9", .booked, "-50.00"),
            document(.creditNote, "refund-10", .booked, "-253.00"),
        ]
        guard case .stop(let deleted) = plan(order, both) else { return #expect(Bool(false), "\(plan(order, both))") }
        #expect(deleted.code == .refundWithdrawn, "what was credited and deleted since is named first")
    }

    @Test func aRefundWhoseLinesAndAmountDisagreeStops() {
        var order = order
        order.refunds = [refund("9", "120.00", [line("1", 1, "79.20", ("25", "19.80"))])]
        #expect(code(order) == .refundDoesNotAddUp)
        order.refunds = [refund("9", "99.00", [line("44", 1, "79.20", ("25", "19.80"))])]
        #expect(code(order) == .refundDoesNotAddUp)
    }

    @Test func aCentBetweenAmountAndLinesIsARounding() throws {
        var order = order
        order.refunds = [refund("9", "99.01", [line("1", 1, "79.20", ("25", "19.80"))])]
        let credit = try #require(try credits(order).first)
        #expect(credit.total == Sample.money("99.01"))
        #expect(credit.lines.last?.article == "ROUNDING")
    }

    @Test func moreThanTheInvoiceIsNeverCredited() {
        var order = order
        order.refunds = [refund("9", "200.00"), refund("10", "103.01")]
        #expect(code(order) == .refundExceedsInvoice)
    }

    @Test func aRefundThatWasNotReadAndOneWithoutAnArticleStop() {
        var order = order
        order.refunds = [refund("9", "99.00", nil)]
        #expect(code(order) == .refundNotRead)
        order.refunds = [refund("9", "99.00")]
        let plain = Sample.settings
        #expect(throws: Problem.self) {
            try CreditMapper(shop: Sample.shop, settings: plain, rules: books.rules).credits(
                of: order, closing: order.calledOff)
        }
    }

    @Test func sharesComeToTheAmountWhateverTheWeights() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let weights = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Int64.random(in: 0...1_000_000, using: &random)
            }
            let whole = weights.reduce(0, +)
            guard whole > 0 else { continue }
            let amount = Int64.random(in: 0...whole, using: &random)
            let shares = RefundSplit.shares(amount, weights)
            #expect(shares.reduce(0, +) == amount)
            #expect(zip(shares, weights).allSatisfy { $0 >= 0 && $0 <= $1 }, "\(amount) of \(weights): \(shares)")
        }
    }

    // MARK: Plans

    private func document(_ kind: DocumentKind, _ record: String, _ state: DocumentState, _ total: String) -> Document {
        let reference = ExternalReference(shop: Sample.shop, record: record, kind: kind)
        return Document(
            reference: reference,
            erp: ERPDocument(
                id: DocumentID(kind == .invoice ? "9" : "10"), number: "N-1", state: state,
                customer: DocumentID("3"), total: Sample.money(total),
                taxes: kind == .creditNote ? [DocumentTax(code: "VAT25", amount: Sample.money("-19.80"))] : []),
            madeFrom: kind == .invoice
                ? MadeFrom(facts: OrderFacts(order, settings), settingsVersion: 1, mapperVersion: 1) : nil)
    }

    private func plan(_ order: Order, _ notes: [Document] = [], books: Books? = nil) -> Plan {
        Domain.plan(
            order, of: Sample.shop, documents: [document(.invoice, "order-7", .booked, "303.00")] + notes,
            settings: settings, books: books ?? self.books, decisions: [], now: now)
    }

    private var refunded: Order {
        var order = order
        order.refunds = [refund("9", "99.00", [line("1", 1, "79.20", ("25", "19.80"))])]
        return order
    }

    @Test func aRefundGoesStepByStepToABookedCreditNote() throws {
        guard case .step(.createCreditNote(let draft)) = plan(refunded) else {
            return #expect(Bool(false), "\(plan(refunded))")
        }
        #expect(draft.invoice == DocumentID("9"))
        #expect(draft.invoiceReference.key == "nordic-shop/order-7/invoice/1")
        let made = document(.creditNote, "refund-9", .draft, "-99.00")
        guard case .step(.bookCreditNote(let reference, let id, _, let date, _)) = plan(refunded, [made]) else {
            return #expect(Bool(false), "\(plan(refunded, [made]))")
        }
        #expect(reference == made.reference)
        #expect(id == DocumentID("10"))
        #expect(date == Sample.day("2026-11-23"))
        #expect(plan(refunded, [document(.creditNote, "refund-9", .booked, "-99.00")]) == .complete)
    }

    @Test func aDraftThatDoesNotEqualTheRefundIsNotBooked() {
        guard case .stop(let problem) = plan(refunded, [document(.creditNote, "refund-9", .draft, "-98.99")]) else {
            return #expect(Bool(false), "it would be booked")
        }
        #expect(problem.code == .totalDiffers)
    }

    @Test func aRefundDeletedInTheShopAfterItsCreditNoteAsksAPerson() {
        guard case .stop(let problem) = plan(order, [document(.creditNote, "refund-9", .booked, "-99.00")]) else {
            return #expect(Bool(false), "it is not noticed")
        }
        #expect(problem.code == .refundWithdrawn)
    }

    @Test func aLockedPeriodHoldsTheCreditNoteOrDatesItOnTheFirstOpenDay() {
        var books = books
        books.lockedThrough = Sample.day("2026-11-23")
        let made = document(.creditNote, "refund-9", .draft, "-99.00")
        guard case .hold = plan(refunded, [made], books: books) else { return #expect(Bool(false), "not held") }
    }

    @Test func cancelledAfterDeliveryAsksAPersonAndThrownAwayToo() {
        var order = order
        (order.status, order.shippedAt) = (.cancelled, Sample.instant("2026-11-22T10:00:00Z"))
        guard case .stop(let delivered) = plan(order) else { return #expect(Bool(false), "credited") }
        #expect(delivered.code == .cancelledAfterDelivery)
        (order.status, order.shippedAt) = (.trashed, nil)
        guard case .stop(let trashed) = plan(order) else { return #expect(Bool(false), "credited") }
        #expect(trashed.code == .cancelledAfterBooking)
    }

    @Test func whereThePolicySaysSoARefundIsLeftToAPerson() {
        var settings = settings
        settings.invoices.refunds = .stop
        let plan = Domain.plan(
            refunded, of: Sample.shop, documents: [document(.invoice, "order-7", .booked, "303.00")],
            settings: settings, books: books, decisions: [], now: now)
        guard case .stop(let problem) = plan else { return #expect(Bool(false), "not stopped") }
        #expect(problem.code == .refundNeedsCreditNote)
    }

    @Test func whereTheERPsConnectorMakesNoCreditNotesTheRefundStops() {
        guard case .stop(let problem) = plan(refunded, books: Sample.books(at: now)) else {
            return #expect(Bool(false), "not stopped")
        }
        #expect(problem.code == .refundNeedsCreditNote)
    }
}
