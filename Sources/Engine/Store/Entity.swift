public import Domain

/// What kind of source record an entity is.
public enum RecordType: String, Hashable, Sendable, Codable, CaseIterable {
    case order, payout
}

/// One source record of one integration.
public struct EntityKey: Hashable, Sendable, Codable {
    public let integration: String
    public let type: RecordType
    /// The platform's id.
    public let id: String

    public init(integration: String, type: RecordType, id: String) {
        self.integration = integration
        self.type = type
        self.id = id
    }
}

extension EntityKey: CustomStringConvertible {
    public var description: String { "\(integration)/\(type.rawValue)-\(id)" }
}

/// A source record as fetched, with its canonical form or the reason why it has none.
public struct Snapshot: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case order(Order)
        case payout(Payout)
        /// The payload is kept, and this is what stops it.
        case unreadable(Problem)
    }

    public let key: EntityKey
    /// What people call it; empty when the payload could not be read.
    public let number: String
    /// The platform's bytes, as they came.
    public let payload: [UInt8]
    public let content: Content
    /// Of the payload; equal hashes mean that nothing changed.
    public let hash: String
    /// By the platform's clock; when unreadable, when the fetch began.
    public let createdAt: Instant
    public let modifiedAt: Instant
    /// By our clock. A snapshot whose fetch began earlier never replaces one whose fetch began later.
    public let fetchBegan: Instant

    public init(
        key: EntityKey, number: String, payload: [UInt8], content: Content, hash: String, createdAt: Instant,
        modifiedAt: Instant, fetchBegan: Instant
    ) {
        self.key = key
        self.number = number
        self.payload = payload
        self.content = content
        self.hash = hash
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
        self.fetchBegan = fetchBegan
    }
}

/// Where a record stands, as people are told.
public enum SyncState: String, Hashable, Sendable, Codable, CaseIterable {
    case queued, running, retrying, waiting, completed, excluded, stopped
}

/// A state with its reason: the one sentence that answers "where is my order?".
public struct Standing: Hashable, Sendable, Codable {
    public var state: SyncState
    /// A problem code when stopped or retrying, a rule when excluded; `nil` otherwise.
    public var code: String?
    /// What happened or what is waited for.
    public var reason: String

    public init(_ state: SyncState, code: String? = nil, reason: String = "") {
        self.state = state
        self.code = code
        self.reason = reason
    }
}

/// The newest stored snapshot of a source record with its standing.
public struct Entity: Hashable, Sendable {
    public let snapshot: Snapshot
    public let standing: Standing
    /// How often the record became due and how much of that has been worked off; equal when nothing is to do.
    public let due: Int
    public let worked: Int
    /// Set by people and by us when what we know of the ERP cannot be trusted: look there before acting.
    public let inDoubt: Bool
    public let firstSeenAt: Instant

    public init(
        snapshot: Snapshot, standing: Standing, due: Int, worked: Int, inDoubt: Bool, firstSeenAt: Instant
    ) {
        self.snapshot = snapshot
        self.standing = standing
        self.due = due
        self.worked = worked
        self.inDoubt = inDoubt
        self.firstSeenAt = firstSeenAt
    }

    public var key: EntityKey { snapshot.key }
}

/// What made a record due.
public enum Trigger: String, Hashable, Sendable, Codable {
    case schedule, webhook, exportOne, exportMany, retry, reprocess, settingsChange, reread, payout, file
}
