public import Domain
public import Engine

/// Payouts' lines and what they were matched to.
extension SQLStore {
    public func keep(_ part: PayoutPart) async throws {
        try await driver.write { session in
            let contents = try session.open(part)
            try session.add(part, contents)
        }
    }

    public func verify(_ part: PayoutPart) async throws {
        try await driver.read { session in
            // What is new of an activity becomes a record of its own.
            let isWhole = try part.head.content != .activity && session.contents(of: part.payout)?.isComplete == true
            for line in part.lines where try !session.isKnown(line, in: part) && isWhole {
                throw StoreError(.conflict, "payout \(part.head.id) is complete; the report has lines that it has not")
            }
        }
    }

    public func contents(of payout: EntityKey) async throws -> PayoutContents? {
        try await driver.read { try $0.contents(of: payout) }
    }

    public func net(of payout: EntityKey) async throws -> Money? {
        try await driver.read { session in
            let row = try session.first(
                """
                SELECT COUNT(DISTINCT currency), MIN(currency), SUM(amount) - SUM(fee) FROM payout_lines
                WHERE integration = ? AND payout = ?
                """, payout.lineColumns)
            guard var row, try row.int() == 1 else { return nil }
            let currency = try row.currency()
            return Money(minorUnits: try row.int64(), currency)
        }
    }

    public func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine] {
        try await driver.read { session in
            let rows = try session.rows(
                """
                SELECT position, \(lineColumns), place, why, matched_by, settled FROM payout_lines
                WHERE integration = ? AND payout = ? AND position > ? ORDER BY position LIMIT ?
                """, payout.lineColumns + [.int(position), .int(limit)])
            var shares = try session.shares(of: payout, after: position, count: rows.count)
            return try rows.map { row in
                var row = row
                let position = try row.int()
                let line = try PayoutLine(&row)
                let own = shares.removeValue(forKey: position) ?? []
                return KeptLine(
                    position: position, line: line, place: try row.optionalWord(),
                    why: try row.optionalText(), by: try row.optionalWord(), isSettled: try row.flag(),
                    shares: own.map { $0.share(settledIn: line.amount.currency) }, orderNumbers: own.map(\.number))
            }
        }
    }

    public func knownLines(_ ids: [String], provider: String, integration: String) async throws -> Set<String> {
        try await driver.read { session in
            var known: Set<String> = []
            for id in ids
            where try session.answers(
                "SELECT 1 FROM payout_lines WHERE integration = ? AND provider = ? AND id = ?",
                [.text(integration), .text(provider), .text(id)])
            {
                known.insert(id)
            }
            return known
        }
    }

    public func documents(
        integration: String, kind: DocumentKind, after reference: ExternalReference?, limit: Int
    ) async throws -> [Reference] {
        try await driver.read { session in
            try session.rows(
                """
                SELECT l.integration, l.type, l.entity_id, e.number, \(documentColumns)
                FROM links l JOIN documents d ON d.integration = l.integration AND d.reference = l.reference
                JOIN entities e ON e.integration = l.integration AND e.type = l.type AND e.id = l.entity_id
                WHERE l.integration = ? AND l.kind = ? AND l.reference > ? ORDER BY l.reference LIMIT ?
                """, [.text(integration), .word(kind), .text(reference?.key ?? ""), .int(limit)])
        }.map { row in
            var row = row
            return Reference(key: try row.key(), number: try row.text(), document: try Document(&row))
        }
    }

    public func payouts(integration: String, after id: String, limit: Int) async throws -> [Entity] {
        try await driver.read { session in
            try session.entityRows(
                "e.integration = ? AND e.type = 'payout' AND e.id > ? ORDER BY e.id LIMIT ?",
                [.text(integration), .text(id), .int(limit)])
        }.map { try Entity(row: $0) }
    }

    public func keepReport(_ id: String, integration: String, piece: Int, _ bytes: [UInt8]) async throws {
        _ = try await driver.write { session in
            try session.run(
                """
                INSERT INTO payout_reports (integration, report, piece, body) VALUES (?, ?, ?, ?)
                ON CONFLICT (integration, report, piece) DO NOTHING
                """, [.text(integration), .text(id), .int(piece), .blob(bytes)])
        }
    }

    public func report(of payout: EntityKey, piece: Int) async throws -> [UInt8]? {
        try await driver.read { session in
            var row = try session.first(
                """
                SELECT r.body FROM payouts p
                JOIN payout_reports r ON r.integration = p.integration AND r.report = p.report AND r.piece = ?
                WHERE p.integration = ? AND p.id = ?
                """, [.int(piece)] + payout.lineColumns)
            return try row?.bytes()
        }
    }
}

private let lineColumns = """
    id, kind, kind_text, amount, fee, currency, original, original_currency, at, transactions, order_id, order_number,
    invoice_number
    """

extension EntityKey {
    /// For `(integration, payout)` in a statement.
    var lineColumns: [SQLValue] { [.text(integration), .text(id)] }
}

extension PayoutLine {
    init(_ row: inout SQLRow) throws {
        let (id, kind, kindText) = (try row.text(), try row.word(Kind.self), try row.text())
        let (amount, fee, currency) = (try row.int64(), try row.int64(), try row.currency())
        let (original, originalCode) = (try row.optionalInt64(), try row.optionalText())
        let originalCurrency = originalCode.flatMap { Currency(code: $0) }
        let at = try row.time()
        let transactions = try row.text().split(separator: "\n").map(String.init)
        self.init(
            id: id, kind: kind, kindText: kindText, amount: Money(minorUnits: amount, currency),
            fee: Money(minorUnits: fee, currency),
            original: original.flatMap { units in originalCurrency.map { Money(minorUnits: units, $0) } }, at: at,
            keys: PayoutKeys(
                transactionIDs: transactions, orderID: try row.optionalText(), orderNumber: try row.optionalText(),
                invoiceNumber: try row.optionalText()))
    }

    fileprivate var values: [SQLValue] {
        [
            .text(id), .word(kind), .text(kindText), .int(amount.minorUnits), .int(fee.minorUnits),
            .text(amount.currency.code), original.map { .int($0.minorUnits) } ?? .null, .text(original?.currency.code),
            .time(at), .text(keys.transactionIDs.joined(separator: "\n")), .text(keys.orderID), .text(keys.orderNumber),
            .text(keys.invoiceNumber),
        ]
    }
}

/// A share with the number of its order.
private struct NumberedShare {
    let position: Int
    let number: String
    private let order: EntityKey
    private let paid: Money
    private let settled: Int64

    init(_ row: SQLRow) throws {
        var row = row
        position = try row.int()
        order = EntityKey(integration: try row.text(), type: .order, id: try row.text())
        paid = Money(minorUnits: try row.int64(), try row.currency())
        settled = try row.int64()
        number = try row.optionalText() ?? order.id
    }

    func share(settledIn currency: Currency) -> LineMatch.Share {
        LineMatch.Share(order: order, paid: paid, settled: Money(minorUnits: settled, currency))
    }
}

extension SQLSession {
    /// By the position of their line; positions are counted without gaps.
    fileprivate func shares(of payout: EntityKey, after position: Int, count: Int) throws -> [Int: [NumberedShare]] {
        let found = try rows(
            """
            SELECT m.position, m.order_integration, m.order_id, m.paid, m.paid_currency, m.settled, e.number
            FROM payout_matches m LEFT JOIN entities e
                ON e.integration = m.order_integration AND e.type = 'order' AND e.id = m.order_id
            WHERE m.integration = ? AND m.payout = ? AND m.position > ? AND m.position <= ?
            ORDER BY m.position, m.order_integration, m.order_id
            """, payout.lineColumns + [.int(position), .int(position + count)])
        return Dictionary(grouping: try found.map { try NumberedShare($0) }, by: \.position)
    }
}

extension SQLSession {
    fileprivate func contents(of payout: EntityKey) throws -> PayoutContents? {
        var row = try first("SELECT lines, complete FROM payouts WHERE integration = ? AND id = ?", payout.lineColumns)
        guard row != nil else { return nil }
        return PayoutContents(count: try row?.int() ?? 0, isComplete: try row?.flag() ?? false)
    }

    fileprivate func open(_ part: PayoutPart) throws -> PayoutContents {
        try run(
            """
            INSERT INTO payouts (integration, id, provider, arrives_on, report, lines, complete)
            VALUES (?, ?, ?, ?, ?, 0, 0) ON CONFLICT (integration, id) DO NOTHING
            """,
            part.payout.lineColumns + [
                .text(part.head.provider), .text(part.head.arrivesOn.description), .text(part.reportID),
            ])
        guard let contents = try contents(of: part.payout) else {
            throw StoreError(.unavailable, "\(part.payout) could not be kept")
        }
        return contents
    }

    fileprivate func add(_ part: PayoutPart, _ contents: PayoutContents) throws {
        var position = contents.count
        for line in part.lines {
            let isNew = try answers(
                """
                INSERT INTO payout_lines (
                    integration, payout, position, provider, settled, \(lineColumns)
                ) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (integration, provider, id) DO NOTHING RETURNING 1
                """,
                part.payout.lineColumns + [.int(position + 1), .text(part.head.provider)] + line.values)
            if isNew { position += 1 } else { _ = try isKnown(line, in: part) }
        }
        guard position == contents.count || !contents.isComplete else {
            throw StoreError(.conflict, "payout \(part.head.id) is complete; the report has lines that it has not")
        }
        try run(
            """
            UPDATE payouts SET lines = ?, complete = CASE WHEN complete = 1 THEN 1 ELSE ? END,
                report = CASE WHEN complete = 1 THEN report ELSE ? END
            WHERE integration = ? AND id = ?
            """, [.int(position), .flag(part.isLast), .text(part.reportID)] + part.payout.lineColumns)
        // The report is evidence of what was new in it.
        guard case .own(let report) = part.report, try position > contents.count || !hasReport(part.payout)
        else { return }
        try run(
            """
            INSERT INTO payout_reports (integration, report, piece, body)
            SELECT ?, ?, COALESCE(MAX(piece), 0) + 1, ? FROM payout_reports WHERE integration = ? AND report = ?
            """, part.payout.lineColumns + [.blob(report)] + part.payout.lineColumns)
    }

    private func hasReport(_ payout: EntityKey) throws -> Bool {
        try answers("SELECT 1 FROM payout_reports WHERE integration = ? AND report = ? LIMIT 1", payout.lineColumns)
    }

    /// - Throws: a conflict where what is known of the line contradicts it.
    fileprivate func isKnown(_ line: PayoutLine, in part: PayoutPart) throws -> Bool {
        var row = try first(
            "SELECT payout, amount, fee, currency FROM payout_lines WHERE integration = ? AND provider = ? AND id = ?",
            [.text(part.payout.integration), .text(part.head.provider), .text(line.id)])
        guard let payout = try row?.text(), let amount = try row?.int64(), let fee = try row?.int64(),
            let currency = try row?.text()
        else { return false }
        guard payout == part.payout.id || part.head.content == .activity else {
            throw StoreError(.conflict, "line \(line.id) of payout \(part.head.id) is kept as one of \(payout)")
        }
        guard amount == line.amount.minorUnits, fee == line.fee.minorUnits, currency == line.amount.currency.code else {
            throw StoreError(.conflict, "line \(line.id) of payout \(part.head.id) is kept with another amount")
        }
        return true
    }
}

extension PayoutPart {
    fileprivate var reportID: String {
        switch report {
        case .own: payout.id
        case .shared(let id): id
        }
    }
}

extension SQLRow {
    mutating func currency() throws -> Currency {
        let code = try text()
        guard let currency = Currency(code: code) else {
            throw StoreError(.unavailable, "stored data is damaged: \(code) is no currency")
        }
        return currency
    }
}
