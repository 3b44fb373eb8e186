/// The VAT the shop charged, per tax of the ERP: what the document must come to (R2).
struct VATTotals {
    let order: Order
    let mapping: VATMapping
    var linesRounded = 0

    /// Sorted by tax. A tax that lines bear at 0 % is listed with 0.
    func byTax(_ lines: [DraftLine]) throws(Problem) -> [DocumentTax] {
        var amounts: [String: Money] = [:]
        for line in lines { if let tax = line.tax { amounts[tax] = .zero(order.currency) } }
        for rate in order.taxes {
            let bearing = order.lines.filter { $0.taxes.contains { $0.taxID == rate.id } }
            try checkPlausible(rate, bearing)
            guard let first = bearing.first, let tax = try mapping.tax(of: first) else {
                if rate.amount.isZero { continue }
                throw Problem(.orderDoesNotAddUp, "VAT of \(rate.amount) at \(rate.percent) % is on no line")
            }
            amounts[tax, default: .zero(order.currency)] += rate.amount
        }
        return amounts.sorted { $0.key < $1.key }.map { DocumentTax(code: $0.key, amount: $0.value) }
    }

    /// What an ERP comes to that computes VAT itself, per rate from the sum of the net amounts (R2: what the shop charged
    /// beyond it goes to the rounding line, visibly). Sorted by tax.
    func computed(from lines: [DraftLine]) throws(Problem) -> [DocumentTax] {
        var percents: [String: ExactDecimal] = [:]
        for rate in order.taxes where !rate.percent.isZero {
            guard let first = order.lines.first(where: { $0.taxes.contains { $0.taxID == rate.id } }),
                let tax = try mapping.tax(of: first)
            else { continue }
            percents[tax] = rate.percent
        }
        let taxes = Set(lines.compactMap(\.tax))
        var computed: [DocumentTax] = []
        for tax in taxes.sorted() {
            let net = lines.filter { $0.tax == tax }.map(\.net).sum(order.currency)
            guard let amount = net.vat(at: percents[tax] ?? .zero) else {
                throw Problem(.amountInvalid, "VAT of \(net.decimal) net is too large")
            }
            computed.append(DocumentTax(code: tax, amount: amount))
        }
        return computed
    }

    /// The shop's VAT may differ from rate times net by one minor unit per line, which per-line and gross rounding cause.
    private func checkPlausible(_ rate: OrderTax, _ bearing: [OrderLine]) throws(Problem) {
        let net = bearing.map(\.total).sum(order.currency).decimal
        let computed = net * rate.percent * ExactDecimal(units: 1, decimals: 2)
        let allowed = ExactDecimal(units: Int64(max(bearing.count, linesRounded)), decimals: order.currency.decimals)
        let difference = rate.amount.decimal - computed
        guard difference <= allowed, -difference <= allowed else {
            throw Problem(
                .orderDoesNotAddUp,
                "VAT at \(rate.percent) % is \(rate.amount), but its lines of \(net) net make \(computed.rounded(decimals: 2))"
            )
        }
    }
}
