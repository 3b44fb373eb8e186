/// What a person decided about a record. Decisions are kept and shown; the newest of a kind counts.
public struct Decision: Hashable, Sendable, Codable {
    public enum Kind: Hashable, Sendable, Codable {
        /// The ERP already has it under this number, made by a person.
        case bookedByHand(number: String)
        case excluded
        /// The books follow the order as it was when this was decided, though its invoice is booked: by a credit note and a new
        /// invoice.
        case correct(OrderChange)
        /// The booked invoice stays as it is, though the order was changed to this.
        case keep(OrderChange)
        /// What was made of the order is taken back: unbooked documents are withdrawn, a booked invoice is credited.
        case undone
        /// Takes back an earlier decision that the order is not to be synced.
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

/// A change of an order after its invoice was booked, as the person saw it who decided about it.
public struct OrderChange: Hashable, Sendable, Codable {
    public var facts: OrderFacts
    /// Of the booked invoice.
    public var ordinal: Int

    public init(facts: OrderFacts, ordinal: Int) {
        self.facts = facts
        self.ordinal = ordinal
    }
}
