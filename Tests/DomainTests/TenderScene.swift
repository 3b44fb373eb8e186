import TestKit

@testable import Domain

/// Orders of which a part is paid by gift card, and settings that recognise it.
enum TenderScene {
    static let currency = Sample.sek

    static var settings: Settings {
        var settings = Sample.settings
        settings.articles.refund = "REFUND"
        settings.fees = [
            FeeRule(name: "Tip*", article: "TIP", outsideVAT: true),
            FeeRule(name: "Cash rounding", article: "CENTS", allowNegative: true, outsideVAT: true),
            FeeRule(name: "*", article: "FEE"),
        ]
        settings.tenders = [
            TenderRule(shown: .coupon("gc-*"), article: "GIFTCARD"),
            TenderRule(shown: .fee("Gift card*"), article: "GIFTCARD"),
            TenderRule(shown: .field("cards.used"), article: "CREDIT"),
        ]
        return settings
    }

    /// The recorded order of a mug at 25 %, a book at 6 % and two cheeses at 12 %, of 369.80 in all, with a coupon of 100.00
    /// spread over them. Prices include tax.
    static func order(_ code: String = "GC-7F3A") -> Order {
        var order = Sample.order("7")
        order.lines = [
            line("1", "MUG-001", 1, ("79.20", "59.20"), "1", ("19.8", "14.8")),
            line("2", "BOOK-001", 1, ("187.74", "164.15"), "3", ("11.264151", "9.849057")),
            line("3", "FOOD-001", 2, ("64.11", "19.46"), "2", ("7.692857", "2.335714")),
        ]
        order.taxes = [tax("1", 25, "14.80"), tax("3", 6, "9.85"), tax("2", 12, "2.34")]
        order.totalTax = Sample.money("26.99")
        order.total = Sample.money("269.80")
        order.coupons = [coupon("28", code, "88.22", "11.78")]
        return order
    }

    static func line(
        _ id: String, _ sku: String, _ quantity: Int, _ net: (String, String), _ taxID: String, _ tax: (String, String)
    ) -> OrderLine {
        OrderLine(
            id: id, kind: .goods, sku: sku, name: sku, quantity: ExactDecimal(quantity), subtotal: Sample.money(net.0),
            total: Sample.money(net.1), taxes: [LineTax(taxID: taxID, amount: Sample.decimal(tax.1))],
            subtotalTaxes: [LineTax(taxID: taxID, amount: Sample.decimal(tax.0))])
    }

    static func fee(_ name: String, _ net: String, _ taxes: [(String, String)] = []) -> OrderLine {
        OrderLine(
            id: "9", kind: .fee, name: name, quantity: .one, subtotal: Sample.money(net), total: Sample.money(net),
            taxes: taxes.map { LineTax(taxID: $0.0, amount: Sample.decimal($0.1)) })
    }

    static func tax(_ id: String, _ percent: Int, _ amount: String) -> OrderTax {
        OrderTax(id: id, label: "VAT", percent: ExactDecimal(percent), amount: Sample.money(amount))
    }

    static func coupon(_ id: String, _ code: String, _ discount: String, _ tax: String) -> OrderCoupon {
        OrderCoupon(id: id, code: code, discount: Sample.decimal(discount), discountTax: Sample.decimal(tax))
    }

    static func draft(_ order: Order, _ settings: Settings = settings) throws -> SalesOrderDraft {
        try OrderMapper(shop: Sample.shop, settings: settings, rules: Sample.rules).draft(of: order)
    }

    static func problem(_ order: Order, _ settings: Settings = settings) -> Problem? {
        do throws(Problem) {
            _ = try OrderMapper(shop: Sample.shop, settings: settings, rules: Sample.rules).draft(of: order)
            return nil
        } catch {
            return error
        }
    }
}

/// What orders and credit notes have in common.
protocol Itemised {
    var lines: [DraftLine] { get }
    var taxes: [DocumentTax] { get }
    var total: Money { get }
}

extension SalesOrderDraft: Itemised {}
extension CreditMapper.Mapped: Itemised {}

extension Itemised {
    private var currency: Currency { total.currency }

    /// Net by article.
    var byArticle: [String: String] {
        lines.reduce(into: [String: Money]()) { $0[$1.article] = ($0[$1.article] ?? .zero(currency)) + $1.net }
            .mapValues(\.amountText)
    }

    var byTax: [String: String] { taxes.reduce(into: [:]) { $0[$1.code] = $1.amount.amountText } }

    var sum: Money { lines.map(\.net).sum(currency) + taxes.map(\.amount).sum(currency) }
}
