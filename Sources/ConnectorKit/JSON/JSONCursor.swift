/// Takes JSON's words, numbers and strings from bytes, strictly.
struct JSONCursor {
    /// What can be wrong with a string.
    enum TextDamage: String, Error {
        case nul = "a NUL character"
        case halfPair = "half a character pair"
        case notUTF8 = "bytes that are not UTF-8"
        case notJSON = "no JSON text"
    }

    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func advance() { position += 1 }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func take(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    mutating func skipSpace() {
        while let byte = next, JSONByte.isSpace(byte) { position += 1 }
    }

    mutating func skipByteOrderMark() {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The text of a number in JSON's grammar: no leading zeros or plus sign, a digit on both sides of the point.
    mutating func takeNumber() -> String? {
        let start = position
        _ = take(JSONByte.minus)
        let isZero = next == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole > 0, !isZero || whole == 1 else { return nil }
        if take(UInt8(ascii: ".")) {
            guard skipDigits() > 0 else { return nil }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(JSONByte.minus) }
            guard skipDigits() > 0 else { return nil }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = next, JSONByte.isDigit(byte) { position += 1 }
        return position - start
    }

    /// The text of a string whose opening quote is next, escapes resolved.
    mutating func takeString() -> Result<String, TextDamage> {
        advance()
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case JSONByte.quote:
                advance()
                guard let valid = String(validating: text, as: UTF8.self) else { return .failure(.notUTF8) }
                return .success(valid)
            case JSONByte.backslash:
                advance()
                if let damage = takeEscape(into: &text) { return .failure(damage) }
            case 0x00:
                return .failure(.nul)
            case 0x01..<0x20:
                return .failure(.notJSON)
            default:
                text.append(byte)
                advance()
            }
        }
        return .failure(.notJSON)
    }

    private static let plainEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private mutating func takeEscape(into text: inout [UInt8]) -> TextDamage? {
        guard let kind = next else { return .notJSON }
        if let byte = Self.plainEscapes[kind] {
            advance()
            text.append(byte)
            return nil
        }
        guard let unit = takeCodeUnit() else { return .notJSON }
        switch unit {
        case 0:
            return .nul
        case 0xD800...0xDBFF:
            guard take(JSONByte.backslash) else { return .halfPair }
            guard let low = takeCodeUnit() else { return next == UInt8(ascii: "u") ? .notJSON : .halfPair }
            guard (0xDC00...0xDFFF).contains(low) else { return .halfPair }
            return append(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), to: &text)
        case 0xDC00...0xDFFF:
            return .halfPair
        default:
            return append(unit, to: &text)
        }
    }

    private func append(_ scalar: UInt32, to text: inout [UInt8]) -> TextDamage? {
        guard let scalar = Unicode.Scalar(scalar) else { return .halfPair }
        text.append(contentsOf: Character(scalar).utf8)
        return nil
    }

    /// `u` and four hexadecimal digits.
    private mutating func takeCodeUnit() -> UInt32? {
        guard next == UInt8(ascii: "u"), position + 4 < bytes.count else { return nil }
        let digits = bytes[(position + 1)...(position + 4)]
        guard digits.allSatisfy({ JSONByte.isDigit($0) || (0x61...0x66).contains($0 | 0x20) }),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        position += 5
        return unit
    }
}
