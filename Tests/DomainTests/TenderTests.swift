import TestKit
import Testing

@testable import Domain

/// Gift cards used, tips and cash rounding (R31, R32), and discounts that are discounts (R33).
@Suite struct TenderTests {
    // MARK: Coupons

    @Test func aGiftCardUsedAsACouponIsAPaymentAndLowersNoVAT() throws {
        let draft = try TenderScene.draft(TenderScene.order())
        #expect(
            draft.byArticle == [
                "MUG-001": "79.20", "BOOK-001": "187.74", "FOOD-001": "64.11", "GIFTCARD": "-100.00",
            ])
        #expect(draft.byTax == ["VAT25": "19.80", "VAT6": "11.26", "VAT12": "7.69"])
        #expect(draft.lines.last?.tax == nil)
        #expect(draft.total == Sample.money("269.80"))
        #expect(draft.sum == draft.total)
    }

    @Test func theCodeOfAGiftCardIsNotSpelledOutOnTheDocument() throws {
        let draft = try TenderScene.draft(TenderScene.order("gc-secret-7F3A"))
        #expect(draft.lines.last?.description == "Gift card or credit …7F3A")
    }

    @Test func aCouponThatNoRuleNamesIsADiscountAndNothingIsAddedToIt() throws {
        let order = TenderScene.order("HUNDRA")
        let draft = try TenderScene.draft(order)
        #expect(draft.byArticle == ["MUG-001": "59.20", "BOOK-001": "164.15", "FOOD-001": "19.46"])
        #expect(draft.byTax == ["VAT25": "14.80", "VAT6": "9.85", "VAT12": "2.34"])
        // Before discounts less after them is the order's discount, line by line (R33).
        let shown = zip(draft.lines, order.lines).map { draft, line in
            (draft.basePrice * draft.quantity).rounded(decimals: 2) - line.total.decimal
        }
        #expect(shown.reduce(.zero, +) == Sample.decimal("88.24"))
        #expect(draft.sum == draft.total)
    }

    @Test func aGiftCardWithAnotherCouponCannotBeToldApart() throws {
        var order = TenderScene.order()
        order.coupons?.append(TenderScene.coupon("29", "TIO", "10.00", "2.50"))
        #expect(TenderScene.problem(order)?.code == .tenderNotSeparable)
        #expect(TenderScene.problem(order)?.detail.contains("GC-7F3A") == false, "its code is as good as money")
        order.coupons?[1] = TenderScene.coupon("29", "FREESHIP", "0", "0")
        #expect(
            try TenderScene.draft(order).byArticle["GIFTCARD"] == "-100.00", "a coupon of nothing is in nobody's way")
    }

    @Test func aDiscountBesideTheGiftCardStops() {
        var order = TenderScene.order()
        order.coupons = [TenderScene.coupon("28", "GC-7F3A", "44.11", "5.89")]
        #expect(TenderScene.problem(order)?.code == .tenderNotSeparable)
        order = TenderScene.order()
        order.lines[0].subtotalTaxes = nil
        #expect(TenderScene.problem(order)?.code == .tenderNotSeparable)
    }

    @Test func eachOfTwoGiftCardsIsALineOfItsOwn() throws {
        var order = TenderScene.order()
        order.coupons = [
            TenderScene.coupon("28", "gc-1", "44.11", "5.89"), TenderScene.coupon("29", "gc-2", "44.11", "5.89"),
        ]
        let draft = try TenderScene.draft(order)
        #expect(draft.lines.filter { $0.article == "GIFTCARD" }.map(\.net.amountText) == ["-50.00", "-50.00"])
        #expect(draft.sum == draft.total)
    }

    @Test(arguments: 0..<200)
    func whateverAGiftCardIsSpreadOverTheDocumentStatesTheSaleBeforeIt(_ seed: UInt64) throws {
        let sale = GiftCardSale(seed: seed)
        let draft = try TenderScene.draft(sale.order)
        #expect(draft.byTax == sale.vat, "seed \(seed)")
        #expect(draft.byArticle["GIFTCARD"] == "-" + sale.card, "seed \(seed)")
        #expect(draft.byArticle["ROUNDING"] == nil, "seed \(seed)")
        #expect(draft.sum == sale.order.total, "seed \(seed)")
    }

    @Test func anOrderIsReadOnce() throws {
        let rules = TenderScene.settings.reading
        let read = try TenderScene.order().read(by: rules)
        #expect(try read.read(by: rules) == read)
        #expect(read.readBy?.tenders == [TenderRule(shown: .coupon("gc-*"), article: "GIFTCARD")])
    }

    // MARK: Fees

    @Test func aGiftCardShownAsANegativeFeeGetsItsVATBack() throws {
        var order = Sample.order()
        // The shop taxes negative fees whatever one tells it.
        order.lines.append(TenderScene.fee("Gift card 7F3A", "-40.00", [("1", "-10")]))
        order.taxes[0].amount = Sample.money("9.80")
        order.total = Sample.money("49.00")
        let draft = try TenderScene.draft(order)
        #expect(draft.byArticle == ["MUG-001": "79.20", "GIFTCARD": "-50.00"])
        #expect(draft.byTax == ["VAT25": "19.80"])
        #expect(draft.sum == Sample.money("49.00"))
    }

    @Test func aNegativeFeeThatTheShopSpreadOverSeveralRatesGetsEachBack() throws {
        var order = TenderScene.order("NONE")
        order.coupons = []
        order.lines.append(TenderScene.fee("Gift card", "-20.00", [("1", "-2.5"), ("3", "-0.6"), ("2", "-0.48")]))
        order.taxes = [
            TenderScene.tax("1", 25, "12.30"), TenderScene.tax("3", 6, "9.25"), TenderScene.tax("2", 12, "1.86"),
        ]
        order.total = Sample.money("246.22")
        let draft = try TenderScene.draft(order)
        #expect(draft.byTax == ["VAT25": "14.80", "VAT6": "9.85", "VAT12": "2.34"])
        #expect(draft.byArticle["GIFTCARD"] == "-23.58")
        #expect(draft.sum == draft.total)
    }

    @Test func aPositiveFeeIsNoTenderWhateverItsName() throws {
        var order = Sample.order()
        order.lines.append(TenderScene.fee("Gift card wrapping", "20.00", [("1", "5")]))
        order.taxes[0].amount = Sample.money("24.80")
        order.total = Sample.money("124.00")
        #expect(try TenderScene.draft(order).byArticle["FEE"] == "20.00")
    }

    @Test func aTipAndCashRoundingAreOutsideVATEachOnItsOwnArticle() throws {
        var order = Sample.order()
        order.lines += [TenderScene.fee("Tip for the driver", "10.00"), TenderScene.fee("Cash rounding", "-0.50")]
        order.total = Sample.money("108.50")
        let draft = try TenderScene.draft(order)
        #expect(draft.byArticle == ["MUG-001": "79.20", "TIP": "10.00", "CENTS": "-0.50"])
        #expect(draft.lines.map(\.tax) == ["VAT25", nil, nil])
        #expect(draft.byTax == ["VAT25": "19.80"])
        #expect(draft.sum == draft.total)
    }

    @Test func VATOnAFeeOutsideVATStopsAndNothingIsHidden() throws {
        var order = Sample.order()
        order.lines.append(TenderScene.fee("Cash rounding", "-0.20", [("1", "-0.05")]))
        order.taxes[0].amount = Sample.money("19.75")
        order.total = Sample.money("98.75")
        #expect(TenderScene.problem(order)?.code == .feeBearsVAT)
        // As the catalogue advises: with VAT, as the shop has it, or as a payment.
        var settings = TenderScene.settings
        settings.fees[1].outsideVAT = nil
        #expect(try TenderScene.draft(order, settings).byTax == ["VAT25": "19.75"])
        settings.tenders?.append(TenderRule(shown: .fee("Cash rounding"), article: "CENTS"))
        let draft = try TenderScene.draft(order, settings)
        #expect(draft.byTax == ["VAT25": "19.80"])
        #expect(draft.byArticle["CENTS"] == "-0.25")
        #expect(draft.sum == draft.total)
    }

    @Test func aNegativeFeeOutsideVATStillNeedsItsPermission() {
        var order = Sample.order()
        order.lines.append(TenderScene.fee("Tip returned", "-5.00"))
        order.total = Sample.money("94.00")
        #expect(TenderScene.problem(order)?.code == .negativeFeeNotMapped)
    }

    @Test func theFirstRuleForAFeeCounts() throws {
        var settings = TenderScene.settings
        settings.fees.insert(FeeRule(name: "Tip for the house", article: "HOUSE"), at: 0)
        var order = Sample.order()
        order.lines.append(TenderScene.fee("Tip for the house", "10.00", [("1", "2.5")]))
        order.taxes[0].amount = Sample.money("22.30")
        order.total = Sample.money("111.50")
        #expect(try TenderScene.draft(order, settings).byArticle["HOUSE"] == "10.00")
    }

    // MARK: Custom fields

    @Test func aGiftCardThatOnlyLoweredTheTotalIsFoundInItsField() throws {
        var order = Sample.order()
        order.customFields = ["cards": ["used": "50.00"]]
        order.total = Sample.money("49.00")
        let draft = try TenderScene.draft(order)
        #expect(draft.byArticle == ["MUG-001": "79.20", "CREDIT": "-50.00"])
        #expect(draft.byTax == ["VAT25": "19.80"])
        #expect(draft.sum == Sample.money("49.00"))
    }

    @Test(arguments: [nil, "", "0", "0.00"] as [String?])
    func aFieldThatSaysNothingIsNoGiftCard(_ text: String?) throws {
        var order = Sample.order()
        order.customFields = ["cards": ["used": text.map { .string($0) } ?? .null]]
        #expect(try TenderScene.draft(order).lines.count == 1)
    }

    @Test(arguments: [
        ("50.00", "99.00", ProblemCode.tenderDoesNotAddUp), ("40.00", "49.00", .tenderDoesNotAddUp),
        ("-50.00", "49.00", .amountInvalid), ("half", "49.00", .amountInvalid),
        ("50.005", "48.995", .amountDoesNotFitCurrency),
    ])
    func aFieldThatTheTotalContradictsStops(_ field: String, _ total: String, _ code: ProblemCode) {
        var order = Sample.order()
        order.customFields = ["cards": ["used": .string(field)]]
        order.total = Sample.money(total == "48.995" ? "49.00" : total)
        #expect(TenderScene.problem(order)?.code == code)
    }

    @Test func withoutARuleForItALoweredTotalStops() {
        var order = Sample.order()
        order.customFields = ["cards": ["used": "50.00"]]
        order.total = Sample.money("49.00")
        var settings = TenderScene.settings
        settings.tenders = nil
        #expect(TenderScene.problem(order, settings)?.code == .roundingTooLarge)
    }

    @Test func severalTendersOfOneOrderAreTakenOffEachOnItsArticle() throws {
        var order = TenderScene.order()
        order.customFields = ["cards": ["used": 69]]
        order.total = Sample.money("200.80")
        let draft = try TenderScene.draft(order)
        #expect(draft.byArticle["GIFTCARD"] == "-100.00")
        #expect(draft.byArticle["CREDIT"] == "-69.00")
        #expect(draft.sum == Sample.money("200.80"))
    }

    // MARK: Many lines

    @Test func anOrderOfSixHundredLinesIsMappedToTheCent() throws {
        var order = Sample.order()
        order.lines = (1...600).map { number in
            TenderScene.line(
                String(number), "SKU-\(number)", 1, ("\(number).00", "\(number).00"), "1",
                (
                    "\(number / 4).\(["00", "25", "50", "75"][number % 4])",
                    "\(number / 4).\(["00", "25", "50", "75"][number % 4])"
                ))
        }
        // 1 + … + 600 = 180 300, and a quarter of it.
        order.taxes[0].amount = Sample.money("45075.00")
        order.total = Sample.money("225375.00")
        let draft = try TenderScene.draft(order)
        #expect(draft.lines.count == 600)
        #expect(draft.sum == order.total)
        #expect(draft.byTax == ["VAT25": "45075.00"])
    }
}

/// A sale at prices that include tax with a gift card spread over its lines, and what its document must say, by arithmetic of
/// its own in whole cents.
private struct GiftCardSale {
    let order: Order
    /// By the ERP's tax.
    let vat: [String: String]
    let card: String

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed &+ 77)
        let rates: [(id: String, percent: Int, tax: String)] = [
            ("1", 25, "VAT25"), ("2", 12, "VAT12"), ("3", 6, "VAT6"),
        ]
        var lines: [OrderLine] = []
        var (vat, charged) = ([Int](repeating: 0, count: 3), [Int](repeating: 0, count: 3))
        var (left, used) = (Int.random(in: 1...30_000, using: &random), 0)
        for number in 1...Int.random(in: 1...6, using: &random) {
            let gross = Int.random(in: 1...20_000, using: &random)
            let off = min(left, number == 1 ? gross : Int.random(in: 0...gross, using: &random))
            left -= off
            used += off
            let rate = Int.random(in: 0..<3, using: &random)
            let (before, after) = (Self.tax(gross, rates[rate].percent), Self.tax(gross - off, rates[rate].percent))
            vat[rate] += before.rounded
            charged[rate] += after.rounded
            lines.append(
                TenderScene.line(
                    String(number), "SKU-\(number)", 1,
                    (Self.text(gross - before.rounded), Self.text(gross - off - after.rounded)), rates[rate].id,
                    (before.exact, after.exact)))
        }
        var order = Sample.order("7")
        order.lines = lines
        let borne = rates.indices.filter { rate in lines.contains { $0.taxes[0].taxID == rates[rate].id } }
        order.taxes = borne.map { TenderScene.tax(rates[$0].id, rates[$0].percent, Self.text(charged[$0])) }
        order.total =
            lines.map(\.total).sum(Sample.sek) + order.taxes.map(\.amount).sum(Sample.sek)
        order.coupons = [TenderScene.coupon("28", "gc-\(seed)", Self.text(used), "0")]
        self.order = order
        self.vat = borne.reduce(into: [:]) { $0[rates[$1].tax] = Self.text(vat[$1]) }
        card = Self.text(used)
    }

    /// The tax in a gross amount to the millionth of a crown, and in cents with a half down.
    private static func tax(_ gross: Int, _ percent: Int) -> (exact: String, rounded: Int) {
        let micro = (gross * 10_000 * percent * 2 + (100 + percent)) / (2 * (100 + percent))
        let fraction = String(micro % 1_000_000)
        let text = "\(micro / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
        return (text, (micro + 4_999) / 10_000)
    }

    private static func text(_ cents: Int) -> String {
        "\(cents / 100)." + (cents % 100 < 10 ? "0" : "") + "\(cents % 100)"
    }
}
