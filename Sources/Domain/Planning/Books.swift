/// What we know of the ledger, and how old that knowledge is.
public struct Books: Hashable, Sendable, Codable {
    public var readAt: Instant
    public var rules: ERPRules
    /// Days up to this one are closed for booking.
    public var lockedThrough: Day?
    /// The last date used in the number series of a year; later invoices may not be dated before it.
    public var lastInvoiceDate: [Int: Day]
    /// The same of credit notes, where they have a series of their own.
    public var lastCreditNoteDate: [Int: Day]
    /// What the ledger is kept in; `nil` where it is not known.
    public var currency: Currency?

    public init(
        readAt: Instant, rules: ERPRules, lockedThrough: Day? = nil, lastInvoiceDate: [Int: Day] = [:],
        lastCreditNoteDate: [Int: Day] = [:], currency: Currency? = nil
    ) {
        self.currency = currency
        self.lastCreditNoteDate = lastCreditNoteDate
        self.readAt = readAt
        self.rules = rules
        self.lockedThrough = lockedThrough
        self.lastInvoiceDate = lastInvoiceDate
    }
}

extension Books {
    /// The day that something of a wanted day is booked on: its own, or by policy the first after the closed period; `nil` where the
    /// accountant has to decide (R14).
    func openDay(_ wanted: Day, _ policy: PeriodPolicy) -> Day? {
        guard let lockedThrough, lockedThrough >= wanted else { return wanted }
        return policy == .nextOpenDay ? lockedThrough.next : nil
    }
}

extension Plan {
    static func waitForAccountant(_ wanted: Day) -> Plan {
        .hold(Hold(until: .books("period"), waitingFor: "the accountant: the books are closed for \(wanted)"))
    }
}

/// How an ERP computes a document, as its connector declares it.
public struct ERPRules: Hashable, Sendable, Codable {
    /// How many decimals a unit price may have.
    public var unitPriceDecimals: Int
    /// How many decimals a quantity may have.
    public var quantityDecimals: Int
    /// Whether dates in a number series may only move forward.
    public var datesOnlyMoveForward: Bool
    public var vat: VATComputing
    /// Whether refunds become credit notes by themselves; where not, they stop for a person.
    public var creditNotes: Bool
    /// Which unbooked documents can be written anew; others are withdrawn and made again.
    public var updates: Set<DocumentKind>
    /// Whether a credit note can be set off against its invoice.
    public var offsets: Bool
    /// Whether a booked entry takes files.
    public var attachments: Bool
    /// The ways from order to invoice that the ERP knows; the first is taken where the settings name none.
    public var workflows: [InvoiceWorkflow]

    public enum VATComputing: String, Hashable, Sendable, Codable {
        /// Its VAT amounts can be set to the shop's after it computed them.
        case settable
        /// It computes VAT per rate from the sum of the net amounts, a half away from zero; nobody can change it.
        case fromNetPerRate
    }

    public init(
        unitPriceDecimals: Int, quantityDecimals: Int, datesOnlyMoveForward: Bool, vat: VATComputing = .settable,
        workflows: [InvoiceWorkflow] = [.orderThenInvoice], creditNotes: Bool = false,
        updates: Set<DocumentKind> = [], offsets: Bool = false, attachments: Bool = false
    ) {
        self.attachments = attachments
        self.updates = updates
        self.offsets = offsets
        self.creditNotes = creditNotes
        self.unitPriceDecimals = unitPriceDecimals
        self.quantityDecimals = quantityDecimals
        self.datesOnlyMoveForward = datesOnlyMoveForward
        self.vat = vat
        self.workflows = workflows
    }
}
