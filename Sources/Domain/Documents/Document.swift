/// The ERP's own id of a record, as text.
public struct DocumentID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
    public var description: String { text }
}

public enum DocumentState: String, Hashable, Sendable, Codable {
    case draft
    /// An order that has been confirmed to the ERP, so that invoices can be made from it.
    case confirmed
    /// Posted to the ledger: immutable.
    case booked
    case paid
    case cancelled
    /// It was there and is not any more. Only people delete documents.
    case gone
    /// Cancelled by us before it was booked, because the order changed or was called off. What comes after it bears the
    /// next ordinal.
    case withdrawn

    public var isBooked: Bool { self == .booked || self == .paid }
}

/// VAT of one ERP tax code on a document.
public struct DocumentTax: Hashable, Sendable, Codable {
    /// The ERP's name of the tax, as in the settings: `VAT25`.
    public var code: String
    public var amount: Money

    public init(code: String, amount: Money) {
        self.code = code
        self.amount = amount
    }
}

/// What the ERP says about one document, as last read.
public struct ERPDocument: Hashable, Sendable, Codable {
    public var id: DocumentID
    /// The number people know it by; drafts may have none.
    public var number: String?
    public var state: DocumentState
    public var date: Day?
    /// The ERP's id of the customer; `nil` for a customer itself.
    public var customer: DocumentID?
    /// `nil` for a customer.
    public var total: Money?
    public var taxes: [DocumentTax]
    /// What is still to be paid of a booked invoice; negative for a credit note; `nil` where it was not read.
    public var open: Money?
    /// What its parts hold, as texts that differ when the parts do: so that an edit by a person is noticed. `nil` where they
    /// were not read; booked documents need none.
    public var parts: [DocumentPart: String]?
    /// What a payment moved on its account, in the ledger's currency.
    public var ledger: Money?

    public init(
        id: DocumentID, number: String? = nil, state: DocumentState, date: Day? = nil, customer: DocumentID? = nil,
        total: Money? = nil, taxes: [DocumentTax] = [], open: Money? = nil, parts: [DocumentPart: String]? = nil,
        ledger: Money? = nil
    ) {
        self.ledger = ledger
        self.open = open
        self.parts = parts
        self.id = id
        self.number = number
        self.state = state
        self.date = date
        self.customer = customer
        self.total = total
        self.taxes = taxes
    }
}

/// A document of ours: the ERP's facts, and what it was made from.
public struct Document: Hashable, Sendable, Codable {
    public let reference: ExternalReference
    public var erp: ERPDocument
    /// `nil` for a document that we found and did not make.
    public var madeFrom: MadeFrom?

    /// When the ERP last told us; kept by the store.
    public var readAt: Instant

    public init(
        reference: ExternalReference, erp: ERPDocument, madeFrom: MadeFrom?, readAt: Instant = .distantPast
    ) {
        self.reference = reference
        self.erp = erp
        self.madeFrom = madeFrom
        self.readAt = readAt
    }
}

/// What a document was made from. New settings and new rounding code do not change what is booked, because planning
/// compares the shop then with the shop now.
public struct MadeFrom: Hashable, Sendable, Codable {
    /// The parts of the order that the document states; `nil` for a customer, a payment and an entry.
    public var facts: OrderFacts?
    public var settingsVersion: Int
    public var mapperVersion: Int
    /// The lines that were asked for: a credit repeats their articles and taxes (R7). `nil` for documents that we found.
    public var lines: [DraftLine]?
    /// The document's parts as the ERP stated them right after we wrote them.
    public var parts: [DocumentPart: String]?
    /// What a payment was asked to pay, and by which account; `nil` for other documents.
    public var payment: PaymentDraft?
    /// A journal entry as it was asked for; `nil` for other documents.
    public var journal: JournalEntryDraft?
    /// What of a credit note the ERP set off against its unpaid invoice by itself when it was booked; positive.
    public var setOff: Money?

    public init(
        facts: OrderFacts?, settingsVersion: Int, mapperVersion: Int, lines: [DraftLine]? = nil,
        parts: [DocumentPart: String]? = nil, payment: PaymentDraft? = nil, journal: JournalEntryDraft? = nil
    ) {
        self.payment = payment
        self.journal = journal
        self.lines = lines
        self.parts = parts
        self.facts = facts
        self.settingsVersion = settingsVersion
        self.mapperVersion = mapperVersion
    }

    /// The rows of a journal entry.
    public var entry: [JournalEntryDraft.Row]? { journal?.rows }
}
