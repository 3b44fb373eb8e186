import ConnectorKit
import Domain

/// Entries of the ledger that belong to no invoice. Tryton keeps no two of one reference apart: our key ends the description, and
/// the step that makes an entry looks for it first.
struct TrytonMoves: Sendable {
    let client: TrytonClient
    let chart: TrytonChart

    /// A move of the ledger.
    struct Move: Sendable {
        let id: Int
        let number: String?
        let isPosted: Bool
        let date: Day?
        let lines: [TrytonRow]

        /// `ledger` is what it moved of a payment's account.
        func document(total: Money? = nil, ledger: Money? = nil) -> ERPDocument {
            ERPDocument(
                id: DocumentID(String(id)), number: number, state: isPosted ? .booked : .draft, date: date,
                total: total, ledger: ledger)
        }
    }

    func create(_ draft: JournalEntryDraft, by deadline: Instant) async throws(TrytonFailure) -> StepOutcome {
        guard draft.rows.map(\.amount.decimal).reduce(.zero, +).isZero else {
            return .rejected(Problem(.internalError, "the entry does not balance"))
        }
        if let known = try await one(draft.reference, by: deadline) {
            if known.isPosted { return .alreadyThere(known.document()) }
            return .done(try await posted(known.id, by: deadline).document())
        }
        let accounts = try await chart.ids(draft.rows.map(\.account), by: deadline)
        let lines = draft.rows.map { row in
            Self.line(accounts[row.account] ?? 0, row.amount, ["description": .string(row.text)])
        }
        let journal = try await chart.journal(draft.series, orType: "general", by: deadline)
        let id = try await make(draft.reference, draft.text, draft.date, journal, lines, by: deadline)
        do throws(TrytonFailure) {
            return .done(try await posted(id, by: deadline).document())
        } catch {
            throw .afterWriting(error)
        }
    }

    // MARK: Finding

    /// The one move of a reference.
    func one(_ reference: ExternalReference, by deadline: Instant) async throws(TrytonFailure) -> Move? {
        let ending = Self.ending(reference)
        // What stands for any letter in a search is written so that it stands for itself.
        let pattern = ending.reduce(into: "%") { pattern, letter in
            if "%_\\".contains(letter) { pattern.append("\\") }
            pattern.append(letter)
        }
        let found = try await moves([["description", "like", .string(pattern)]], by: deadline)
            .filter { $0.description.map { ExactText(String($0.suffix(ending.count))) == ExactText(ending) } ?? false }
        guard found.count <= 1 else {
            let ids = found.map { "\($0.move.id)" }.joined(separator: ", ")
            throw .refused(
                TrytonRefusal(Problem(.documentConflict, "Tryton has several moves for \(reference): \(ids)")))
        }
        return found.first?.move
    }

    func read(_ ids: [Int], by deadline: Instant) async throws(TrytonFailure) -> [Int: Move] {
        try await moves([["id", "in", TrytonWire.ids(ids)]], by: deadline).reduce(into: [:]) {
            $0[$1.move.id] = $1.move
        }
    }

    private func moves(
        _ domain: JSONValue, by deadline: Instant
    ) async throws(TrytonFailure) -> [(move: Move, description: String?)] {
        let rows = try await client.rows(
            "account.move", domain,
            [
                "number", "state", "date", "description", "lines.account", "lines.debit", "lines.credit",
                "lines.second_currency", "lines.amount_second_currency", "lines.party",
            ], by: deadline)
        var moves: [(move: Move, description: String?)] = []
        for row in rows {
            let move = Move(
                id: try row.id(), number: row.text("number"), isPosted: row.text("state") == "posted",
                date: row.day("date"), lines: row.rows("lines"))
            moves.append((move, row.text("description")))
        }
        return moves
    }

    // MARK: Making

    func make(
        _ reference: ExternalReference, _ text: String, _ date: Day, _ journal: Int, _ lines: [JSONValue],
        by deadline: Instant
    ) async throws(TrytonFailure) -> Int {
        let period = try await chart.period(date, by: deadline)
        let made = try await client.create(
            "account.move",
            [
                [
                    "journal": TrytonWire.id(journal), "period": TrytonWire.id(period), "date": TrytonWire.date(date),
                    "description": .string("\(text)\(Self.ending(reference))"), "lines": TrytonWire.create(lines),
                ]
            ], by: deadline)
        guard let id = made.first else { throw .unreadable("no move") }
        return id
    }

    func posted(_ id: Int, by deadline: Instant) async throws(TrytonFailure) -> Move {
        try await client.press("account.move.post", [id], by: deadline)
        guard let move = try await read([id], by: deadline)[id], move.isPosted else {
            throw .unreadable("a move that is not posted")
        }
        return move
    }

    /// A row of an account: debit where positive.
    static func line(_ account: Int, _ amount: Money, _ more: [String: JSONValue] = [:]) -> JSONValue {
        let zero = Money.zero(amount.currency)
        let values: [String: JSONValue] = [
            "account": TrytonWire.id(account), "debit": TrytonWire.decimal(amount.isNegative ? zero : amount),
            "credit": TrytonWire.decimal(amount.isNegative ? -amount : zero),
        ]
        return .object(values.merging(more) { first, _ in first })
    }

    private static func ending(_ reference: ExternalReference) -> String { " [\(reference.key)]" }
}

extension TrytonMoves.Move {
    /// What its lines come to on an account, debit positive.
    func moved(_ account: Int?, _ own: Currency) -> Money {
        lines.filter { $0.link("account") == account }
            .map { ($0.money("debit", own) ?? .zero(own)) - ($0.money("credit", own) ?? .zero(own)) }.sum(own)
    }
}
