public import Domain
public import Engine

/// What people set: settings, decisions, and the points flows load from.
extension SQLStore {
    public func adopt(_ settings: Settings, integration: String, by: String) async throws -> SettingsVersion {
        let body = try StoredJSON.bytes(settings)
        let now = self.now()
        return try await driver.write { session in
            // Another process may store a version between our look and our write: then its key refuses ours.
            while true {
                let row = try session.currentSettings(integration)
                // Settings of an older version of ours may not be readable: they differ from these.
                if let current = row.flatMap({ try? SettingsVersion($0) }), current.settings == settings {
                    return current
                }
                // What waits, stopped or was excluded by the old settings may go through by the new ones.
                if row != nil {
                    try session.makeDue(
                        "integration = ? AND state IN ('waiting', 'stopped', 'excluded')", [.text(integration)],
                        .settingsChange, now: now)
                }
                try session.run(
                    """
                    INSERT INTO settings_versions (integration, version, body, made_at, made_by)
                    SELECT ?, COALESCE(MAX(version), 0) + 1, ?, ?, ? FROM settings_versions WHERE integration = ?
                    ON CONFLICT (integration, version) DO NOTHING
                    """, [.text(integration), .blob(body), .time(now), .text(by), .text(integration)])
            }
        }
    }

    public func settings(integration: String, version: Int) async throws -> SettingsVersion? {
        try await driver.read { session in
            try session.first(
                "SELECT version, body, made_at, made_by FROM settings_versions WHERE integration = ? AND version = ?",
                [.text(integration), .int(version)]
            ).map(SettingsVersion.init)
        }
    }

    public func decide(_ decision: Decision, about key: EntityKey) async throws {
        let body = try StoredJSON.bytes(decision)
        let now = self.now()
        try await driver.write { session in
            try session.run(
                """
                INSERT INTO decisions (integration, type, entity_id, made_at, made_by, body)
                VALUES (?, ?, ?, ?, ?, ?)
                """, key.columns + [.time(decision.at), .text(decision.by), .blob(body)])
            try session.makeDue("integration = ? AND type = ? AND id = ?", key.columns, .retry, now: now)
        }
    }

    /// Oldest first.
    public func decisions(about key: EntityKey) async throws -> [Decision] {
        try await driver.read { try $0.decisionRows(about: key) }.map(Decision.init)
    }

    public func timeHistory(integration: String, type: RecordType) async throws -> TimeHistory? {
        try await driver.read { try $0.timeHistoryRows(integration, type, limit: 1) }.first.map(TimeHistory.init)
    }

    public func moveTimeHistory(_ move: TimeHistory) async throws {
        try await driver.write { try $0.moveTimeHistory(move, unlessThere: false) }
    }

    /// Newest first.
    public func timeHistoryMoves(integration: String, type: RecordType) async throws -> [TimeHistory] {
        try await driver.read { try $0.timeHistoryRows(integration, type, limit: nil) }.map(TimeHistory.init)
    }
}

extension SQLSession {
    fileprivate func currentSettings(_ integration: String) throws -> SQLRow? {
        try first(
            """
            SELECT version, body, made_at, made_by FROM settings_versions
            WHERE integration = ? ORDER BY version DESC LIMIT 1
            """, [.text(integration)])
    }

    func decisionRows(about key: EntityKey) throws -> [SQLRow] {
        try rows(
            "SELECT body FROM decisions WHERE integration = ? AND type = ? AND entity_id = ? ORDER BY id", key.columns)
    }

    fileprivate func timeHistoryRows(_ integration: String, _ type: RecordType, limit: Int?) throws -> [SQLRow] {
        try rows(
            """
            SELECT integration, type, loaded_through, moved_at, moved_by, reason FROM time_history
            WHERE integration = ? AND type = ? ORDER BY id DESC\(limit.map { " LIMIT \($0)" } ?? "")
            """, [.text(integration), .word(type)])
    }

    /// With `unlessThere` a flow that stands at this point already is left alone: only moves are history.
    func moveTimeHistory(_ move: TimeHistory, unlessThere: Bool) throws {
        if unlessThere, let current = try timeHistoryRows(move.integration, move.type, limit: 1).first,
            try TimeHistory(current).loadedThrough == move.loadedThrough
        {
            return
        }
        // A person who moved the point while a pick-up was under way is not overruled by it.
        try run(
            """
            INSERT INTO time_history (integration, type, loaded_through, moved_at, moved_by, reason)
            SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (
                SELECT 1 FROM time_history
                WHERE integration = ? AND type = ? AND moved_by <> 'system' AND moved_at > ?)
            """,
            [
                .text(move.integration), .word(move.type), .time(move.loadedThrough), .time(move.movedAt),
                .text(move.movedBy), .text(move.reason), .text(move.integration), .word(move.type),
                .time(move.knowing ?? Instant(milliseconds: .max)),
            ])
    }
}
