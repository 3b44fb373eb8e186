/// A credit note to be made: takes back a part of a booked invoice, or the whole. All amounts are what is taken back, so
/// they are positive; an ERP may state them with the opposite sign.
public struct CreditNoteDraft: Hashable, Sendable, Codable {
    public var reference: ExternalReference
    /// The invoice that it credits (R5).
    public var invoice: DocumentID
    public var invoiceReference: ExternalReference
    public var customer: DocumentID
    /// The shop's order number.
    public var number: String
    public var date: Day
    public var currency: Currency
    public var lines: [DraftLine]
    /// Per ERP tax code, sorted by code.
    public var taxes: [DocumentTax]
    public var total: Money
    /// Which refund it is of, and why (R9).
    public var text: String
    /// What of the order it was made from.
    public var facts: OrderFacts

    public init(
        reference: ExternalReference, invoice: DocumentID, invoiceReference: ExternalReference, customer: DocumentID,
        number: String, date: Day, currency: Currency, lines: [DraftLine], taxes: [DocumentTax], total: Money,
        text: String, facts: OrderFacts
    ) {
        self.facts = facts
        self.reference = reference
        self.invoice = invoice
        self.invoiceReference = invoiceReference
        self.customer = customer
        self.number = number
        self.date = date
        self.currency = currency
        self.lines = lines
        self.taxes = taxes
        self.total = total
        self.text = text
    }
}

/// Money that a customer paid on an invoice, or was paid back on a credit note (then it is negative).
public struct PaymentDraft: Hashable, Sendable, Codable {
    public var reference: ExternalReference
    /// The booked invoice or credit note.
    public var document: DocumentID
    public var kind: DocumentKind
    /// In the document's currency.
    public var amount: Money
    /// What it came to in the ledger's currency, where that is another and the provider told; `nil`: by the ERP's rate.
    public var settled: Money?
    /// When the money moved (R22), or the first open day after.
    public var date: Day
    /// When it moved: an earlier life of the store may have registered it on any day from then on.
    public var trueDate: Day
    /// The ledger account that it came to or went from, such as the provider's clearing account.
    public var account: String
    /// Where the difference between the document's rate and the provider's goes (R20).
    public var gain: String?
    public var loss: String?
    /// How many payments from the same day on, of the same amount and account this document has from before: an ERP that takes no key
    /// tells payments apart by nothing else.
    public var equalBefore: Int

    public init(
        reference: ExternalReference, document: DocumentID, kind: DocumentKind = .invoice, amount: Money,
        settled: Money? = nil, date: Day, trueDate: Day? = nil, account: String, gain: String? = nil,
        loss: String? = nil,
        equalBefore: Int = 0
    ) {
        self.reference = reference
        self.document = document
        self.kind = kind
        self.amount = amount
        self.settled = settled
        self.gain = gain
        self.loss = loss
        self.date = date
        self.trueDate = trueDate ?? date
        self.account = account
        self.equalBefore = equalBefore
    }
}

/// A file to be kept with a booked entry, as its evidence.
public struct AttachmentDraft: Hashable, Sendable, Codable {
    public var reference: ExternalReference
    public var entry: DocumentID
    /// The file's name, as people see it.
    public var name: String
    /// Empty in plans: it may be large, and is read right before it is sent.
    public var content: [UInt8]

    public init(reference: ExternalReference, entry: DocumentID, name: String, content: [UInt8] = []) {
        self.reference = reference
        self.entry = entry
        self.name = name
        self.content = content
    }
}

/// A balanced entry in the ledger that belongs to no invoice, such as a payout's bank amount and fees.
public struct JournalEntryDraft: Hashable, Sendable, Codable {
    public struct Row: Hashable, Sendable, Codable {
        public var account: String
        /// Positive: debit; negative: credit.
        public var amount: Money
        public var text: String

        public init(account: String, amount: Money, text: String) {
            self.account = account
            self.amount = amount
            self.text = text
        }
    }

    public var reference: ExternalReference
    public var date: Day
    /// The day it is of; a later one was booked on only because the books were closed.
    public var trueDate: Day
    /// The voucher series or journal, by the ERP's name; `nil`: the connector's default.
    public var series: String?
    /// Names provider, payout and dates.
    public var text: String
    /// In the company's currency; they come to zero (R19).
    public var rows: [Row]

    public init(
        reference: ExternalReference, date: Day, trueDate: Day? = nil, series: String? = nil, text: String, rows: [Row]
    ) {
        self.trueDate = trueDate ?? date
        self.reference = reference
        self.date = date
        self.series = series
        self.text = text
        self.rows = rows
    }
}
