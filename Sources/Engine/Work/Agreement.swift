import Domain

/// Whether a document that was found under our reference is the one we would have made. Only then is it adopted: a shop
/// restored from a backup hands out old ids anew, and people copy references.
struct Agreement {
    private let draft: SalesOrderDraft?
    private let customer: DocumentID?
    private let expected: (total: Money, taxes: [DocumentTax])?
    private let payment: Money?

    /// For a document found by a lookup.
    init(_ draft: SalesOrderDraft, customer: DocumentID?) {
        self.draft = draft
        self.customer = customer
        expected = nil
        payment = nil
    }

    /// For a document that a step found instead of making it.
    init(_ step: Step, _ run: RecordRun) {
        if case .createOrder(let draft, let customer) = step {
            self.draft = draft
            self.customer = customer
        } else {
            draft = nil
            customer = nil
        }
        expected = if case .createInvoice(let draft) = step { (draft.total, draft.taxes) } else { nil }
        payment = if case .registerPayment(let draft) = step { draft.amount } else { nil }
    }

    /// What keeps an order's document from being ours; `nil` when nothing does.
    func conflict(with found: ERPDocument) -> Problem? {
        if let draft { return orderConflict(found, draft) }
        if let payment, let paid = found.total, paid != payment {
            return Problem(.documentConflict, "payment \(found.id) is of \(paid) instead of \(payment)")
        }
        guard let expected, found.state.isBooked else { return nil }
        if let total = found.total, total != expected.total {
            return Problem(.documentConflict, "it is booked with \(total), the order comes to \(expected.total)")
        }
        let (booked, wanted) = (found.taxes.charged, expected.taxes.charged)
        guard booked == wanted else {
            return Problem(.documentConflict, "it is booked with VAT \(booked.text), the order has \(wanted.text)")
        }
        return nil
    }

    private func orderConflict(_ found: ERPDocument, _ draft: SalesOrderDraft) -> Problem? {
        var differences: [String] = []
        if let date = found.date, date != draft.date { differences.append("date \(date) instead of \(draft.date)") }
        if let customer, let other = found.customer, other != customer { differences.append("another customer") }
        if let total = found.total {
            // The ERP computes an order's VAT by its own rounding; the invoice is set right later.
            let near =
                total.currency == draft.currency
                && (total - draft.total).magnitude <= Int64(draft.lines.count)
            if !near { differences.append("total \(total) instead of \(draft.total)") }
        }
        guard !differences.isEmpty else { return nil }
        return Problem(.documentConflict, "order #\(found.id) has \(differences.joined(separator: ", "))")
    }

    /// The same for an invoice found by a lookup.
    func invoiceConflict(with found: ERPDocument, total: Money) -> Problem? {
        guard found.state.isBooked, let booked = found.total, booked != total else { return nil }
        return Problem(.documentConflict, "invoice \(found.number ?? "#\(found.id)") has \(booked) instead of \(total)")
    }
}
