/// Walks over the bytes of a text.
struct TextCursor {
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }
    var isAtEnd: Bool { place == bytes.count }
    var isAtSpace: Bool { next == UInt8(ascii: " ") }

    mutating func skipSpaces() { while isAtSpace { place += 1 } }

    mutating func skip(_ mark: Unicode.Scalar) -> Bool { skip(UInt8(ascii: mark)) }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    /// What stands between the parts of a date.
    mutating func skipDateMark() -> UInt8? {
        guard let byte = next,
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
        else { return nil }
        place += 1
        return byte
    }

    /// A word of ASCII letters, whatever their case.
    mutating func skip(word: String) -> Bool {
        let found = bytes[place...].prefix(word.utf8.count)
        guard found.elementsEqual(word.utf8, by: { $0 & 0xDF == $1 & 0xDF }) else { return false }
        place += found.count
        return true
    }

    mutating func number(_ digits: ClosedRange<Int>) -> Int? { numberAndDigits(digits)?.number }

    mutating func numberAndDigits(_ digits: ClosedRange<Int>) -> (number: Int, digits: Int)? {
        var number = 0
        var count = 0
        while count < digits.upperBound, let byte = next, byte >= UInt8(ascii: "0"),
            byte <= UInt8(ascii: "9")
        {
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            count += 1
            place += 1
        }
        return digits.contains(count) ? (number, count) : nil
    }

    /// The offset from UTC in seconds that stands here, as `Z`, `UTC`, `GMT+2`, `+0200`, `+02:00` or `+02`. Where none stands,
    /// `seconds` stays as it is; false for a bad one.
    mutating func readOffset(_ seconds: inout Int?) -> Bool {
        if skip(word: "UTC") || skip(word: "GMT") || skip(word: "Z") { seconds = 0 }
        let isNegative = skip("-")
        guard isNegative || skip("+") else { return true }
        guard let (number, digits) = numberAndDigits(1...4), digits != 3 else { return false }
        var (hours, minutes) = digits == 4 ? (number / 100, number % 100) : (number, 0)
        if digits < 4, skip(":") {
            guard let more = self.number(2...2) else { return false }
            minutes = more
        }
        guard (0...14).contains(hours), (0...59).contains(minutes) else { return false }
        hours = hours * 3600 + minutes * 60
        seconds = isNegative ? -hours : hours
        return true
    }
}
