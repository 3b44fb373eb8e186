import Domain
import Engine

/// A value as databases keep it. Times are whole milliseconds, documents are JSON as bytes.
enum SQLValue: Hashable, Sendable {
    case null
    case int(Int64)
    case text(String)
    case blob([UInt8])

    static func int(_ number: Int) -> Self { .int(Int64(number)) }
    static func flag(_ flag: Bool) -> Self { .int(flag ? 1 : 0) }
    static func time(_ instant: Instant) -> Self { .int(instant.milliseconds) }
    static func time(_ instant: Instant?) -> Self { instant.map { .int($0.milliseconds) } ?? .null }
    static func text(_ text: String?) -> Self { text.map { .text($0) } ?? .null }
    static func blob(_ bytes: [UInt8]?) -> Self { bytes.map { .blob($0) } ?? .null }
    static func word(_ word: some RawRepresentable<String>) -> Self { .text(word.rawValue) }
    static func reference(_ reference: ExternalReference?) -> Self { text(reference?.key) }
}

/// An answered row, read column by column in the order in which they were selected.
struct SQLRow: Sendable {
    private let values: [SQLValue]
    private var position = 0

    init(_ values: [SQLValue]) { self.values = values }

    mutating func int64() throws -> Int64 {
        if case .int(let number) = try next() { return number }
        throw unexpected("a number")
    }

    mutating func optionalInt64() throws -> Int64? { try isNull() ? nil : int64() }
    mutating func int() throws -> Int { Int(try int64()) }
    mutating func flag() throws -> Bool { try int64() != 0 }
    mutating func time() throws -> Instant { Instant(milliseconds: try int64()) }
    mutating func optionalTime() throws -> Instant? { try isNull() ? nil : time() }

    mutating func text() throws -> String {
        if case .text(let text) = try next() { return text }
        throw unexpected("text")
    }

    mutating func optionalText() throws -> String? { try isNull() ? nil : text() }

    mutating func bytes() throws -> [UInt8] {
        if case .blob(let bytes) = try next() { return bytes }
        throw unexpected("bytes")
    }

    mutating func optionalBytes() throws -> [UInt8]? { try isNull() ? nil : bytes() }

    mutating func word<Word: RawRepresentable<String>>(_ type: Word.Type = Word.self) throws -> Word {
        let text = try text()
        guard let word = Word(rawValue: text) else { throw unexpected("a known \(type), not \"\(text)\"") }
        return word
    }

    mutating func optionalWord<Word: RawRepresentable<String>>(_ type: Word.Type = Word.self) throws -> Word? {
        try isNull() ? nil : word(type)
    }

    mutating func key() throws -> EntityKey {
        EntityKey(integration: try text(), type: try word(), id: try text())
    }

    mutating func reference() throws -> ExternalReference {
        let text = try text()
        guard let reference = ExternalReference(key: text) else { throw unexpected("a reference, not \"\(text)\"") }
        return reference
    }

    mutating func optionalReference() throws -> ExternalReference? { try isNull() ? nil : reference() }

    /// Answers whether the next column is null, and if so passes over it.
    private mutating func isNull() throws -> Bool {
        guard position < values.count else { throw unexpected("a column") }
        guard case .null = values[position] else { return false }
        position += 1
        return true
    }

    private mutating func next() throws -> SQLValue {
        guard position < values.count else { throw unexpected("a column") }
        position += 1
        return values[position - 1]
    }

    private func unexpected(_ wanted: String) -> StoreError {
        StoreError(.unavailable, "stored data is damaged: column \(position) should hold \(wanted)")
    }
}

extension ExternalReference {
    /// Reads what `key` writes. Only the record may hold slashes.
    init?(key: String) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 4, let shop = ShopIdentity(String(parts[0])),
            let kind = DocumentKind(rawValue: String(parts[parts.count - 2])), let ordinal = Int(parts[parts.count - 1])
        else { return nil }
        self.init(shop: shop, record: parts[1..<(parts.count - 2)].joined(separator: "/"), kind: kind, ordinal: ordinal)
    }
}
