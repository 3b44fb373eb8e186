import ConnectorKit
import Domain

extension SettlementLayout {
    /// The export of transactions in Shopify's admin (Finances > Payouts). Seen in public files of 2026 in four variants; no contract.
    ///
    /// Rows have no id. Only `paid` counts: what is pending or on its way comes again in a later export. The presentment amount
    /// of a refund has no sign, so it takes the amount's.
    static let shopifyPayments: SettlementLayout = {
        var layout = SettlementLayout()
        layout.identity = "Order"
        layout.type = "Type"
        layout.at = [SettlementDateColumn("Transaction Date")]
        layout.amounts = SettlementAmounts(
            amount: .signed("Amount"), fees: ["Fee"], net: .signed("Net"), currency: .column("Currency"),
            original: .init("Presentment Amount", currency: "Presentment Currency"))
        layout.keys = SettlementKeyColumns(orderNumber: "Order")
        // Older exports have no ids: what arrives on one day is one payout then.
        layout.payout = [.column(["Payout ID"]), .day("Payout Date")]
        layout.isPayoutNeeded = true
        layout.arrival = [SettlementDateColumn("Payout Date")]
        layout.filters = [SettlementFilter("Payout Status", only: ["paid"])]
        layout.kinds = [
            .init("charge", .line(.charge)),
            .init("refund", .line(.refund)),
            .init("chargeback", sign: .negative, .line(.dispute)),
            .init("chargeback", sign: .positive, .line(.disputeWon)),
            .init("chargeback won", .line(.disputeWon)),
            .init("dispute", sign: .negative, .line(.dispute)),
            .init("dispute", sign: .positive, .line(.disputeWon)),
            .init("reserve", sign: .negative, .line(.reserve)),
            .init("reserve", sign: .positive, .line(.release)),
            .init("adjustment", .line(.adjustment)),
            .init("credit", .line(.adjustment)),
            .init("debit", .line(.adjustment)),
            .init("payout", .payout),
            .init("payout_failure", .line(.returned)),
            .init("payout_cancellation", .line(.returned)),
        ]
        return layout
    }()
}
