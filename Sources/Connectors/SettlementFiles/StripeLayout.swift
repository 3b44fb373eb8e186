import ConnectorKit
import Domain

extension SettlementLayout {
    /// Stripe's itemized payout reconciliation report. Which columns it has is chosen for each report, so `balance_transaction_id`,
    /// `automatic_payout_id` and `reporting_category` have to be among them.
    ///
    /// The report of the balance's change from activity has the same columns and is none of these: it goes by the day of the
    /// movement, so the payouts at its ends are there in part. Amounts are in major units, unlike those of the API. A row without
    /// a payout is of the balance still, or was paid out by hand, of which Stripe tells nothing more.
    /// https://docs.stripe.com/reports/reporting-categories
    static let stripe: SettlementLayout = {
        var layout = SettlementLayout()
        layout.words = SettlementWords(
            noPayout: "in no automatic payout", wholeReport: "the itemized payout reconciliation report")
        layout.id = ["balance_transaction_id"]
        layout.type = "reporting_category"
        layout.at = [
            SettlementDateColumn("created_utc", zone: .fixed(.utc)),
            // In the time zone that was asked for when the report was made: most often the merchant's.
            SettlementDateColumn("created"),
        ]
        layout.amounts = SettlementAmounts(
            amount: .signed("gross"), fees: ["fee"], net: .signed("net"), currency: .column("currency"),
            original: .init("customer_facing_amount", currency: "customer_facing_currency"))
        layout.keys = SettlementKeyColumns(
            transactionIDs: ["charge_id", "payment_intent_id", "source_id"],
            orderID: "payment_metadata[order_id]",
            orderNumber: ["payment_metadata[order_number]", "payment_metadata[OrderNumber]"])
        layout.payout = [.column(["automatic_payout_id"])]
        layout.arrival = [
            SettlementDateColumn("automatic_payout_effective_at_utc"),
            SettlementDateColumn("automatic_payout_effective_at"),
        ]
        layout.kinds = [
            .init("charge", .line(.charge)),
            // The part of a charge that was authorised and not captured.
            .init("partial_capture_reversal", .line(.charge)),
            .init("refund", .line(.refund)),
            .init("dispute", .line(.dispute)),
            .init("dispute_reversal", .line(.disputeWon)),
            .init("fee", sign: .negative, .line(.fee)),
            .init("fee", sign: .positive, .line(.feeRefund)),
            .init("network_cost", .line(.fee)),
            .init("tax", .line(.fee)),
            .init("risk_reserved_funds", sign: .negative, .line(.reserve)),
            .init("risk_reserved_funds", sign: .positive, .line(.release)),
            .init("connect_reserved_funds", sign: .negative, .line(.reserve)),
            .init("connect_reserved_funds", sign: .positive, .line(.release)),
            .init("other_adjustment", .line(.adjustment)),
            .init("transfer", .line(.transfer)),
            .init("transfer_reversal", .line(.transfer)),
            .init("topup", .line(.transfer)),
            .init("topup_reversal", .line(.transfer)),
            .init("payout", .payout),
            .init("payout_reversal", .line(.returned)),
        ]
        return layout
    }()
}
