/// How payouts of one provider in one currency are booked.
public struct PayoutAccounts: Hashable, Sendable, Codable {
    /// As payouts name it.
    public var provider: String
    public var currency: String
    /// Payments debit it, payouts credit it (R16).
    public var clearing: String
    /// The bank account, or the account of money in transit where a bank feed books the deposits.
    public var bank: String
    /// The first whose kind a fee has counts.
    public var fees: [PayoutFeeRule]
    /// Chargebacks (R25), winning one included.
    public var disputes: String?
    /// What the provider holds back until it releases it (R26).
    public var reserves: String?
    public var adjustments: String?
    public var transfers: String?
    /// What nobody has said yet what it is.
    public var suspense: String?
    /// Sales from before the merchant began with us.
    public var beforeStart: String?

    public init(
        provider: String, currency: String, clearing: String, bank: String, fees: [PayoutFeeRule],
        disputes: String? = nil, reserves: String? = nil, adjustments: String? = nil, transfers: String? = nil,
        suspense: String? = nil, beforeStart: String? = nil
    ) {
        self.beforeStart = beforeStart
        self.provider = provider
        self.currency = currency
        self.clearing = clearing
        self.bank = bank
        self.fees = fees
        self.disputes = disputes
        self.reserves = reserves
        self.adjustments = adjustments
        self.transfers = transfers
        self.suspense = suspense
    }
}

/// The account of a provider's fee, and how VAT on it is treated (R28).
public struct PayoutFeeRule: Hashable, Sendable, Codable {
    public enum VAT: Hashable, Sendable, Codable {
        case none
        /// It is in the fee, on a proper invoice of the provider's.
        case domestic(percent: ExactDecimal, input: String)
        /// The merchant accounts for it: both legs, on the fee as the base.
        case reverseCharge(percent: ExactDecimal, input: String, output: String)
    }

    /// The kind of line that the fee is of, in the provider's word; `*` for any.
    public var kind: String
    public var account: String
    public var vat: VAT

    public init(kind: String = "*", account: String, vat: VAT = .none) {
        self.kind = kind
        self.account = account
        self.vat = vat
    }
}
