/// A tax rate of the shop.
public struct ShopTaxRate: Hashable, Sendable {
    public var id: Int
    public var country: String
    /// The shop's word for the kind of goods; empty is the standard class.
    public var taxClass: String
    /// In hundredths of a percent: 2550 is 25.5 %.
    public var rate: Int
    public var name: String

    public init(id: Int, country: String, taxClass: String = "", rate: Int, name: String) {
        self.id = id
        self.country = country
        self.taxClass = taxClass
        self.rate = rate
        self.name = name
    }

    /// `25` or `25.5`.
    var percentText: String { ShopAmount.plain(rate, decimals: 2) }
}

extension [ShopTaxRate] {
    /// Sweden at three rates, and the neighbours that a small shop there sells to.
    public static let nordic: [ShopTaxRate] = [
        ShopTaxRate(id: 1, country: "SE", rate: 2500, name: "Moms 25%"),
        ShopTaxRate(id: 2, country: "SE", taxClass: "moms-12", rate: 1200, name: "Moms 12%"),
        ShopTaxRate(id: 3, country: "SE", taxClass: "moms-6", rate: 600, name: "Moms 6%"),
        ShopTaxRate(id: 4, country: "DE", rate: 1900, name: "MwSt. 19%"),
        ShopTaxRate(id: 5, country: "DE", taxClass: "moms-12", rate: 700, name: "MwSt. 7%"),
        ShopTaxRate(id: 6, country: "DE", taxClass: "moms-6", rate: 700, name: "MwSt. 7%"),
        ShopTaxRate(id: 7, country: "DK", rate: 2500, name: "Moms DK"),
        ShopTaxRate(id: 8, country: "DK", taxClass: "moms-12", rate: 2500, name: "Moms DK"),
        ShopTaxRate(id: 9, country: "DK", taxClass: "moms-6", rate: 2500, name: "Moms DK"),
        ShopTaxRate(id: 10, country: "FI", rate: 2550, name: "ALV 25,5%"),
        ShopTaxRate(id: 11, country: "FI", taxClass: "moms-12", rate: 2550, name: "ALV 25,5%"),
        ShopTaxRate(id: 12, country: "FI", taxClass: "moms-6", rate: 2550, name: "ALV 25,5%"),
    ]

    func rate(for taxClass: String, in country: String) -> ShopTaxRate? {
        first { $0.country == country && $0.taxClass == taxClass }
    }
}

/// Sums in minor units, and in the millionths that the shop counts tax in before it rounds.
enum ShopAmount {
    private static let microPerMinor = 10_000

    /// `148.00`, `-0.20`.
    static func text(_ minor: Int) -> String {
        let digits = String(minor.magnitude)
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return (minor < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
    }

    /// `19.8`, `11.264151`: no zeros at the end.
    static func microText(_ micro: Int) -> String { plain(micro, decimals: 6) }

    static func plain(_ units: Int, decimals: Int) -> String {
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        var fraction = padded.suffix(decimals)
        while fraction.last == "0" { fraction.removeLast() }
        return (units < 0 ? "-" : "") + padded.dropLast(decimals) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// Reads `99`, `99.9` or `99.905`, which the shop rounds to minor units.
    static func minor(_ text: String) -> Int? {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int(parts[0].isEmpty ? "0" : parts[0]), whole < 1_000_000_000
        else { return nil }
        let fraction = parts.count == 2 ? String(parts[1].prefix(3)) : ""
        let padded = fraction + String(repeating: "0", count: 3 - fraction.count)
        guard parts.count == 1 || parts[1].allSatisfy(\.isWholeNumber), let thousandths = Int(padded) else {
            return nil
        }
        let minor = whole * 100 + (thousandths + 5) / 10
        return isNegative ? -minor : minor
    }

    /// The tax in an amount that has it in it, in millionths.
    static func tax(inGross gross: Int, rate: Int) -> Int {
        divided(gross * microPerMinor * rate, by: 10_000 + rate)
    }

    /// The tax on top of a net amount, in millionths.
    static func tax(onNet net: Int, rate: Int) -> Int { divided(net * microPerMinor * rate, by: 10_000) }

    /// To minor units. With prices that include tax the shop rounds a half down.
    static func rounded(_ micro: Int, halfDown: Bool) -> Int {
        let magnitude = Int(micro.magnitude)
        let minor = (magnitude + microPerMinor / 2 - (halfDown ? 1 : 0)) / microPerMinor
        return micro < 0 ? -minor : minor
    }

    private static func divided(_ number: Int, by divisor: Int) -> Int {
        let magnitude = (Int(number.magnitude) + divisor / 2) / divisor
        return number < 0 ? -magnitude : magnitude
    }

    /// What PHP prints for a price: the only place where a binary floating point number belongs, because its noise is what
    /// the shop shows (`999.9920000000001`). Nobody counts with it.
    static func noisyPrice(netMicro: Int, quantity: Int) -> String {
        guard quantity != 0 else { return "0" }
        let price = Double(netMicro) / 1_000_000 / Double(quantity)
        let text = "\(price)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
