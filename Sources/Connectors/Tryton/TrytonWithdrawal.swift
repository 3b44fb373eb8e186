import ConnectorKit
import Domain

/// Takes back what is not booked. Tryton leaves no sale cancelled that it has begun to invoice: then its invoices are cancelled
/// and the sale is told not to make them again, which ends it.
struct TrytonWithdrawal: Sendable {
    let client: TrytonClient
    let lookup: TrytonLookup

    func withdraw(
        _ kind: DocumentKind, _ id: DocumentID, by deadline: Instant
    ) async throws(TrytonFailure) -> StepOutcome {
        guard let number = Int(id.text) else {
            return .rejected(Problem(.documentGone, "\(kind.title) #\(id) was deleted in Tryton"))
        }
        return kind == .order
            ? try await sale(number, by: deadline) : try await invoice(number, kind, by: deadline)
    }

    private func invoice(
        _ id: Int, _ kind: DocumentKind, by deadline: Instant
    ) async throws(TrytonFailure) -> StepOutcome {
        guard let invoice = try await lookup.invoices([id], by: deadline)[id] else {
            return .rejected(Problem(.documentGone, "\(kind.title) #\(id) was deleted in Tryton"))
        }
        guard !invoice.document.state.isBooked else {
            return .rejected(Problem(.documentChangedInERP, "\(kind.title) #\(id) was posted in Tryton meanwhile"))
        }
        if invoice.document.state != .cancelled {
            try await client.press("account.invoice.cancel", [id], by: deadline)
        }
        do throws(TrytonFailure) {
            let rows = try await client.rows(
                "account.invoice", [["id", "=", TrytonWire.id(id)]], ["sales"], by: deadline)
            for sale in rows.first?.ids("sales") ?? [] { try await ignore([id], of: sale, by: deadline) }
            guard let after = try await lookup.invoices([id], by: deadline)[id] else {
                throw .unreadable("not the invoice that was cancelled")
            }
            return .done(after.document)
        } catch {
            throw .afterWriting(error)
        }
    }

    private func sale(_ id: Int, by deadline: Instant) async throws(TrytonFailure) -> StepOutcome {
        guard let sale = try await lookup.sales([id], withInvoices: true, by: deadline)[id] else {
            return .rejected(Problem(.documentGone, "order #\(id) was deleted in Tryton"))
        }
        if sale.state == "cancelled" { return .alreadyThere(sale.document) }
        if let booked = sale.invoices.first(where: { $0.document.state.isBooked }) {
            let text = "order #\(id) has the invoice \(booked.document.number ?? "#\(booked.id)"), which is posted"
            return .rejected(Problem(.documentChangedInERP, text))
        }
        if sale.state == "confirmed" { try await client.press("sale.sale.draft", [id], by: deadline) }
        do throws(TrytonFailure) {
            if ["processing", "done"].contains(sale.state) {
                let open = sale.invoices.filter { $0.document.state != .cancelled }.map(\.id)
                try await client.press("account.invoice.cancel", open, by: deadline)
                try await ignore(sale.invoices.map(\.id), of: id, by: deadline)
            } else {
                try await client.press("sale.sale.cancel", [id], by: deadline)
            }
            guard var after = try await lookup.sales([id], by: deadline)[id]?.document else {
                throw .unreadable("not the sale that was cancelled")
            }
            after.state = .cancelled
            return .done(after)
        } catch {
            throw .afterWriting(error)
        }
    }

    /// Tells a sale that cancelled invoices are not to be made again.
    private func ignore(_ invoices: [Int], of sale: Int, by deadline: Instant) async throws(TrytonFailure) {
        guard !invoices.isEmpty else { return }
        try await client.write(
            "sale.sale", [([sale], ["invoices_ignored": TrytonWire.add(invoices)])], by: deadline)
        try await client.press("sale.sale.process", [sale], by: deadline)
    }
}
