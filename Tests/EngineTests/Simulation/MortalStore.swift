import Domain
import Engine

/// A store seen from a process that may die before or after any commit.
struct MortalStore: Store {
    let store: any Store
    let crash: CrashPoint

    func commit<Result>(_ label: String, _ body: () async throws -> Result) async throws -> Result {
        try crash.pass("before \(label)")
        let result = try await body()
        try crash.pass("after \(label)")
        return result
    }

    // MARK: Commits

    func start() async throws -> Epoch { try await store.start() }
    func heartbeat(gapLimit: Duration) async throws -> Epoch { try await store.heartbeat(gapLimit: gapLimit) }

    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        try await commit("record") {
            try await store.record(snapshots, trigger: trigger, force: force, moving: moving)
        }
    }

    func claim(_ request: ClaimRequest) async throws -> [Claim] {
        try await commit("claim \(request.lane.rawValue)") { try await store.claim(request) }
    }

    func acquire(_ name: String, worker: String, for duration: Duration) async throws -> Lease? {
        try await commit("acquire") { try await store.acquire(name, worker: worker, for: duration) }
    }

    func recordIntents(_ intents: [IntentRecord]) async throws -> [EntityKey: Intent] {
        try await commit("recordIntents") { try await store.recordIntents(intents) }
    }

    func recordOutcomes(_ outcomes: [OutcomeRecord]) async throws -> Set<EntityKey> {
        try await commit("recordOutcomes") { try await store.recordOutcomes(outcomes) }
    }

    func finish(_ runs: [Finish]) async throws { try await commit("finish") { try await store.finish(runs) } }

    func release(_ lease: Lease) async throws { try await commit("release") { try await store.release(lease) } }

    func extend(_ leases: [Lease], for duration: Duration) async throws -> [Lease] {
        try await store.extend(leases, for: duration)
    }

    func markDue(_ keys: [EntityKey], trigger: Trigger) async throws {
        try await store.markDue(keys, trigger: trigger)
    }

    func markDue(integration: String, states: [SyncState], code: String?, trigger: Trigger) async throws -> Int {
        try await store.markDue(integration: integration, states: states, code: code, trigger: trigger)
    }

    func markInDoubt(_ keys: [EntityKey]) async throws { try await store.markInDoubt(keys) }

    // MARK: The rest

    func nextDue(integration: String) async throws -> Instant? { try await store.nextDue(integration: integration) }

    func adopt(_ settings: Settings, integration: String, by: String) async throws -> SettingsVersion {
        try await store.adopt(settings, integration: integration, by: by)
    }

    func settings(integration: String, version: Int) async throws -> SettingsVersion? {
        try await store.settings(integration: integration, version: version)
    }

    func decide(_ decision: Decision, about key: EntityKey) async throws {
        try await store.decide(decision, about: key)
    }

    func timeHistory(integration: String, type: RecordType) async throws -> TimeHistory? {
        try await store.timeHistory(integration: integration, type: type)
    }

    func moveTimeHistory(_ move: TimeHistory) async throws { try await store.moveTimeHistory(move) }

    func timeHistoryMoves(integration: String, type: RecordType) async throws -> [TimeHistory] {
        try await store.timeHistoryMoves(integration: integration, type: type)
    }

    func customer(_ reference: ExternalReference, integration: String) async throws -> Document? {
        try await store.customer(reference, integration: integration)
    }

    func entity(_ key: EntityKey) async throws -> Entity? { try await store.entity(key) }

    func entities(integration: String, matching identifier: String) async throws -> [Entity] {
        try await store.entities(integration: integration, matching: identifier)
    }

    func entities(integration: String, type: RecordType, states: [SyncState], limit: Int) async throws -> [Entity] {
        try await store.entities(integration: integration, type: .order, states: states, limit: limit)
    }

    func documents(of key: EntityKey) async throws -> [Document] { try await store.documents(of: key) }
    func decisions(about key: EntityKey) async throws -> [Decision] { try await store.decisions(about: key) }
    func tally(integration: String, type: RecordType) async throws -> [Tally] {
        try await store.tally(integration: integration, type: type)
    }
    func tasks(of key: EntityKey) async throws -> [SyncTask] { try await store.tasks(of: key) }
    func log(_ line: LogLine) async throws { try await store.log(line) }

    func logs(integration: String, matching identifier: String?, limit: Int) async throws -> [LogLine] {
        try await store.logs(integration: integration, matching: identifier, limit: limit)
    }

    func references(integration: String, matching identifier: String?, limit: Int) async throws -> [Reference] {
        try await store.references(integration: integration, matching: identifier, limit: limit)
    }

    func removeReference(_ reference: ExternalReference, integration: String, by: String) async throws {
        try await store.removeReference(reference, integration: integration, by: by)
    }
}
