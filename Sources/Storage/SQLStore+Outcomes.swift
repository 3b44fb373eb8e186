import Domain
public import Engine

extension SQLStore {
    /// One ERP document belongs to one source record. An outcome that would tie it to a second one is not taken: its step
    /// is kept as rejected, its intent stays open, the record stops with DOCUMENT_CONFLICT and in doubt, its lease ends,
    /// and its key is among those answered, so that its worker stands back.
    public func recordOutcomes(_ outcomes: [OutcomeRecord]) async throws -> Set<EntityKey> {
        let prepared = try outcomes.map { try PreparedOutcome($0, memory) }
        return try await driver.write { session in
            var refused = try session.refused(outcomes.map { ($0.key, $0.lease) })
            for outcome in prepared where !refused.contains(outcome.record.key) {
                if try !session.commit(outcome) { refused.insert(outcome.record.key) }
            }
            return refused
        }
    }
}

/// An outcome with its JSON written, so that the transaction only stores it.
private struct PreparedOutcome: Sendable {
    let record: OutcomeRecord
    let facts: [UInt8]?
    let madeFrom: [UInt8]?

    init(_ record: OutcomeRecord, _ memory: StoredMemory) throws {
        self.record = record
        facts = try record.document.map { try StoredJSON.bytes($0.erp) }
        madeFrom = try record.document?.madeFrom.map { try memory.madeFrom.bytes($0, of: record.key, reusing: true) }
    }
}

extension OutcomeRecord.Result {
    /// Whether a document is known to be there.
    fileprivate var isSuccess: Bool {
        switch self {
        case .done, .alreadyThere, .adopted, .refreshed: true
        case .rejected, .retry, .unknown: false
        }
    }

    fileprivate var level: LogLine.Level {
        switch self {
        case .done, .alreadyThere, .adopted, .refreshed: .info
        case .retry, .unknown: .warning
        case .rejected: .error
        }
    }
}

extension SQLSession {
    /// Answers whether it was taken.
    fileprivate func commit(_ outcome: PreparedOutcome) throws -> Bool {
        let record = outcome.record
        if let document = record.document {
            if let other = try otherOwner(of: document, in: record.key.integration) {
                try refuse(record, document, other)
                return false
            }
            try keep(document, outcome)
        }
        try closeIntents(record)
        try addStep(record, record.result, record.message)
        try addLog(
            LogLine(
                at: record.finishedAt, level: record.result.level, integration: record.key.integration,
                key: record.key, taskID: record.taskID, reference: record.reference, text: record.message))
        return true
    }

    /// The newest try of the step has its outcome. Once the document is known to be there, earlier tries of anything on
    /// its reference are settled as well: whatever they did has been read back.
    private func closeIntents(_ record: OutcomeRecord) throws {
        let place: [SQLValue] = [.text(record.key.integration), .reference(record.reference)]
        var settled: [String] = []
        var arguments: [SQLValue] = []
        if let kind = record.kind {
            settled.append(
                """
                (step = ? AND attempt = (
                    SELECT MAX(attempt) FROM intents WHERE integration = ? AND reference = ? AND step = ?))
                """)
            arguments += [.word(kind)] + place + [.word(kind)]
        }
        // That a document is gone says nothing of a call that may still arrive.
        let isThere = record.document.map { $0.erp.state != .gone } ?? false
        if (record.result.isSuccess && isThere) || record.settlesEarlier {
            settled.append("result IS NULL OR result = 'unknown'")
        }
        guard !settled.isEmpty else { return }
        try run(
            "UPDATE intents SET result = ? WHERE integration = ? AND reference = ? AND (\(settled.joined(separator: " OR ")))",
            [.word(record.result)] + place + arguments)
    }

    // MARK: Documents

    private func keep(_ document: Document, _ outcome: PreparedOutcome) throws {
        let key = outcome.record.key
        let identity: [SQLValue] = [
            .text(key.integration), .reference(document.reference), .word(document.reference.kind),
            .text(document.erp.id.text),
        ]
        try run(
            """
            INSERT INTO documents (integration, reference, kind, erp_id, erp_number, facts, made_from, read_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (integration, reference) DO UPDATE SET erp_id = excluded.erp_id,
                erp_number = excluded.erp_number, facts = excluded.facts, made_from = excluded.made_from,
                read_at = excluded.read_at
            """,
            identity + [
                .text(document.erp.number), .blob(outcome.facts), .blob(outcome.madeFrom),
                .time(outcome.record.startedAt),
            ])
        try run(
            """
            INSERT INTO links (integration, reference, kind, erp_id, type, entity_id, linked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (integration, reference) DO UPDATE SET erp_id = excluded.erp_id
            """, identity + [.word(key.type), .text(key.id), .time(outcome.record.finishedAt)])
    }

    /// Where transactions run side by side the unique index catches what this misses, and the batch is tried again.
    private func otherOwner(of document: Document, in integration: String) throws -> ExternalReference? {
        guard document.reference.kind != .customer else { return nil }
        var row = try first(
            """
            SELECT reference FROM links
            WHERE integration = ? AND kind = ? AND kind <> 'customer' AND erp_id = ? AND reference <> ?
            """,
            [
                .text(integration), .word(document.reference.kind), .text(document.erp.id.text),
                .reference(document.reference),
            ])
        return try row?.reference()
    }

    // MARK: Conflict

    private func refuse(_ record: OutcomeRecord, _ document: Document, _ other: ExternalReference) throws {
        let problem = Problem(
            .documentConflict, "the ERP's \(document.reference.kind.rawValue) \(document.erp.id) belongs to \(other)")
        try addStep(record, .rejected, problem.detail)
        try addLog(
            LogLine(
                at: record.finishedAt, level: .error, integration: record.key.integration, key: record.key,
                taskID: record.taskID, reference: record.reference, code: problem.code.rawValue, text: problem.detail))
        try doubt(record.key)
        let standing = Standing(.stopped, code: problem.code.rawValue, reason: problem.detail)
        try rest(record.key, taskID: record.taskID, standing, at: record.finishedAt)
        try closeTask(record.taskID, standing, at: record.finishedAt)
        _ = try giveBack(record.lease)
    }

    private func addStep(_ record: OutcomeRecord, _ result: OutcomeRecord.Result, _ message: String) throws {
        try run(
            """
            INSERT INTO steps (task_id, reference, step, result, started_at, finished_at, message)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .int(record.taskID), .reference(record.reference), record.kind.map { .word($0) } ?? .null,
                .word(result), .time(record.startedAt), .time(record.finishedAt), .text(message),
            ])
    }
}
