/// An amount of money: whole minor units (öre, cents, yen) of one currency.
///
/// Amounts are bounded by `limit`, far above any order and far below overflow, so that sums of many lines are safe.
public struct Money: Hashable, Sendable, Codable {
    public let minorUnits: Int64
    public let currency: Currency

    /// The largest absolute number of minor units that is read as an amount: ten billion of a two-decimal currency.
    public static let limit: Int64 = 1_000_000_000_000

    public init(minorUnits: Int64, _ currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    public static func zero(_ currency: Currency) -> Money { Money(minorUnits: 0, currency) }

    /// Reads decimal text such as `-12.50`. An amount that does not fit the currency's decimals fails; it is never rounded.
    public init(_ text: some StringProtocol, _ currency: Currency) throws(AmountError) {
        guard let number = DecimalText(text) else { throw .notANumber(String(text.prefix(40))) }
        guard number.fraction.count <= currency.decimals else { throw .doesNotFit(String(text.prefix(40)), currency) }
        let padding = String(repeating: "0", count: currency.decimals - number.fraction.count)
        let digits = number.integer + number.fraction + padding
        guard let magnitude = Int64(digits.isEmpty ? "0" : digits), magnitude <= Self.limit else {
            throw .tooLarge(String(text.prefix(40)))
        }
        self.init(minorUnits: number.negative ? -magnitude : magnitude, currency)
    }

    /// The nearest amount to an exact number of currency units, halves away from zero.
    public init(rounding number: ExactDecimal, _ currency: Currency) throws(AmountError) {
        try self.init(number.rounded(decimals: currency.decimals).description, currency)
    }

    public var isZero: Bool { minorUnits == 0 }
    public var isNegative: Bool { minorUnits < 0 }
    public var magnitude: Int64 { abs(minorUnits) }

    /// In currency units: 12.50, not 1250.
    public var decimal: ExactDecimal {
        ExactDecimal(units: minorUnits, decimals: currency.decimals)
    }

    /// Adding amounts of different currencies is a programming error and stops the process.
    public static func + (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "sum of \(left.currency) and \(right.currency)")
        return Money(minorUnits: left.minorUnits + right.minorUnits, left.currency)
    }

    public static func - (left: Money, right: Money) -> Money { left + -right }
    public static prefix func - (amount: Money) -> Money { Money(minorUnits: -amount.minorUnits, amount.currency) }
    /// As much of this as a part is of a whole, which may be in another currency; what does not divide is left off.
    public func part(_ part: Money, of whole: Money) -> Money {
        Money(minorUnits: Int64(Int128(minorUnits) * Int128(part.minorUnits) / Int128(whole.minorUnits)), currency)
    }

    public static func += (left: inout Money, right: Money) { left = left + right }
}

extension Sequence where Element == Money {
    public func sum(_ currency: Currency) -> Money { reduce(.zero(currency), +) }
}

extension Money: CustomStringConvertible {
    /// `1234.50 SEK`.
    public var description: String { "\(amountText) \(currency.code)" }

    /// The number alone, with all its decimals: `1234.50`.
    public var amountText: String {
        let digits = String(magnitude)
        let sign = isNegative ? "-" : ""
        guard currency.decimals > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, currency.decimals + 1 - digits.count)) + digits
        let point = padded.index(padded.endIndex, offsetBy: -currency.decimals)
        return sign + padded[..<point] + "." + padded[point...]
    }
}

/// Why a text is not an amount of its currency.
public enum AmountError: Error, Hashable {
    case notANumber(String)
    case doesNotFit(String, Currency)
    case tooLarge(String)
}
