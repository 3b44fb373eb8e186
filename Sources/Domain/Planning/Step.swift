/// One change to be made in the ERP. A step is repeated safely: each creates what its reference names, or moves a
/// known document to a known state.
public enum Step: Hashable, Sendable, Codable {
    /// Match the customer or make it.
    case ensureCustomer(CustomerDraft)
    case createOrder(SalesOrderDraft, customer: DocumentID)
    /// Write these parts of an unbooked order anew.
    case updateOrder(SalesOrderDraft, DocumentID, customer: DocumentID, parts: Set<DocumentPart>)
    /// Hand the order to the ERP's workflow, so that it can be invoiced.
    case confirmOrder(ExternalReference, DocumentID)
    /// Make the draft invoice of a confirmed order, dated, and with the shop's VAT to the minor unit.
    case createInvoice(InvoiceDraft)
    /// Write these parts of an unbooked invoice anew.
    case updateInvoice(InvoiceDraft, DocumentID, customer: DocumentID, parts: Set<DocumentPart>)
    /// Cancel a document of ours that is not booked.
    case withdraw(ExternalReference, DocumentID)
    /// Post the invoice to the ledger. `dated` is the date that the draft bears now. Where `date` is not the invoice's true
    /// date, the document's text names the true one.
    case bookInvoice(ExternalReference, DocumentID, dated: Day?, date: Day, trueDate: Day)

    /// Make the draft of a credit note of a booked invoice.
    case createCreditNote(CreditNoteDraft)
    /// Post the credit note to the ledger, as `bookInvoice` does an invoice.
    case bookCreditNote(ExternalReference, DocumentID, dated: Day?, date: Day, trueDate: Day)
    /// Set booked credit notes off against their unpaid invoice, so that nothing of it is owed (R44).
    case offset(ExternalReference, invoice: DocumentID, notes: [DocumentID])
    /// Pay a booked invoice or credit note.
    case registerPayment(PaymentDraft)
    /// Post an entry that belongs to no invoice.
    case createJournalEntry(JournalEntryDraft)
    /// Keep a file with a booked entry.
    case attach(AttachmentDraft)

    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case ensureCustomer, withdraw, createOrder, updateOrder, confirmOrder, createInvoice, updateInvoice, bookInvoice
        case createCreditNote, bookCreditNote, offset, registerPayment, createJournalEntry, attach
    }

    public var kind: Kind {
        switch self {
        case .ensureCustomer: .ensureCustomer
        case .createOrder: .createOrder
        case .updateOrder: .updateOrder
        case .confirmOrder: .confirmOrder
        case .createInvoice: .createInvoice
        case .updateInvoice: .updateInvoice
        case .withdraw: .withdraw
        case .bookInvoice: .bookInvoice
        case .createCreditNote: .createCreditNote
        case .bookCreditNote: .bookCreditNote
        case .offset: .offset
        case .registerPayment: .registerPayment
        case .createJournalEntry: .createJournalEntry
        case .attach: .attach
        }
    }

    /// The document that this step makes or moves.
    public var reference: ExternalReference {
        switch self {
        case .ensureCustomer(let draft): draft.reference
        case .createOrder(let draft, _), .updateOrder(let draft, _, _, _): draft.reference
        case .confirmOrder(let reference, _), .withdraw(let reference, _), .offset(let reference, _, _): reference
        case .createInvoice(let draft), .updateInvoice(let draft, _, _, _): draft.reference
        case .bookInvoice(let reference, _, _, _, _), .bookCreditNote(let reference, _, _, _, _): reference
        case .createCreditNote(let draft): draft.reference
        case .registerPayment(let draft): draft.reference
        case .createJournalEntry(let draft): draft.reference
        case .attach(let draft): draft.reference
        }
    }

    /// What a document that this step makes or writes anew is made from.
    public var made: Made? {
        switch self {
        case .createOrder(let draft, _), .updateOrder(let draft, _, _, _):
            Made(facts: draft.facts, lines: draft.lines)
        case .createInvoice(let draft), .updateInvoice(let draft, _, _, _):
            Made(facts: draft.content.facts, lines: draft.content.lines)
        case .createCreditNote(let draft): Made(facts: draft.facts, lines: draft.lines)
        case .registerPayment(let draft): Made(payment: draft)
        case .createJournalEntry(let draft): Made(journal: draft)
        case .ensureCustomer, .confirmOrder, .withdraw, .bookInvoice, .bookCreditNote, .offset, .attach: nil
        }
    }

    public struct Made: Sendable {
        public var facts: OrderFacts?
        public var lines: [DraftLine]?
        public var payment: PaymentDraft?
        public var journal: JournalEntryDraft?
    }

    /// Booking has a lane of its own, in document-date order, so that number series stay in order.
    public var bookingDate: Day? {
        switch self {
        case .bookInvoice(_, _, _, let date, _), .bookCreditNote(_, _, _, let date, _): date
        default: nil
        }
    }
}

extension Step {
    /// The step as an earlier try of it was begun: its date or its document may have been decided anew since, and what that try
    /// made is found under the old ones only.
    public func asBegun(_ made: MadeFrom) -> Step {
        switch self {
        case .registerPayment: made.payment.map { .registerPayment($0) } ?? self
        case .createJournalEntry: made.journal.map { .createJournalEntry($0) } ?? self
        default: self
        }
    }
}

extension Step.Kind {
    /// It makes a document, rather than moving one to another state.
    public var makes: Bool {
        switch self {
        case .ensureCustomer, .createOrder, .createInvoice, .createCreditNote, .registerPayment, .createJournalEntry,
            .attach:
            true
        case .withdraw, .updateOrder, .confirmOrder, .updateInvoice, .bookInvoice, .bookCreditNote, .offset: false
        }
    }

    /// As people read it in a task.
    public var title: String {
        switch self {
        case .ensureCustomer: "match or create customer"
        case .createOrder: "create order"
        case .updateOrder: "update order"
        case .confirmOrder: "confirm order"
        case .createInvoice: "create invoice"
        case .updateInvoice: "update invoice"
        case .withdraw: "withdraw document"
        case .bookInvoice: "book invoice"
        case .createCreditNote: "create credit note"
        case .bookCreditNote: "book credit note"
        case .offset: "offset credit notes"
        case .registerPayment: "register payment"
        case .createJournalEntry: "create journal entry"
        case .attach: "attach report"
        }
    }
}
