/// Decides what should be done about an order now. Pure: the same facts give the same plan, and after everything the plan
/// asks for has been done it is `complete`.
///
/// `documents` are the ERP's documents tied to the order, and its customer's; `settlements` the lines of payouts that were matched
/// to it; `decisions` come oldest first.
public func plan(
    _ order: Order, of shop: ShopIdentity, documents: [Document], settlements: [Settlement] = [], settings: Settings,
    books: Books, decisions: [Decision], now: Instant
) -> Plan {
    var plan = OrderPlanner(shop: shop, settings: settings, books: books, now: now).plan(
        order, OrderDocuments(documents, ofOrder: order.id), Verdict(decisions))
    // Money is registered on what is booked whatever else the order waits for; what is wrong with the order is told first.
    if plan.isAtRest, settings.payments != nil {
        let payments = OrderPayments(
            shop: shop, settings: settings, books: books, order: order, documents: documents)
        switch payments.plan(settlements) {
        case .step(let step): plan = .step(step)
        case .some(let other) where plan == .complete: plan = other
        case .some, nil: break
        }
    }
    if case .step = plan, !settings.live { return .hold(Hold(until: .setting("live"), waitingFor: "live mode")) }
    return plan
}

extension Plan {
    /// No step of the sale itself comes next.
    fileprivate var isAtRest: Bool { if case .step = self { false } else { true } }
}

/// What the documents of an order should state now: the draft of its newest generation, or of the first. For comparing a document
/// that was found with what would be made.
public func draft(
    of order: Order, in shop: ShopIdentity, ordinal: Int, documents: [Document], settings: Settings, books: Books
) throws(Problem) -> SalesOrderDraft {
    let planner = OrderPlanner(shop: shop, settings: settings, books: books, now: books.readAt)
    let documents = OrderDocuments(documents, ofOrder: order.id)
    return try planner.draft(try planner.view(order, documents, ordinal), ordinal)
}

struct OrderPlanner {
    let shop: ShopIdentity
    let settings: Settings
    let books: Books
    let now: Instant

    func plan(_ order: Order, _ documents: OrderDocuments, _ verdict: Verdict) -> Plan {
        let isBookedByHand = verdict.exclusion?.rule == .bookedByHand
        if !isBookedByHand, let step = halfWithdrawn(documents) { return .step(step) }
        if let exclusion = verdict.exclusion { return .exclusion(exclusion) }
        do throws(Problem) {
            if let step = unsettled(order, documents) { return .step(step) }
            if let undone = verdict.undone { return try undo(order, documents, undone) }
            guard let newest = documents.newest else { return try first(order, documents) }
            // What refunds credited whole, and a person undid and resumed, has nothing left to close.
            if newest.isClosed || (verdict.isResumedAfterUndo && newest.isCredited) {
                return try afterClosing(order, documents, newest, verdict)
            }
            if let invoice = newest.invoice, newest.isBooked {
                return try afterBooking(order, documents, newest, invoice, verdict)
            }
            if verdict.isTakenBack, newest.lost != nil {
                return try make(order, documents, ordinal: newest.ordinal + 1)
            }
            return try beforeBooking(order, documents, newest)
        } catch {
            return .stop(error)
        }
    }

    // MARK: Nothing made yet

    private func first(_ order: Order, _ documents: OrderDocuments) throws(Problem) -> Plan {
        if let exclusion = exclusionByRule(order) { return .exclusion(exclusion) }
        if let hold = try holdByTrigger(order) ?? holdForEarlyRefund(order) { return .hold(hold) }
        return try make(order, documents, ordinal: 1)
    }

    func make(_ order: Order, _ documents: OrderDocuments, ordinal: Int) throws(Problem) -> Plan {
        let view = try view(order, documents, ordinal)
        if isGivenBack(view), ordinal > 1 { return .complete }
        if isGivenBack(view), !order.total.isZero {
            return .exclusion(Exclusion(.refundedBeforeInvoice, "given back whole before anything was booked"))
        }
        return try nextStep(view, try draft(view, ordinal), documents, nil)
    }

    /// Nothing is left of the sale: neither money nor what a gift card paid.
    private func isGivenBack(_ view: Order) -> Bool {
        view.total.isZero && RefundSplit(view).isSettled(within: Int64(view.lines.count))
    }

    func draft(_ view: Order, _ ordinal: Int) throws(Problem) -> SalesOrderDraft {
        try OrderMapper(shop: shop, settings: settings, rules: books.rules, ordinal: ordinal).draft(of: view)
    }

    /// The order as the documents of a generation state it: less what earlier generations' credit notes gave back, and less
    /// the refunds that reduce the invoice by the settings.
    func view(_ order: Order, _ documents: OrderDocuments, _ ordinal: Int) throws(Problem) -> Order {
        var taken = documents.refundsCredited(before: ordinal)
        let generation = documents.generations.first { $0.ordinal == ordinal }
        if let generation, generation.isBooked {
            taken.formUnion(generation.invoice?.madeFrom?.facts?.reducedBy ?? [])
        } else if settings.invoices.refundsBeforeBooking == .reduce {
            let noted = generation?.notedRefunds ?? []
            taken.formUnion(order.refunds.filter { !$0.amount.isZero }.map(\.id).filter { !noted.contains($0) })
        }
        let facts = generation.flatMap { $0.isBooked ? $0.invoice?.madeFrom?.facts : nil }
        let read = try withBuyer(order, documents).read(
            by: facts.map { $0.readBy ?? ReadingRules() } ?? settings.reading)
        return try CreditMapper(
            shop: shop, settings: settings, rules: books.rules, isOnlyRead: generation?.isBooked == true
        ).order(read, without: taken)
    }

    /// Where the shop has removed the buyer's data, the documents still know who bought and where.
    private func withBuyer(_ order: Order, _ documents: OrderDocuments) throws(Problem) -> Order {
        guard order.isAnonymised == true else { return order }
        let known = documents.generations.lazy.reversed().compactMap { ($0.invoice ?? $0.order)?.madeFrom?.facts }.first
        guard let known else {
            throw Problem(.orderAnonymised, "no document of order \(order.number) tells who bought")
        }
        return known.buyer(of: order)
    }

    func exclusionByRule(_ order: Order) -> Exclusion? {
        let rules = settings.orders
        if order.createdAt.day(in: settings.timeZone) < rules.excludeBefore {
            return Exclusion(.beforeExclusionDate, "created before the exclusion date \(rules.excludeBefore)")
        }
        if rules.excludeStatuses.contains(order.statusText) {
            return Exclusion(.statusFilter, "status \(order.statusText) is not synced")
        }
        if order.status == .draft { return Exclusion(.draftOrder, "never placed: a cart at the checkout") }
        if let exclusion = exclusionByStatus(order) { return exclusion }
        if order.isTest, !rules.includeTestOrders { return Exclusion(.testOrder, "a test order of the shop") }
        if order.total.isZero, !rules.includeZeroValueOrders, !settings.reading.findsTender(in: order) {
            return Exclusion(.zeroValueOrder, "its total is zero")
        }
        return nil
    }

    /// A sale that the shop took back before anything was booked.
    func exclusionByStatus(_ order: Order) -> Exclusion? {
        switch order.status {
        case .trashed: return Exclusion(.trashedOrder, "thrown away in the shop before anything was booked")
        case .cancelled:
            return Exclusion(
                .cancelledOrder, "cancelled in the shop before anything was booked" + paidAllTheSame(order))
        case .failed:
            return Exclusion(.failedOrder, "its payment failed before anything was booked" + paidAllTheSame(order))
        case .draft, .pending, .onHold, .processing, .completed, .refunded, .other: return nil
        }
    }

    /// Money that came in for a sale that is none would otherwise leave no trace in the books.
    private func paidAllTheSame(_ order: Order) -> String {
        order.paidAt == nil ? "" : "; the shop states a payment all the same: see that it was paid back"
    }

    // MARK: Waiting

    func holdForEarlyRefund(_ order: Order) -> Hold? {
        let refunded = order.refunds.map(\.amount).sum(order.currency)
        guard settings.invoices.refundsBeforeBooking == .hold, !refunded.isZero else { return nil }
        return Hold(
            until: .recordChanges, waitingFor: "a person: \(refunded) of it was refunded before it was invoiced")
    }

    func holdByTrigger(_ order: Order) throws(Problem) -> Hold? {
        if order.status == .other {
            return Hold(until: .recordChanges, waitingFor: "a status that is known, not \(order.statusText)")
        }
        let ownInvoice = try settings.paymentRule(for: order)?.ownInvoice ?? false
        switch ownInvoice && settings.invoices.trigger == .paid ? .shipped : settings.invoices.trigger {
        case .created: return nil
        case .paid:
            let nothingToPay = order.total.isZero
            return order.paidAt != nil || nothingToPay ? nil : Hold(until: .recordChanges, waitingFor: "payment")
        case .shipped:
            let isRefunded = order.status == .refunded && order.paidAt != nil
            return order.shippedAt != nil || isRefunded ? nil : Hold(until: .recordChanges, waitingFor: "delivery")
        }
    }

    // MARK: Making and booking

    private func beforeBooking(
        _ order: Order, _ documents: OrderDocuments, _ generation: Generation
    ) throws(Problem) -> Plan {
        if let lost = generation.lost {
            let what = lost.erp.state == .gone ? "deleted" : "cancelled"
            throw Problem(.documentGone, "\(lost.title) was \(what) in the ERP")
        }
        let view = try view(order, documents, generation.ordinal)
        if order.status.isUndone || (isGivenBack(view) && !order.total.isZero) { return withdraw(generation) }
        if generation.ordinal == 1, let hold = holdForEarlyRefund(order) { return .hold(hold) }
        let draft = try draft(view, generation.ordinal)
        if let step = try update(draft, view, documents, generation) { return .step(step) }
        return try nextStep(view, draft, documents, generation)
    }

    /// Nothing of it stands in the books: what was made is taken back.
    func withdraw(_ generation: Generation) -> Plan {
        generation.withdrawal.map { .step($0) } ?? .complete
    }

    private func nextStep(
        _ order: Order, _ draft: SalesOrderDraft, _ documents: OrderDocuments, _ generation: Generation?
    ) throws(Problem) -> Plan {
        let ordinal = draft.reference.ordinal
        guard let invoice = generation?.invoice else {
            let workflow = try workflow()
            if workflow == .orderOnly, generation?.order?.erp.state == .confirmed { return .complete }
            return .step(try stepToInvoice(order, draft, documents, generation, workflow))
        }
        try compare(invoice, with: draft)
        guard settings.invoices.automaticBooking else {
            return .hold(Hold(until: .books("invoice"), waitingFor: "a person to book the draft invoice in the ERP"))
        }
        return BookingDate(settings: settings, books: books, now: now)
            .plan(invoiceDate(order, documents, ordinal), invoice)
    }

    private func stepToInvoice(
        _ order: Order, _ draft: SalesOrderDraft, _ documents: OrderDocuments, _ generation: Generation?,
        _ workflow: InvoiceWorkflow
    ) throws(Problem) -> Step {
        let date = invoiceDate(order, documents, draft.reference.ordinal)
        if let made = generation?.order {
            if made.erp.state == .draft { return .confirmOrder(made.reference, made.erp.id) }
            return .createInvoice(invoiceDraft(draft, .order(made.erp.id), date))
        }
        guard let customer = documents.customer(of: draft) else { return .ensureCustomer(draft.customer) }
        return switch workflow {
        case .orderThenInvoice, .orderOnly: .createOrder(draft, customer: customer)
        case .invoiceOnly: .createInvoice(invoiceDraft(draft, .customer(customer), date))
        }
    }

    private func workflow() throws(Problem) -> InvoiceWorkflow {
        let known = books.rules.workflows
        guard let wanted = settings.invoices.workflow ?? known.first, known.contains(wanted) else {
            let names = known.map(\.rawValue).joined(separator: ", ")
            throw Problem(.workflowNotSupported, "this ERP's connector knows the workflow \(names)")
        }
        return wanted
    }

    private func invoiceDraft(_ draft: SalesOrderDraft, _ source: InvoiceDraft.Source, _ date: Day) -> InvoiceDraft {
        let reference = ExternalReference(
            shop: shop, record: draft.reference.record, kind: .invoice, ordinal: draft.reference.ordinal)
        return InvoiceDraft(reference: reference, source: source, content: draft, date: date)
    }

    /// The earlier of delivery and payment; never the day of the sync. An invoice that corrects another is not dated before
    /// the credit note of that.
    private func invoiceDate(_ order: Order, _ documents: OrderDocuments, _ ordinal: Int) -> Day {
        let moments = [order.paidAt, order.shippedAt].compactMap(\.self)
        let date = (moments.min() ?? order.createdAt).day(in: settings.timeZone)
        let credited = documents.generations.filter { $0.ordinal < ordinal }.compactMap(\.closing?.erp.date)
        return credited.reduce(date) { max($0, $1) }
    }

    private func compare(_ invoice: Document, with draft: SalesOrderDraft) throws(Problem) {
        if invoice.erp.total != draft.total {
            let text = invoice.erp.total?.description ?? "nothing"
            throw Problem(.totalDiffers, "the ERP's invoice comes to \(text), the shop's order to \(draft.total)")
        }
        let (stated, wanted) = (invoice.erp.taxes.charged, draft.taxes.charged)
        guard stated == wanted else {
            throw Problem(.totalDiffers, "the ERP's VAT is \(stated.text), the shop's \(wanted.text)")
        }
    }

    // MARK: Changes before booking

    /// Brings an unbooked document after what was changed in the shop, by writing those parts anew or, where the ERP does not
    /// allow that, by taking it back and making it again.
    private func update(
        _ draft: SalesOrderDraft, _ view: Order, _ documents: OrderDocuments, _ generation: Generation
    ) throws(Problem) -> Step? {
        guard let document = generation.invoice ?? generation.order, let made = document.madeFrom else { return nil }
        // What it was made from is unknown when the order was changed before the answer about it was found.
        var changed =
            made.facts.map { OrderFacts(view, settings, like: $0).changedParts(from: $0) } ?? Set(DocumentPart.allCases)
        guard !changed.isEmpty else { return nil }
        let isWritten = books.rules.updates.contains(document.reference.kind)
        let edited = DocumentPart.allCases.filter { document.erp.parts?[$0] != made.parts?[$0] }
        let atStake = isWritten ? changed.intersection(edited) : Set(edited)
        if !atStake.isEmpty {
            switch settings.invoices.editsInERP ?? .stop {
            case .shopWins: break
            case .erpWins where isWritten: changed.subtract(atStake)
            case .erpWins: return nil
            case .stop:
                throw Problem(
                    .changedBeforeBooking,
                    "changed in the shop: \(changed.text); edited in the ERP: \(atStake.text) of \(document.title)")
            }
        }
        guard !changed.isEmpty else { return nil }
        guard isWritten else { return generation.withdrawal }
        guard let customer = documents.customer(of: draft) else { return .ensureCustomer(draft.customer) }
        let id = document.erp.id
        guard document.reference.kind == .invoice else {
            return .updateOrder(draft, id, customer: customer, parts: changed)
        }
        let source: InvoiceDraft.Source = generation.order.map { .order($0.erp.id) } ?? .customer(customer)
        let date = invoiceDate(view, documents, generation.ordinal)
        return .updateInvoice(invoiceDraft(draft, source, date), id, customer: customer, parts: changed)
    }
}

extension OrderStatus {
    /// The shop took the sale back.
    public var isUndone: Bool { self == .cancelled || self == .failed || self == .trashed }
}

extension OrderDocuments {
    /// The ERP's id of the customer that a draft is for.
    func customer(of draft: SalesOrderDraft) -> DocumentID? {
        customers.first { $0.reference == draft.customer.reference }?.erp.id
    }
}

extension Set<DocumentPart> {
    var text: String { map(\.rawValue).sorted().joined(separator: ", ") }
}

extension Document {
    /// `invoice INV-2026-000001`, or `order` and the ERP's id while it has no number.
    public var title: String { "\(reference.kind.title) \(erp.number ?? "#\(erp.id)")" }
}

extension DocumentKind {
    public var title: String {
        switch self {
        case .customer: "customer"
        case .order: "order"
        case .invoice: "invoice"
        case .creditNote: "credit note"
        case .payment: "payment"
        case .journalEntry: "journal entry"
        case .attachment: "attachment"
        }
    }
}

extension [DocumentTax] {
    /// One of each code, sorted by code.
    var summed: [DocumentTax] {
        Dictionary(grouping: self, by: \.code).sorted { $0.key < $1.key }.map { code, taxes in
            DocumentTax(code: code, amount: taxes.map(\.amount).sum(taxes[0].amount.currency))
        }
    }

    /// Without those of 0, sorted by code.
    public var charged: [DocumentTax] { filter { !$0.amount.isZero }.sorted { $0.code < $1.code } }

    public var text: String { isEmpty ? "none" : map { "\($0.code) \($0.amount)" }.joined(separator: ", ") }
}

/// What the books would have to follow: the facts of an order whose invoice is booked, as they are now. `nil` while nothing is
/// booked.
public func change(
    of order: Order, in shop: ShopIdentity, documents: [Document], settings: Settings, books: Books
) throws(Problem) -> OrderChange? {
    let documents = OrderDocuments(documents, ofOrder: order.id)
    guard let newest = documents.newest, newest.isBooked else { return nil }
    let planner = OrderPlanner(shop: shop, settings: settings, books: books, now: books.readAt)
    return planner.change(try planner.view(order, documents, newest.ordinal), newest)
}
