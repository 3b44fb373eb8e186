import ConnectorKit
import Domain

extension SettlementLayout {
    /// Klarna's settlement report as CSV: the totals of the payout, then its transactions. Amounts are decimals, unlike those of
    /// the API, and their sign follows from the type.
    ///
    /// Tax on fees, corrections of fees and debts of earlier payouts are among the totals and need not have rows.
    /// https://docs.klarna.com/payments/after-payments/settlements/settlement-files/
    static let klarna: SettlementLayout = {
        var layout = SettlementLayout()
        layout.form = SettlementForm(separator: .semicolon)
        layout.identity = "order_id"
        layout.type = "type"
        layout.at = [
            SettlementDateColumn("capture_date", zone: .fixed(.utc)),
            SettlementDateColumn("sale_date", zone: .fixed(.utc)),
        ]
        layout.amounts = SettlementAmounts(
            amount: .signed("amount"), outgoing: ["RETURN", "REVERSAL", "FEE", "TAX", "HOLDBACK", "CHARGE"],
            currency: .column(["posting_currency", "currency_code"]))
        layout.keys = SettlementKeyColumns(
            transactionIDs: ["order_id", "capture_id", "refund_id"], orderNumber: "merchant_reference1")
        layout.payout = [.totals]
        layout.kinds = [
            .init("SALE", .line(.charge)),
            .init("RETURN", .line(.refund)),
            .init("REVERSAL", .line(.dispute)),
            .init("REVERSAL_MERCHANT_PROTECTION", .line(.disputeWon)),
            .init("FEE", .line(.fee)),
            .init("TAX", .line(.fee)),
            .init("FEE_REFUND", .line(.feeRefund)),
            .init("HOLDBACK", .line(.reserve)),
            .init("RELEASE", .line(.release)),
            .init("COMMISSION", .line(.adjustment)),
            .init("CORRECTION", .line(.adjustment)),
            .init("CHARGE", .line(.adjustment)),
            .init("CREDIT", .line(.adjustment)),
        ]
        layout.totals = SettlementTotals(
            net: "total_settlement_amount", payoutID: "payment_reference", currency: "settlement_currency",
            at: SettlementDateColumn("payout_date", zone: .fixed(.utc)),
            rests: [
                .init("total_tax_amount", .deducted, words: ["TAX"], .fee),
                .init("total_fee_correction_amount", .added, words: ["CORRECTION"], .feeRefund),
                .init("total_fee_refund_amount", .added, words: ["FEE_REFUND"], .feeRefund),
                .init("total_commission_amount", .added, words: ["COMMISSION"], .adjustment),
                .init("total_charge_amount", .deducted, words: ["CHARGE"], .adjustment),
                .init("total_credit_amount", .added, words: ["CREDIT"], .adjustment),
                .init("total_holdback_amount", .deducted, words: ["HOLDBACK"], .reserve),
                .init("total_release_amount", .added, words: ["RELEASE"], .release),
                // A payout that would be negative becomes a debt, which later payouts pay back.
                .init("total_deposit_amount", .added, .transfer),
                .init("total_repay_amount", .deducted, .transfer),
            ])
        return layout
    }()
}
