/// A part of a payout's line that belongs to an order.
public struct Settlement: Hashable, Sendable, Codable {
    /// The payout's record: `stripe-po_1`.
    public var payout: String
    public var provider: String
    /// The provider's id of the line.
    public var line: String
    public var kind: PayoutLine.Kind
    /// In the order's currency; negative for a refund.
    public var paid: Money
    /// In the payout's currency, the same money.
    public var settled: Money
    public var at: Instant
    public var place: PayoutPlace
    public var arrivesOn: Day

    /// What is made of it bears this record in references.
    var record: String { "line-\(provider)-\(Payout.plain(line))" }

    public init(
        payout: String, provider: String, line: String, kind: PayoutLine.Kind, paid: Money, settled: Money, at: Instant,
        place: PayoutPlace, arrivesOn: Day
    ) {
        self.payout = payout
        self.provider = provider
        self.line = line
        self.kind = kind
        self.paid = paid
        self.settled = settled
        self.at = at
        self.place = place
        self.arrivesOn = arrivesOn
    }
}

/// Money of an order that moved and is to be registered on its documents.
struct MoneyMoved: Hashable {
    /// The record that payments of it bear in references: the provider's line, the order or the refund.
    let record: String
    /// In the order's currency; negative where it went back.
    let amount: Money
    /// The same in the ledger's currency, where that is another and the provider told.
    let settled: Money?
    let date: Day
    /// The ledger account it came to.
    let account: String
}
