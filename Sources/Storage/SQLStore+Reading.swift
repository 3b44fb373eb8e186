import Domain
public import Engine

extension SQLStore {
    public func entity(_ key: EntityKey) async throws -> Entity? {
        try await driver.read { session in
            try session.entityRows("e.integration = ? AND e.type = ? AND e.id = ?", key.columns)
        }.first.map { try Entity(row: $0) }
    }

    /// Customers are not searched: their ERP ids are numbers as well, and belong to many orders.
    public func entities(integration: String, matching identifier: String) async throws -> [Entity] {
        let arguments = matchingArguments(integration, identifier)
        return try await driver.read { session in
            try session.entityRows(
                "e.integration = ? AND (e.type, e.id) IN (\(matchingKeys)) ORDER BY e.created_at, e.id",
                [.text(integration)] + arguments)
        }.map { try Entity(row: $0) }
    }

    /// Newest first.
    public func entities(integration: String, type: RecordType, states: [SyncState], limit: Int) async throws
        -> [Entity]
    {
        guard !states.isEmpty else { return [] }
        let places = states.map { _ in "?" }.joined(separator: ", ")
        return try await driver.read { session in
            try session.entityRows(
                "e.integration = ? AND e.type = ? AND e.state IN (\(places)) ORDER BY e.created_at DESC, e.id DESC LIMIT ?",
                [.text(integration), .word(type)] + states.map { .word($0) } + [.int(limit)])
        }.map { try Entity(row: $0) }
    }

    public func tally(integration: String, type: RecordType) async throws -> [Tally] {
        try await driver.read { session in
            try session.rows(
                """
                SELECT state, code, COUNT(*) FROM entities WHERE integration = ? AND type = ?
                GROUP BY state, code ORDER BY state, code
                """, [.text(integration), .word(type)])
        }.map { row in
            var row = row
            return Tally(state: try row.word(), code: try row.optionalText(), count: try row.int())
        }
    }

    /// Newest first, each with its steps in order.
    public func tasks(of key: EntityKey) async throws -> [SyncTask] {
        try await driver.read { session in
            let tasks = try session.rows(
                """
                SELECT t.id, t.integration, t.type, t.entity_id, e.number, t.triggered_by, t.state, t.code, t.reason,
                    t.created_at, t.finished_at
                FROM tasks t JOIN entities e ON e.integration = t.integration AND e.type = t.type AND e.id = t.entity_id
                WHERE t.integration = ? AND t.type = ? AND t.entity_id = ? ORDER BY t.id DESC
                """, key.columns)
            return try tasks.map { row in
                var row = row
                return try SyncTask(&row) { id in
                    try session.rows(
                        """
                        SELECT step, reference, result, started_at, finished_at, message FROM steps
                        WHERE task_id = ? ORDER BY id
                        """, [.int(id)]
                    ).map(StepRecord.init)
                }
            }
        }
    }

    public func log(_ line: LogLine) async throws {
        try await driver.write { try $0.addLog(line) }
    }

    /// Newest first. An identifier also finds the lines of a reference or of a code.
    public func logs(integration: String, matching identifier: String?, limit: Int) async throws -> [LogLine] {
        var condition = "integration = ?"
        var arguments: [SQLValue] = [.text(integration)]
        if let identifier {
            condition += " AND ((type, entity_id) IN (\(matchingKeys)) OR reference = ? OR code = ?)"
            arguments += matchingArguments(integration, identifier) + [.text(identifier), .text(identifier)]
        }
        let query = """
            SELECT at, level, integration, type, entity_id, task_id, reference, code, line FROM logs
            WHERE \(condition) ORDER BY id DESC LIMIT ?
            """
        let bound = arguments + [.int(limit)]
        return try await driver.read { try $0.rows(query, bound) }.map(LogLine.init)
    }
}

/// The keys of entities by shop number, shop id, ERP number or ERP id.
let matchingKeys = """
    SELECT type, id FROM entities WHERE integration = ? AND (number = ? OR id = ?)
    UNION SELECT k.type, k.entity_id FROM documents d
    JOIN links k ON k.integration = d.integration AND k.reference = d.reference
    WHERE d.integration = ? AND d.kind <> 'customer' AND (d.erp_number = ? OR d.erp_id = ?)
    """

func matchingArguments(_ integration: String, _ identifier: String) -> [SQLValue] {
    let one: [SQLValue] = [.text(integration), .text(identifier), .text(identifier)]
    return one + one
}

extension SQLSession {
    /// Entities with their snapshots, in the order in which `Entity` reads columns.
    func entityRows(_ condition: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try rows(
            """
            SELECT e.integration, e.type, e.id, e.number, s.payload, s.canonical, s.problem, e.hash, e.created_at,
                e.modified_at, e.fetch_began, e.state, e.code, e.reason, e.due, e.worked,
                e.doubts - e.doubts_resolved, e.first_seen_at
            FROM entities e
            JOIN snapshots s ON s.integration = e.integration AND s.type = e.type AND s.id = e.id
            WHERE \(condition)
            """, arguments)
    }

    func addLog(_ line: LogLine) throws {
        try run(
            """
            INSERT INTO logs (at, level, integration, type, entity_id, task_id, reference, code, line)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .time(line.at), .word(line.level), .text(line.integration), line.key.map { .word($0.type) } ?? .null,
                .text(line.key?.id), line.taskID.map { .int($0) } ?? .null, .reference(line.reference),
                .text(line.code), .text(line.text),
            ])
    }
}
