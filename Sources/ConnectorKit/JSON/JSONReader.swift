public import Domain
import Foundation

/// Reads JSON bytes into a `JSONValue`, strictly and digit for digit.
///
/// It stands in for a library decoder because a problem must name the field it was found in, half a character pair must
/// be told from other damage, and no number may pass through binary floating point. Numbers that `Decimal` cannot hold
/// digit for digit are kept as text.
public struct JSONReader {
    private var scanner: JSONCursor
    private var path: [String] = []

    private init(_ bytes: [UInt8]) { scanner = JSONCursor(bytes) }

    /// - Throws: `RECORD_UNREADABLE` for text that is not JSON or nests deeper than `JSONElements.depthLimit`;
    ///   `TEXT_INVALID`, naming the field, for NUL, half a character pair or bytes that are not UTF-8.
    public static func decode(_ bytes: [UInt8]) throws(Problem) -> JSONValue {
        var reader = JSONReader(bytes)
        reader.scanner.skipByteOrderMark()
        let value = try reader.value(depth: 0)
        reader.scanner.skipSpace()
        guard reader.scanner.next == nil else { throw reader.unreadable("something follows its end") }
        return value
    }

    private mutating func value(depth: Int) throws(Problem) -> JSONValue {
        guard depth <= JSONElements.depthLimit else { throw unreadable("it nests too deep") }
        scanner.skipSpace()
        switch scanner.next {
        case JSONByte.quote: return .string(try string())
        case JSONByte.openBrace: return try object(depth: depth)
        case JSONByte.openBracket: return try array(depth: depth)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(Problem) -> JSONValue {
        var members: [String: JSONValue] = [:]
        scanner.advance()
        scanner.skipSpace()
        if scanner.take(JSONByte.closeBrace) { return .object(members) }
        while true {
            scanner.skipSpace()
            guard scanner.next == JSONByte.quote else { throw unreadable("a member has no name") }
            path.append("(a name)")
            let name = try string()
            path[path.count - 1] = Self.shown(name)
            scanner.skipSpace()
            guard scanner.take(JSONByte.colon) else { throw unreadable("a colon is missing") }
            members[name] = try value(depth: depth + 1)
            path.removeLast()
            scanner.skipSpace()
            if scanner.take(JSONByte.comma) { continue }
            guard scanner.take(JSONByte.closeBrace) else { throw unreadable("a comma or brace is missing") }
            return .object(members)
        }
    }

    private mutating func array(depth: Int) throws(Problem) -> JSONValue {
        var elements: [JSONValue] = []
        scanner.advance()
        scanner.skipSpace()
        if scanner.take(JSONByte.closeBracket) { return .array(elements) }
        while true {
            path.append(String(elements.count))
            elements.append(try value(depth: depth + 1))
            path.removeLast()
            scanner.skipSpace()
            if scanner.take(JSONByte.comma) { continue }
            guard scanner.take(JSONByte.closeBracket) else { throw unreadable("a comma or bracket is missing") }
            return .array(elements)
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(Problem) -> JSONValue {
        guard scanner.take(word) else { throw unreadable("a value is not JSON") }
        return value
    }

    private mutating func number() throws(Problem) -> JSONValue {
        guard let text = scanner.takeNumber() else { throw unreadable("a value is missing or not JSON") }
        return Self.number(text).map { .number($0) } ?? .string(text)
    }

    /// A number in JSON's grammar, exact; `nil` for any other text and for one that cannot be held digit for digit.
    public static func number(_ text: String) -> ExactDecimal? {
        if let number = ExactDecimal(text) { return number }
        // Longer than any quantity or rate: prices that went through the shop's own binary floats. Nobody counts with them.
        var cursor = JSONCursor(Array(text.utf8))
        let digits = text.prefix { $0 != "e" && $0 != "E" }.filter(\.isWholeNumber)
        guard cursor.takeNumber() != nil, cursor.next == nil, digits.count <= 38,
            let number = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")), number.isFinite
        else { return nil }
        return ExactDecimal(number)
    }

    private mutating func string() throws(Problem) -> String {
        switch scanner.takeString() {
        case .success(let text): return text
        case .failure(.notJSON): throw unreadable("a text is cut or has a wrong escape")
        case .failure(let damage): throw Problem(.textInvalid, "\(place) holds \(damage.rawValue)")
        }
    }

    private func unreadable(_ reason: String) -> Problem {
        Problem(.recordUnreadable, "at byte \(scanner.position), in \(place): \(reason)")
    }

    private var place: String { path.isEmpty ? "the record" : path.joined(separator: ".") }

    /// Names come from the shop: only plain short ones are shown.
    private static func shown(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { JSONByte.isDigit($0) || $0 == 0x5F || $0 == 0x2D || isLetter($0) }
        return isPlain && name.utf8.count <= 60 ? name : "(a name)"
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
