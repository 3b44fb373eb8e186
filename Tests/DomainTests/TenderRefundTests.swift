import TestKit
import Testing

@testable import Domain

/// What becomes of a gift card when the sale that it paid is given back, in part or whole.
@Suite struct TenderRefundTests {
    private let now = Sample.instant("2026-11-25T12:00:00Z")

    private var books: Books {
        var books = Sample.books(at: now)
        books.rules.creditNotes = true
        return books
    }

    /// Two mugs of 99.00 each, of which a gift card paid 98.00.
    private var order: Order {
        var order = Sample.order("7")
        order.lines = [
            TenderScene.line("1", "MUG-001", 2, ("158.40", "80.00"), "1", ("39.60", "20.00"))
        ]
        order.taxes = [TenderScene.tax("1", 25, "20.00")]
        order.totalTax = Sample.money("20.00")
        order.total = Sample.money("100.00")
        order.coupons = [TenderScene.coupon("28", "GC-7F3A", "78.40", "19.60")]
        return order
    }

    private func refund(_ id: String, _ amount: String, _ lines: [RefundLine] = []) -> OrderRefund {
        OrderRefund(
            id: id, amount: Sample.money(amount), reason: "returned", createdAt: Sample.instant("2026-11-23T10:00:00Z"),
            lines: lines)
    }

    private func part(_ id: String, _ quantity: Int, _ net: String, _ tax: String) -> RefundLine {
        RefundLine(
            lineID: id, quantity: ExactDecimal(quantity), total: Sample.money(net),
            taxes: [LineTax(taxID: "1", amount: Sample.decimal(tax))])
    }

    private func credits(_ order: Order, _ settings: Settings = TenderScene.settings) throws -> [CreditMapper.Mapped] {
        let read = try order.read(by: settings.reading)
        return try CreditMapper(shop: Sample.shop, settings: settings, rules: books.rules)
            .credits(of: read, closing: order.calledOff)
    }

    // MARK: By line

    @Test func halfOfTheGoodsGivesHalfOfTheGiftCardBack() throws {
        var order = order
        order.refunds = [refund("9", "50.00", [part("1", 1, "40.00", "10.00")])]
        let credit = try #require(try credits(order).first)
        #expect(credit.byArticle == ["MUG-001": "79.20", "GIFTCARD": "-49.00"])
        #expect(credit.byTax == ["VAT25": "19.80"])
        #expect(credit.total == Sample.money("50.00"))
        #expect(credit.sum == credit.total)
    }

    @Test func partsOfALineComeToTheWholeOfItWhateverTheyAre() throws {
        var order = order
        order.refunds = [
            refund("9", "33.33", [part("1", 0, "26.66", "6.67")]),
            refund("10", "33.33", [part("1", 0, "26.67", "6.66")]),
            refund("11", "33.34", [part("1", 0, "26.67", "6.67")]),
        ]
        let drafts = try credits(order)
        #expect(drafts.map(\.total.amountText) == ["33.33", "33.33", "33.34"])
        #expect(drafts.allSatisfy { $0.sum == $0.total })
        let lines = drafts.flatMap(\.lines)
        #expect(lines.filter { $0.article == "MUG-001" }.map(\.net).sum(Sample.sek) == Sample.money("158.40"))
        #expect(lines.filter { $0.article == "GIFTCARD" }.map(\.net).sum(Sample.sek) == Sample.money("-98.00"))
        #expect(drafts.flatMap(\.taxes).map(\.amount).sum(Sample.sek) == Sample.money("39.60"))
    }

    @Test(arguments: 0..<100)
    func refundsOfAnyPartsNeverComeToMoreThanTheInvoice(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var order = order
        var (left, taxLeft) = (8_000, 2_000)
        for number in 1...6 where left > 0 {
            let net = number == 6 ? left : min(left, Int.random(in: 1...4_000, using: &random))
            left -= net
            let money = Money(minorUnits: Int64(net), Sample.sek)
            // Rounded down each time; the last one gives the rest.
            let tax = Money(minorUnits: Int64(left == 0 ? taxLeft : net / 4), Sample.sek)
            taxLeft -= Int(tax.minorUnits)
            order.refunds.append(
                refund(String(number), (money + tax).amountText, [part("1", 0, money.amountText, tax.amountText)]))
        }
        let drafts = try credits(order)
        let lines = drafts.flatMap(\.lines)
        #expect(drafts.allSatisfy { $0.sum == $0.total })
        #expect(lines.filter { $0.article == "MUG-001" }.map(\.net).sum(Sample.sek) == Sample.money("158.40"))
        #expect(drafts.flatMap(\.taxes).map(\.amount).sum(Sample.sek) == Sample.money("39.60"))
        #expect(lines.filter { $0.article == "GIFTCARD" }.map(\.net).sum(Sample.sek) == Sample.money("-98.00"))
    }

    @Test func aLineThatTheGiftCardPaidWholeIsCreditedByItsQuantity() throws {
        var order = Sample.order("7")
        order.lines = [
            TenderScene.line("1", "MUG-001", 2, ("158.40", "0.00"), "1", ("39.60", "0")),
            TenderScene.line("2", "BOWL-001", 1, ("80.00", "80.00"), "1", ("20.00", "20.00")),
        ]
        order.taxes = [TenderScene.tax("1", 25, "20.00")]
        order.total = Sample.money("100.00")
        order.coupons = [TenderScene.coupon("28", "GC-7F3A", "158.40", "39.60")]
        order.refunds = [refund("9", "100.00", [part("1", 1, "0.00", "0"), part("2", 1, "80.00", "20.00")])]
        let credit = try #require(try credits(order).first)
        #expect(credit.byArticle == ["MUG-001": "79.20", "BOWL-001": "80.00", "GIFTCARD": "-99.00"])
        #expect(credit.sum == Sample.money("100.00"))
    }

    @Test func twoGiftCardsGetTheirMoneyBackInTheOrderTheyWereUsed() throws {
        var order = order
        order.coupons = [
            TenderScene.coupon("28", "gc-1", "24.00", "6.00"), TenderScene.coupon("29", "gc-2", "54.40", "13.60"),
        ]
        order.refunds = [refund("9", "50.00", [part("1", 1, "40.00", "10.00")])]
        let lines = try #require(try credits(order).first).lines.filter { $0.article == "GIFTCARD" }
        #expect(lines.map(\.source) == ["tender-28", "tender-29"])
        #expect(lines.map(\.net.amountText) == ["-30.00", "-19.00"])
    }

    @Test func aGiftCardShownAsAFeeComesBackWithItsFee() throws {
        var order = Sample.order("7")
        order.lines.append(TenderScene.fee("Gift card", "-40.00", [("1", "-10")]))
        order.taxes[0].amount = Sample.money("9.80")
        order.total = Sample.money("49.00")
        order.refunds = [refund("9", "49.00", [part("1", 1, "79.20", "19.80"), part("9", 1, "-40.00", "-10")])]
        let credit = try #require(try credits(order).first)
        #expect(credit.byArticle == ["MUG-001": "79.20", "GIFTCARD": "-50.00"])
        #expect(credit.byTax == ["VAT25": "19.80"])
    }

    // MARK: Without lines

    @Test func anAmountWithoutLinesIsMoneyBackAndTheLastOfItTakesTheGiftCardToo() throws {
        var order = order
        order.refunds = [refund("9", "25.00"), refund("10", "75.00")]
        let drafts = try credits(order)
        #expect(drafts[0].byArticle == ["REFUND": "20.00"])
        #expect(drafts[0].byTax == ["VAT25": "5.00"])
        #expect(drafts[1].byArticle == ["REFUND": "138.40", "GIFTCARD": "-98.00"])
        #expect(drafts[1].byTax == ["VAT25": "34.60"])
        #expect(drafts.allSatisfy { $0.sum == $0.total })
    }

    @Test(arguments: [OrderStatus.refunded, .cancelled])
    func aSaleTakenBackIsCreditedAsItWasInvoiced(_ status: OrderStatus) throws {
        var order = order
        (order.status, order.statusText) = (status, status.rawValue)
        let credit = try #require(try credits(order).first)
        #expect(credit.byArticle == ["MUG-001": "158.40", "GIFTCARD": "-98.00"])
        #expect(credit.total == Sample.money("100.00"))
    }

    @Test func aSaleThatTheGiftCardPaidWholeIsCreditedToo() throws {
        var order = paidWhole
        #expect(try credits(order).isEmpty)
        (order.status, order.statusText) = (.refunded, "refunded")
        let credit = try #require(try credits(order).first)
        #expect(credit.byArticle == ["MUG-001": "79.20", "GIFTCARD": "-99.00"])
        #expect(credit.byTax == ["VAT25": "19.80"])
        #expect(credit.total.isZero)
    }

    @Test func aTipAndAnArticleWithoutVATAreGivenBackEachFromItsOwnAccount() throws {
        var settings = TenderScene.settings
        settings.vat.exemptArticles = ["COURSE"]
        var order = Sample.order("7")
        order.lines.append(
            OrderLine(
                id: "2", kind: .goods, sku: "COURSE", name: "Course", quantity: .one, subtotal: Sample.money("50.00"),
                total: Sample.money("50.00"), taxes: []))
        order.lines.append(TenderScene.fee("Tip", "10.00"))
        order.total = Sample.money("159.00")
        order.refunds = [refund("8", "1.00"), refund("9", "158.00")]
        let drafts = try credits(order, settings)
        let back = drafts.flatMap(\.lines)
        #expect(back.filter { $0.article == "TIP" }.map(\.net).sum(Sample.sek) == Sample.money("10.00"))
        #expect(back.filter { $0.article == "COURSE" }.map(\.net).sum(Sample.sek) == Sample.money("50.00"))
    }

    @Test func whatAGiftCardPaidIsGivenBackWithTheLastOfTheMoney() throws {
        // The shop knows lines of 99.00 and a total of 49.00, so its refund can name half of the mug only.
        var order = Sample.order("7")
        order.customFields = ["cards": ["used": "50.00"]]
        order.total = Sample.money("49.00")
        order.refunds = [refund("9", "49.00", [part("1", 1, "39.20", "9.80")])]
        #expect(try credits(order).count == 1, "the rest of the mug stays sold")
        (order.status, order.statusText) = (.refunded, "refunded")
        let drafts = try credits(order)
        #expect(drafts.map(\.total.amountText) == ["49.00", "0.00"])
        #expect(drafts[1].byArticle == ["REFUND": "40.00", "CREDIT": "-50.00"])
        #expect(drafts[1].byTax == ["VAT25": "10.00"])
        let invoice = try booked(order, by: TenderScene.settings)
        guard case .step(.createCreditNote) = plan(order, [invoice]) else {
            return #expect(Bool(false), "\(plan(order, [invoice]))")
        }
        let first = credited("refund-9", drafts[0])
        guard case .step(.createCreditNote(let note)) = plan(order, [invoice, first]) else {
            return #expect(Bool(false), "\(plan(order, [invoice, first]))")
        }
        #expect(note.reference.record == "order-7")
        #expect(plan(order, [invoice, first, credited("order-7", drafts[1])]) == .complete)
    }

    // MARK: Plans

    private var paidWhole: Order {
        var order = Sample.order("7")
        order.lines = [TenderScene.line("1", "MUG-001", 1, ("79.20", "0.00"), "1", ("19.80", "0"))]
        order.taxes = [TenderScene.tax("1", 25, "0.00")]
        (order.total, order.totalTax) = (Sample.money("0.00"), Sample.money("0.00"))
        order.coupons = [TenderScene.coupon("28", "GC-7F3A", "79.20", "19.80")]
        order.paidAt = nil
        return order
    }

    private func plan(_ order: Order, _ documents: [Document], _ settings: Settings = TenderScene.settings) -> Plan {
        Domain.plan(
            order, of: Sample.shop, documents: documents, settings: settings, books: books, decisions: [], now: now)
    }

    private func booked(_ order: Order, by settings: Settings) throws -> Document {
        let draft = try TenderScene.draft(order, settings)
        return Document(
            reference: ExternalReference(shop: Sample.shop, record: "order-7", kind: .invoice),
            erp: ERPDocument(
                id: DocumentID("9"), number: "N-1", state: .booked, customer: DocumentID("3"), total: draft.total,
                taxes: draft.taxes),
            madeFrom: MadeFrom(facts: draft.facts, settingsVersion: 1, mapperVersion: 1, lines: draft.lines))
    }

    private func credited(_ record: String, _ draft: CreditMapper.Mapped) -> Document {
        Document(
            reference: ExternalReference(shop: Sample.shop, record: record, kind: .creditNote),
            erp: ERPDocument(
                id: DocumentID(record), number: record, state: .booked, customer: DocumentID("3"), total: -draft.total,
                taxes: draft.taxes.map { DocumentTax(code: $0.code, amount: -$0.amount) }),
            madeFrom: nil)
    }

    @Test func aSaleThatAGiftCardPaidWholeIsCreditedOnceWhenItIsCalledOff() throws {
        var order = paidWhole
        let invoice = try booked(order, by: TenderScene.settings)
        #expect(plan(order, [invoice]) == .complete)
        (order.status, order.statusText) = (.cancelled, "cancelled")
        guard case .step(.createCreditNote(let note)) = plan(order, [invoice]) else {
            return #expect(Bool(false), "\(plan(order, [invoice]))")
        }
        #expect(note.total.isZero)
        #expect(note.lines.map(\.net.amountText) == ["79.20", "-99.00"])
        let draft = try #require(try credits(order).first)
        #expect(plan(order, [invoice, credited("order-7", draft)]) == .complete)
    }

    @Test func undoingASaleThatAGiftCardPaidWholeTakesBackGoodsVATAndCardAndResumingBooksItAgain() throws {
        let invoice = try booked(paidWhole, by: TenderScene.settings)
        func plan(_ documents: [Document], _ kinds: [Decision.Kind]) -> Plan {
            Domain.plan(
                paidWhole, of: Sample.shop, documents: documents, settings: TenderScene.settings, books: books,
                decisions: kinds.map { Decision(kind: $0, by: "Anna", at: now, reason: "her word") }, now: now)
        }
        guard case .step(.createCreditNote(let note)) = plan([invoice], [.undone]) else {
            return #expect(Bool(false), "\(plan([invoice], [.undone]))")
        }
        #expect(note.total.isZero)
        #expect(note.lines.map(\.net.amountText) == ["79.20", "-99.00"])
        #expect(note.taxes.map(\.amount.amountText) == ["19.80"])
        // An earlier word that the order be synced does not make an invoice of nothing count as credited.
        #expect(plan([invoice], [.undone, .withdrawn]) == .complete)
        let closing = try credited("order-7", #require(try credits(cancelled(paidWhole)).first))
        guard case .exclusion = plan([invoice, closing], [.undone]) else { return #expect(Bool(false)) }
        guard case .step(let next) = plan([invoice, closing], [.undone, .withdrawn]) else {
            return #expect(Bool(false), "\(plan([invoice, closing], [.undone, .withdrawn]))")
        }
        #expect(next.kind == .ensureCustomer)
    }

    private func cancelled(_ order: Order) -> Order {
        var order = order
        (order.status, order.statusText) = (.cancelled, "cancelled")
        return order
    }

    @Test func aSaleThatAGiftCardPaidWholeIsBookedAllTheSame() {
        guard case .step(.ensureCustomer) = plan(paidWhole, []) else {
            return #expect(Bool(false), "\(plan(paidWhole, []))")
        }
        var settings = TenderScene.settings
        settings.tenders = nil
        guard case .exclusion(let exclusion) = plan(paidWhole, [], settings) else {
            return #expect(Bool(false), "a sale of nothing is not excluded")
        }
        #expect(exclusion.rule == .zeroValueOrder)
    }

    @Test func aRuleThatCameAfterBookingChangesNothingAndCreditsWhatWasInvoiced() throws {
        var before = TenderScene.settings
        before.tenders = nil
        let invoice = try booked(order, by: before)
        #expect(plan(order, [invoice]) == .complete)
        var refunded = order
        refunded.refunds = [refund("9", "50.00", [part("1", 1, "40.00", "10.00")])]
        guard case .step(.createCreditNote(let note)) = plan(refunded, [invoice]) else {
            return #expect(Bool(false), "\(plan(refunded, [invoice]))")
        }
        #expect(note.lines.map(\.article) == ["MUG-001"])
        #expect(note.lines.map(\.net.amountText) == ["40.00"])
    }

    @Test func aRuleThatWentAfterBookingStillHoldsForWhatWasBookedByIt() throws {
        let invoice = try booked(order, by: TenderScene.settings)
        var after = TenderScene.settings
        after.tenders = nil
        #expect(plan(order, [invoice], after) == .complete)
        var refunded = order
        refunded.refunds = [refund("9", "50.00", [part("1", 1, "40.00", "10.00")])]
        guard case .step(.createCreditNote(let note)) = plan(refunded, [invoice], after) else {
            return #expect(Bool(false), "\(plan(refunded, [invoice], after))")
        }
        #expect(note.lines.map(\.article) == ["MUG-001", "GIFTCARD"])
        #expect(note.lines.map(\.net.amountText) == ["79.20", "-49.00"])
    }

    @Test func aRefundBeforeTheInvoiceLeavesItsPartOfTheGiftCardUnused() throws {
        var settings = TenderScene.settings
        settings.invoices.refundsBeforeBooking = .reduce
        var refunded = order
        refunded.refunds = [refund("9", "50.00", [part("1", 1, "40.00", "10.00")])]
        let draft = try Domain.draft(
            of: refunded, in: Sample.shop, ordinal: 1, documents: [], settings: settings, books: books)
        #expect(draft.byArticle == ["MUG-001": "79.20", "GIFTCARD": "-49.00"])
        #expect(draft.byTax == ["VAT25": "19.80"])
        #expect(draft.total == Sample.money("50.00"))
        #expect(draft.sum == draft.total)
    }
}
