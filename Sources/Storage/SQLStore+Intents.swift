import Domain
public import Engine

extension SQLStore {
    public func recordIntents(_ intents: [IntentRecord]) async throws -> [EntityKey: Intent] {
        let now = self.now()
        let madeFrom = try intents.map { try $0.madeFrom.map(StoredJSON.bytes) }
        return try await driver.write { session in
            let refused = try session.refused(intents.map { ($0.key, $0.lease) })
            var committed: [EntityKey: Intent] = [:]
            for (intent, madeFrom) in zip(intents, madeFrom) where !refused.contains(intent.key) {
                committed[intent.key] = try session.commit(intent, madeFrom, now: now)
            }
            return committed
        }
    }
}

extension SQLSession {
    /// The entities of a batch that brought a lease which is no longer held.
    func refused(_ batch: [(key: EntityKey, lease: Lease)]) throws -> Set<EntityKey> {
        var refused: Set<EntityKey> = []
        for entry in batch where try !holds(entry.lease) { refused.insert(entry.key) }
        return refused
    }

    fileprivate func commit(_ intent: IntentRecord, _ madeFrom: [UInt8]?, now: Instant) throws -> Intent {
        let place: [SQLValue] = [.text(intent.key.integration), .reference(intent.reference), .word(intent.kind)]
        let row = try first(
            """
            INSERT INTO intents (
                integration, reference, step, attempt, type, entity_id, task_id, committed_at, deadline, made_from
            )
            SELECT ?, ?, ?, COALESCE(MAX(attempt), 0) + 1, ?, ?, ?, ?, ?, ? FROM intents
            WHERE integration = ? AND reference = ? AND step = ?
            RETURNING attempt
            """,
            place + [
                .word(intent.key.type), .text(intent.key.id), .int(intent.taskID), .time(now), .time(intent.deadline),
                .blob(madeFrom),
            ] + place)
        guard var row else { throw StoreError(.unavailable, "no intent could be committed for \(intent.key)") }
        return Intent(
            reference: intent.reference, kind: intent.kind, attempt: try row.int(), committedAt: now,
            deadline: intent.deadline, madeFrom: intent.madeFrom)
    }

    /// Intents whose outcome nobody knows, and intents that made a document which no reference ties to the record.
    func openIntentRows(of key: EntityKey) throws -> [SQLRow] {
        try rows(
            """
            SELECT i.reference, i.step, i.attempt, i.committed_at, i.deadline, i.made_from FROM intents i
            WHERE i.integration = ? AND i.type = ? AND i.entity_id = ? AND (
                i.result IS NULL OR i.result = 'unknown'
                OR (i.result IN ('done', 'alreadyThere', 'adopted', 'refreshed') AND NOT EXISTS (
                    SELECT 1 FROM links l WHERE l.integration = i.integration AND l.reference = i.reference)))
            ORDER BY i.committed_at, i.reference, i.step, i.attempt
            """, key.columns)
    }
}
