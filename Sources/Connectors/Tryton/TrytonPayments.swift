import ConnectorKit
import Domain

/// Pays posted invoices and credit notes: a move between the receivable and the account the money came to, tied to the invoice as
/// a payment of it. What the last payment leaves paid is reconciled, so that Tryton calls it paid.
///
/// A payment takes several calls. Each finds out what those before it did, so that the step can be done again from anywhere.
struct TrytonPayments: Sendable {
    let client: TrytonClient
    let chart: TrytonChart
    let moves: TrytonMoves

    func register(_ draft: PaymentDraft, by deadline: Instant) async throws(TrytonFailure) -> StepOutcome {
        let own = try await chart.currency(by: deadline)
        guard let invoice = try await invoice(draft.document, own, by: deadline) else {
            return .rejected(Problem(.documentGone, "\(draft.kind.title) #\(draft.document) was deleted in Tryton"))
        }
        var move = try await moves.one(draft.reference, by: deadline)
        let wasThere = move?.isPosted == true && invoice.isPaid(by: move)
        if move == nil {
            if let problem = invoice.problem(with: draft) { return .rejected(problem) }
            let lines = try await lines(draft, invoice, own, by: deadline)
            let journal = try await chart.journal(nil, orType: "cash", by: deadline)
            let text = "Payment of \(invoice.number)"
            let id = try await moves.make(draft.reference, text, draft.date, journal, lines, by: deadline)
            do throws(TrytonFailure) {
                move = try await moves.read([id], by: deadline)[id]
            } catch {
                throw .afterWriting(error)
            }
        }
        guard let move else { throw .unreadable("no payment") }
        let paid = invoice.amount(of: move)
        guard paid == draft.amount else { return .alreadyThere(move.document(total: paid)) }
        do throws(TrytonFailure) {
            let accounts = try await chart.ids([draft.account], by: deadline)
            let posted = try await finished(move, draft, own, by: deadline)
            let finished = posted.document(total: paid, ledger: posted.moved(accounts[draft.account], own))
            return wasThere ? .alreadyThere(finished) : .done(finished)
        } catch {
            throw .afterWriting(error)
        }
    }

    /// Posts the move, ties it to the invoice, and reconciles what is paid whole.
    private func finished(
        _ move: TrytonMoves.Move, _ draft: PaymentDraft, _ own: Currency, by deadline: Instant
    ) async throws(TrytonFailure) -> TrytonMoves.Move {
        let posted = move.isPosted ? move : try await moves.posted(move.id, by: deadline)
        guard var invoice = try await invoice(draft.document, own, by: deadline) else { return posted }
        if !invoice.isPaid(by: posted), let line = invoice.line(of: posted) {
            try await client.write(
                "account.invoice", [([invoice.id], ["payment_lines": TrytonWire.add([line])])], by: deadline)
            guard let tied = try await self.invoice(draft.document, own, by: deadline) else { return posted }
            invoice = tied
        }
        if invoice.open.isZero, !invoice.toReconcile.isEmpty {
            try await client.reconcile(invoice.toReconcile, by: deadline)
            try await client.press("account.invoice.process", [invoice.id], by: deadline)
        }
        return posted
    }

    // MARK: The move

    /// The account the money came to, the receivable, and the difference between the rates of the invoice and of the provider
    /// (R20): VAT stays as it was booked.
    private func lines(
        _ draft: PaymentDraft, _ invoice: TrytonPayable, _ own: Currency, by deadline: Instant
    ) async throws(TrytonFailure) -> [JSONValue] {
        let booked = invoice.booked(draft.amount, own)
        let settled = draft.settled ?? booked
        let difference = booked - settled
        let name = difference.isNegative ? draft.gain : draft.loss
        if !difference.isZero, name == nil {
            throw .refused(
                TrytonRefusal(
                    Problem(.paymentNotSet, "payments.exchangeGain and exchangeLoss are needed: \(difference)")))
        }
        let accounts = try await chart.ids(
            [draft.account] + (difference.isZero ? [] : [name].compactMap(\.self)), by: deadline)
        var receivable: [String: JSONValue] = ["party": TrytonWire.optional(invoice.party)]
        if draft.amount.currency != own {
            receivable["second_currency"] = TrytonWire.optional(invoice.currencyID)
            receivable["amount_second_currency"] = TrytonWire.decimal(-draft.amount)
        }
        var lines = [
            TrytonMoves.line(accounts[draft.account] ?? 0, settled),
            TrytonMoves.line(invoice.account, -booked, receivable),
        ]
        if !difference.isZero, let name { lines.append(TrytonMoves.line(accounts[name] ?? 0, difference)) }
        return lines
    }

    private func invoice(
        _ id: DocumentID, _ own: Currency, by deadline: Instant
    ) async throws(TrytonFailure) -> TrytonPayable? {
        guard let number = Int(id.text) else { return nil }
        let rows = try await client.rows(
            "account.invoice", [["id", "=", TrytonWire.id(number)]], TrytonPayable.fields, by: deadline)
        return try rows.first.map { row throws(TrytonFailure) in try TrytonPayable(row, own) }
    }
}

/// A posted invoice or credit note as payments see it.
struct TrytonPayable: Sendable {
    let id: Int
    let number: String
    let state: String
    let party: Int?
    /// The receivable.
    let account: Int
    let currencyID: Int?
    let total: Money
    /// Negative for a credit note.
    let open: Money
    private let toPay: [TrytonRow]
    private let paidBy: [TrytonRow]

    static let fields =
        ["number", "state", "party", "account", "currency", "currency.code", "total_amount", "amount_to_pay"]
        + ["lines_to_pay", "payment_lines"].flatMap { lines in
            ["reconciliation", "debit", "credit", "account", "move"].map { "\(lines).\($0)" }
        }

    init(_ row: TrytonRow, _ own: Currency) throws(TrytonFailure) {
        id = try row.id()
        guard let currency = row.row("currency")?.text("code").flatMap({ Currency(code: $0) }),
            let total = row.money("total_amount", currency), let open = row.money("amount_to_pay", currency),
            let account = row.link("account")
        else { throw .unreadable("an invoice without amounts") }
        number = row.text("number") ?? "#\(id)"
        state = row.text("state") ?? ""
        party = row.link("party")
        currencyID = row.link("currency")
        self.account = account
        self.total = total
        self.open = open
        toPay = row.rows("lines_to_pay")
        paidBy = row.rows("payment_lines")
    }

    /// What keeps it from being paid so.
    func problem(with draft: PaymentDraft) -> Problem? {
        guard ["posted", "paid"].contains(state) else {
            let code = state == "cancelled" ? ProblemCode.documentGone : .refusedByERP
            return Problem(code, "\(draft.kind.title) \(number) is \(state) in Tryton")
        }
        let fits = draft.amount.isNegative == open.isNegative && draft.amount.magnitude <= open.magnitude
        guard fits, !open.isZero, draft.amount.currency == open.currency else {
            return Problem(
                .refusedByERP, "\(draft.amount) is to be paid on \(number), of which \(open) is open in Tryton")
        }
        return nil
    }

    /// A part of the total in the ledger's currency at the rate it was booked by; what pays the last of it takes the rest.
    func booked(_ amount: Money, _ own: Currency) -> Money {
        if amount.currency == own { return amount }
        let whole = Self.sum(toPay, own)
        let left = whole + Self.sum(paidBy, own)
        if amount == open { return left }
        return whole.part(amount, of: total)
    }

    private static func sum(_ lines: [TrytonRow], _ own: Currency) -> Money {
        lines.map { ($0.money("debit", own) ?? .zero(own)) - ($0.money("credit", own) ?? .zero(own)) }.sum(own)
    }

    func isPaid(by move: TrytonMoves.Move?) -> Bool { paidBy.contains { $0.link("move") == move?.id } }

    /// The move's line on the receivable.
    func line(of move: TrytonMoves.Move) -> Int? { row(of: move)?.link("id") }

    private func row(of move: TrytonMoves.Move) -> TrytonRow? {
        move.lines.first { $0.link("account") == account && $0.link("party") == party }
    }

    /// What a move pays of it.
    func amount(of move: TrytonMoves.Move) -> Money? {
        guard let row = row(of: move) else { return nil }
        if let second = row.money("amount_second_currency", total.currency), row.link("second_currency") != nil {
            return -second
        }
        return row.money("credit", total.currency).flatMap { credit in
            row.money("debit", total.currency).map { credit - $0 }
        }
    }

    var toReconcile: [Int] {
        let lines = toPay + paidBy
        guard lines.allSatisfy({ $0.link("reconciliation") == nil }) else { return [] }
        return lines.compactMap { $0.link("id") }
    }
}
