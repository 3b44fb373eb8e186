/// What a payment provider paid out, or withdrew, in canonical form, whatever report it came in. Its lines are kept apart: there
/// may be millions.
public struct Payout: Hashable, Sendable, Codable {
    /// What is known of where its money comes from.
    public enum Content: String, Hashable, Sendable, Codable {
        /// Its lines come to its net, exactly (R17).
        case settled
        /// It was taken out of the balance by hand: the provider does not tell what it is made up of.
        case unlisted
        /// Movements of a balance of which nothing was paid out by itself: what went to the bank is among the lines.
        case activity
    }

    public enum State: String, Hashable, Sendable, Codable {
        /// On its way, or its lines are not complete yet.
        case pending
        case paid
        /// The bank sent it back, perhaps after it was paid.
        case failed
        case cancelled
    }

    /// The provider's name as the settings call it, such as `stripe`.
    public var provider: String
    /// The provider's own id.
    public var id: String
    public var content: Content
    public var state: State
    /// What the bank account gets; negative where the provider withdraws (R24). Of an activity, what its lines come to.
    public var net: Money
    public var createdAt: Instant
    /// The day the money arrives at the bank.
    public var arrivesOn: Day
    /// The day its money came back; `nil` where it did not, or nobody tells.
    public var returnedOn: Day?

    public init(
        provider: String, id: String, content: Content = .settled, state: State = .paid, net: Money,
        createdAt: Instant, arrivesOn: Day, returnedOn: Day? = nil
    ) {
        self.provider = provider
        self.id = id
        self.content = content
        self.state = state
        self.net = net
        self.createdAt = createdAt
        self.arrivesOn = arrivesOn
        self.returnedOn = returnedOn
    }

    public var currency: Currency { net.currency }

    /// What the bank account gets of it.
    public var banked: Money { content == .activity ? .zero(currency) : net }

    /// The name of its record, here and in references: `stripe-po_1`. What a reference cannot hold is written in hexadecimal.
    public var record: String { "\(provider)-\(Self.plain(id))" }

    static func plain(_ id: String) -> String {
        id.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                String(UnicodeScalar(byte))
            default: "~" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}

/// One movement of the merchant's balance with a provider.
///
/// Amounts are signed as that balance sees them: positive came in, negative went out.
public struct PayoutLine: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case charge, refund, fee, feeRefund, dispute, disputeWon, reserve, release, adjustment, transfer
        /// The money of a payout that failed, back in the balance: the failed payout's own reversal books it.
        case returned
        /// A word of the provider's that is not known: it is booked to suspense and a person looks at it (R23).
        case unknown

        /// Whether it belongs to an order.
        public var isOfOrder: Bool {
            switch self {
            case .charge, .refund, .dispute, .disputeWon: true
            case .fee, .feeRefund, .reserve, .release, .adjustment, .transfer, .returned, .unknown: false
            }
        }

        /// Whether payments on documents move it to clearing.
        public var isPayment: Bool { self == .charge || self == .refund }
    }

    /// The provider's own id of the movement.
    public var id: String
    public var kind: Kind
    /// The provider's word for the kind, for people.
    public var kindText: String
    /// Gross: before the provider's fee.
    public var amount: Money
    /// What the provider kept of it; negative where a fee was given back.
    public var fee: Money
    /// What the customer paid, where that was in another currency.
    public var original: Money?
    /// When the money moved (R22).
    public var at: Instant
    /// What it may be matched by.
    public var keys: PayoutKeys

    public init(
        id: String, kind: Kind, kindText: String, amount: Money, fee: Money, original: Money? = nil, at: Instant,
        keys: PayoutKeys = PayoutKeys()
    ) {
        self.id = id
        self.kind = kind
        self.kindText = kindText
        self.amount = amount
        self.fee = fee
        self.original = original
        self.at = at
        self.keys = keys
    }

    public var net: Money { amount - fee }
    /// In the currency of the order.
    public var paid: Money { original ?? amount }
}

/// What a line says of the order that it belongs to.
public struct PayoutKeys: Hashable, Sendable, Codable {
    /// The provider's ids of the payment: charge, payment intent, capture, refund.
    public var transactionIDs: [String]
    public var orderID: String?
    public var orderNumber: String?
    public var invoiceNumber: String?

    public init(
        transactionIDs: [String] = [], orderID: String? = nil, orderNumber: String? = nil, invoiceNumber: String? = nil
    ) {
        self.transactionIDs = transactionIDs
        self.orderID = orderID
        self.orderNumber = orderNumber
        self.invoiceNumber = invoiceNumber
    }
}
