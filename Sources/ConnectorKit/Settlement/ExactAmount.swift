import Domain

/// An amount of a file before its currency is known: whole millionths. A file has millions of them, so they are read by hand and
/// added as integers; nothing is ever rounded.
struct ExactAmount: Hashable, Sendable {
    enum Flaw: Error { case notANumber, mayBeThousand, tooFine, tooLarge }

    /// No currency has more decimals; some reports split a cent of fees into finer parts.
    static let decimals = 6
    private static let scale: Int64 = 1_000_000
    private static let limit = Money.limit * scale

    var millionths: Int64
    static let zero = ExactAmount(millionths: 0)

    var isZero: Bool { millionths == 0 }
    static prefix func - (amount: Self) -> Self { Self(millionths: -amount.millionths) }

    /// The sum, if it is an amount still.
    func adding(_ other: Self) throws(Flaw) -> Self {
        let (sum, overflow) = millionths.addingReportingOverflow(other.millionths)
        guard !overflow, abs(sum) <= Self.limit else { throw .tooLarge }
        return Self(millionths: sum)
    }

    func money(_ currency: Currency) throws(Flaw) -> Money {
        let unit = Self.powers[Self.decimals - currency.decimals]
        guard millionths % unit == 0 else { throw .tooFine }
        let minorUnits = millionths / unit
        guard abs(minorUnits) <= Money.limit else { throw .tooLarge }
        return Money(minorUnits: minorUnits, currency)
    }

    static let powers: [Int64] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
}

/// Reads amounts as a file writes them.
struct ExactAmountReader: Sendable {
    private let mark: UInt8
    /// 0 for none.
    private let group: UInt8
    /// Nobody said that there are no thousands.
    private let mayHaveThousands: Bool

    init(_ form: SettlementForm) {
        mark = form.decimalMark == .dot ? UInt8(ascii: ".") : UInt8(ascii: ",")
        group =
            switch form.thousands {
            case .none, .never: 0
            case .dot: UInt8(ascii: ".")
            case .comma: UInt8(ascii: ",")
            case .space: UInt8(ascii: " ")
            case .apostrophe: UInt8(ascii: "'")
            }
        mayHaveThousands = form.thousands != .never
    }

    /// What a right amount looks like, for people.
    var example: String {
        let group = group == 0 ? "" : String(UnicodeScalar(group))
        return "1\(group)234\(String(UnicodeScalar(mark)))50"
    }

    /// `nil` for an empty cell. The currency tells whether three decimals can be meant.
    func read(_ cell: String, _ currency: Currency) throws(ExactAmount.Flaw) -> ExactAmount? {
        var text = Array(cell.utf8)[...]
        if !text.allSatisfy({ $0 < 0x80 }) { text = Array(Self.plain(cell).utf8)[...] }
        text = text.drop { $0 == UInt8(ascii: " ") }
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        guard let first = text.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        if isNegative || first == UInt8(ascii: "+") { text.removeFirst() }
        let amount = try digits(text, mayBeThousand: mayHaveThousands && currency.decimals != 3)
        return isNegative ? -amount : amount
    }

    /// Digits, grouped in threes or not at all, and decimals after one mark.
    private func digits(
        _ text: ArraySlice<UInt8>, mayBeThousand: Bool
    ) throws(ExactAmount.Flaw) -> ExactAmount {
        var value: Int64 = 0
        var whole = 0
        var inGroup: Int?
        var decimals: Int?
        for byte in text {
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                if let count = decimals {
                    // Zeros past what is kept say nothing.
                    if count == ExactAmount.decimals, byte != UInt8(ascii: "0") { throw .tooFine }
                    if count < ExactAmount.decimals { (value, decimals) = (try next(value, byte), count + 1) }
                } else {
                    (value, whole, inGroup) = (try next(value, byte), whole + 1, inGroup.map { $0 + 1 })
                }
            } else if byte == mark, decimals == nil, whole > 0, inGroup ?? 3 == 3 {
                decimals = 0
            } else if byte == group, decimals == nil, inGroup.map({ $0 == 3 }) ?? (1...3).contains(whole) {
                inGroup = 0
            } else {
                throw .notANumber
            }
        }
        // `12.` has a mark and nothing after it; so has a number that was cut off.
        guard whole > 0, decimals != 0, inGroup ?? 3 == 3 else { throw .notANumber }
        // Under the other mark `1.000` is a thousand; `0.045` and `1000.000` are none under any.
        if mayBeThousand, decimals == 3, whole <= 3, inGroup == nil, text.first != UInt8(ascii: "0") {
            throw .mayBeThousand
        }
        let (scaled, overflow) = value.multipliedReportingOverflow(
            by: ExactAmount.powers[ExactAmount.decimals - (decimals ?? 0)])
        guard !overflow else { throw .tooLarge }
        return try ExactAmount.zero.adding(ExactAmount(millionths: scaled))
    }

    private func next(_ value: Int64, _ digit: UInt8) throws(ExactAmount.Flaw) -> Int64 {
        guard value < Int64.max / 10 else { throw .tooLarge }
        return value * 10 + Int64(digit - UInt8(ascii: "0"))
    }

    /// Spreadsheets write minus signs, spaces and apostrophes that are not on a keyboard.
    private static func plain(_ cell: String) -> String {
        String(
            String.UnicodeScalarView(
                cell.unicodeScalars.map { scalar in
                    switch scalar {
                    case "\u{A0}", "\u{2009}", "\u{202F}": " "
                    case "\u{2212}": "-"
                    case "\u{2019}": "'"
                    default: scalar
                    }
                }))
    }
}
