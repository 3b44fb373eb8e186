public import Foundation

/// A decimal number kept digit for digit: quantities, unit prices, rates.
///
/// It is read from validated text only, because `Decimal(string:)` accepts `12abc` and drops digits past 38.
public struct ExactDecimal: Hashable, Sendable {
    public let value: Decimal

    /// Reads `-?digits[.digits][e±n]`, at most 18 digits before and 12 after the point once zeros are trimmed.
    public init?(_ text: some StringProtocol) {
        guard let number = DecimalText(text), number.integer.count <= 18, number.fraction.count <= 12,
            let value = Decimal(string: number.plain, locale: Locale(identifier: "en_US_POSIX"))
        else { return nil }
        self.value = value
    }

    public init(_ integer: Int) { value = Decimal(integer) }

    /// For results of arithmetic on values that were validated before.
    public init(_ value: Decimal) { self.value = value }

    /// A whole number with its point moved `decimals` to the left.
    public init(units: Int64, decimals: Int) {
        value = Decimal(
            sign: units < 0 ? .minus : .plus, exponent: -decimals, significand: Decimal(units.magnitude)
        )
    }

    public static let zero = ExactDecimal(0)
    public static let one = ExactDecimal(1)

    public var isZero: Bool { value == 0 }
    public var isNegative: Bool { value < 0 }

    public static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
    public static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }
    public static func * (left: Self, right: Self) -> Self { Self(left.value * right.value) }
    public static prefix func - (number: Self) -> Self { Self(-number.value) }

    /// Halves go away from zero, as commercial rounding and the systems we talk to do.
    public func rounded(decimals: Int) -> Self {
        var input = value
        var output = Decimal()
        NSDecimalRound(&output, &input, decimals, .plain)
        return Self(output)
    }

    /// Halves go to the even neighbour, as some ERPs round.
    public func roundedHalfEven(decimals: Int) -> Self {
        var input = value
        var output = Decimal()
        NSDecimalRound(&output, &input, decimals, .bankers)
        return Self(output)
    }

    /// The quotient rounded to `decimals`; `nil` when the divisor is zero.
    public func divided(by divisor: Self, decimals: Int) -> Self? {
        guard !divisor.isZero else { return nil }
        return Self(value / divisor.value).rounded(decimals: decimals)
    }
}

extension ExactDecimal: Comparable {
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

extension ExactDecimal: CustomStringConvertible {
    /// Plain digits with a point, no exponent, no grouping: `12.5`.
    public var description: String { value.description }
}

extension ExactDecimal: Codable {
    /// Reads text, or a JSON number (which `JSONDecoder` hands over digit for digit).
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            guard let number = ExactDecimal(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a decimal number")
            }
            self = number
        } else {
            self.init(try container.decode(Decimal.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The grammar of a decimal number, taken apart into sign and digits without leading or trailing zeros.
struct DecimalText {
    var negative = false
    /// Digits before the point, no leading zeros; empty for 0.x.
    var integer = ""
    /// Digits after the point, no trailing zeros.
    var fraction = ""

    init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)
        guard rest.count <= 64 else { return nil }
        if rest.first == UInt8(ascii: "-") {
            negative = true
            rest.removeFirst()
        }
        var exponent = 0
        if let mark = rest.firstIndex(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
            guard let power = Int(String(decoding: rest[(mark + 1)...], as: UTF8.self)), abs(power) <= 30 else {
                return nil
            }
            exponent = power
            rest.removeSubrange(mark...)
        }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isDigit) })
        else { return nil }

        var digits = Array(whole) + (parts.count == 2 ? Array(parts[1]) : [])
        var point = whole.count + exponent
        if point < 0 {
            digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point), at: 0)
            point = 0
        } else if point > digits.count {
            digits.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
        }
        integer = String(decoding: digits[..<point].drop { $0 == UInt8(ascii: "0") }, as: UTF8.self)
        var tail = digits[point...]
        while tail.last == UInt8(ascii: "0") { tail.removeLast() }
        fraction = String(decoding: tail, as: UTF8.self)
    }

    var plain: String {
        (negative ? "-" : "") + (integer.isEmpty ? "0" : integer) + (fraction.isEmpty ? "" : "." + fraction)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
