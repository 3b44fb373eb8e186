/// What we know of the ledger, and how old that knowledge is.
public struct Books: Hashable, Sendable, Codable {
    public var readAt: Instant
    public var rules: ERPRules
    /// Days up to this one are closed for booking.
    public var lockedThrough: Day?
    /// The last date used in the number series of a year; later invoices may not be dated before it.
    public var lastInvoiceDate: [Int: Day]

    public init(readAt: Instant, rules: ERPRules, lockedThrough: Day? = nil, lastInvoiceDate: [Int: Day] = [:]) {
        self.readAt = readAt
        self.rules = rules
        self.lockedThrough = lockedThrough
        self.lastInvoiceDate = lastInvoiceDate
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

    public init(unitPriceDecimals: Int, quantityDecimals: Int, datesOnlyMoveForward: Bool) {
        self.unitPriceDecimals = unitPriceDecimals
        self.quantityDecimals = quantityDecimals
        self.datesOnlyMoveForward = datesOnlyMoveForward
    }
}
