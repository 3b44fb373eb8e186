public import Domain

/// Where a row has its amounts. Their signs are brought to those of the balance: what comes in is positive.
public struct SettlementAmounts: Hashable, Sendable, Codable {
    public enum Source: Hashable, Sendable, Codable {
        /// One column with a sign.
        case signed(SettlementColumn)
        /// Two columns without signs, one of them filled.
        case pair(debit: SettlementColumn, credit: SettlementColumn)
    }

    public enum FeeSign: String, Hashable, Sendable, Codable, CaseIterable {
        /// A fee that was kept is positive.
        case positive
        /// A fee that was kept is negative.
        case negative
    }

    public enum CurrencySource: Hashable, Sendable, Codable {
        /// Where the cell is empty, or the file has no such column, it is that of the totals.
        case column(SettlementColumn)
        case fixed(Currency)
    }

    /// An amount in the customer's currency, beside the amount itself. It takes the amount's sign: reports disagree about it.
    public struct Original: Hashable, Sendable, Codable {
        public var amount: SettlementColumn
        public var currency: SettlementColumn

        public init(_ amount: SettlementColumn, currency: SettlementColumn) {
            self.amount = amount
            self.currency = currency
        }
    }

    /// What moved, before the fee.
    public var amount: Source?
    /// Where a report gives the amount in the customer's currency and only net and fees in the payout's. The amount is then net
    /// and fees together, and the one in the report is the original.
    public var amountCurrency: SettlementColumn?
    /// Words for rows whose amount goes out although the report writes it without a sign.
    public var outgoing: [String]
    /// Summed. Where a row states none of them, the fee is what the net leaves of the amount.
    public var fees: [SettlementColumn]
    public var feeSign: FeeSign
    /// Checked: amount less fee.
    public var net: Source?
    public var currency: CurrencySource?
    public var original: Original?

    public init(
        amount: Source? = nil, amountCurrency: SettlementColumn? = nil, outgoing: [String] = [],
        fees: [SettlementColumn] = [], feeSign: FeeSign = .positive, net: Source? = nil,
        currency: CurrencySource? = nil, original: Original? = nil
    ) {
        self.amount = amount
        self.amountCurrency = amountCurrency
        self.outgoing = outgoing
        self.fees = fees
        self.feeSign = feeSign
        self.net = net
        self.currency = currency
        self.original = original
    }
}
