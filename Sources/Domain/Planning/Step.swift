/// One change to be made in the ERP. A step is repeated safely: each creates what its reference names, or moves a
/// known document to a known state.
public enum Step: Hashable, Sendable, Codable {
    /// Match the customer or make it.
    case ensureCustomer(CustomerDraft)
    case createOrder(SalesOrderDraft, customer: DocumentID)
    /// Hand the order to the ERP's workflow, so that it can be invoiced.
    case confirmOrder(ExternalReference, DocumentID)
    /// Make the draft invoice of a confirmed order, dated, and with the shop's VAT to the minor unit.
    case createInvoice(InvoiceDraft)
    /// Post the invoice to the ledger. `dated` is the date that the draft bears now. Where `date` is not the invoice's true
    /// date, the document's text names the true one.
    case bookInvoice(ExternalReference, DocumentID, dated: Day?, date: Day, trueDate: Day)

    /// Make the draft of a credit note of a booked invoice.
    case createCreditNote(CreditNoteDraft)
    /// Post the credit note to the ledger, as `bookInvoice` does an invoice.
    case bookCreditNote(ExternalReference, DocumentID, dated: Day?, date: Day, trueDate: Day)
    /// Pay a booked invoice or credit note.
    case registerPayment(PaymentDraft)
    /// Post an entry that belongs to no invoice.
    case createJournalEntry(JournalEntryDraft)

    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case ensureCustomer, createOrder, confirmOrder, createInvoice, bookInvoice
        case createCreditNote, bookCreditNote, registerPayment, createJournalEntry
    }

    public var kind: Kind {
        switch self {
        case .ensureCustomer: .ensureCustomer
        case .createOrder: .createOrder
        case .confirmOrder: .confirmOrder
        case .createInvoice: .createInvoice
        case .bookInvoice: .bookInvoice
        case .createCreditNote: .createCreditNote
        case .bookCreditNote: .bookCreditNote
        case .registerPayment: .registerPayment
        case .createJournalEntry: .createJournalEntry
        }
    }

    /// The document that this step makes or moves.
    public var reference: ExternalReference {
        switch self {
        case .ensureCustomer(let draft): draft.reference
        case .createOrder(let draft, _): draft.reference
        case .confirmOrder(let reference, _): reference
        case .createInvoice(let draft): draft.reference
        case .bookInvoice(let reference, _, _, _, _), .bookCreditNote(let reference, _, _, _, _): reference
        case .createCreditNote(let draft): draft.reference
        case .registerPayment(let draft): draft.reference
        case .createJournalEntry(let draft): draft.reference
        }
    }

    /// Booking has a lane of its own, in document-date order, so that number series stay in order.
    public var bookingDate: Day? {
        switch self {
        case .bookInvoice(_, _, _, let date, _), .bookCreditNote(_, _, _, let date, _): date
        default: nil
        }
    }
}

extension Step.Kind {
    /// As people read it in a task.
    public var title: String {
        switch self {
        case .ensureCustomer: "match or create customer"
        case .createOrder: "create order"
        case .confirmOrder: "confirm order"
        case .createInvoice: "create invoice"
        case .bookInvoice: "book invoice"
        case .createCreditNote: "create credit note"
        case .bookCreditNote: "book credit note"
        case .registerPayment: "register payment"
        case .createJournalEntry: "create journal entry"
        }
    }
}
