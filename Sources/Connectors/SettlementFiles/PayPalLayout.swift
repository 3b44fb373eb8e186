import ConnectorKit
import Domain

extension SettlementLayout {
    /// PayPal's activity download (Reports > Activity download). It has no payouts: each day's movements in one currency are one
    /// activity, and a withdrawal to the bank is among them.
    ///
    /// Dates and numbers are written as the account's language has them, and 1 February looks like 2 January, so the layout has to
    /// be told. Fees are negative. A transaction id can stand on two rows, so it is no id by itself.
    /// https://developer.paypal.com/reports/reference/changed-fields
    static func payPal(
        dates: SettlementForm.Dates, decimalMark: SettlementForm.DecimalMark, thousands: SettlementForm.Thousands
    ) -> SettlementLayout {
        var layout = SettlementLayout()
        layout.form = SettlementForm(decimalMark: decimalMark, thousands: thousands, dates: dates)
        layout.identity = "Transaction ID"
        layout.type = ["Type", "Description"]
        layout.at = [
            SettlementDateColumn("Date", time: "Time", zone: .column(["TimeZone", "Time Zone"]))
        ]
        layout.amounts = SettlementAmounts(
            amount: .signed("Gross"), fees: ["Fee"], feeSign: .negative, net: .signed("Net"),
            currency: .column("Currency"))
        layout.keys = SettlementKeyColumns(
            transactionIDs: ["Transaction ID", "Reference Txn ID"], orderNumber: ["Invoice Number", "Invoice ID"])
        layout.payout = [.day(nil)]
        layout.filters = [
            SettlementFilter("Status", only: ["Completed"], isOptional: true),
            // Memos are authorisations and the like; the rows of a basket have no word at all.
            SettlementFilter("Balance Impact", only: ["Credit", "Debit"], isOptional: true),
        ]
        layout.kinds = payPalKinds
        layout.content = .activity
        return layout
    }

    private static let payPalKinds: [SettlementKindRule] =
        rules(
            [
                "Express Checkout Payment", "Website Payment", "General Payment", "Mobile Payment",
                "Checkout Payment", "PreApproved Payment Bill User Payment", "Pre-approved Payment Bill User Payment",
                "Subscription Payment", "Direct Credit Card Payment", "Virtual Terminal Payment",
                "eBay Auction Payment", "Donation Payment",
            ], sign: .positive, .line(.charge))
        + rules(["Payment Refund", "General Refund"], sign: .negative, .line(.refund))
        + rules(["Chargeback", "Payment Reversal"], sign: .negative, .line(.dispute))
        + rules(
            ["Chargeback Reversal", "Cancelled Chargeback", "Payment Reversal"], sign: .positive, .line(.disputeWon))
        + rules(
            ["Chargeback Fee", "Dispute Fee", "Partner Fee", "Payment Fee", "General PayPal Fee"], sign: .negative,
            .line(.fee))
        + rules(["Fee Reversal", "Chargeback Fee Reversal"], sign: .positive, .line(.feeRefund))
        + rules(
            [
                "General Hold", "Hold on Available Balance", "Account Hold for Open Authorization",
                "Hold on Balance for Dispute Investigation", "Hold for Dispute Investigation", "Reserve Hold",
                "Payment Hold", "Payment Review Hold",
            ], sign: .negative, .line(.reserve))
        + rules(
            [
                "General Hold Release", "Reversal of General Account Hold", "Reserve Release",
                "Reversal of hold for Dispute Investigation", "Cancellation of Hold for Dispute Resolution",
                "Payment Release", "Payment Review Release",
            ], sign: .positive, .line(.release))
        + rules(
            [
                "General Withdrawal", "User Initiated Withdrawal", "Auto-sweep", "General Card Withdrawal",
                "Bank Deposit to PP Account", "General Card Deposit", "General Currency Conversion",
            ], .line(.transfer))

    private static func rules(
        _ words: [String], sign: SettlementKindRule.Sign? = nil, _ use: SettlementKindRule.Use
    ) -> [SettlementKindRule] {
        words.map { .init($0, sign: sign, use) }
    }
}
