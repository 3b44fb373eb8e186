import ConnectorKit
import Domain

/// Makes draft credit notes: invoices of negative quantities whose lines point at those of the invoice they credit, which is
/// how Tryton knows what they take back.
///
/// Tryton keeps no two of one reference apart, and computes VAT by its own rounding, so a note is made in two calls. Until
/// the second has set VAT and description right it is unfinished and no lookup finds it; the step that made it finds it by
/// its reference and finishes it.
struct TrytonCreditNotes: Sendable {
    static let unfinished = "(unfinished)"

    let client: TrytonClient
    let lookup: TrytonLookup
    let catalogue: TrytonCatalogue

    func create(_ draft: CreditNoteDraft, by deadline: Instant) async throws(TrytonFailure) -> StepOutcome {
        let known = try await lookup.creditNotes([draft.reference.key], by: deadline)
            .filter { $0.invoice.document.state != .cancelled }
        guard known.count <= 1 else {
            let ids = known.map { "\($0.invoice.id)" }.joined(separator: ", ")
            return .rejected(Problem(.documentConflict, "Tryton has several credit notes for it: \(ids)"))
        }
        if let note = known.first, !note.isUnfinished { return .alreadyThere(note.invoice.document) }
        var made = known.first?.invoice.id
        if made == nil {
            let values: JSONValue
            switch try await self.values(draft, by: deadline) {
            case .success(let found): values = found
            case .failure(let problem): return .rejected(problem)
            }
            made = try await client.create("account.invoice", [values], by: deadline).first
        }
        guard let made else { throw .unreadable("no credit note") }
        do throws(TrytonFailure) {
            return try await finished(made, draft, by: deadline)
        } catch {
            throw .afterWriting(error)
        }
    }

    private func finished(
        _ id: Int, _ draft: CreditNoteDraft, by deadline: Instant
    ) async throws(TrytonFailure) -> StepOutcome {
        guard let note = try await lookup.invoices([id], by: deadline)[id] else {
            return .rejected(Problem(.documentGone, "credit note #\(id) was deleted in Tryton"))
        }
        let check = TrytonInvoiceCheck(of: draft)
        var values: [String: JSONValue] = ["description": .string(draft.text)]
        switch check.judge(note) {
        case .problem(let problem): return .rejected(problem)
        case .correct(let amounts):
            if !amounts.isEmpty {
                values["taxes"] = .array(
                    amounts.sorted { $0.key < $1.key }.map { tax, amount in
                        ["write", [TrytonWire.id(tax)], ["amount": TrytonWire.decimal(amount)]]
                    })
            }
        }
        try await client.write("account.invoice", [([id], .object(values))], by: deadline)
        guard let written = try await lookup.invoices([id], by: deadline)[id] else {
            return .rejected(Problem(.documentGone, "credit note #\(id) was deleted in Tryton"))
        }
        if let problem = check.problem(written.document) { return .rejected(problem) }
        return .done(written.document)
    }

    // MARK: Values

    private func values(
        _ draft: CreditNoteDraft, by deadline: Instant
    ) async throws(TrytonFailure) -> Result<JSONValue, Problem> {
        let register = try await catalogue.register(for: TrytonNeeds(draft.lines), by: deadline)
        let rows = try await client.rows(
            "account.invoice", [["id", "=", .string(draft.invoice.text)]],
            [
                "state", "party", "invoice_address", "currency", "journal", "account", "lines.product", "lines.account",
                "lines.type", "lines.taxes",
            ], by: deadline)
        guard let invoice = rows.first, ["posted", "paid"].contains(invoice.text("state")) else {
            return .failure(Problem(.documentGone, "invoice #\(draft.invoice) is not posted in Tryton"))
        }
        let originals = invoice.rows("lines").filter { $0.text("type") == "line" }
        do throws(Problem) {
            var lines: [JSONValue] = []
            for line in draft.lines {
                lines.append(try self.line(line, invoice.link("currency"), originals, register))
            }
            return .success([
                "type": "out", "party": TrytonWire.optional(invoice.link("party")),
                "invoice_address": TrytonWire.optional(invoice.link("invoice_address")),
                "currency": TrytonWire.optional(invoice.link("currency")),
                "journal": TrytonWire.optional(invoice.link("journal")),
                "account": TrytonWire.optional(invoice.link("account")), "invoice_date": TrytonWire.date(draft.date),
                "reference": .string(draft.reference.key), "description": .string(Self.unfinished),
                "lines": TrytonWire.create(lines),
            ])
        } catch {
            return .failure(error)
        }
    }

    private func line(
        _ line: DraftLine, _ currency: Int?, _ originals: [TrytonRow], _ register: TrytonRegister
    ) throws(Problem) -> JSONValue {
        let article = try TrytonOrderValues.article(line, register)
        let taxes: [Int]
        if let tax = line.tax { taxes = [try register.id(.taxes, tax)] } else { taxes = [] }
        // The line of the same article, else one of the same tax, else any: it says what is credited and by which account.
        let sameTax = originals.filter { $0.ids("taxes") == taxes }
        let origin =
            sameTax.first { $0.link("product") == article.id } ?? originals.first { $0.link("product") == article.id }
            ?? sameTax.first ?? originals.first
        guard let origin, let originID = origin.link("id") else {
            throw Problem(.documentConflict, "the invoice has no lines in Tryton")
        }
        return [
            // Without one a line is in the company's currency, which Tryton refuses in an invoice in another.
            "currency": TrytonWire.optional(currency),
            "type": "line", "origin": .string("account.invoice.line,\(originID)"), "product": TrytonWire.id(article.id),
            "unit": TrytonWire.id(article.unit), "account": TrytonWire.optional(origin.link("account")),
            "quantity": .number(-line.quantity), "unit_price": TrytonWire.decimal(line.unitPrice),
            "taxes": TrytonWire.add(taxes), "description": .string(line.description),
        ]
    }
}
