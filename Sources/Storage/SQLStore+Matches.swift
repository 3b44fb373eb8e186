public import Domain
public import Engine

extension SQLStore {
    public func candidates(
        _ keys: [PayoutMatch.Key: Set<String>], in integrations: [String]
    ) async throws -> [FoundOrder] {
        try await driver.read { session in
            var found: Set<EntityKey> = []
            for integration in integrations {
                for (key, values) in keys {
                    for value in values { found.formUnion(try session.orders(under: key, value, in: integration)) }
                }
            }
            let keys = found.sorted { ($0.integration, $0.id) < ($1.integration, $1.id) }
            return try keys.compactMap { try session.foundOrder($0) }
        }
    }

    public func nearest(
        _ amount: Money, to time: Instant, in integrations: [String], limit: Int
    ) async throws -> [FoundOrder] {
        try await driver.read { session in
            var found: [(distance: Int64, key: EntityKey)] = []
            for integration in integrations {
                for (comparison, order) in [("<=", "DESC"), (">", "ASC")] {
                    let rows = try session.rows(
                        """
                        SELECT id, paid_at FROM order_keys
                        WHERE integration = ? AND currency = ? AND total = ? AND paid_at \(comparison) ?
                        ORDER BY paid_at \(order) LIMIT ?
                        """,
                        [
                            .text(integration), .text(amount.currency.code), .int(amount.minorUnits), .time(time),
                            .int(limit),
                        ])
                    for row in rows {
                        var row = row
                        let key = EntityKey(integration: integration, type: .order, id: try row.text())
                        found.append((abs((try row.time()).milliseconds - time.milliseconds), key))
                    }
                }
            }
            let sorted = found.sorted { ($0.distance, $0.key.id) < ($1.distance, $1.key.id) }.prefix(limit)
            return try sorted.compactMap { try session.foundOrder($0.key) }
        }
    }

    public func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        let now = self.now()
        try await driver.write { session in
            for match in matches { try session.keep(match, of: payout, now: now) }
        }
    }

    public func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        let now = self.now()
        try await driver.write { session in
            guard let position = try session.position(of: line, payout) else {
                throw StoreError(.conflict, "payout \(payout.id) has no line \(line)")
            }
            guard Set(word.shares.map(\.order)).count == word.shares.count else {
                throw StoreError(.conflict, "an order is named twice for line \(line) of payout \(payout.id)")
            }
            for share in try session.unmatch(position, of: payout) {
                // What stays with its order may have paid it.
                if word.shares.contains(where: share.isSame) { continue }
                let order = share.order
                try session.release(line, of: payout, from: order, isTakenBack: word.isTakenBack, now: now)
                try session.makeDue("integration = ? AND type = ? AND id = ?", order.columns, .payout, now: now)
            }
            try session.run(
                """
                UPDATE payout_lines SET matched_by = ?, why = NULL, settled = 1, place = COALESCE(place, 'clearing')
                WHERE integration = ? AND payout = ? AND position = ?
                """,
                [word.shares.isEmpty ? .null : .word(PayoutMatch.Key.person)] + payout.lineColumns + [.int(position)])
            try session.add(word.shares, position, of: payout, now: now)
            try session.makeDue("integration = ? AND type = ? AND id = ?", payout.columns, .retry, now: now)
            let orders = word.shares.map(\.order.id).joined(separator: ", ")
            try session.addLog(
                LogLine(
                    at: now, level: .info, integration: payout.integration, key: payout,
                    text: "line \(line) \(orders.isEmpty ? "settled" : "matched to order \(orders)") by \(word.by): "
                        + word.reason))
        }
    }

    public func settlements(of order: EntityKey) async throws -> [Settlement] {
        try await driver.read { try $0.settlements(of: order) }
    }
}

/// An order's part of a line, in minor units, that was taken from it.
private struct FormerShare {
    let order: EntityKey
    let paid: Int64
    let settled: Int64

    func isSame(_ share: LineMatch.Share) -> Bool {
        share.order == order && share.paid.minorUnits == paid && share.settled.minorUnits == settled
    }
}

extension SQLSession {
    func settlements(of order: EntityKey) throws -> [Settlement] {
        try rows(
            """
            SELECT l.payout, l.provider, l.id, l.kind, m.paid, m.paid_currency, m.settled, l.currency, l.at, l.place,
                p.arrives_on
            FROM payout_matches m
            JOIN payout_lines l ON l.integration = m.integration AND l.payout = m.payout AND l.position = m.position
            JOIN payouts p ON p.integration = m.integration AND p.id = m.payout
            WHERE m.order_integration = ? AND m.order_id = ? ORDER BY l.at, l.id
            """, [.text(order.integration), .text(order.id)]
        ).map { row in
            var row = row
            let (payout, provider, line) = (try row.text(), try row.text(), try row.text())
            let kind = try row.word(PayoutLine.Kind.self)
            let paid = Money(minorUnits: try row.int64(), try row.currency())
            let settled = Money(minorUnits: try row.int64(), try row.currency())
            return Settlement(
                payout: payout, provider: provider, line: line, kind: kind, paid: paid, settled: settled,
                at: try row.time(), place: try row.optionalWord() ?? .clearing,
                arrivesOn: Day(try row.text()) ?? Instant.distantPast.day(in: .utc))
        }
    }

    /// What orders are matched by, beside the columns of their records.
    func keepKeys(of order: Order, _ key: EntityKey) throws {
        try run(
            """
            INSERT INTO order_keys (integration, id, transaction_id, total, currency, paid_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (integration, id) DO UPDATE SET transaction_id = excluded.transaction_id,
                total = excluded.total, currency = excluded.currency, paid_at = excluded.paid_at
            """,
            [
                .text(key.integration), .text(key.id),
                .text(order.payment.transactionID.flatMap { $0.isEmpty ? nil : PayoutMatcher.plain($0) }),
                .int(order.total.minorUnits), .text(order.currency.code), .time(order.paidAt ?? order.createdAt),
            ])
    }

    fileprivate func orders(under key: PayoutMatch.Key, _ value: String, in integration: String) throws -> [EntityKey] {
        let query: String
        var arguments: [SQLValue] = [.text(integration), .text(value)]
        switch key {
        case .transaction: query = "SELECT id FROM order_keys WHERE integration = ? AND transaction_id = ?"
        case .orderID: query = "SELECT id FROM entities WHERE integration = ? AND type = 'order' AND id = ?"
        case .orderNumber:
            // Some shops write a mark before it, which keys are told without.
            query = """
                SELECT id FROM entities WHERE integration = ? AND number = ? AND type = 'order'
                UNION SELECT id FROM entities WHERE integration = ? AND number = ? AND type = 'order'
                """
            arguments += [.text(integration), .text("#\(value)")]
        case .invoiceNumber:
            query = """
                SELECT l.entity_id FROM documents d
                JOIN links l ON l.integration = d.integration AND l.reference = d.reference
                WHERE d.integration = ? AND d.erp_number = ? AND d.kind = 'invoice' AND l.type = 'order'
                """
        case .person: return []
        }
        return try rows(query, arguments).map { row in
            var row = row
            return EntityKey(integration: integration, type: .order, id: try row.text())
        }
    }

    fileprivate func foundOrder(_ key: EntityKey) throws -> FoundOrder? {
        let row = try first(
            """
            SELECT e.number, e.created_at, k.transaction_id, k.total, k.currency, EXISTS (
                SELECT 1 FROM decisions d
                WHERE d.integration = e.integration AND d.type = e.type AND d.entity_id = e.id)
            FROM entities e
            LEFT JOIN order_keys k ON k.integration = e.integration AND k.id = e.id
            WHERE e.integration = ? AND e.type = ? AND e.id = ?
            """, key.columns)
        guard var row else { return nil }
        let number = try row.text()
        let createdAt = try row.time()
        let transaction = try row.optionalText()
        let (units, code) = (try row.optionalInt64(), try row.optionalText())
        var total = units.flatMap { units in
            code.flatMap { Currency(code: $0) }.map { Money(minorUnits: units, $0) }
        }
        // Stored before there were keys.
        if total == nil { total = try order(key)?.total }
        guard let total else { return nil }
        let hasDecisions = try row.flag()
        let invoices = try rows(
            """
            SELECT d.erp_number FROM links l
            JOIN documents d ON d.integration = l.integration AND d.reference = l.reference
            WHERE l.integration = ? AND l.type = ? AND l.entity_id = ? AND d.kind = 'invoice'
                AND d.erp_number IS NOT NULL
            """, key.columns)
        return FoundOrder(
            key: key, number: number, transactionID: transaction,
            invoiceNumbers: try invoices.map { row in
                var row = row
                return try row.text()
            }, total: total, createdAt: createdAt, hasDecisions: hasDecisions)
    }

    private func order(_ key: EntityKey) throws -> Order? {
        try entityRows("e.integration = ? AND e.type = ? AND e.id = ?", key.columns).first.map { try Entity(row: $0) }?
            .order
    }

    fileprivate func position(of line: String, _ payout: EntityKey) throws -> Int? {
        var row = try first(
            """
            SELECT l.position FROM payouts p
            JOIN payout_lines l ON l.integration = p.integration AND l.provider = p.provider AND l.id = ?
            WHERE p.integration = ? AND p.id = ? AND l.payout = p.id
            """, [.text(line)] + payout.lineColumns)
        return try row?.int()
    }

    /// Answers what the line was matched to.
    fileprivate func unmatch(_ position: Int, of payout: EntityKey) throws -> [FormerShare] {
        try rows(
            """
            DELETE FROM payout_matches WHERE integration = ? AND payout = ? AND position = ?
            RETURNING order_integration, order_id, paid, settled
            """, payout.lineColumns + [.int(position)]
        ).map { row in
            var row = row
            return FormerShare(
                order: EntityKey(integration: try row.text(), type: .order, id: try row.text()),
                paid: try row.int64(), settled: try row.int64())
        }
    }

    /// Forgets payments of the line that were taken back; refuses to leave others behind.
    fileprivate func release(
        _ line: String, of payout: EntityKey, from order: EntityKey, isTakenBack: Bool, now: Instant
    ) throws {
        if try answers(
            "SELECT 1 FROM leases WHERE name = ? AND held_until > ?", [.text(order.description), .time(now)])
        {
            throw StoreError(.conflict, "order \(order.id) is being worked on: try again in a moment")
        }
        var row = try first("SELECT provider FROM payouts WHERE integration = ? AND id = ?", payout.lineColumns)
        let record = Settlement.lineRecord(provider: try row?.text() ?? "", line: line)
        let begun = try references(
            """
            SELECT reference FROM intents WHERE integration = ? AND type = ? AND entity_id = ?
                AND step = 'registerPayment' AND (result IS NULL OR result = 'unknown')
            """, of: order, with: record)
        guard begun.isEmpty else {
            throw StoreError(.conflict, "line \(line) may be paying order \(order.id): try again when that is known")
        }
        let made = try references(
            "SELECT reference FROM links WHERE integration = ? AND type = ? AND entity_id = ?", of: order, with: record
        ).filter { $0.kind == .payment }
        guard made.isEmpty || isTakenBack else {
            throw StoreError(
                .conflict,
                "line \(line) has paid order \(order.id): take that payment back in the ERP, then say so (--payment-taken-back)"
            )
        }
        for reference in made {
            try run(
                "DELETE FROM links WHERE integration = ? AND reference = ?",
                [.text(order.integration), .reference(reference)])
        }
    }

    private func references(
        _ query: String, of order: EntityKey, with record: String
    ) throws -> [ExternalReference] {
        try rows(query, order.columns).map { row in
            var row = row
            return try row.reference()
        }.filter { $0.record == "order-\(order.id)-\(record)" }
    }

    fileprivate func keep(_ match: LineMatch, of payout: EntityKey, now: Instant) throws {
        guard let position = try position(of: match.line, payout) else {
            throw StoreError(.conflict, "payout \(payout.id) has no line \(match.line)")
        }
        guard Set(match.shares.map(\.order)).count == match.shares.count else {
            throw StoreError(.conflict, "line \(match.line) of payout \(payout.id) names an order twice")
        }
        let isOpen = try answers(
            """
            UPDATE payout_lines SET place = COALESCE(place, ?), why = ?, matched_by = ?
            WHERE integration = ? AND payout = ? AND position = ? AND settled = 0 AND matched_by IS NULL RETURNING 1
            """,
            [.word(match.place), .text(match.why), match.by.map { .word($0) } ?? .null] + payout.lineColumns
                + [.int(position)])
        if isOpen { try add(match.shares, position, of: payout, now: now) }
    }

    fileprivate func add(_ shares: [LineMatch.Share], _ position: Int, of payout: EntityKey, now: Instant) throws {
        for share in shares {
            try run(
                """
                INSERT INTO payout_matches (
                    integration, payout, position, order_integration, order_id, paid, paid_currency, settled
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (integration, payout, position, order_integration, order_id) DO NOTHING
                """,
                payout.lineColumns + [
                    .int(position), .text(share.order.integration), .text(share.order.id), .int(share.paid.minorUnits),
                    .text(share.paid.currency.code), .int(share.settled.minorUnits),
                ])
            try makeDue("integration = ? AND type = ? AND id = ?", share.order.columns, .payout, now: now)
        }
    }
}
