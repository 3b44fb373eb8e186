import Domain
import TestKit
import Testing

@Suite struct OrderMapperTests {
    let mapper = OrderMapper(shop: Sample.shop, settings: Sample.settings, rules: Sample.rules)

    @Test(arguments: 0..<300)
    func linesVATAndRoundingOfRandomOrdersComeToTheShopsTotal(_ seed: UInt64) throws {
        var generator = OrderGenerator(seed: seed)
        let order = generator.order("7", createdAt: Sample.instant("2026-11-20T10:00:00Z"))

        let draft = try mapper.draft(of: order)

        let sum = draft.lines.map(\.net).sum(order.currency) + draft.taxes.map(\.amount).sum(order.currency)
        #expect(sum == order.total)
        for line in draft.lines {
            #expect((line.unitPrice * line.quantity).rounded(decimals: 2) == line.net.decimal)
        }
        #expect(draft.lines.filter { $0.tax == nil }.allSatisfy { $0.article == "ROUNDING" })
    }

    @Test func aQuantityWhosePriceHasTooManyDecimalsBecomesOnePiece() throws {
        var order = Sample.order()
        order.lines[0].quantity = ExactDecimal(20_000)
        order.lines[0].total = Sample.money("333.33")
        order.lines[0].subtotal = Sample.money("333.33")
        order.taxes[0].amount = Sample.money("83.33")
        order.total = Sample.money("416.66")

        let line = try mapper.draft(of: order).lines[0]

        #expect(line.quantity == .one)
        #expect(line.unitPrice == Sample.decimal("333.33"))
        #expect(line.description == "20000 × Mug")
    }

    @Test func aPriceThatHalfEvenAndHalfUpRoundDifferentlyIsNotUsed() throws {
        var order = Sample.order()
        // 125 × 0.0082 = 1.0250
        order.lines[0].quantity = ExactDecimal(125)
        order.lines[0].total = Sample.money("1.03")
        order.lines[0].subtotal = Sample.money("1.03")
        order.taxes[0].amount = Sample.money("0.26")
        order.total = Sample.money("1.29")

        let line = try mapper.draft(of: order).lines[0]

        #expect(line.quantity == .one)
    }

    @Test func aDifferenceOfOneOreGoesToTheRoundingLineAndNotIntoVAT() throws {
        var order = Sample.order()
        order.total = Sample.money("98.99")

        let draft = try mapper.draft(of: order)

        #expect(draft.lines.last?.article == "ROUNDING")
        #expect(draft.lines.last?.net == Sample.money("-0.01"))
        #expect(draft.taxes == [DocumentTax(code: "VAT25", amount: Sample.money("19.80"))])
    }

    @Test func aDifferenceBeyondRoundingStops() {
        var order = Sample.order()
        order.total = Sample.money("98.98")
        expectStop(order, .roundingTooLarge)
    }

    @Test func roundingWithoutAnArticleStops() {
        var settings = Sample.settings
        settings.articles.rounding = nil
        var order = Sample.order()
        order.total = Sample.money("98.99")
        expectStop(order, .roundingNotMapped, settings)
    }

    @Test func aLineWithoutSKUStopsByDefault() {
        var order = Sample.order()
        order.lines[0].sku = nil
        expectStop(order, .skuMissing)
    }

    @Test func aLineWithoutSKUTakesThePlaceholderWhereThePolicySaysSo() throws {
        var settings = Sample.settings
        settings.articles = ArticleSettings(missingSKU: .placeholder, placeholder: "UNKNOWN", rounding: "ROUNDING")
        var order = Sample.order()
        order.lines[0].sku = nil
        let draft = try OrderMapper(shop: Sample.shop, settings: settings, rules: Sample.rules).draft(of: order)
        #expect(draft.lines[0].article == "UNKNOWN")
    }

    // MARK: VAT

    @Test func aRateWithoutARuleStopsAndNamesRateAndCountry() {
        var order = Sample.order()
        order.billing.country = "FR"
        let problem = stop(order)
        #expect(problem?.code == .vatNotMapped)
        #expect(problem?.detail.contains("25 % in FR (oss)") == true)
    }

    @Test func zeroVATWithoutAReasonStops() {
        expectStop(untaxed(Sample.order()), .vatReasonMissing)
    }

    @Test func zeroVATOutOfTheUnionIsAnExport() throws {
        var order = untaxed(Sample.order())
        order.shipping = Sample.address
        order.shipping?.country = "NO"
        #expect(try mapper.draft(of: order).lines[0].tax == "EXPORT0")
    }

    @Test func zeroVATToABusinessElsewhereInTheUnionIsReverseCharge() throws {
        var order = untaxed(Sample.order())
        order.billing.country = "FI"
        expectStop(order, .vatReasonMissing)
        order.customFields = ["vat_number": "FI 1234567-8"]
        let draft = try mapper.draft(of: order)
        #expect(draft.lines[0].tax == "EUB2B0")
        #expect(draft.customer.vatNumber == "FI12345678")
    }

    @Test func aGiftCardIsExemptWhereverItGoes() throws {
        var settings = Sample.settings
        settings.vat.exemptArticles = ["MUG-001"]
        let draft = try OrderMapper(shop: Sample.shop, settings: settings, rules: Sample.rules)
            .draft(of: untaxed(Sample.order()))
        #expect(draft.lines[0].tax == "EXEMPT0")
    }

    @Test func aMultiPurposeVoucherIsSoldWithoutVATForAReasonOfItsOwn() throws {
        var settings = Sample.settings
        settings.vat.voucherArticles = ["MUG-001"]
        expectStop(untaxed(Sample.order()), .vatNotMapped, settings)
        settings.vat.rules.append(VATRule(reason: .voucher, tax: "VOUCHER0"))
        let mapper = OrderMapper(shop: Sample.shop, settings: settings, rules: Sample.rules)
        #expect(try mapper.draft(of: untaxed(Sample.order())).lines[0].tax == "VOUCHER0")
        // Sold with VAT, it would be taxed at its sale and again when it is used.
        expectStop(Sample.order(), .voucherBearsVAT, settings)
    }

    @Test func aVoucherForOneRateBearsItsVATAtTheSale() throws {
        #expect(
            try mapper.draft(of: Sample.order()).taxes == [DocumentTax(code: "VAT25", amount: Sample.money("19.80"))])
    }

    @Test func VATThatItsLinesCannotBearStops() {
        var order = Sample.order()
        order.taxes[0].amount = Sample.money("25.00")
        order.total = Sample.money("104.20")
        expectStop(order, .orderDoesNotAddUp)
    }

    @Test func aNegativeFeeNeedsARuleOfItsOwn() {
        var settings = Sample.settings
        settings.fees = [FeeRule(name: "*", article: "FEE")]
        var order = Sample.order()
        order.lines.append(
            OrderLine(
                id: "9", kind: .fee, name: "Discount", quantity: .one, subtotal: Sample.money("-1.00"),
                total: Sample.money("-1.00"), taxes: []))
        expectStop(order, .negativeFeeNotMapped, settings)
    }

    // MARK: Customers

    @Test func ordersOfOneEmailNameOneCustomerWhateverItsCase() throws {
        var first = Sample.order("1")
        var second = Sample.order("2")
        first.customer = Customer(id: "5", email: "Anna@Example.test")
        second.customer = Customer(email: "anna@example.test")
        let references = try [first, second].map { try mapper.draft(of: $0).customer.reference }
        #expect(references[0] == references[1])
        #expect(!references[0].key.contains("anna"))
    }

    @Test func guestsWithoutEmailAreCustomersOfTheirOwnOrders() throws {
        var first = Sample.order("1")
        var second = Sample.order("2")
        first.customer = Customer()
        second.customer = Customer()
        #expect(try mapper.draft(of: first).customer.reference != mapper.draft(of: second).customer.reference)
    }

    @Test func customFieldsAreReachedByPath() throws {
        var settings = Sample.settings
        settings.invoices.customerReferenceField = "po"
        settings.customFields = [CustomFieldRule(from: "delivery.slots.1", to: "comment", label: "Slot")]
        var order = Sample.order()
        order.customFields = ["po": "PO-4711", "delivery": ["slots": ["AM", "PM"]]]
        let draft = try OrderMapper(shop: Sample.shop, settings: settings, rules: Sample.rules).draft(of: order)
        #expect(draft.customerReference == "PO-4711")
        #expect(draft.comment.contains("Slot: PM"))
    }

    // MARK: Helpers

    private func untaxed(_ order: Order) -> Order {
        var order = order
        order.lines[0].taxes = []
        order.taxes = []
        order.totalTax = .zero(Sample.sek)
        order.total = Sample.money("79.20")
        return order
    }

    private func stop(_ order: Order, _ settings: Settings = Sample.settings) -> Problem? {
        do throws(Problem) {
            _ = try OrderMapper(shop: Sample.shop, settings: settings, rules: Sample.rules).draft(of: order)
            return nil
        } catch {
            return error
        }
    }

    private func expectStop(
        _ order: Order, _ code: ProblemCode, _ settings: Settings = Sample.settings,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(stop(order, settings)?.code == code, sourceLocation: sourceLocation)
    }
}
