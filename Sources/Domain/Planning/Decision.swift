/// What a person decided about a record. Decisions are kept and shown; the newest of a kind counts.
public struct Decision: Hashable, Sendable, Codable {
    public enum Kind: Hashable, Sendable, Codable {
        /// The ERP already has it under this number, made by a person.
        case bookedByHand(number: String)
        case excluded
        /// Takes back an earlier decision.
        case withdrawn
    }

    public let kind: Kind
    public let by: String
    public let at: Instant
    public let reason: String

    public init(kind: Kind, by: String, at: Instant, reason: String) {
        self.kind = kind
        self.by = by
        self.at = at
        self.reason = reason
    }
}
