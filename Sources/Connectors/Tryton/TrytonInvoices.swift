import ConnectorKit
import Domain

/// Makes the draft invoices of confirmed sales: Tryton makes them, we set reference, date and VAT right and read back.
struct TrytonInvoices: Sendable {
    let client: TrytonClient
    let lookup: TrytonLookup

    func create(_ drafts: [InvoiceDraft], by deadline: Instant) async throws(TrytonFailure) -> [StepOutcome] {
        let sales = try await process(drafts.compactMap(\.sale), by: deadline)
        let findings = drafts.map { finding($0, $0.sale.flatMap { sales[$0] }) }
        var changes: [(ids: [Int], values: JSONValue)] = []
        var waiting: [Int] = []
        for case .toWrite(let id, let values) in findings {
            changes.append(([id], values))
            waiting.append(id)
        }
        try await client.write("account.invoice", changes, by: deadline)
        do throws(TrytonFailure) {
            let written = try await lookup.invoices(waiting, by: deadline)
            return zip(drafts, findings).map { draft, finding in
                switch finding {
                case .settled(let outcome): outcome
                case .toWrite(let id, _): outcome(draft, written[id])
                }
            }
        } catch {
            throw .afterWriting(error)
        }
    }

    private enum Finding {
        case settled(StepOutcome)
        case toWrite(Int, JSONValue)
    }

    // MARK: Processing

    /// Has Tryton make the invoices, and reads sales with them. Processing a sale again does nothing, so it is always
    /// asked for: with a queue behind Tryton nobody knows when it would do so by itself.
    private func process(_ ids: [Int], by deadline: Instant) async throws(TrytonFailure) -> [Int: TrytonSale] {
        do throws(TrytonFailure) {
            try await client.press("sale.sale.process", ids, by: deadline)
        } catch .refused(let refusal) where refusal.kind == .wrongState {
            let known = try await lookup.sales(ids, by: deadline)
            let open = ids.filter { ["confirmed", "processing"].contains(known[$0]?.state) }
            try await client.press("sale.sale.process", open, by: deadline)
        } catch {
            throw error
        }
        let sales = try await lookup.sales(ids, withInvoices: true, by: deadline)
        // A queue worker of Tryton's that was at it at the same time may have made ours find nothing to do.
        let without = ids.filter { sales[$0]?.state == "processing" && sales[$0]?.invoices.isEmpty == true }
        guard !without.isEmpty else { return sales }
        try await client.press("sale.sale.process", without, by: deadline)
        return sales.merging(try await lookup.sales(without, withInvoices: true, by: deadline)) { _, new in new }
    }

    // MARK: Judging

    private func finding(_ draft: InvoiceDraft, _ sale: TrytonSale?) -> Finding {
        guard let sale else {
            return .settled(.rejected(Problem(.documentGone, "order #\(draft.saleText) was deleted in Tryton")))
        }
        if sale.document.state != .confirmed { return .settled(.rejected(Self.unusable(sale))) }
        let invoices = TrytonInvoice.standing(sale.invoices)
        guard let invoice = invoices.first else {
            return .settled(.rejected(Problem(.refusedByERP, "Tryton made no invoice of order #\(draft.saleText)")))
        }
        guard invoices.count == 1 else {
            let ids = invoices.map { "\($0.id)" }.joined(separator: ", ")
            return .settled(
                .rejected(Problem(.documentConflict, "order #\(draft.saleText) has several invoices in Tryton: \(ids)"))
            )
        }
        switch invoice.document.state {
        case .booked, .paid:
            return .settled(.alreadyThere(invoice.document))
        case .cancelled, .gone, .withdrawn:
            return .settled(
                .rejected(Problem(.documentGone, "the invoice of order #\(draft.saleText) was cancelled in Tryton")))
        case .draft, .confirmed:
            return invoice.state == "validated" ? validated(draft, invoice) : correction(draft, invoice)
        }
    }

    /// Of an invoice that has been validated Tryton lets nobody change more than reference and date.
    private func validated(_ draft: InvoiceDraft, _ invoice: TrytonInvoice) -> Finding {
        if let problem = TrytonInvoiceCheck(draft: draft).problem(invoice.document) {
            return .settled(.rejected(problem))
        }
        return .toWrite(invoice.id, ["reference": .string(draft.number), "invoice_date": TrytonWire.date(draft.date)])
    }

    private static func unusable(_ sale: TrytonSale) -> Problem {
        sale.document.state == .cancelled
            ? Problem(.documentGone, "order #\(sale.id) was cancelled in Tryton")
            : Problem(.documentChangedInERP, "order #\(sale.id) was set back to \(sale.state) in Tryton")
    }

    private func correction(_ draft: InvoiceDraft, _ invoice: TrytonInvoice) -> Finding {
        switch TrytonInvoiceCheck(draft: draft).judge(invoice) {
        case .problem(let problem):
            return .settled(.rejected(problem))
        case .correct(let amounts):
            var values: [String: JSONValue] = [
                "reference": .string(draft.number), "invoice_date": TrytonWire.date(draft.date),
            ]
            if !amounts.isEmpty {
                values["taxes"] = .array(
                    amounts.sorted { $0.key < $1.key }.map { id, amount in
                        ["write", [TrytonWire.id(id)], ["amount": TrytonWire.decimal(amount)]]
                    })
            }
            return .toWrite(invoice.id, .object(values))
        }
    }

    private func outcome(_ draft: InvoiceDraft, _ written: TrytonInvoice?) -> StepOutcome {
        guard let written else {
            return .rejected(Problem(.documentGone, "the invoice of order #\(draft.saleText) was deleted in Tryton"))
        }
        if let problem = TrytonInvoiceCheck(draft: draft).problem(written.document) { return .rejected(problem) }
        return written.document.state.isBooked ? .alreadyThere(written.document) : .done(written.document)
    }
}

extension InvoiceDraft {
    /// The sale's id; this connector makes invoices from sales only.
    fileprivate var sale: Int? { order.flatMap { Int($0.text) } }
    fileprivate var saleText: String { order?.text ?? "" }
}
