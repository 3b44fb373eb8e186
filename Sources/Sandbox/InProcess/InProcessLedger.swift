import ConnectorKit
import Domain

/// The state of `InProcessERP` and its rules. No concurrency, no time.
struct InProcessLedger {
    private struct Entry {
        var reference: ExternalReference
        var document: ERPDocument
        var lines: SalesOrderDraft?
        var parent: DocumentID?
        /// What a payment or a journal entry moved.
        var posted: JournalEntryDraft?
        var file: AttachmentDraft?
    }

    /// What one unit of another currency is worth in kronor. By one that is not named, the word of the draft counts.
    private static let rates: [String: Int64] = ["EUR": 11]

    private var entries: [DocumentID: Entry] = [:]
    private var order: [DocumentID] = []
    private var idsByReference: [ExternalReference: [DocumentID]] = [:]
    private var invoicesByOrder: [DocumentID: DocumentID] = [:]
    private var lastID = 0
    private var lastNumber = 0
    var lockedThrough: Day?
    /// Of accounts that payments and entries moved, debit positive, in minor units.
    var balances: [String: Int64] = [:]
    var lastInvoiceDate: [Int: Day] = [:]
    /// Credit notes have a number series of their own.
    var lastCreditNoteDate: [Int: Day] = [:]
    var callsByKind: [Step.Kind: Int] = [:]
    var calls = 0
    var reads = 0
    /// Calls on their way, with the time after which they are dropped.
    var late: [(steps: [Step], until: Instant)] = []

    /// All or nothing, as one transaction of a real ERP.
    /// With `isLate` what its client had looked up before has passed.
    mutating func apply(_ steps: [Step], enforcesUniqueness: Bool, isLate: Bool = false) -> BatchOutcome {
        let before = self
        var outcomes: [StepOutcome] = []
        for step in steps {
            switch apply(step, enforcesUniqueness, isLate && !enforcesUniqueness) {
            case .success(let outcome): outcomes.append(outcome)
            case .failure(let problem):
                let (calls, callsByKind) = (calls, callsByKind)
                self = before
                (self.calls, self.callsByKind) = (calls, callsByKind)
                return .refused(problem)
            }
        }
        return .each(outcomes)
    }

    private mutating func apply(
        _ step: Step, _ enforcesUniqueness: Bool, _ isBlind: Bool
    ) -> Result<StepOutcome, Problem> {
        switch step {
        case .ensureCustomer(let draft):
            if let known = documents(under: draft.reference).first { return .success(.alreadyThere(known)) }
            return .success(.done(add(draft.reference, ERPDocument(id: nextID(), state: .confirmed))))
        case .createOrder(let draft, let customer):
            if enforcesUniqueness, let known = documents(under: draft.reference).first {
                return .success(.alreadyThere(known))
            }
            let document = ERPDocument(
                id: nextID(), state: .draft, date: draft.date, customer: customer, total: draft.total,
                taxes: draft.taxes)
            return .success(.done(add(draft.reference, document, lines: draft)))
        case .updateOrder(let draft, let id, let customer, _):
            return change(id, draft, customer, from: [.draft, .confirmed])
        case .confirmOrder(_, let id):
            return move(id, from: [.draft], to: .confirmed)
        case .updateInvoice(let draft, let id, let customer, _):
            return change(id, draft.content, customer, from: [.draft])
        case .withdraw(_, let id):
            return withdraw(id)
        case .offset(_, let invoice, let notes):
            return offset(invoice, notes)
        case .createInvoice(let draft):
            return createInvoice(draft)
        case .bookInvoice(_, let id, _, let date, _), .bookCreditNote(_, let id, _, let date, _):
            return book(id, date)
        case .createCreditNote(let draft):
            return createCreditNote(draft, enforcesUniqueness)
        case .registerPayment(let draft):
            return pay(draft, isBlind)
        case .createJournalEntry(let draft):
            return post(draft, isBlind)
        case .attach(let draft):
            return attach(draft, isBlind)
        }
    }

    private mutating func createCreditNote(
        _ draft: CreditNoteDraft, _ enforcesUniqueness: Bool
    ) -> Result<StepOutcome, Problem> {
        if enforcesUniqueness, let known = standing(under: draft.reference) { return .success(.alreadyThere(known)) }
        guard let invoice = entries[draft.invoice], invoice.document.state.isBooked else {
            return .failure(Problem(.refusedByERP, "its invoice is not booked"))
        }
        let document = ERPDocument(
            id: nextID(), state: .draft, date: draft.date, customer: draft.customer, total: -draft.total,
            taxes: draft.taxes.map { DocumentTax(code: $0.code, amount: -$0.amount) })
        return .success(.done(add(draft.reference, document, parent: draft.invoice)))
    }

    private mutating func post(_ draft: JournalEntryDraft, _ isBlind: Bool) -> Result<StepOutcome, Problem> {
        if !isBlind, let known = documents(under: draft.reference).first { return .success(.alreadyThere(known)) }
        if let locked = lockedThrough, draft.date <= locked {
            return .failure(Problem(.periodClosed, "the books are closed through \(locked)"))
        }
        guard let first = draft.rows.first, draft.rows.map(\.amount).sum(first.amount.currency).isZero else {
            return .failure(Problem(.refusedByERP, "the entry does not balance"))
        }
        return .success(.done(record(draft, ERPDocument(id: nextID(), state: .booked, date: draft.date))))
    }

    private mutating func attach(_ draft: AttachmentDraft, _ isBlind: Bool) -> Result<StepOutcome, Problem> {
        if !isBlind, let known = documents(under: draft.reference).first { return .success(.alreadyThere(known)) }
        guard entries[draft.entry]?.document.state == .booked else {
            return .failure(Problem(.refusedByERP, "entry #\(draft.entry) is not booked"))
        }
        let added = add(draft.reference, ERPDocument(id: nextID(), state: .booked), parent: draft.entry)
        entries[added.id]?.file = draft
        return .success(.done(added))
    }

    private mutating func record(
        _ draft: JournalEntryDraft, _ document: ERPDocument, parent: DocumentID? = nil
    ) -> ERPDocument {
        for row in draft.rows { balances[row.account, default: 0] += row.amount.minorUnits }
        let added = add(draft.reference, document, parent: parent)
        entries[added.id]?.posted = draft
        return added
    }

    /// A payment of nothing that is open is refused; equal ones are taken, as long as something is.
    private mutating func pay(_ draft: PaymentDraft, _ isBlind: Bool) -> Result<StepOutcome, Problem> {
        if !isBlind, let known = documents(under: draft.reference).first { return .success(.alreadyThere(known)) }
        guard let document = entries[draft.document]?.document, document.state.isBooked, let open = document.open else {
            return .failure(Problem(.refusedByERP, "what it pays is not booked"))
        }
        guard draft.amount.isNegative == open.isNegative, draft.amount.magnitude <= open.magnitude, !open.isZero else {
            return .failure(Problem(.refusedByERP, "\(draft.amount) is to be paid, \(open) is open"))
        }
        if let locked = lockedThrough, draft.date <= locked {
            return .failure(Problem(.periodClosed, "the books are closed through \(locked)"))
        }
        guard let rows = Self.rows(of: draft) else {
            return .failure(Problem(.paymentNotSet, "accounts of exchange gains and losses are needed"))
        }
        entries[draft.document]?.document.open = open - draft.amount
        if open == draft.amount { entries[draft.document]?.document.state = .paid }
        let entry = JournalEntryDraft(
            reference: draft.reference, date: draft.date, text: "Payment of \(document.number ?? "")", rows: rows)
        let payment = ERPDocument(
            id: nextID(), state: .booked, date: draft.date, total: draft.amount, ledger: rows.first?.amount)
        return .success(.done(record(entry, payment, parent: draft.document)))
    }

    /// The account that the money came to, the receivable, and the difference between our rate and the provider's; `nil` where
    /// there is one and no account for it.
    private static func rows(of draft: PaymentDraft) -> [JournalEntryDraft.Row]? {
        var owed = draft.settled ?? draft.amount
        if let rate = rates[draft.amount.currency.code], let kronor = Currency(code: "SEK") {
            owed = Money(minorUnits: draft.amount.minorUnits * rate, kronor)
        }
        let settled = draft.settled ?? owed
        let difference = owed - settled
        var rows = [
            JournalEntryDraft.Row(account: draft.account, amount: settled, text: ""),
            JournalEntryDraft.Row(account: "receivable", amount: -owed, text: ""),
        ]
        if !difference.isZero {
            guard let account = difference.isNegative ? draft.gain : draft.loss else { return nil }
            rows.append(JournalEntryDraft.Row(account: account, amount: difference, text: ""))
        }
        return rows
    }

    private mutating func createInvoice(_ draft: InvoiceDraft) -> Result<StepOutcome, Problem> {
        if case .customer(let customer) = draft.source {
            let document = ERPDocument(
                id: nextID(), state: .draft, date: draft.date, customer: customer, total: draft.total,
                taxes: draft.taxes)
            return .success(.done(add(draft.reference, document, lines: draft.content)))
        }
        guard let order = draft.order, let sale = entries[order], sale.document.state == .confirmed else {
            return .failure(Problem(.refusedByERP, "its order is not confirmed"))
        }
        if let id = invoicesByOrder[order], let known = entries[id] {
            return .success(.alreadyThere(known.document))
        }
        let document = ERPDocument(
            id: nextID(), state: .draft, date: nil, customer: sale.document.customer, total: sale.document.total,
            taxes: sale.document.taxes)
        invoicesByOrder[order] = document.id
        return .success(.done(add(draft.reference, document, parent: order)))
    }

    private mutating func book(_ id: DocumentID, _ date: Day) -> Result<StepOutcome, Problem> {
        guard let entry = entries[id], entry.document.state != .gone else {
            return .success(.rejected(Problem(.documentGone, "invoice #\(id) is not there")))
        }
        if entry.document.state.isBooked { return .success(.alreadyThere(entry.document)) }
        if let locked = lockedThrough, date <= locked {
            return .failure(Problem(.periodClosed, "the books are closed through \(locked)"))
        }
        let isCreditNote = entry.reference.kind == .creditNote
        let last = isCreditNote ? lastCreditNoteDate[date.year] : lastInvoiceDate[date.year]
        if let last, date < last {
            return .failure(Problem(.periodClosed, "the last one of its series is dated \(last)"))
        }
        if isCreditNote { lastCreditNoteDate[date.year] = date } else { lastInvoiceDate[date.year] = date }
        lastNumber += 1
        entries[id]?.document.date = date
        entries[id]?.document.number = "INV-\(lastNumber)"
        entries[id]?.document.open = entry.document.total
        return move(id, from: [.draft], to: .booked)
    }

    private mutating func change(
        _ id: DocumentID, _ draft: SalesOrderDraft, _ customer: DocumentID, from: Set<DocumentState>
    ) -> Result<StepOutcome, Problem> {
        guard var entry = entries[id] else { return .success(.rejected(Problem(.documentGone, "#\(id) is not there"))) }
        guard from.contains(entry.document.state) else {
            return .failure(Problem(.refusedByERP, "#\(id) is \(entry.document.state.rawValue): it cannot be changed"))
        }
        entry.lines = draft
        (entry.document.total, entry.document.taxes) = (draft.total, draft.taxes)
        entry.document.customer = customer
        entries[id] = entry
        return .success(.done(entry.document))
    }

    private mutating func withdraw(_ id: DocumentID) -> Result<StepOutcome, Problem> {
        guard let entry = entries[id] else { return .success(.rejected(Problem(.documentGone, "#\(id) is not there"))) }
        if entry.document.state.isBooked {
            return .failure(Problem(.documentChangedInERP, "#\(id) is booked: it cannot be cancelled"))
        }
        if let parent = entry.parent { invoicesByOrder[parent] = nil }
        return move(id, from: [.draft, .confirmed], to: .cancelled)
    }

    private mutating func offset(_ invoice: DocumentID, _ notes: [DocumentID]) -> Result<StepOutcome, Problem> {
        let all = [invoice] + notes
        let open = all.compactMap { entries[$0]?.document.open }
        guard let first = open.first, open.count == all.count else {
            return .failure(Problem(.refusedByERP, "only booked documents can be set off"))
        }
        guard open.sum(first.currency).isZero else {
            return .failure(Problem(.refusedByERP, "they do not come to zero"))
        }
        for id in all {
            entries[id]?.document.open = .zero(first.currency)
            entries[id]?.document.state = .paid
        }
        return .success(entries[invoice].map { .done($0.document) } ?? .unknown("no document"))
    }

    private mutating func move(
        _ id: DocumentID, from: Set<DocumentState>, to state: DocumentState
    ) -> Result<StepOutcome, Problem> {
        guard var entry = entries[id] else { return .success(.rejected(Problem(.documentGone, "#\(id) is not there"))) }
        if !from.contains(entry.document.state) { return .success(.alreadyThere(entry.document)) }
        entry.document.state = state
        entries[id] = entry
        return .success(.done(entry.document))
    }

    private mutating func add(
        _ reference: ExternalReference, _ document: ERPDocument, lines: SalesOrderDraft? = nil,
        parent: DocumentID? = nil
    ) -> ERPDocument {
        entries[document.id] = Entry(reference: reference, document: document, lines: lines, parent: parent)
        order.append(document.id)
        idsByReference[reference, default: []].append(document.id)
        return document
    }

    private mutating func nextID() -> DocumentID {
        lastID += 1
        return DocumentID(String(lastID))
    }

    // MARK: Reading and people

    func document(_ id: DocumentID) -> ERPDocument? {
        entries[id].flatMap { $0.document.state == .gone ? nil : $0.document }
    }

    func documents(under reference: ExternalReference) -> [ERPDocument] {
        (idsByReference[reference] ?? []).compactMap(document)
    }

    /// The document that counts under a reference: not one that was cancelled.
    private func standing(under reference: ExternalReference) -> ERPDocument? {
        documents(under: reference).first { $0.state != .cancelled }
    }

    func all(_ kind: DocumentKind) -> [ERPDocument] {
        order.filter { entries[$0]?.reference.kind == kind }.compactMap(document)
    }

    /// What payments of a document moved.
    func payments(of document: DocumentID) -> [JournalEntryDraft] {
        order.filter { entries[$0]?.parent == document }.compactMap { entries[$0]?.posted }
    }

    func files(of entry: DocumentID) -> [AttachmentDraft] {
        order.filter { entries[$0]?.parent == entry }.compactMap { entries[$0]?.file }
    }

    func journalEntries(under reference: ExternalReference) -> [JournalEntryDraft] {
        (idsByReference[reference] ?? []).compactMap { entries[$0]?.posted }
    }

    mutating func edit(_ id: DocumentID, total: Money) { entries[id]?.document.total = total }

    mutating func edit(_ id: DocumentID, part: DocumentPart, to text: String) {
        entries[id]?.document.parts?[part] = text
    }

    mutating func edit(_ id: DocumentID, to state: DocumentState) {
        entries[id]?.document.state = state
        if state == .gone, let parent = entries[id]?.parent { invoicesByOrder[parent] = nil }
    }
}
