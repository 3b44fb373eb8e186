/// What a payment provider paid out, or withdrew, in canonical form, whatever report it came in.
///
/// Amounts are signed as the merchant's balance with the provider sees them: positive came in, negative went out.
public struct Payout: Hashable, Sendable, Codable {
    /// The provider's name as the settings call it, such as `stripe`.
    public var provider: String
    /// The provider's own id.
    public var id: String
    /// What the bank account gets; negative where the provider withdraws (R24).
    public var net: Money
    /// The day the money arrives at the bank.
    public var arrivesOn: Day
    public var lines: [PayoutLine]

    public init(provider: String, id: String, net: Money, arrivesOn: Day, lines: [PayoutLine]) {
        self.provider = provider
        self.id = id
        self.net = net
        self.arrivesOn = arrivesOn
        self.lines = lines
    }

    public var currency: Currency { net.currency }

    /// Why nothing of it may be booked: its lines have to come to its amount exactly, all in one currency (R17).
    public var problem: Problem? {
        if let line = lines.first(where: { $0.amount.currency != currency || $0.fee.currency != currency }) {
            return Problem(
                .payoutDoesNotAddUp,
                "line \(line.id) is in \(line.amount.currency.code), payout \(id) in \(currency.code)")
        }
        let sum = lines.map(\.net).sum(currency)
        guard sum == net else {
            return Problem(.payoutDoesNotAddUp, "payout \(id) is of \(net), its \(lines.count) lines come to \(sum)")
        }
        return nil
    }
}

/// One movement of the merchant's balance with a provider.
public struct PayoutLine: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case charge, refund, fee, feeRefund, dispute, disputeWon, reserve, release, adjustment, transfer
        /// A word of the provider's that is not known: it is booked to suspense and a person looks at it (R23).
        case unknown
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
    /// When the money moved (R22).
    public var at: Instant
    /// What it may be matched by.
    public var keys: PayoutKeys

    public init(
        id: String, kind: Kind, kindText: String, amount: Money, fee: Money, at: Instant,
        keys: PayoutKeys = PayoutKeys()
    ) {
        self.id = id
        self.kind = kind
        self.kindText = kindText
        self.amount = amount
        self.fee = fee
        self.at = at
        self.keys = keys
    }

    public var net: Money { amount - fee }
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
