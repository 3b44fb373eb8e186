public import Domain

/// One run of one entity through a flow.
public struct SyncTask: Hashable, Sendable {
    public let id: Int64
    public let key: EntityKey
    public let number: String
    public let trigger: Trigger
    public let standing: Standing
    public let createdAt: Instant
    public let finishedAt: Instant?
    public let steps: [StepRecord]

    public init(
        id: Int64, key: EntityKey, number: String, trigger: Trigger, standing: Standing, createdAt: Instant,
        finishedAt: Instant?, steps: [StepRecord]
    ) {
        self.id = id
        self.key = key
        self.number = number
        self.trigger = trigger
        self.standing = standing
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.steps = steps
    }
}

/// One step of a task: what was tried and what it came to.
public struct StepRecord: Hashable, Sendable {
    public let kind: Step.Kind?
    public let reference: ExternalReference
    public let result: OutcomeRecord.Result
    public let startedAt: Instant
    public let finishedAt: Instant
    public let message: String

    public init(
        kind: Step.Kind?, reference: ExternalReference, result: OutcomeRecord.Result, startedAt: Instant,
        finishedAt: Instant, message: String
    ) {
        self.kind = kind
        self.reference = reference
        self.result = result
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.message = message
    }
}

/// One line of what happened.
public struct LogLine: Hashable, Sendable {
    public enum Level: String, Hashable, Sendable, Codable { case info, warning, error }

    public let at: Instant
    public let level: Level
    public let integration: String
    public let key: EntityKey?
    public let taskID: Int64?
    public let reference: ExternalReference?
    public let code: String?
    public let text: String

    public init(
        at: Instant, level: Level, integration: String, key: EntityKey? = nil, taskID: Int64? = nil,
        reference: ExternalReference? = nil, code: String? = nil, text: String
    ) {
        self.at = at
        self.level = level
        self.integration = integration
        self.key = key
        self.taskID = taskID
        self.reference = reference
        self.code = code
        self.text = text
    }
}

/// The link between a source record and an ERP document.
public struct Reference: Hashable, Sendable {
    public let key: EntityKey
    public let number: String
    public let document: Document

    public init(key: EntityKey, number: String, document: Document) {
        self.key = key
        self.number = number
        self.document = document
    }
}

/// The "last loaded" point of a flow, and every move of it.
public struct TimeHistory: Hashable, Sendable {
    public let integration: String
    public let type: RecordType
    public let loadedThrough: Instant
    public let movedAt: Instant
    /// `system`, or the person who moved it.
    public let movedBy: String
    public let reason: String
    /// For a move that a pick-up makes by itself: the last move it knew of when it began. A person's later move stands.
    public let knowing: Instant?

    public init(
        integration: String, type: RecordType, loadedThrough: Instant, movedAt: Instant, movedBy: String,
        reason: String, knowing: Instant? = nil
    ) {
        self.knowing = knowing
        self.integration = integration
        self.type = type
        self.loadedThrough = loadedThrough
        self.movedAt = movedAt
        self.movedBy = movedBy
        self.reason = reason
    }
}

/// Settings as they were from a moment on.
public struct SettingsVersion: Hashable, Sendable {
    public let version: Int
    public let settings: Settings
    public let at: Instant
    public let by: String

    public init(version: Int, settings: Settings, at: Instant, by: String) {
        self.version = version
        self.settings = settings
        self.at = at
        self.by = by
    }
}

/// How many entities stand where.
public struct Tally: Hashable, Sendable {
    public let state: SyncState
    public let code: String?
    public let count: Int

    public init(state: SyncState, code: String?, count: Int) {
        self.state = state
        self.code = code
        self.count = count
    }
}
