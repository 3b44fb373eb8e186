/// How payments and payouts are booked.
public struct PaymentSettings: Hashable, Sendable, Codable {
    public enum Register: String, Hashable, Sendable, Codable, CaseIterable {
        /// An invoice is paid when its payout tells so.
        case payout
        /// An invoice is paid when the customer paid: clearing then shows what the provider owes.
        case capture
    }

    /// Which day a payment has that a payout tells of.
    public enum Date: String, Hashable, Sendable, Codable, CaseIterable {
        /// When the money moved.
        case transaction
        /// When the payout arrives at the bank.
        case payout
    }

    public enum BankLeg: String, Hashable, Sendable, Codable, CaseIterable {
        case bank
        /// A bank feed books the deposit from the account of money in transit.
        case inTransit
    }

    public var register: Register
    public var date: Date
    public var bankLeg: BankLeg
    /// By currency code, up to how much too little or too much paid goes to rounding (R29).
    public var tolerance: [String: Money]
    /// The ledger account of such differences.
    public var rounding: String?
    /// Gains and losses between the rate of the invoice and the provider's (R20).
    public var exchangeGain: String?
    public var exchangeLoss: String?
    /// The voucher series or journal of payouts, by the ERP's name; `nil`: the connector's default.
    public var series: String?
    /// The provider's report is attached to the entry, where the ERP takes files.
    public var attachReports: Bool
    /// Other integrations whose orders may be among the lines of this one's payouts: two shops on one account.
    public var alsoOrdersOf: [String]
    /// One for each provider and currency.
    public var accounts: [PayoutAccounts]

    public init(
        register: Register = .payout, date: Date = .transaction, bankLeg: BankLeg = .bank,
        tolerance: [String: Money] = PaymentSettings.usualTolerance, rounding: String? = nil,
        exchangeGain: String? = nil, exchangeLoss: String? = nil, series: String? = nil, attachReports: Bool = true,
        alsoOrdersOf: [String] = [], accounts: [PayoutAccounts] = []
    ) {
        self.register = register
        self.date = date
        self.bankLeg = bankLeg
        self.tolerance = tolerance
        self.rounding = rounding
        self.exchangeGain = exchangeGain
        self.exchangeLoss = exchangeLoss
        self.series = series
        self.attachReports = attachReports
        self.alsoOrdersOf = alsoOrdersOf
        self.accounts = accounts
    }

    public static let usualTolerance: [String: Money] = ["EUR": 10, "SEK": 100].reduce(into: [:]) { usual, entry in
        usual[entry.key] = Currency(code: entry.key).map { Money(minorUnits: entry.value, $0) }
    }

    public func accounts(of provider: String, _ currency: Currency) -> PayoutAccounts? {
        accounts.first { $0.provider == provider && $0.currency == currency.code }
    }
}

/// How payouts of one provider in one currency are booked.
public struct PayoutAccounts: Hashable, Sendable, Codable {
    /// As payouts name it.
    public var provider: String
    public var currency: String
    /// Payments debit it, payouts credit it (R16).
    public var clearing: String
    public var bank: String
    /// Where a bank feed books the deposits: the account of money in transit.
    public var inTransit: String?
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
        provider: String, currency: String, clearing: String, bank: String, inTransit: String? = nil,
        fees: [PayoutFeeRule], disputes: String? = nil, reserves: String? = nil, adjustments: String? = nil,
        transfers: String? = nil, suspense: String? = nil, beforeStart: String? = nil
    ) {
        self.provider = provider
        self.currency = currency
        self.clearing = clearing
        self.bank = bank
        self.inTransit = inTransit
        self.fees = fees
        self.disputes = disputes
        self.reserves = reserves
        self.adjustments = adjustments
        self.transfers = transfers
        self.suspense = suspense
        self.beforeStart = beforeStart
    }

    /// Where a charge or refund lies until a document takes it.
    public func account(of place: PayoutPlace) -> String? {
        switch place {
        case .clearing: clearing
        case .suspense: suspense
        case .beforeStart: beforeStart
        }
    }

    /// Every account that is named, each once, sorted.
    public var named: [String] {
        let all = [clearing, bank, inTransit, disputes, reserves, adjustments, transfers, suspense, beforeStart]
        return Set(all.compactMap(\.self) + fees.flatMap(\.named)).sorted()
    }
}

/// Where a charge or refund lies until a document takes it.
public enum PayoutPlace: String, Hashable, Sendable, Codable, CaseIterable {
    /// A document of ours takes it, now or when it is made.
    case clearing
    /// Its order was before the merchant began with us.
    case beforeStart
    /// Nobody knows yet.
    case suspense
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
    /// A person who knows has said that VAT is treated rightly.
    public var isConfirmed: Bool

    public init(kind: String = "*", account: String, vat: VAT = .none, isConfirmed: Bool = false) {
        self.kind = kind
        self.account = account
        self.vat = vat
        self.isConfirmed = isConfirmed
    }

    var named: [String] {
        switch vat {
        case .none: [account]
        case .domestic(_, let input): [account, input]
        case .reverseCharge(_, let input, let output): [account, input, output]
        }
    }
}
