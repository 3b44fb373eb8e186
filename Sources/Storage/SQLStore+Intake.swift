import Domain
public import Engine

extension SQLStore {
    public func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        let prepared = try snapshots.map { try PreparedSnapshot($0, memory) }
        let now = self.now()
        return try await driver.write { session in
            var due: [EntityKey] = []
            for snapshot in prepared where try session.store(snapshot, trigger, force: force, now: now) {
                due.append(snapshot.key)
            }
            if let moving { try session.moveTimeHistory(moving, unlessThere: true) }
            return due
        }
    }

    public func markDue(_ keys: [EntityKey], trigger: Trigger) async throws {
        let now = self.now()
        try await driver.write { session in
            for key in keys {
                try session.makeDue("integration = ? AND type = ? AND id = ?", key.columns, trigger, now: now)
            }
        }
    }

    public func markDue(
        integration: String, states: [SyncState], code: String?, trigger: Trigger
    ) async throws -> Int {
        guard !states.isEmpty else { return 0 }
        let now = self.now()
        let places = states.map { _ in "?" }.joined(separator: ", ")
        let condition = "integration = ? AND state IN (\(places))" + (code == nil ? "" : " AND code = ?")
        let arguments = [.text(integration)] + states.map { SQLValue.word($0) } + (code.map { [.text($0)] } ?? [])
        return try await driver.write { session in
            try session.makeDue(condition, arguments, trigger, now: now)
        }
    }

    public func markInDoubt(_ keys: [EntityKey]) async throws {
        try await driver.write { session in
            for key in keys { try session.doubt(key) }
        }
    }
}

/// A snapshot with its JSON written, so that the transaction only stores it.
private struct PreparedSnapshot: Sendable {
    let snapshot: Snapshot
    let canonical: [UInt8]?
    let problem: [UInt8]?

    init(_ snapshot: Snapshot, _ memory: StoredMemory) throws {
        self.snapshot = snapshot
        switch snapshot.content {
        case .order(let order):
            (canonical, problem) = (try memory.orders.bytes(order, of: snapshot.key, reusing: false), nil)
        case .payout(let payout): (canonical, problem) = (try StoredJSON.bytes(payout), nil)
        case .unreadable(let found): (canonical, problem) = (nil, try StoredJSON.bytes(found))
        }
    }

    var key: EntityKey { snapshot.key }
}

extension SQLSession {
    /// Stores a snapshot unless the stored one's fetch began later; answers whether its record became due.
    ///
    /// Whether it changed is decided by the statement that writes it, so two writers cannot both miss a change. A record
    /// that is being worked on stays `running`: its counter says that there is more to do.
    fileprivate func store(
        _ prepared: PreparedSnapshot, _ trigger: Trigger, force: Bool, now: Instant
    ) throws -> Bool {
        let snapshot = prepared.snapshot
        let changed = force ? "1 = 1" : "(entities.hash <> excluded.hash OR entities.readable <> excluded.readable)"
        let answer = try first(
            """
            INSERT INTO entities (
                integration, type, id, number, hash, readable, created_at, modified_at, fetch_began, fetch_changed,
                first_seen_at, state, code, reason, due, worked, triggered_by, not_before, attempts, lane, lane_day,
                doubts, doubts_resolved
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 'queued', NULL, '', 1, 0, ?, ?, 0, ?, '', 0, 0)
            ON CONFLICT (integration, type, id) DO UPDATE SET
                number = CASE WHEN \(changed) THEN excluded.number ELSE entities.number END,
                hash = excluded.hash,
                readable = excluded.readable,
                created_at = CASE WHEN \(changed) THEN excluded.created_at ELSE entities.created_at END,
                modified_at = CASE WHEN \(changed) THEN excluded.modified_at ELSE entities.modified_at END,
                fetch_began = excluded.fetch_began,
                fetch_changed = CASE WHEN \(changed) THEN 1 ELSE 0 END,
                state = CASE WHEN \(changed) AND entities.state <> 'running' THEN 'queued' ELSE entities.state END,
                code = CASE WHEN \(changed) AND entities.state <> 'running' THEN NULL ELSE entities.code END,
                reason = CASE WHEN \(changed) AND entities.state <> 'running' THEN '' ELSE entities.reason END,
                due = CASE WHEN \(changed) THEN entities.due + 1 ELSE entities.due END,
                triggered_by = CASE WHEN \(changed) THEN excluded.triggered_by ELSE entities.triggered_by END,
                not_before = CASE WHEN \(changed) AND (entities.due = entities.worked
                    OR entities.not_before > excluded.not_before) THEN excluded.not_before ELSE entities.not_before END
            WHERE entities.fetch_began <= excluded.fetch_began OR entities.modified_at < excluded.modified_at
            RETURNING fetch_changed
            """,
            snapshot.key.columns + [
                .text(snapshot.number), .text(snapshot.hash), .flag(prepared.problem == nil),
                .time(snapshot.createdAt), .time(snapshot.modifiedAt), .time(snapshot.fetchBegan), .time(now),
                .word(trigger), .time(now), .word(Lane.first(of: snapshot.key.type)),
            ])
        if answer != nil, case .order(let order) = snapshot.content { try keepKeys(of: order, snapshot.key) }
        guard var answer, try answer.flag() else { return false }
        try run(
            """
            INSERT INTO snapshots (integration, type, id, payload, canonical, problem) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (integration, type, id) DO UPDATE SET
                payload = excluded.payload, canonical = excluded.canonical, problem = excluded.problem
            """,
            snapshot.key.columns + [
                .blob(snapshot.payload), .blob(prepared.canonical), .blob(prepared.problem),
            ])
        return true
    }

    /// Makes records due now, whatever they waited for; answers how many.
    @discardableResult
    func makeDue(_ condition: String, _ arguments: [SQLValue], _ trigger: Trigger, now: Instant) throws -> Int {
        try run(
            """
            UPDATE entities SET
                due = due + 1,
                triggered_by = ?,
                not_before = CASE WHEN due = worked OR not_before > ? THEN ? ELSE not_before END,
                code = CASE WHEN state = 'running' THEN code ELSE NULL END,
                reason = CASE WHEN state = 'running' THEN reason ELSE '' END,
                state = CASE WHEN state = 'running' THEN state ELSE 'queued' END
            WHERE \(condition)
            """, [.word(trigger), .time(now), .time(now)] + arguments)
    }

    /// Counted, so that resolving the doubt a run came with leaves one that arose meanwhile.
    func doubt(_ key: EntityKey) throws {
        try run(
            "UPDATE entities SET doubts = doubts + 1 WHERE integration = ? AND type = ? AND id = ?", key.columns)
    }
}
