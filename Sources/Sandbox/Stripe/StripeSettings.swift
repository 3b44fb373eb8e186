public import Domain

extension StripeSandbox {
    /// What the account is like, and how the stand-in behaves. Currencies are spelt as Stripe does: `sek`.
    public struct Settings: Sendable {
        // MARK: Keys

        public var secretKey = "sk_test_sandbox"
        /// A second key, which may only read `restrictedResources`.
        public var restrictedKey = "rk_test_sandbox"
        /// As they stand in paths: `payouts`, `balance_transactions`.
        public var restrictedResources: Set<String> = ["payouts", "balance_transactions"]
        public var webhookSecret = "whsec_sandbox"
        /// Signs too, first, as while a secret is being rolled.
        public var formerWebhookSecret: String?
        /// More than `callsPerSecond` in any second are answered 429.
        public var limitsRate = false
        public var callsPerSecond = 25

        // MARK: The account

        public var accountID = "acct_1SbxOrdrSyncSE0z"
        public var apiVersion = "2026-10-28.endive"
        public var isLive = false
        public var country = "SE"
        /// Stands in the description of charges: `Shop - Order 123`.
        public var shopName = "Shop"
        /// Where a charge's metadata has the shop's order number, as WooCommerce's Stripe gateway writes it; nowhere when
        /// `nil`.
        public var orderMetadataKey: String? = "order_id"

        // MARK: Money

        /// A balance and a stream of payouts each. What is charged in another currency is converted to the first.
        public var settlementCurrencies = ["sek"]
        /// What one minor unit of a currency is in minor units of the first settlement currency, at the beginning.
        public var exchangeRates: [String: ExactDecimal] = [
            "eur": ExactDecimal(units: 11_3127, decimals: 4), "nok": ExactDecimal(units: 9_731, decimals: 4),
            "dkk": ExactDecimal(units: 1_5164, decimals: 4), "usd": ExactDecimal(units: 10_4815, decimals: 4),
            "gbp": ExactDecimal(units: 13_0246, decimals: 4),
        ]
        /// Of what was settled, in hundredths of a percent.
        public var feeBasisPoints = 150
        /// On top, by settlement currency.
        public var fixedFees = ["sek": 180, "eur": 25, "nok": 200, "dkk": 180, "usd": 30, "gbp": 20]
        /// For a conversion, in hundredths of a percent of what was settled.
        public var conversionBasisPoints = 200
        /// VAT on fees, in hundredths of a percent; a business in another EU country than Stripe pays none to Stripe.
        public var feeTaxBasisPoints = 0
        /// By settlement currency.
        public var disputeFees = [
            "sek": 150_00, "eur": 20_00, "nok": 150_00, "dkk": 110_00, "usd": 15_00, "gbp": 15_00,
        ]
        /// Whether a dispute that is won brings its fee back.
        public var returnsDisputeFee = false

        // MARK: Payouts

        /// Charges are available at the beginning of the day that is so many days later, UTC.
        public var delayDays = 3
        /// `advance` makes an automatic payout at midnight UTC of each such day; never when `nil`.
        public var payoutEveryDays: Int? = 1
        /// From a payout to its arrival at the bank.
        public var arrivalDays = 2
        /// What would arrive on a Saturday or Sunday arrives on Monday.
        public var skipsWeekends = true
        /// How long a payout is `pending` before it is `in_transit`.
        public var submissionLag: Duration = .seconds(6 * 3600)
        /// How long after arrival an automatic payout's content is complete; only when it is told if `nil`.
        public var reconciliationLag: Duration? = .seconds(4 * 3600)
        /// Whether the bank account is debited when a balance is below zero at the time of a payout.
        public var withdrawsNegativeBalance = true

        public init() {}

        var defaultCurrency: String { settlementCurrencies.first ?? "sek" }
    }
}
