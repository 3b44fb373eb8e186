/// Decides what should be done about an order now. Pure: the same facts give the same plan, and after everything the plan
/// asks for has been done it is `complete`.
///
/// `documents` are the ERP's documents tied to the order, and its customer's; `decisions` come oldest first.
public func plan(
    _ order: Order, of shop: ShopIdentity, documents: [Document], settings: Settings, books: Books,
    decisions: [Decision], now: Instant
) -> Plan {
    OrderPlanner(shop: shop, settings: settings, books: books, now: now)
        .plan(order.withBusinessNumbers(settings.customers), OrderDocuments(documents), decisions)
}

/// The documents of one order by kind.
struct OrderDocuments {
    /// An order may have had another customer before its address was corrected in the shop.
    let customers: [Document]
    let order: Document?
    let invoice: Document?
    let creditNotes: [Document]

    init(_ documents: [Document]) {
        func newest(_ kind: DocumentKind) -> Document? {
            documents.filter { $0.reference.kind == kind }.max { $0.reference.ordinal < $1.reference.ordinal }
        }
        customers = documents.filter { $0.reference.kind == .customer }
        order = newest(.order)
        invoice = newest(.invoice)
        creditNotes = documents.filter { $0.reference.kind == .creditNote }
    }

    var isEmpty: Bool { order == nil && invoice == nil }
}

struct OrderPlanner {
    let shop: ShopIdentity
    let settings: Settings
    let books: Books
    let now: Instant

    func plan(_ order: Order, _ documents: OrderDocuments, _ decisions: [Decision]) -> Plan {
        if let exclusion = exclusionByPerson(decisions) { return .exclusion(exclusion) }
        if let invoice = documents.invoice, invoice.erp.state.isBooked {
            return afterBooking(order, invoice, documents.creditNotes)
        }
        if let problem = lost(documents) { return .stop(problem) }
        if documents.isEmpty, let exclusion = exclusionByRule(order) { return .exclusion(exclusion) }
        if !settings.live { return .hold(Hold(until: .setting("live"), waitingFor: "live mode")) }
        do throws(Problem) {
            if documents.isEmpty, let hold = try holdByTrigger(order) { return .hold(hold) }
            if let problem = changedBeforeBooking(order, documents) { throw problem }
            let draft = try OrderMapper(shop: shop, settings: settings, rules: books.rules).draft(of: order)
            return try nextStep(order, draft, documents)
        } catch {
            return .stop(error)
        }
    }

    // MARK: People and rules

    private func exclusionByPerson(_ decisions: [Decision]) -> Exclusion? {
        guard let newest = decisions.last else { return nil }
        return switch newest.kind {
        case .bookedByHand(let number): Exclusion(.bookedByHand, "booked by hand as \(number) by \(newest.by)")
        case .excluded: Exclusion(.excludedByPerson, "excluded by \(newest.by): \(newest.reason)")
        case .withdrawn: nil
        }
    }

    private func exclusionByRule(_ order: Order) -> Exclusion? {
        let rules = settings.orders
        if order.createdAt.day(in: settings.timeZone) < rules.excludeBefore {
            return Exclusion(.beforeExclusionDate, "created before the exclusion date \(rules.excludeBefore)")
        }
        if rules.excludeStatuses.contains(order.statusText) {
            return Exclusion(.statusFilter, "status \(order.statusText) is not synced")
        }
        switch order.status {
        case .draft: return Exclusion(.draftOrder, "never placed: a cart at the checkout")
        case .trashed: return Exclusion(.trashedOrder, "thrown away in the shop before anything was booked")
        case .cancelled:
            return Exclusion(
                .cancelledOrder, "cancelled in the shop before anything was booked" + paidAllTheSame(order))
        case .failed:
            return Exclusion(.failedOrder, "its payment failed before anything was booked" + paidAllTheSame(order))
        case .pending, .onHold, .processing, .completed, .refunded, .other: break
        }
        if order.isTest, !rules.includeTestOrders { return Exclusion(.testOrder, "a test order of the shop") }
        if order.total.isZero, !rules.includeZeroValueOrders { return Exclusion(.zeroValueOrder, "its total is zero") }
        return nil
    }

    /// Money that came in for a sale that is none would otherwise leave no trace in the books.
    private func paidAllTheSame(_ order: Order) -> String {
        order.paidAt == nil ? "" : "; the shop states a payment all the same: see that it was paid back"
    }

    // MARK: Waiting

    private func holdByTrigger(_ order: Order) throws(Problem) -> Hold? {
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

    private func nextStep(
        _ order: Order, _ draft: SalesOrderDraft, _ documents: OrderDocuments
    ) throws(Problem) -> Plan {
        guard let invoice = documents.invoice else { return .step(try stepToInvoice(order, draft, documents)) }
        try compare(invoice, with: draft)
        guard settings.invoices.automaticBooking else {
            return .hold(Hold(until: .books("invoice"), waitingFor: "a person to book the draft invoice in the ERP"))
        }
        return BookingDate(settings: settings, books: books, now: now)
            .plan(invoiceDate(order), invoice)
    }

    private func stepToInvoice(
        _ order: Order, _ draft: SalesOrderDraft, _ documents: OrderDocuments
    ) throws(Problem) -> Step {
        if let made = documents.order {
            if made.erp.state == .draft { return .confirmOrder(made.reference, made.erp.id) }
            return .createInvoice(invoiceDraft(order, draft, .order(made.erp.id)))
        }
        let workflow = try workflow()
        let customer = documents.customers.first { $0.reference == draft.customer.reference }
        guard let customer else { return .ensureCustomer(draft.customer) }
        return switch workflow {
        case .orderThenInvoice: .createOrder(draft, customer: customer.erp.id)
        case .invoiceOnly: .createInvoice(invoiceDraft(order, draft, .lines(draft, customer: customer.erp.id)))
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

    private func invoiceDraft(_ order: Order, _ draft: SalesOrderDraft, _ source: InvoiceDraft.Source) -> InvoiceDraft {
        InvoiceDraft(
            reference: ExternalReference(shop: shop, record: draft.reference.record, kind: .invoice),
            source: source,
            number: draft.number,
            date: invoiceDate(order),
            currency: draft.currency,
            total: draft.total,
            taxes: draft.taxes,
            taxTolerance: Int64(draft.lines.count)
        )
    }

    /// The earlier of delivery and payment; never the day of the sync.
    private func invoiceDate(_ order: Order) -> Day {
        let moments = [order.paidAt, order.shippedAt].compactMap(\.self)
        return (moments.min() ?? order.createdAt).day(in: settings.timeZone)
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

    // MARK: What others did

    private func lost(_ documents: OrderDocuments) -> Problem? {
        for document in [documents.order, documents.invoice].compactMap(\.self) {
            switch document.erp.state {
            case .gone: return Problem(.documentGone, "\(document.title) was deleted in the ERP")
            case .cancelled: return Problem(.documentGone, "\(document.title) was cancelled in the ERP")
            case .draft, .confirmed, .booked, .paid: continue
            }
        }
        return nil
    }

    private func changedBeforeBooking(_ order: Order, _ documents: OrderDocuments) -> Problem? {
        if documents.isEmpty { return nil }
        if order.status.isUndone { return Problem(.changedBeforeBooking, "it is \(order.statusText) in the shop now") }
        let then = (documents.invoice ?? documents.order)?.madeFrom?.facts
        let differences = then.map { OrderFacts(order).differences(from: $0) } ?? []
        return differences.isEmpty
            ? nil : Problem(.changedBeforeBooking, "changed: \(differences.joined(separator: ", "))")
    }

    /// A booked invoice is never touched: what the shop changed since is for a person to correct (R4). The first finding
    /// gives the code; the detail names them all, so that settling one does not hide another. Refunds and cancellations
    /// become credit notes.
    private func afterBooking(_ order: Order, _ invoice: Document, _ creditNotes: [Document]) -> Plan {
        let findings = findings(order, invoice)
        guard let first = findings.first else {
            guard makesCreditNotes else { return .complete }
            return CreditPlan(shop: shop, settings: settings, books: books, now: now).plan(order, invoice, creditNotes)
        }
        let detail = findings.map(\.detail).joined(separator: "; ")
        return .stop(Problem(first.code, "\(invoice.title) is booked; \(detail)"))
    }

    private var makesCreditNotes: Bool { books.rules.creditNotes && settings.invoices.refunds != .stop }

    private func findings(_ order: Order, _ invoice: Document) -> [Problem] {
        var findings: [Problem] = []
        if let problem = undone(order) { findings.append(problem) }
        if let then = invoice.madeFrom?.facts {
            if let total = invoice.erp.total, total != then.total {
                findings.append(
                    Problem(.documentChangedInERP, "it comes to \(total), the order it was made from to \(then.total)"))
            }
            let differences = OrderFacts(order).differences(from: then)
            if !differences.isEmpty {
                findings.append(
                    Problem(.changedAfterBooking, "since then changed: \(differences.joined(separator: ", "))"))
            }
        }
        let refunded = order.refunds.map(\.amount).sum(order.currency)
        let isRefunded = !refunded.isZero || (order.status == .refunded && !order.total.isZero)
        if isRefunded, !makesCreditNotes {
            findings.append(Problem(.refundNeedsCreditNote, "\(refunded) of it is refunded in the shop"))
        }
        return findings
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
}

extension OrderStatus {
    /// The shop took the sale back.
    var isUndone: Bool { self == .cancelled || self == .failed || self == .trashed }
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
        }
    }
}

extension [DocumentTax] {
    /// Without those of 0, sorted by code.
    public var charged: [DocumentTax] { filter { !$0.amount.isZero }.sorted { $0.code < $1.code } }

    public var text: String { isEmpty ? "none" : map { "\($0.code) \($0.amount)" }.joined(separator: ", ") }
}
