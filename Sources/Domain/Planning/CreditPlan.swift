/// Decides what is to be done about the credit notes of a booked invoice. Each refund makes at most one, tied to the invoice
/// (R5, R9); together they never exceed it (R6).
struct CreditPlan {
    let shop: ShopIdentity
    let settings: Settings
    let books: Books
    let now: Instant
    let generation: Generation
    let invoice: Document

    /// What comes next for an order as the invoice states it, with the refunds that are to be credited; with a closing the rest
    /// is credited too. `nil` when everything is.
    func plan(_ order: Order, closing: Closing?) throws(Problem) -> Plan? {
        do throws(Problem) {
            let mapper = CreditMapper(
                shop: shop, settings: settings, rules: books.rules, ordinal: generation.ordinal,
                original: invoice.madeFrom?.lines ?? [])
            let credits = try mapper.credits(of: order, closing: closing)
            if let plan = try withdrawn(credits) { return plan }
            if generation.closing == nil, closing == order.calledOff, let problem = contradiction(order, credits) {
                throw problem
            }
            for credit in credits {
                if let plan = try next(credit) { return plan }
            }
            return nil
        } catch {
            throw Problem(error.code, "\(invoice.title) is booked; \(error.detail)")
        }
    }

    /// What comes next to take the invoice back whatever the shop shows by now: unbooked credit notes are withdrawn, and what the
    /// booked ones left is credited, by the documents alone. `nil` when nothing is left.
    func plan(
        takingBack order: Order, as made: OrderFacts, _ lines: [DraftLine], _ closing: Closing
    ) throws(Problem) -> Plan? {
        let refundNotes = generation.refundNotes.filter(\.isStanding)
        if let draft = refundNotes.first(where: { !$0.erp.state.isBooked }) {
            return .step(.withdraw(draft.reference, draft.erp.id))
        }
        let rest = try RestOfInvoice(
            invoice.erp, made, lines, less: refundNotes, settings: settings, rules: books.rules)
        guard let rest else { return nil }
        if let begun = generation.closing, begun.isStanding, begun.erp.total != -rest.total {
            return .step(.withdraw(begun.reference, begun.erp.id))
        }
        return try next(
            CreditMapper.Mapped(
                reference: ExternalReference(
                    shop: shop, record: order.record, kind: .creditNote, ordinal: generation.ordinal),
                number: order.number, lines: rest.lines, taxes: rest.taxes, total: rest.total, facts: made,
                date: closing.at.day(in: settings.timeZone), text: closing.because))
    }

    private var notes: [Document] { generation.notes }

    /// A credit note whose refund the shop no longer shows: taken back while it is a draft, else for a person.
    private func withdrawn(_ credits: [CreditMapper.Mapped]) throws(Problem) -> Plan? {
        let wanted = Set(credits.map(\.reference))
        let stale = notes.first { note in
            !wanted.contains(note.reference) && note.isStanding
        }
        guard let stale else { return nil }
        guard stale.erp.state.isBooked else { return .step(.withdraw(stale.reference, stale.erp.id)) }
        throw Problem(.refundWithdrawn, "\(stale.title) credits what the shop no longer gives back")
    }

    /// A shop that sets an order to refunded makes a refund of all that was left: where refunds leave something, one of them was
    /// deleted, and only a person knows whether that part was given back.
    private func contradiction(_ order: Order, _ credits: [CreditMapper.Mapped]) -> Problem? {
        let refunds = order.refunds.filter { !$0.amount.isZero }
        guard order.status == .refunded, !refunds.isEmpty, credits.count > refunds.count else { return nil }
        let given = refunds.map(\.amount).sum(order.currency)
        // What a gift card paid is left although all of the money was given back.
        guard given != order.total else { return nil }
        return Problem(
            .refundDoesNotAddUp, "the order is \(order.statusText), its refunds give back \(given) of \(order.total)")
    }

    /// What one credit needs next; `nil` when its note is booked.
    private func next(_ credit: CreditMapper.Mapped) throws(Problem) -> Plan? {
        let note = notes.first { $0.reference == credit.reference && $0.erp.state != .withdrawn }
        guard let note else { return .step(.createCreditNote(try draft(credit))) }
        switch note.erp.state {
        case .gone, .cancelled, .withdrawn:
            throw Problem(.documentGone, "\(note.title) was deleted or cancelled in the ERP")
        case .booked, .paid:
            if let total = note.erp.total, -total != credit.total {
                throw Problem(
                    .refundWithdrawn, "\(note.title) is of \(-total), the shop gives back \(credit.total)")
            }
            return nil
        case .draft, .confirmed:
            try compare(note, with: credit)
            guard settings.invoices.automaticBooking else {
                return .hold(
                    Hold(until: .books("credit note"), waitingFor: "a person to book the draft credit note in the ERP"))
            }
            return BookingDate(settings: settings, books: books, now: now).plan(credit.date, note)
        }
    }

    private func draft(_ credit: CreditMapper.Mapped) throws(Problem) -> CreditNoteDraft {
        guard let customer = invoice.erp.customer else {
            throw Problem(.documentConflict, "the ERP names no customer of \(invoice.title)")
        }
        try checkLeft(credit)
        return CreditNoteDraft(
            reference: credit.reference, invoice: invoice.erp.id, invoiceReference: invoice.reference,
            customer: customer, number: credit.number, date: credit.date, currency: credit.total.currency,
            lines: credit.lines, taxes: credit.taxes, total: credit.total, text: credit.text, facts: credit.facts)
    }

    /// The last line of defence, by the documents themselves: whatever was mapped how, credit notes never come to more than
    /// their invoice (R6). VAT that an ERP computes by note may sum up to a minor unit more per note than on the invoice.
    private func checkLeft(_ credit: CreditMapper.Mapped) throws(Problem) {
        guard let total = invoice.erp.total else { return }
        let standing = notes.filter(\.isStanding)
        let left = total + standing.compactMap(\.erp.total).sum(total.currency)
        guard credit.total.minorUnits <= left.minorUnits else {
            throw Problem(.refundExceedsInvoice, "\(credit.total) is to be credited, but only \(left) is left of it")
        }
        let tolerance = books.rules.vat == .settable ? 0 : Int64(standing.count + 1)
        let stated = Set(invoice.erp.taxes.map(\.code))
        for tax in credit.taxes where tax.amount.minorUnits > 0 && stated.contains(tax.code) {
            let all = [invoice] + standing
            let left = all.flatMap(\.erp.taxes).filter { $0.code == tax.code }.map(\.amount).sum(total.currency)
            guard tax.amount.minorUnits <= left.minorUnits + tolerance else {
                throw Problem(
                    .refundExceedsInvoice,
                    "VAT \(tax.code) of \(tax.amount) is to be credited, but only \(left) is left of it")
            }
        }
    }

    private func compare(_ note: Document, with credit: CreditMapper.Mapped) throws(Problem) {
        guard let total = note.erp.total, -total == credit.total else {
            let text = note.erp.total?.description ?? "nothing"
            throw Problem(.totalDiffers, "\(note.title) comes to \(text), the refund to \(credit.total)")
        }
        let stated = note.erp.taxes.map { DocumentTax(code: $0.code, amount: -$0.amount) }.charged
        guard stated == credit.taxes.charged else {
            throw Problem(
                .totalDiffers, "VAT of \(note.title) is \(stated.text), the refund's \(credit.taxes.charged.text)")
        }
    }
}
