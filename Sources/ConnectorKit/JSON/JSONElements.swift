/// Splits the text of a JSON array of objects into the byte ranges of its elements, without decoding anything.
///
/// One damaged element must not take its page with it. So strings are only skipped, not read, and what stands between
/// brackets may be anything as long as brackets and quotes balance.
public struct JSONElements: Hashable, Sendable {
    public struct Element: Hashable, Sendable {
        /// In the bytes that were split.
        public let range: Range<Int>
        /// Brackets are nested deeper than any order's: `JSONReader` will refuse it.
        public let isTooDeep: Bool
    }

    /// Why a text cannot be split.
    public enum Failure: Error, Hashable, Sendable {
        /// It does not begin as an array: an HTML page, an error object, nothing.
        case notAnArray
        /// It begins as an array and then quotes or brackets do not balance, or it is cut.
        case unbalanced(at: Int)
        case tooManyElements
    }

    public static let depthLimit = 64

    /// The elements in order; commas between them and white space are not part of any.
    public static func split(_ bytes: [UInt8], atMost limit: Int = 10_000) throws(Failure) -> [Element] {
        var scanner = JSONScanner(bytes[...])
        scanner.skipByteOrderMark()
        scanner.skipSpace()
        guard scanner.take(JSONByte.openBracket) else { throw .notAnArray }
        var elements: [Element] = []
        scanner.skipSpace()
        if scanner.take(JSONByte.closeBracket) { return elements }
        while true {
            scanner.skipSpace()
            let start = scanner.position
            guard let depth = scanner.skipValue(), scanner.position > start else {
                throw .unbalanced(at: scanner.position)
            }
            elements.append(Element(range: start..<scanner.position, isTooDeep: depth > depthLimit))
            guard elements.count <= limit else { throw .tooManyElements }
            scanner.skipSpace()
            if scanner.take(JSONByte.comma) { continue }
            if scanner.take(JSONByte.closeBracket) { return elements }
            throw .unbalanced(at: scanner.position)
        }
    }

    /// The texts of top-level members of an object, read leniently even when what follows them is damaged: digits of a whole
    /// number, or a string without escapes. What is not found or is anything else is left out.
    public static func texts(of keys: Set<String>, in bytes: ArraySlice<UInt8>) -> [String: String] {
        var scanner = JSONScanner(bytes)
        var texts: [String: String] = [:]
        while texts.count < keys.count, scanner.nextMember() {
            guard keys.contains(scanner.memberName) else {
                guard scanner.skipValue() != nil else { break }
                continue
            }
            texts[scanner.memberName] = scanner.takePlainString() ?? scanner.takeWholeNumber()
            if texts[scanner.memberName] == nil, scanner.skipValue() == nil { break }
        }
        return texts
    }

    /// One such text.
    public static func text(of key: String, in bytes: ArraySlice<UInt8>) -> String? { texts(of: [key], in: bytes)[key] }

    /// The top-level members of an object with the ranges of their values, in order, up to the first damage.
    public static func members(of bytes: [UInt8]) -> [(name: String, range: Range<Int>)] {
        var scanner = JSONScanner(bytes[...])
        var members: [(name: String, range: Range<Int>)] = []
        while scanner.nextMember() {
            let start = scanner.position
            guard scanner.skipValue() != nil else { break }
            members.append((scanner.memberName, start..<scanner.position))
        }
        return members
    }
}

enum JSONByte {
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let minus = UInt8(ascii: "-")

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

/// Walks over JSON bytes and knows only brackets, quotes and what separates.
struct JSONScanner {
    let bytes: ArraySlice<UInt8>
    private(set) var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Of the member that `nextMember` found.
    private(set) var memberName = ""
    private var isInside = false

    var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    /// Goes to the value of the object's next member; false at the object's end and at damage.
    mutating func nextMember() -> Bool {
        skipSpace()
        guard take(isInside ? JSONByte.comma : JSONByte.openBrace) else { return false }
        isInside = true
        skipSpace()
        guard let name = takePlainString() else { return false }
        skipSpace()
        guard take(JSONByte.colon) else { return false }
        skipSpace()
        memberName = name
        return true
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while let byte = next, JSONByte.isSpace(byte) { position += 1 }
    }

    /// Some PHP files begin with one, and then every answer does.
    mutating func skipByteOrderMark() {
        if bytes[position...].starts(with: [0xEF, 0xBB, 0xBF]) { position += 3 }
    }

    /// Skips to the end of one value and answers how deep it nests; `nil` when brackets or quotes do not balance.
    mutating func skipValue() -> Int? {
        var open: [UInt8] = []
        var deepest = 0
        while let byte = next {
            switch byte {
            case JSONByte.quote:
                guard skipString() else { return nil }
                if open.isEmpty { return deepest }
                continue
            case JSONByte.openBracket, JSONByte.openBrace:
                // Both closing brackets are two code points after their opening ones.
                open.append(byte + 2)
                deepest = max(deepest, open.count)
            case JSONByte.closeBracket, JSONByte.closeBrace:
                if open.isEmpty { return deepest }
                guard open.removeLast() == byte else { return nil }
                if open.isEmpty {
                    position += 1
                    return deepest
                }
            case JSONByte.comma where open.isEmpty:
                return deepest
            default:
                break
            }
            position += 1
        }
        return open.isEmpty ? deepest : nil
    }

    /// Skips a string whose opening quote is next.
    private mutating func skipString() -> Bool {
        position += 1
        while let byte = next {
            position += byte == JSONByte.backslash ? 2 : 1
            if byte == JSONByte.quote { return true }
        }
        return false
    }

    /// The text of a string without escapes.
    mutating func takePlainString() -> String? {
        guard next == JSONByte.quote else { return nil }
        let start = position + 1
        guard skipString() else { return nil }
        let text = bytes[start..<(position - 1)]
        return text.contains(JSONByte.backslash) ? nil : String(validating: text, as: UTF8.self)
    }

    mutating func takeWholeNumber() -> String? {
        let start = position
        _ = take(JSONByte.minus)
        let digits = position
        while let byte = next, JSONByte.isDigit(byte) { position += 1 }
        guard position > digits else { return nil }
        if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) { return nil }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
