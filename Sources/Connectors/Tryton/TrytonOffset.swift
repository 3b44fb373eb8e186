import ConnectorKit
import Domain

/// Sets posted credit notes off against their unpaid invoice, by reconciling what each has on the customer's account.
struct TrytonOffset: Sendable {
    let client: TrytonClient
    let lookup: TrytonLookup

    func offset(
        _ invoice: DocumentID, _ notes: [DocumentID], by deadline: Instant
    ) async throws(TrytonFailure) -> StepOutcome {
        let ids = ([invoice] + notes).compactMap { Int($0.text) }
        let rows = try await client.rows(
            "account.invoice", [["id", "in", TrytonWire.ids(ids)]],
            ["state", "currency", "company.currency", "lines_to_pay.reconciliation", "lines_to_pay.debit"],
            by: deadline)
        let lines = rows.flatMap { $0.rows("lines_to_pay") }.filter { $0.link("reconciliation") == nil }
        let isOpen = rows.count == ids.count && rows.allSatisfy { $0.text("state") == "posted" }
        // In another currency the days' rates leave a difference, whose account is for people to choose.
        let isLocal = rows.allSatisfy { $0.link("currency") == $0.row("company")?.link("currency") }
        guard isOpen, isLocal else { return try await outcome(invoice, isDone: false, by: deadline) }
        try await client.reconcile(lines.compactMap { $0.link("id") }, by: deadline)
        do throws(TrytonFailure) {
            return try await outcome(invoice, isDone: true, by: deadline)
        } catch {
            throw .afterWriting(error)
        }
    }

    private func outcome(
        _ id: DocumentID, isDone: Bool, by deadline: Instant
    ) async throws(TrytonFailure) -> StepOutcome {
        guard let number = Int(id.text),
            var invoice = try await lookup.invoices([number], by: deadline)[number]?.document
        else { return .rejected(Problem(.documentGone, "invoice #\(id) was deleted in Tryton")) }
        if isDone, invoice.state == .paid { return .done(invoice) }
        // What is open of it is nothing to be set off any more.
        invoice.open = nil
        return .alreadyThere(invoice)
    }
}

extension TrytonClient {
    /// Reconciles lines of the ledger that come to nothing together.
    func reconcile(_ lines: [Int], by deadline: Instant) async throws(TrytonFailure) {
        let wizard = "wizard.account.move.reconcile_lines"
        let context: [String: JSONValue] = [
            "active_model": "account.move.line", "active_ids": TrytonWire.ids(lines),
            "active_id": TrytonWire.optional(lines.first),
        ]
        let begun = try await call("\(wizard).create", [], .write, by: deadline, context: context)
        guard let session = begun[0], let start = begun[1] else { throw .unreadable("no wizard") }
        try await call("\(wizard).execute", [session, [:], start], .write, by: deadline, context: context)
    }
}
