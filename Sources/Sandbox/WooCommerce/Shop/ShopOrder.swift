import Domain

/// The tax that a line bears, at one rate, in millionths.
struct ShopLineTax: Sendable {
    let rate: ShopTaxRate
    let total: Int
    let subtotal: Int
}

/// A line of goods, shipping or a fee. Amounts are net, in minor units.
struct ShopItem: Sendable {
    let id: Int
    var productID = 0
    var methodID = ""
    var name: String
    var quantity = 1
    var taxClass = ""
    var isTaxable = true
    var subtotal: Int
    var subtotalTax = 0
    var total: Int
    var totalTax = 0
    var tax: ShopLineTax?
    /// Before rounding, in millionths; the price is made of it.
    var netMicro = 0
}

struct ShopMeta: Sendable {
    let id: Int
    let key: String
    let value: JSONValue
}

struct ShopNote: Sendable {
    let id: Int
    let created: Int64
    let text: String
    let isForCustomer: Bool
    let author: String
}

struct ShopRefund: Sendable {
    let id: Int
    let created: Int64
    let amount: Int
    let reason: String
    /// Negative, with the order's line that each gives back.
    let lines: [(item: ShopItem, refunded: Int)]
    let shippingLines: [(item: ShopItem, refunded: Int)]
    let feeLines: [(item: ShopItem, refunded: Int)]
    /// Of the tax lines, by rate.
    let taxLineIDs: [Int: Int]

    var items: [ShopItem] { (lines + shippingLines + feeLines).map(\.item) }
}

/// An order as the shop stores it. Times are seconds since 1970.
struct ShopOrder: Sendable {
    let id: Int
    var status: String
    let currency: String
    let key: String
    let created: Int64
    var modified: Int64
    var completed: Int64?
    var paid: Int64?
    var draft: ShopOrderDraft
    var meta: [ShopMeta] = []
    var lines: [ShopItem] = []
    var shippingLines: [ShopItem] = []
    var feeLines: [ShopItem] = []
    var couponIDs: [Int] = []
    var taxLineIDs: [Int: Int] = [:]
    var refunds: [ShopRefund] = []
    var notes: [ShopNote] = []

    var items: [ShopItem] { lines + shippingLines + feeLines }
    var cartTax: Int { (lines + feeLines).map(\.totalTax).reduce(0, +) }
    var shippingTax: Int { shippingLines.map(\.totalTax).reduce(0, +) }
    var total: Int { items.map { $0.total + $0.totalTax }.reduce(0, +) - draft.takenOffTotal }
    var refunded: Int { refunds.map(\.amount).reduce(0, +) }
    var taxCountry: String { draft.shipping.country.isEmpty ? draft.billing.country : draft.shipping.country }

    var searchText: String {
        [
            draft.billing.firstName, draft.billing.lastName, draft.billing.company, draft.billing.email,
            draft.billing.street, draft.billing.city, draft.billing.postcode, draft.billing.phone,
        ].joined(separator: " ").lowercased()
    }

    var record: WooRecord {
        WooRecord(id: id, number: String(id), status: status, created: created, modified: modified)
    }
}

extension [ShopItem] {
    /// What they bear at each rate, rounded line by line, by rate id.
    var taxesByRate: [(rate: ShopTaxRate, amount: Int)] {
        var amounts: [Int: (rate: ShopTaxRate, amount: Int)] = [:]
        for item in self {
            guard let tax = item.tax else { continue }
            amounts[tax.rate.id] = (tax.rate, (amounts[tax.rate.id]?.amount ?? 0) + item.totalTax)
        }
        return amounts.values.sorted { $0.rate.id < $1.rate.id }
    }
}
