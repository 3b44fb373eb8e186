/// What is to be done once an invoice is booked: it is never touched (R4). Refunds, cancellations and changes become credit
/// notes and new invoices.
extension OrderPlanner {
    /// Withdrawing that was begun is carried to its end, whatever has become of the order or was decided about it since.
    func halfWithdrawn(_ documents: OrderDocuments) -> Step? {
        documents.generations.lazy.filter(\.isHalfWithdrawn).compactMap(\.withdrawal).first
    }

    func unsettled(_ order: Order, _ documents: OrderDocuments) -> Step? {
        documents.generations.lazy.compactMap { offset(order, documents, $0) }.first
    }

    /// Credit notes of all that nobody paid are set off against their invoice, so that nothing is owed (R44); so are those of
    /// an invoice that was replaced. Where money came, they stay until the money goes back.
    private func offset(_ order: Order, _ documents: OrderDocuments, _ generation: Generation) -> Step? {
        guard books.rules.offsets, let invoice = generation.invoice, let toPay = invoice.erp.open,
            toPay.minorUnits > 0, !documents.isPaidByUs(invoice)
        else { return nil }
        let isReplaced = generation.ordinal < (documents.newest?.ordinal ?? 0)
        guard order.paidAt == nil || isReplaced else { return nil }
        let open = generation.notes.filter { $0.erp.state.isBooked && ($0.erp.open?.minorUnits ?? 0) < 0 }
        guard -open.compactMap(\.erp.open).sum(toPay.currency) == toPay else { return nil }
        return .offset(invoice.reference, invoice: invoice.erp.id, notes: open.map(\.erp.id))
    }

    // MARK: Booked

    func afterBooking(
        _ order: Order, _ documents: OrderDocuments, _ generation: Generation, _ invoice: Document, _ verdict: Verdict
    ) throws(Problem) -> Plan {
        let then = invoice.madeFrom?.facts
        let view = try view(order, documents, generation.ordinal)
        let change = change(view, generation)
        let changed = then.map { change.facts.differences(from: $0) } ?? []
        // What is called off needs no correction: all of the invoice is credited.
        let differences = order.status == .cancelled ? [] : changed
        let word = verdict.onChange(change, isAnonymised: order.isAnonymised == true)
        let correction = correction(order, differences, word)
        let unanswered = correction == nil && word != .keep ? differences : []
        if let problem = problem(order, invoice, unanswered) { throw problem }
        guard makesCreditNotes else { return .complete }
        if correction != nil, !generation.isClosing {
            // Nothing is credited before it is certain that a new invoice can be made.
            let next = generation.ordinal + 1
            _ = try draft(try self.view(order, documents, next), next)
        }
        // Refunds of what the order was changed to are not the invoice's to credit: the new invoice's are, or they go with the rest.
        let onlyNoted = correction != nil || generation.isClosing || (order.status == .cancelled && !changed.isEmpty)
        let plan = try credit(
            view, generation, invoice, onlyNoted: onlyNoted, closing: correction ?? order.calledOff)
        if let plan { return plan }
        // Nothing was left to be credited of the invoice that is corrected.
        return correction == nil ? .complete : try make(order, documents, ordinal: generation.ordinal + 1)
    }

    /// The order as it stands now beside the booked invoice of a generation.
    func change(_ view: Order, _ generation: Generation) -> OrderChange {
        let facts = OrderFacts(view, settings, like: generation.invoice?.madeFrom?.facts)
        return OrderChange(facts: facts, ordinal: generation.ordinal)
    }

    /// What is to be credited next of an invoice, as it was made; `nil` when all is. With `onlyNoted` no refund gets a credit note
    /// of its own that has none yet.
    private func credit(
        _ view: Order, _ generation: Generation, _ invoice: Document, onlyNoted: Bool, closing: Closing?
    ) throws(Problem) -> Plan? {
        var credited = invoice.madeFrom?.facts?.order(view) ?? view
        if onlyNoted { credited.refunds = credited.refunds.filter { generation.notedRefunds.contains($0.id) } }
        return try credits(generation, invoice).plan(credited, closing: closing)
    }

    private func credits(_ generation: Generation, _ invoice: Document) -> CreditPlan {
        CreditPlan(shop: shop, settings: settings, books: books, now: now, generation: generation, invoice: invoice)
    }

    /// The closing of an invoice that is to follow the shop's change: by the settings, or by a person's word about this state.
    private func correction(_ order: Order, _ differences: [String], _ word: Verdict.OnChange?) -> Closing? {
        guard !differences.isEmpty, makesCreditNotes, word != .keep,
            word == .correct || settings.invoices.changesAfterBooking == .correct
        else { return nil }
        let text = "Order \(order.number) was changed in the shop (\(differences.joined(separator: ", ")))"
        return Closing(because: "\(text); a new invoice replaces this one", at: order.modifiedAt)
    }

    private var makesCreditNotes: Bool { books.rules.creditNotes && settings.invoices.refunds != .stop }

    /// Why a person is needed. The first finding gives the code; the detail names them all, so that settling one does not hide
    /// another.
    private func problem(_ order: Order, _ invoice: Document, _ differences: [String]) -> Problem? {
        var findings: [Problem] = []
        if let problem = undone(order) { findings.append(problem) }
        if let then = invoice.madeFrom?.facts, let total = invoice.erp.total, total != then.total {
            let text = "it comes to \(total), the order it was made from to \(then.total)"
            findings.append(Problem(.documentChangedInERP, text))
        }
        if !differences.isEmpty {
            let text = "since then changed: \(differences.joined(separator: ", "))"
            findings.append(Problem(.changedAfterBooking, text))
        }
        let refunded = order.refunds.map(\.amount).sum(order.currency)
        let isRefunded = !refunded.isZero || (order.status == .refunded && !order.total.isZero)
        if isRefunded, !makesCreditNotes {
            findings.append(Problem(.refundNeedsCreditNote, "\(refunded) of it is refunded in the shop"))
        }
        guard let first = findings.first else { return nil }
        let detail = findings.map(\.detail).joined(separator: "; ")
        return Problem(first.code, "\(invoice.title) is booked; \(detail)")
    }

    /// A sale that the shop took back and no credit note answers by itself: thrown away and failed orders say nothing of
    /// what became of goods and money.
    private func undone(_ order: Order) -> Problem? {
        guard order.status.isUndone else { return nil }
        guard order.status == .cancelled, makesCreditNotes else {
            return Problem(.cancelledAfterBooking, "the order is \(order.statusText) in the shop now")
        }
        guard let shippedAt = order.shippedAt else { return nil }
        let day = shippedAt.day(in: settings.timeZone)
        return Problem(.cancelledAfterDelivery, "it was delivered on \(day) and cancelled since")
    }

    // MARK: Closed

    /// Nothing of the order stands in the books any more. Whether it should again is for the shop to say, and after a credit
    /// for the settings or a person too.
    func afterClosing(
        _ order: Order, _ documents: OrderDocuments, _ closed: Generation, _ verdict: Verdict
    ) throws(Problem) -> Plan {
        if order.status.isUndone {
            return closed.isWithdrawn ? exclusionByStatus(order).map { .exclusion($0) } ?? .complete : .complete
        }
        if order.status == .refunded, closed.isBooked { return .complete }
        if closed.isWithdrawn, let exclusion = exclusionByRule(order) { return .exclusion(exclusion) }
        if let hold = try holdByTrigger(order) { return .hold(hold) }
        if closed.isBooked {
            let change = change(try view(order, documents, closed.ordinal), closed)
            if verdict.onChange(change, isAnonymised: order.isAnonymised == true) == .keep { return .complete }
        }
        let mayGoOn =
            closed.isWithdrawn || settings.invoices.changesAfterBooking == .correct
            || verdict.hasCorrections(of: closed.ordinal) || verdict.isTakenBack
        guard mayGoOn else {
            let title = closed.invoice?.title ?? "its invoice"
            throw Problem(
                .changedAfterBooking, "\(title) was credited whole; the order is \(order.statusText) in the shop now")
        }
        return try make(order, documents, ordinal: closed.ordinal + 1)
    }

    // MARK: Undone by a person

    func undo(_ order: Order, _ documents: OrderDocuments, _ decision: Decision) throws(Problem) -> Plan {
        let done = Plan.exclusion(Exclusion(.undoneByPerson, "undone by \(decision.by): \(decision.reason)"))
        guard let newest = documents.newest, !newest.isClosed else { return done }
        guard let invoice = newest.invoice, newest.isBooked else {
            if newest.lost != nil { return done }
            return withdraw(newest)
        }
        if let locked = books.lockedThrough, let date = invoice.erp.date, date <= locked {
            throw Problem(
                .periodClosed, "\(invoice.title) of \(date) cannot be undone: the books are closed through \(locked)")
        }
        guard books.rules.creditNotes else {
            throw Problem(.cancelledAfterBooking, "\(invoice.title) is booked, and a person has to credit it")
        }
        let closing = Closing(because: "Order \(order.number) undone: \(decision.reason)", at: decision.at)
        let isKnown = newest.refundNotes.allSatisfy { !$0.isStanding || $0.madeFrom?.lines != nil }
        if isKnown, let made = invoice.madeFrom, let facts = made.facts, let lines = made.lines {
            return try credits(newest, invoice).plan(takingBack: order, as: facts, lines, closing) ?? done
        }
        // What the documents were made from is not known since the store was lost: the shop still tells.
        let view = try view(order, documents, newest.ordinal)
        let plan = try credit(view, newest, invoice, onlyNoted: true, closing: closing)
        return plan ?? done
    }
}
