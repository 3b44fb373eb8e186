import ConnectorKit
import Domain

/// Turns the balance transactions of a payout into its lines. Pure.
struct StripeLines: Sendable {
    let payout: Payout
    let orderIDMetadata: String?
    let orderNumberMetadata: String

    /// The line that a balance transaction is; `nil` for the payout's own, which is what the lines come to.
    ///
    /// - Throws: what is wrong in it, by its field; `PAYOUT_DOES_NOT_ADD_UP` where its net is not its amount less its fee.
    func line(_ payload: [UInt8]) throws(Problem) -> PayoutLine? {
        let row = try StripeBalanceTransaction(payload)
        guard row.amount.currency == payout.currency else {
            throw Problem(
                .payoutCurrency, "it is in \(row.amount.currency.code), the payout in \(payout.currency.code)")
        }
        guard row.amount - row.fee == row.net else {
            throw Problem(.payoutDoesNotAddUp, "\(row.amount) less a fee of \(row.fee) is not its net, \(row.net)")
        }
        let word = StripeWord(row)
        if word.isOfPayout, row.source?.id ?? payout.id == payout.id { return ownFee(row) }
        let kind = word.kind(row.amount)
        return PayoutLine(
            id: row.id, kind: kind, kindText: word.text, amount: row.amount, fee: row.fee,
            original: kind.isOfOrder ? try original(row, isPayment: kind.isPayment) : nil, at: row.created,
            keys: keys(row.source))
    }

    /// The payout's own row is no line, and neither is what took it back; a fee for paying out is one.
    private func ownFee(_ row: StripeBalanceTransaction) -> PayoutLine? {
        guard !row.fee.isZero else { return nil }
        return PayoutLine(
            id: row.id, kind: row.fee.isNegative ? .feeRefund : .fee, kindText: row.type, amount: -row.fee,
            fee: .zero(payout.currency), at: row.created)
    }

    private func keys(_ source: StripeSource?) -> PayoutKeys {
        PayoutKeys(
            transactionIDs: source?.transactionIDs ?? [], orderID: orderIDMetadata.flatMap { source?.metadata($0) },
            orderNumber: source?.metadata(orderNumberMetadata))
    }

    // MARK: The customer's currency

    /// What the customer paid or got, where Stripe converted it: the source's amount, with the sign of the row's.
    private func original(_ row: StripeBalanceTransaction, isPayment: Bool) throws(Problem) -> Money? {
        guard let source = row.source, source.isWrittenOut, let code = source.currency else {
            // Without it the amount would be taken for the order's, in another currency.
            guard row.exchangeRate == nil else {
                throw Problem(.recordUnreadable, "it was converted, and source is missing or not written out")
            }
            return nil
        }
        guard let currency = Currency(code: code) else {
            throw Problem(.currencyUnknown, "source.currency is \"\(code.prefix(10))\"")
        }
        guard currency != row.amount.currency else { return nil }
        guard let units = isPayment ? fitting(row, source) : source.amounts.first else {
            throw Problem(
                .payoutDoesNotAddUp,
                "its source \(source.id) states no amount in \(code) that \(row.amount) can have been converted from: "
                    + "look up what the customer paid and book the payout by hand")
        }
        return try StripeAmount.money(row.amount.isNegative ? -units : units, currency, "source.amount")
    }

    /// The amount of the source that the row's was converted from, by the row's own rate: a charge that was captured in parts
    /// states what was authorised and what was captured in all, and the row may be of either, or of a part.
    private func fitting(_ row: StripeBalanceTransaction, _ source: StripeSource) -> Int64? {
        guard let rate = row.exchangeRate else { return source.amounts.first }
        let wanted = Self.positive(ExactDecimal(Int(row.units)))
        let near = wanted * Self.slack + .one
        let distances = source.amounts.map { units in
            (units, self.distance(ExactDecimal(Int(units)) * rate, wanted, row, source))
        }
        return distances.filter { $0.1 <= near }.min { $0.1 < $1.1 }?.0
    }

    /// Rates are rounded; parts of a charge are further from its whole than this.
    private static let slack = ExactDecimal(units: 2, decimals: 2)

    /// It is not said whether the rate is between smallest units or whole ones, which differs where decimals do.
    private func distance(
        _ product: ExactDecimal, _ wanted: ExactDecimal, _ row: StripeBalanceTransaction, _ source: StripeSource
    ) -> ExactDecimal {
        let decimals = StripeAmount.decimals(of: row.amount.currency)
        let others = source.currency.flatMap { Currency(code: $0) }.map { StripeAmount.decimals(of: $0) } ?? decimals
        let scaled = product * Self.power(decimals - others)
        return min(Self.positive(product - wanted), Self.positive(scaled - wanted))
    }

    private static func power(_ exponent: Int) -> ExactDecimal {
        let one = ExactDecimal(units: 1, decimals: max(0, -exponent))
        return (0..<max(0, exponent)).reduce(one) { number, _ in number * ExactDecimal(10) }
    }

    private static func positive(_ number: ExactDecimal) -> ExactDecimal { number.isNegative ? -number : number }
}
