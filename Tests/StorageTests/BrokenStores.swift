import Domain
import Engine
import Synchronization

/// Takes whatever lease was given last for the one that is brought: no fencing.
final class UnfencedStore: ForwardingStore {
    let base: any Store
    private let newest = Mutex<[String: Lease]>([:])

    init(_ base: any Store) { self.base = base }

    func claim(_ request: ClaimRequest) async throws -> [Claim] {
        let claims = try await base.claim(request)
        newest.withLock { for claim in claims { $0[claim.lease.name] = claim.lease } }
        return claims
    }

    func recordOutcomes(_ outcomes: [OutcomeRecord]) async throws -> Set<EntityKey> {
        try await base.recordOutcomes(
            outcomes.map { outcome in
                OutcomeRecord(
                    key: outcome.key, lease: newest.withLock { $0[outcome.lease.name] } ?? outcome.lease,
                    taskID: outcome.taskID, reference: outcome.reference, kind: outcome.kind, result: outcome.result,
                    document: outcome.document, startedAt: outcome.startedAt, finishedAt: outcome.finishedAt,
                    message: outcome.message)
            })
    }
}

/// Takes every fetch for the newest.
struct LastWriterWinsStore: ForwardingStore {
    let base: any Store

    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        var newest: [Snapshot] = []
        for snapshot in snapshots {
            let stored = try await base.entity(snapshot.key)?.snapshot.fetchBegan ?? snapshot.fetchBegan
            newest.append(
                Snapshot(
                    key: snapshot.key, number: snapshot.number, payload: snapshot.payload, content: snapshot.content,
                    hash: snapshot.hash, createdAt: snapshot.createdAt, modifiedAt: snapshot.modifiedAt,
                    fetchBegan: max(stored, snapshot.fetchBegan)))
        }
        return try await base.record(newest, trigger: trigger, force: force, moving: moving)
    }
}

/// Drops a write when its caller is cancelled.
struct CancellableStore: ForwardingStore {
    let base: any Store

    func recordOutcomes(_ outcomes: [OutcomeRecord]) async throws -> Set<EntityKey> {
        try Task.checkCancellation()
        return try await base.recordOutcomes(outcomes)
    }
}

/// Has a flag where there should be a counter: what becomes due while it is worked on is forgotten.
struct DueFlagStore: ForwardingStore {
    let base: any Store

    func finish(_ runs: [Finish]) async throws {
        try await base.finish(runs)
        for run in runs where run.next == .rest {
            let again = try await base.claim(
                ClaimRequest(
                    integration: run.claim.entity.key.integration, lane: .general, worker: "w", limit: 1,
                    leaseFor: .seconds(1)))
            try await base.finish(
                again.map {
                    Finish(claim: $0, standing: run.standing, next: .rest, doubtResolved: false, at: run.at)
                })
        }
    }
}

/// Moves the time history in a transaction of its own.
struct TwoTransactionsStore: ForwardingStore {
    let base: any Store

    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        if let moving { try await base.moveTimeHistory(moving) }
        return try await base.record(snapshots, trigger: trigger, force: force, moving: nil)
    }
}

/// Forgets what was tried.
struct ForgetfulStore: ForwardingStore {
    let base: any Store

    func claim(_ request: ClaimRequest) async throws -> [Claim] {
        try await base.claim(request).map { claim in
            Claim(
                entity: claim.entity, lease: claim.lease, taskID: claim.taskID, attempts: claim.attempts,
                documents: claim.documents, openIntents: [], decisions: claim.decisions)
        }
    }
}

/// Reads first and leases later: two claimers get the same record.
final class ReadThenLeaseStore: ForwardingStore {
    let base: any Store
    private let last = Mutex<[Claim]>([])

    init(_ base: any Store) { self.base = base }

    func claim(_ request: ClaimRequest) async throws -> [Claim] {
        let claims = try await base.claim(request)
        return last.withLock { last in
            defer { last = claims }
            return claims.isEmpty ? [] : claims + last.prefix(1)
        }
    }
}
