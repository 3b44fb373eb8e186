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

    /// What is made of it for an order bears this record in references: several orders may share the line.
    func record(of order: Order) -> String { "\(order.record)-\(Self.lineRecord(provider: provider, line: line))" }

    /// How such records end. Dashes of the provider's name are written in hexadecimal, so that it is certain where the line's id
    /// begins.
    public static func lineRecord(provider: String, line: String) -> String {
        "line-\(Payout.plain(provider).replacing("-", with: "~2d"))-\(Payout.plain(line))"
    }

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
    /// For people: `line txn_1 of payout stripe-po_1`.
    let title: String
    /// Of a line; `nil` where the shop says so.
    let kind: PayoutLine.Kind?
    /// In the order's currency; negative where it went back.
    private(set) var amount: Money
    /// The same in the ledger's currency, where that is another and the provider told.
    private(set) var settled: Money?
    let date: Day
    /// The ledger account it came to.
    let account: String

    init(
        record: String, title: String, kind: PayoutLine.Kind? = nil, amount: Money, settled: Money? = nil, date: Day,
        account: String
    ) {
        self.record = record
        self.title = title
        self.kind = kind
        self.amount = amount
        self.settled = settled
        self.date = date
        self.account = account
    }

    /// A charge in reverse: what was authorised came in whole, and this is what was not captured of it.
    var isReversal: Bool { kind == .charge && amount.isNegative }

    /// Whether a reversal that lies where this does may be taken off it.
    func isCharge(like reversal: MoneyMoved) -> Bool {
        kind == .charge && amount.minorUnits > 0 && account == reversal.account
            && settled?.currency == reversal.settled?.currency
    }

    /// Gives a part of this to another, so that both together are what they were.
    mutating func give(_ part: Money, to other: inout MoneyMoved) {
        let settled = settled?.part(part, of: amount)
        amount = amount - part
        other.amount += part
        if let settled {
            self.settled = self.settled.map { $0 - settled }
            other.settled = other.settled.map { $0 + settled }
        }
    }
}
