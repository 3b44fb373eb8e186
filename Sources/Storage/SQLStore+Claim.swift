public import Domain
public import Engine

extension SQLStore {
    public func claim(_ request: ClaimRequest) async throws -> [Claim] {
        let (now, process) = (self.now(), process)
        let claimed = try await driver.write { try $0.claim(request, process: process, now: now) }
        return try claimed.map { try $0.claim(memory) }
    }

    public func nextDue(integration: String) async throws -> Instant? {
        let now = self.now()
        return try await driver.read { session in
            var times: [Instant] = []
            for lane in [Lane.general, .booking, .payouts] {
                var row = try session.first(
                    """
                    SELECT MIN(not_before) FROM entities
                    WHERE integration = ? AND lane = ? AND due > worked AND not_before > ?
                    """, [.text(integration), .word(lane), .time(now)])
                if let time = try row?.optionalTime() { times.append(time) }
            }
            // A worker that dies without a word leaves its orders until their leases end.
            var row = try session.first(
                """
                SELECT MIN(l.held_until) FROM entities e
                JOIN leases l ON l.name = e.integration || '/' || e.type || '-' || e.id
                WHERE e.integration = ? AND e.state = 'running' AND l.held_until > ?
                """, [.text(integration), .time(now)])
            if let time = try row?.optionalTime() { times.append(time) }
            return times.min()
        }
    }
}

/// What a claim read, still as rows.
private struct ClaimedRows: Sendable {
    let entity: SQLRow
    let lease: Lease
    let taskID: Int64
    let attempts: Int
    let documents: [SQLRow]
    let intents: [SQLRow]
    let decisions: [SQLRow]
    let settlements: [Settlement]

    /// What this version cannot read stops its own record and not the others. Leaving a document out instead would
    /// make it a second time.
    func claim(_ memory: StoredMemory) throws -> Claim {
        let entity = try Entity(row: entity, memory)
        do {
            return Claim(
                entity: entity, lease: lease, taskID: taskID, attempts: attempts,
                documents: try documents.map { try Document($0, memory, of: entity.key) },
                openIntents: try intents.map(Intent.init),
                decisions: try decisions.map(Decision.init), settlements: settlements)
        } catch {
            let problem = Problem(.internalError, "\(error)")
            return Claim(
                entity: entity.unreadable(problem), lease: lease, taskID: taskID, attempts: attempts, documents: [],
                openIntents: [], decisions: [])
        }
    }
}

extension SQLSession {
    fileprivate func claim(_ request: ClaimRequest, process: String, now: Instant) throws -> [ClaimedRows] {
        var claimed: [ClaimedRows] = []
        for var candidate in try candidates(request, now: now) {
            let key = try candidate.key()
            let (attempts, wasRunning) = (try candidate.int(), try candidate.word(SyncState.self) == .running)
            let until = now + request.leaseFor
            // Where transactions run side by side another one may have been faster: then the lease is not ours to take.
            guard
                let lease = try takeLease(
                    key.leaseName, worker: request.worker, process: process, now: now, until: until)
            else { continue }
            if wasRunning { try closeInterruptedTasks(of: key, now: now) }
            let taskID = try openTask(for: key, worker: request.worker, now: now)
            try run(
                """
                UPDATE entities SET state = 'running', code = NULL, reason = ''
                WHERE integration = ? AND type = ? AND id = ?
                """, key.columns)
            guard let entity = try entityRows("e.integration = ? AND e.type = ? AND e.id = ?", key.columns).first
            else { throw StoreError(.unavailable, "stored data is damaged: \(key) has no snapshot") }
            claimed.append(
                ClaimedRows(
                    entity: entity, lease: lease, taskID: taskID, attempts: attempts,
                    documents: try documentRows(of: key), intents: try openIntentRows(of: key),
                    decisions: try decisionRows(about: key),
                    settlements: key.type == .order ? try settlements(of: key) : []))
        }
        return claimed
    }

    private func candidates(_ request: ClaimRequest, now: Instant) throws -> [SQLRow] {
        // The plus keeps the booking lane on the index that is in its order; otherwise all of it is sorted at every turn.
        let (order, notBefore) =
            request.lane == .booking
            ? ("e.lane_day, e.created_at, e.id", "+e.not_before")
            : ("e.not_before, e.first_seen_at, e.id", "e.not_before")
        return try rows(
            """
            SELECT e.integration, e.type, e.id, e.attempts, e.state FROM entities e
            WHERE e.integration = ? AND e.lane = ? AND e.due > e.worked AND \(notBefore) <= ? AND NOT EXISTS (
                SELECT 1 FROM leases l
                WHERE l.name = e.integration || '/' || e.type || '-' || e.id AND l.held_until > ?)
            ORDER BY \(order) LIMIT ?
            """ + dialect.skippingLockedRows,
            [.text(request.integration), .word(request.lane), .time(now), .time(now), .int(request.limit)])
    }

    private func openTask(for key: EntityKey, worker: String, now: Instant) throws -> Int64 {
        let row = try first(
            """
            INSERT INTO tasks (
                integration, type, entity_id, triggered_by, worker, state, reason, claimed_due, claimed_doubts,
                created_at
            )
            SELECT integration, type, id, triggered_by, ?, 'running', '', due, doubts, ? FROM entities
            WHERE integration = ? AND type = ? AND id = ?
            RETURNING id
            """, [.text(worker), .time(now)] + key.columns)
        guard var row else { throw StoreError(.unavailable, "no task could be opened for \(key)") }
        return try row.int64()
    }

    /// The lease of the last run ended before the run did.
    private func closeInterruptedTasks(of key: EntityKey, now: Instant) throws {
        try run(
            """
            UPDATE tasks SET state = 'retrying', reason = ?, finished_at = ?
            WHERE integration = ? AND type = ? AND entity_id = ? AND finished_at IS NULL
            """, [.text(Self.interrupted), .time(now)] + key.columns)
    }
}
