import ConnectorKit
import Domain

extension SettlementLayout {
    /// Adyen's settlement details report. A batch is one payout of a merchant account, so both name it.
    ///
    /// Gross amounts are in the customer's currency (GC), net and fees in the payout's (NC). Fees are a commission or, by another
    /// pricing, markup, scheme fees and interchange, which can have parts of a cent. References repeat between the rows of one
    /// payment, so they are no ids.
    /// https://docs.adyen.com/reporting/settlement-reconciliation/transaction-level/settlement-details-report
    static let adyen: SettlementLayout = {
        var layout = SettlementLayout()
        layout.form = SettlementForm(thousands: .never)
        layout.identity = "Modification Reference"
        layout.type = "Type"
        layout.at = [SettlementDateColumn("Creation Date", zone: .column("TimeZone"))]
        layout.amounts = SettlementAmounts(
            amount: .pair(debit: "Gross Debit (GC)", credit: "Gross Credit (GC)"), amountCurrency: "Gross Currency",
            fees: ["Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)"],
            net: .pair(debit: "Net Debit (NC)", credit: "Net Credit (NC)"), currency: .column("Net Currency"))
        layout.keys = SettlementKeyColumns(
            transactionIDs: ["Psp Reference", "Modification Reference"], orderNumber: "Merchant Reference")
        layout.payout = [.column(["Merchant Account", "Batch Number"])]
        layout.kinds = [
            .init("Settled", .line(.charge)),
            .init("SettledBulk", .line(.charge)),
            .init("SettledInstallment", .line(.charge)),
            .init("Refunded", .line(.refund)),
            .init("RefundedBulk", .line(.refund)),
            .init("Chargeback", .line(.dispute)),
            .init("SecondChargeback", .line(.dispute)),
            .init("ChargebackReversed", .line(.disputeWon)),
            .init("Fee", sign: .negative, .line(.fee)),
            .init("Fee", sign: .positive, .line(.feeRefund)),
            .init("MiscCosts", .line(.fee)),
            .init("PaymentCost", .line(.fee)),
            .init("InvoiceDeduction", sign: .negative, .line(.fee)),
            .init("InvoiceDeduction", sign: .positive, .line(.feeRefund)),
            .init("DepositCorrection", sign: .negative, .line(.reserve)),
            .init("DepositCorrection", sign: .positive, .line(.release)),
            .init("ReserveAdjustment", sign: .negative, .line(.reserve)),
            .init("ReserveAdjustment", sign: .positive, .line(.release)),
            .init("ManualCorrected", .line(.adjustment)),
            .init("MatchedStatement", .line(.adjustment)),
            // What a batch owes is carried to the next one: out of this, into that.
            .init("Balancetransfer", .line(.transfer)),
            .init("MerchantPayout", .payout),
        ]
        return layout
    }()
}
