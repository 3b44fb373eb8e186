/// VAT as the merchant's accountant would work it out: plain whole numbers, and nothing of the shop's or the server's code,
/// so that a mistake there is not repeated here.
public enum TradeVAT {
    public enum Reason: String, Hashable, Sendable, CaseIterable { case domestic, oss, export, euBusiness }

    /// Why, where and at how many hundredths of a percent.
    public struct Key: Hashable, Sendable {
        public let rate: Int
        public let country: String
        public let reason: Reason

        public init(rate: Int, country: String, reason: Reason) {
            self.rate = rate
            self.country = country
            self.reason = reason
        }
    }

    /// Of goods of a tax class, sold to a consumer in a country.
    static func rate(_ taxClass: String, to country: String) -> Int {
        switch (country, taxClass) {
        case ("SE", "moms-12"): 1200
        case ("SE", "moms-6"): 600
        case ("SE", _), ("DK", _): 2500
        case ("DE", ""): 1900
        case ("DE", _): 700
        case ("FI", _): 2550
        default: 0
        }
    }

    static func reason(country: String, isBusiness: Bool) -> Reason {
        switch country {
        case "SE": .domestic
        case "NO": .export
        default: isBusiness ? .euBusiness : .oss
        }
    }

    /// The VAT in a sum that has it in it; half an öre goes down.
    static func inside(_ gross: Int, rate: Int) -> Int {
        let whole = 10_000 + rate
        return (2 * gross * rate + whole - 1) / (2 * whole)
    }

    /// The VAT on top of a net sum.
    static func onTop(_ net: Int, rate: Int) -> Int { (2 * net * rate + 9_999) / 20_000 }
}
