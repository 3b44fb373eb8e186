import Domain
import Engine

/// A store that hands everything on, so that a broken one only says what it breaks.
protocol ForwardingStore: Store {
    var base: any Store { get }
}

extension ForwardingStore {
    func start() async throws -> Epoch { try await base.start() }
    func heartbeat(gapLimit: Duration) async throws -> Epoch { try await base.heartbeat(gapLimit: gapLimit) }

    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        try await base.record(snapshots, trigger: trigger, force: force, moving: moving)
    }
    func markDue(_ keys: [EntityKey], trigger: Trigger) async throws {
        try await base.markDue(keys, trigger: trigger)
    }
    func markDue(integration: String, states: [SyncState], code: String?, trigger: Trigger) async throws -> Int {
        try await base.markDue(integration: integration, states: states, code: code, trigger: trigger)
    }
    func markInDoubt(_ keys: [EntityKey]) async throws { try await base.markInDoubt(keys) }

    func claim(_ request: ClaimRequest) async throws -> [Claim] { try await base.claim(request) }
    func acquire(_ name: String, worker: String, for duration: Duration) async throws -> Lease? {
        try await base.acquire(name, worker: worker, for: duration)
    }
    func extend(_ leases: [Lease], for duration: Duration) async throws -> [Lease] {
        try await base.extend(leases, for: duration)
    }
    func release(_ lease: Lease) async throws { try await base.release(lease) }
    func recordIntents(_ intents: [IntentRecord]) async throws -> [EntityKey: Intent] {
        try await base.recordIntents(intents)
    }
    func recordOutcomes(_ outcomes: [OutcomeRecord]) async throws -> Set<EntityKey> {
        try await base.recordOutcomes(outcomes)
    }
    func finish(_ runs: [Finish]) async throws { try await base.finish(runs) }
    func nextDue(integration: String) async throws -> Instant? { try await base.nextDue(integration: integration) }

    func adopt(_ settings: Settings, integration: String, by: String) async throws -> SettingsVersion {
        try await base.adopt(settings, integration: integration, by: by)
    }
    func settings(integration: String, version: Int) async throws -> SettingsVersion? {
        try await base.settings(integration: integration, version: version)
    }
    func decide(_ decision: Decision, about key: EntityKey) async throws { try await base.decide(decision, about: key) }
    func timeHistory(integration: String, type: RecordType) async throws -> TimeHistory? {
        try await base.timeHistory(integration: integration, type: type)
    }
    func moveTimeHistory(_ move: TimeHistory) async throws { try await base.moveTimeHistory(move) }
    func timeHistoryMoves(integration: String, type: RecordType) async throws -> [TimeHistory] {
        try await base.timeHistoryMoves(integration: integration, type: type)
    }

    func customer(_ reference: ExternalReference, integration: String) async throws -> Document? {
        try await base.customer(reference, integration: integration)
    }

    func entity(_ key: EntityKey) async throws -> Entity? { try await base.entity(key) }
    func entities(integration: String, matching identifier: String) async throws -> [Entity] {
        try await base.entities(integration: integration, matching: identifier)
    }
    func entities(integration: String, type: RecordType, states: [SyncState], limit: Int) async throws -> [Entity] {
        try await base.entities(integration: integration, type: .order, states: states, limit: limit)
    }
    func documents(of key: EntityKey) async throws -> [Document] { try await base.documents(of: key) }
    func decisions(about key: EntityKey) async throws -> [Decision] { try await base.decisions(about: key) }
    func tally(integration: String, type: RecordType) async throws -> [Tally] {
        try await base.tally(integration: integration, type: type)
    }
    func tasks(of key: EntityKey) async throws -> [SyncTask] { try await base.tasks(of: key) }
    func log(_ line: LogLine) async throws { try await base.log(line) }
    func logs(integration: String, matching identifier: String?, limit: Int) async throws -> [LogLine] {
        try await base.logs(integration: integration, matching: identifier, limit: limit)
    }
    func references(integration: String, matching identifier: String?, limit: Int) async throws -> [Reference] {
        try await base.references(integration: integration, matching: identifier, limit: limit)
    }
    func removeReference(_ reference: ExternalReference, integration: String, by: String) async throws {
        try await base.removeReference(reference, integration: integration, by: by)
    }
}
