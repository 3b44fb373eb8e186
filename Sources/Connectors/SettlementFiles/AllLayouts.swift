public import ConnectorKit
public import Domain

/// The layouts of settlement files that need no configuration.
public enum SettlementLayouts {
    /// Every layout, by the name that configurations use.
    public static let all: [String: SettlementLayout] = [
        "adyen": .adyen,
        "klarna": .klarna,
        // `07/01/2026`, `1,250.00`
        "paypal": .payPal(dates: .monthFirst, decimalMark: .dot, thousands: .comma),
        // `01/07/2026`, `1.250,00`
        "paypal-eu": .payPal(dates: .dayFirst, decimalMark: .comma, thousands: .dot),
        // `01/07/2026`, `1,250.00`
        "paypal-uk": .payPal(dates: .dayFirst, decimalMark: .dot, thousands: .comma),
        "shopify-payments": .shopifyPayments,
        "stripe": .stripe,
    ]

    /// Reads `layout`, the name of one of these, or `ownLayout`, a group that describes another. Problems are left in the reader.
    public static func read(_ reader: FieldReader) -> SettlementLayout? {
        let own = reader.group("ownLayout")
        let name = reader.string("layout")
        let known = all.keys.sorted().joined(separator: ", ")
        if own.isPresent {
            if name != nil { reader.report("layout", "is there beside ownLayout; leave one of them") }
            return SettlementLayout(own, like: all)
        }
        guard let name else {
            reader.report("layout", "is required: one of \(known); or ownLayout")
            return nil
        }
        if all[name] == nil { reader.report("layout", "knows \(known), not \"\(name)\"") }
        return all[name]
    }
}
