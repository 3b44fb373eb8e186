public import Domain

/// One thing that happens in the shop, and when.
public struct TradeEvent: Hashable, Sendable {
    public enum Act: Hashable, Sendable {
        case place(ShopOrderDraft)
        case pay(transactionID: String)
        case complete
        case cancel
        case fail
        case edit([ShopOrderDraft.Line])
        case refund(TradeRefund)
        /// The shopkeeper sets the status: a refund of the whole, without lines.
        case refundAll
        case trash
        case note(String)
    }

    public let at: Instant
    /// The generator's own count of orders, from 1; the shop gives the number.
    public let order: Int
    public let act: Act

    public init(at: Instant, order: Int, act: Act) {
        self.at = at
        self.order = order
        self.act = act
    }
}

/// What is given back, with lines told by their place in the order.
public struct TradeRefund: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public let index: Int
        public let quantity: Int
        public let net: Int
        public let tax: Int
    }

    public let amount: Int
    public let reason: String
    public let lines: [Line]
}
