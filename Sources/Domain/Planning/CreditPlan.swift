/// Decides what is to be done about the credit notes of an order whose invoice is booked. Each refund makes at most one, tied
/// to the invoice (R5, R9); together they never exceed it (R6).
struct CreditPlan {
    let shop: ShopIdentity
    let settings: Settings
    let books: Books
    let now: Instant

    func plan(_ order: Order, _ invoice: Document, _ made: [Document]) -> Plan {
        do throws(Problem) {
            let credits = try CreditMapper(shop: shop, settings: settings, rules: books.rules).credits(of: order)
            if let problem = withdrawn(made, credits) ?? contradiction(order, credits) { throw problem }
            for credit in credits {
                if let plan = try next(credit, invoice, made) { return plan }
            }
            return .complete
        } catch {
            return .stop(Problem(error.code, "\(invoice.title) is booked; \(error.detail)"))
        }
    }

    /// A credit note whose refund the shop no longer shows.
    private func withdrawn(_ made: [Document], _ credits: [CreditMapper.Mapped]) -> Problem? {
        let wanted = Set(credits.map(\.reference))
        let stale = made.first { !wanted.contains($0.reference) && $0.erp.state != .gone && $0.erp.state != .cancelled }
        return stale.map { Problem(.refundWithdrawn, "\($0.title) credits what the shop no longer gives back") }
    }

    /// A shop that sets an order to refunded makes a refund of all that was left: where refunds leave something, one of them was
    /// deleted, and only a person knows whether that part was given back.
    private func contradiction(_ order: Order, _ credits: [CreditMapper.Mapped]) -> Problem? {
        let refunds = order.refunds.filter { !$0.amount.isZero }
        guard order.status == .refunded, !refunds.isEmpty, credits.count > refunds.count else { return nil }
        let given = refunds.map(\.amount).sum(order.currency)
        return Problem(
            .refundDoesNotAddUp, "the order is \(order.statusText), its refunds give back \(given) of \(order.total)")
    }

    /// What one credit needs next; `nil` when its note is booked.
    private func next(
        _ credit: CreditMapper.Mapped, _ invoice: Document, _ made: [Document]
    ) throws(Problem) -> Plan? {
        guard let note = made.first(where: { $0.reference == credit.reference }) else {
            if !settings.live { return .hold(Hold(until: .setting("live"), waitingFor: "live mode")) }
            return .step(.createCreditNote(try draft(credit, invoice)))
        }
        switch note.erp.state {
        case .gone, .cancelled:
            throw Problem(.documentGone, "\(note.title) was deleted or cancelled in the ERP")
        case .booked, .paid:
            if let total = note.erp.total, -total != credit.draft.total {
                throw Problem(
                    .refundWithdrawn, "\(note.title) is of \(-total), the shop gives back \(credit.draft.total)")
            }
            return nil
        case .draft, .confirmed:
            try compare(note, with: credit.draft)
            guard settings.invoices.automaticBooking else {
                return .hold(
                    Hold(until: .books("credit note"), waitingFor: "a person to book the draft credit note in the ERP"))
            }
            return BookingDate(settings: settings, books: books, now: now).plan(credit.date, note)
        }
    }

    private func draft(_ credit: CreditMapper.Mapped, _ invoice: Document) throws(Problem) -> CreditNoteDraft {
        guard let customer = invoice.erp.customer else {
            throw Problem(.documentConflict, "the ERP names no customer of \(invoice.title)")
        }
        let draft = credit.draft
        return CreditNoteDraft(
            reference: credit.reference, invoice: invoice.erp.id, invoiceReference: invoice.reference,
            customer: customer, number: draft.number, date: credit.date, currency: draft.currency, lines: draft.lines,
            taxes: draft.taxes, total: draft.total, text: credit.text)
    }

    private func compare(_ note: Document, with draft: SalesOrderDraft) throws(Problem) {
        guard let total = note.erp.total, -total == draft.total else {
            let text = note.erp.total?.description ?? "nothing"
            throw Problem(.totalDiffers, "\(note.title) comes to \(text), the refund to \(draft.total)")
        }
        let stated = note.erp.taxes.map { DocumentTax(code: $0.code, amount: -$0.amount) }.charged
        guard stated == draft.taxes.charged else {
            throw Problem(
                .totalDiffers, "VAT of \(note.title) is \(stated.text), the refund's \(draft.taxes.charged.text)")
        }
    }
}
