/// The name of a connected shop, given once and for ever; not its title, not its address.
public struct ShopIdentity: Hashable, Sendable {
    public let name: String

    /// Lower-case letters, digits and dashes, 1 to 32 of them.
    public init?(_ name: String) {
        let allowed = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        guard allowed, (1...32).contains(name.utf8.count) else { return nil }
        self.name = name
    }
}

extension ShopIdentity: Codable, CustomStringConvertible {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let shop = ShopIdentity(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not 1 to 32 lower-case letters, digits and dashes")
        }
        self = shop
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    public var description: String { name }
}

/// What kind of record the ERP keeps for us.
public enum DocumentKind: String, Hashable, Sendable, Codable, CaseIterable {
    case customer, order, invoice, creditNote, payment, journalEntry, attachment
}

/// The key we write into an ERP document so that it can always be found again.
///
/// It is derived from the source alone, so a store that has forgotten everything still derives the same key.
/// There is at most one document for each.
public struct ExternalReference: Hashable, Sendable, Codable {
    public let shop: ShopIdentity
    /// The source record: `order-27`, `customer-5f2a…`.
    public let record: String
    public let kind: DocumentKind
    /// 1 for the first; later ones are made only after the earlier one was credited or undone.
    public let ordinal: Int

    public init(shop: ShopIdentity, record: String, kind: DocumentKind, ordinal: Int = 1) {
        self.shop = shop
        self.record = record
        self.kind = kind
        self.ordinal = ordinal
    }

    /// One text for systems that give us one field: `nordic-shop/order-27/invoice/1`.
    public var key: String { "\(shop.name)/\(record)/\(kind.rawValue)/\(ordinal)" }
}

extension ExternalReference: CustomStringConvertible {
    public var description: String { key }
}
