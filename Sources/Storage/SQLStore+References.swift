public import Domain
public import Engine

extension SQLStore {
    /// By reference.
    public func documents(of key: EntityKey) async throws -> [Document] {
        try await driver.read { try $0.documentRows(of: key) }.map(Document.init)
    }

    public func customer(_ reference: ExternalReference, integration: String) async throws -> Document? {
        try await driver.read { session in
            try session.documentRows(
                "l.integration = ? AND l.reference = ?", [.text(integration), .reference(reference)])
        }.first.map(Document.init)
    }

    /// Newest first.
    public func references(
        integration: String, matching identifier: String?, limit: Int
    ) async throws -> [Reference] {
        var condition = "l.integration = ?"
        var arguments: [SQLValue] = [.text(integration)]
        if let identifier {
            condition += " AND ((l.type, l.entity_id) IN (\(matchingKeys)) OR l.reference = ?)"
            arguments += matchingArguments(integration, identifier) + [.text(identifier)]
        }
        let query = """
            SELECT l.integration, l.type, l.entity_id, e.number, \(documentColumns)
            FROM links l JOIN documents d ON d.integration = l.integration AND d.reference = l.reference
            JOIN entities e ON e.integration = l.integration AND e.type = l.type AND e.id = l.entity_id
            WHERE \(condition) ORDER BY l.linked_at DESC, l.reference LIMIT ?
            """
        let bound = arguments + [.int(limit)]
        return try await driver.read { try $0.rows(query, bound) }.map { row in
            var row = row
            return Reference(key: try row.key(), number: try row.text(), document: try Document(&row))
        }
    }

    public func removeReference(_ reference: ExternalReference, integration: String, by: String) async throws {
        let now = self.now()
        try await driver.write { session in
            let removed = try session.first(
                "DELETE FROM links WHERE integration = ? AND reference = ? RETURNING integration, type, entity_id, erp_id",
                [.text(integration), .reference(reference)])
            guard var removed else { return }
            let key = try removed.key()
            try session.doubt(key)
            try session.addLog(
                LogLine(
                    at: now, level: .warning, integration: integration, key: key, reference: reference,
                    text: "reference to the ERP's \(reference.kind.rawValue) \(try removed.text()) removed by \(by)"))
        }
    }
}

let documentColumns = "d.reference, d.facts, d.made_from, d.read_at"

extension SQLSession {
    func documentRows(of key: EntityKey) throws -> [SQLRow] {
        try documentRows("l.integration = ? AND l.type = ? AND l.entity_id = ?", key.columns)
    }

    fileprivate func documentRows(_ condition: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try rows(
            """
            SELECT \(documentColumns) FROM links l
            JOIN documents d ON d.integration = l.integration AND d.reference = l.reference
            WHERE \(condition) ORDER BY l.reference
            """, arguments)
    }
}
