import Domain

/// What kind of movement Stripe's words mean: the type, and where one type is used for several things, its reporting category.
struct StripeWord: Hashable, Sendable {
    /// The word that says it, for people and for fee rules.
    let text: String
    private let meaning: Meaning

    private enum Meaning: Hashable, Sendable {
        /// The same whatever the amount's sign.
        case always(PayoutLine.Kind)
        /// Money out is the first, money in the second.
        case bySign(PayoutLine.Kind, PayoutLine.Kind)
    }

    init(_ row: StripeBalanceTransaction) {
        self.init(type: row.type, category: row.category)
    }

    init(type: String, category: String) {
        // Adjustments are disputes, failed refunds, fees and anything else; a refund may be what was never captured.
        let isDivided = type == "adjustment" || category == "partial_capture_reversal"
        if isDivided, let meaning = Self.categories[category] {
            (text, self.meaning) = (category, meaning)
        } else if let meaning = Self.types[type] {
            (text, self.meaning) = (type, meaning)
        } else if let meaning = Self.categories[category] {
            // A type that is newer than this table, of a category that is not.
            (text, self.meaning) = (type, meaning)
        } else {
            (text, meaning) = (type, .always(.unknown))
        }
        isOfPayout = ["payout", "payout_cancel", "payout_failure"].contains(type)
    }

    /// A payout, or what took it back.
    let isOfPayout: Bool

    func kind(_ amount: Money) -> PayoutLine.Kind {
        switch meaning {
        case .always(let kind): kind
        case .bySign(let out, let `in`): amount.isNegative ? out : `in`
        }
    }

    private static let fee = Meaning.bySign(.fee, .feeRefund)
    private static let reserve = Meaning.bySign(.reserve, .release)

    private static let types: [String: Meaning] = [
        "charge": .always(.charge), "payment": .always(.charge),
        // What came back of a refund undoes it and is no second payment. Failed payments are taken back as refunds are.
        "refund": .always(.refund), "payment_refund": .always(.refund), "refund_failure": .always(.refund),
        "payment_failure_refund": .always(.refund), "payment_reversal": .always(.refund),
        "stripe_fee": fee, "stripe_fx_fee": fee, "tax_fee": fee, "application_fee": fee,
        "application_fee_refund": fee,
        "reserve_transaction": reserve, "reserved_funds": reserve, "reserve_hold": reserve,
        "reserve_release": reserve, "payment_network_reserve_hold": reserve,
        "payment_network_reserve_release": reserve, "payout_minimum_balance_hold": reserve,
        "payout_minimum_balance_release": reserve,
        // Another payout's, made by hand or back from the bank: its own entries book it, and this one only counts it.
        "payout": .always(.returned), "payout_cancel": .always(.returned), "payout_failure": .always(.returned),
        "transfer": .always(.transfer), "transfer_cancel": .always(.transfer),
        "transfer_failure": .always(.transfer), "transfer_refund": .always(.transfer),
        "topup": .always(.transfer), "topup_reversal": .always(.transfer),
        "inbound_transfer": .always(.transfer), "inbound_transfer_reversal": .always(.transfer),
        "balance_transfer_inbound": .always(.transfer), "balance_transfer_outbound": .always(.transfer),
        "connect_collection_transfer": .always(.transfer),
        // Two rows that come to nothing: what was on its way is made available for an instant payout.
        "advance": .always(.transfer), "advance_funding": .always(.transfer),
        "adjustment": .always(.adjustment),
    ]

    private static let categories: [String: Meaning] = [
        "charge": .always(.charge),
        // All that was authorised came in as a charge, and this takes back what was not captured: together they are the sale.
        "partial_capture_reversal": .always(.charge),
        "charge_failure": .always(.refund), "refund": .always(.refund), "refund_failure": .always(.refund),
        "dispute": .always(.dispute), "dispute_reversal": .always(.disputeWon),
        "fee": fee, "network_cost": fee, "tax": fee, "platform_earning": fee, "platform_earning_refund": fee,
        "connect_reserved_funds": reserve, "risk_reserved_funds": reserve, "payment_network_reserved_funds": reserve,
        "minimum_balance_hold": reserve,
        "payout": .always(.returned), "payout_reversal": .always(.returned),
        "transfer": .always(.transfer), "transfer_reversal": .always(.transfer), "topup": .always(.transfer),
        "topup_reversal": .always(.transfer), "connect_collection_transfer": .always(.transfer),
        "advance": .always(.transfer), "advance_funding": .always(.transfer),
        "other_adjustment": .always(.adjustment),
    ]
}
