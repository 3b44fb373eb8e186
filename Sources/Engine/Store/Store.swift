public import Domain

/// The durable memory of an OrderSync server.
///
/// Every method is one whole fact in one transaction, safe beside other workers and processes: it relies on
/// constraints and versioned updates, never on reading first and writing later. Once called, a write is carried through
/// even if the calling task is cancelled. All times come from the caller's clock or the clock the store was made with.
public protocol Store: PayoutStore {
    // MARK: Life

    /// Brings the schema up to date, voids leases of processes that no longer live, and opens a new epoch.
    func start() async throws -> Epoch
    /// Says that this store still lives. A gap longer than `gapLimit` since the last beat opens a new epoch.
    func heartbeat(gapLimit: Duration) async throws -> Epoch

    // MARK: Intake

    /// Stores snapshots that are newer (by the begin of their fetch) than what is there, makes changed ones due, and moves the
    /// time history, all or nothing. Unchanged ones keep their standing; with `force` they become due as well.
    /// Answers the keys that became due.
    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey]
    func markDue(_ keys: [EntityKey], trigger: Trigger) async throws
    /// Makes every entity due whose standing is one of `states` and, if given, has the code. Answers how many.
    func markDue(integration: String, states: [SyncState], code: String?, trigger: Trigger) async throws -> Int
    /// What is known of the ERP for these records may be wrong: it is looked up before anything is done with them.
    func markInDoubt(_ keys: [EntityKey]) async throws

    // MARK: Work

    /// Leases due entities nobody holds, oldest due first (booking lane: by day, then oldest), and opens a task for each.
    func claim(_ request: ClaimRequest) async throws -> [Claim]
    /// Leases anything by name, if nobody holds it.
    func acquire(_ name: String, worker: String, for duration: Duration) async throws -> Lease?
    /// Prolongs leases; answers those still held.
    func extend(_ leases: [Lease], for duration: Duration) async throws -> [Lease]
    func release(_ lease: Lease) async throws
    /// Commits intents before a call. Entities whose lease is no longer held get none and are left out of the answer.
    func recordIntents(_ intents: [IntentRecord]) async throws -> [EntityKey: Intent]
    /// Commits outcomes with their documents, references, steps and log lines and closes the intents. Answers the keys of
    /// entities whose lease is no longer held, for which nothing was committed.
    func recordOutcomes(_ outcomes: [OutcomeRecord]) async throws -> Set<EntityKey>
    /// Ends runs and gives leases back. A lease that is no longer held is skipped: its new holder will finish.
    func finish(_ runs: [Finish]) async throws
    /// When the next entity of a lane becomes claimable, if that is later than now and nothing else wakes us.
    func nextDue(integration: String) async throws -> Instant?

    // MARK: Settings, decisions, time history

    /// Stores the settings as a new version if they differ from the current one; answers the current version.
    func adopt(_ settings: Settings, integration: String, by: String) async throws -> SettingsVersion
    func settings(integration: String, version: Int) async throws -> SettingsVersion?
    /// Keeps the decision and makes the record due.
    func decide(_ decision: Decision, about key: EntityKey) async throws
    func timeHistory(integration: String, type: RecordType) async throws -> TimeHistory?
    func moveTimeHistory(_ move: TimeHistory) async throws
    func timeHistoryMoves(integration: String, type: RecordType) async throws -> [TimeHistory]

    // MARK: Customers

    /// The customer document of a reference, shared by all orders of the integration's shop.
    func customer(_ reference: ExternalReference, integration: String) async throws -> Document?

    // MARK: Reading

    func entity(_ key: EntityKey) async throws -> Entity?
    /// Entities by shop number, shop id, ERP number, or ERP id.
    func entities(integration: String, matching identifier: String) async throws -> [Entity]
    func entities(integration: String, type: RecordType, states: [SyncState], limit: Int) async throws -> [Entity]
    func documents(of key: EntityKey) async throws -> [Document]
    func decisions(about key: EntityKey) async throws -> [Decision]
    func tally(integration: String, type: RecordType) async throws -> [Tally]
    func tasks(of key: EntityKey) async throws -> [SyncTask]
    func log(_ line: LogLine) async throws
    func logs(integration: String, matching identifier: String?, limit: Int) async throws -> [LogLine]
    func references(integration: String, matching identifier: String?, limit: Int) async throws -> [Reference]
    /// Removes the link, keeps the document's facts, and puts the record in doubt so that it is looked up before
    /// anything is made.
    func removeReference(_ reference: ExternalReference, integration: String, by: String) async throws
}

/// Why the store could not do what it was asked.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable {
        /// The database cannot be opened, read or written.
        case unavailable
        /// It was written by a newer version of OrderSync.
        case newerSchema
        /// What was asked breaks a constraint, such as one ERP document tied to two source records.
        case conflict
    }

    public let kind: Kind
    public let detail: String

    public init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    public var description: String { "\(kind.rawValue): \(detail)" }
}
