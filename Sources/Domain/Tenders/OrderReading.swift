extension Order {
    /// The order with what is outside VAT told apart by these rules: a fee outside VAT becomes a line `outside`, and a gift
    /// card used is no discount but a payment. Lines and VAT go back to what they were before it, and a negative line outside
    /// VAT takes it off. The total stays the shop's. Pure; an order that was read is not read again.
    ///
    /// - Throws: a `Problem` where the shop does not tell the gift card from other discounts.
    func read(by rules: ReadingRules) throws(Problem) -> Order {
        guard readBy == nil else { return self }
        var reading = OrderReading(order: self, shop: self, rules: rules)
        try reading.readFees()
        try reading.readCoupons()
        try reading.readFields()
        var order = reading.order
        order.totalTax = order.taxes.map(\.amount).sum(currency)
        order.readBy = reading.applied
        order.refunds = TenderRefunds(before: self, after: order).refunds
        return reading.applied.isEmpty ? unread : order
    }

    /// Nothing of it is outside VAT.
    private var unread: Order {
        var order = self
        order.readBy = ReadingRules()
        return order
    }
}

private struct OrderReading {
    var order: Order
    /// As the shop gave it.
    let shop: Order
    let rules: ReadingRules
    /// Those of the rules that applied.
    var applied = ReadingRules()

    // MARK: Fees

    mutating func readFees() throws(Problem) {
        for index in order.lines.indices where order.lines[index].kind == .fee {
            let fee = order.lines[index]
            if let rule = rules.tender(fee) {
                var gross = fee.total
                for tax in fee.taxes {
                    let amount = try order.rounded(tax.amount)
                    try addVAT(-amount, tax.taxID, for: fee)
                    gross += amount
                }
                putOutside(index, gross, rule.article)
                note(rule)
            } else if let rule = rules.outsideFee(fee) {
                guard fee.taxes.allSatisfy(\.amount.isZero) else {
                    throw Problem(.feeBearsVAT, "the fee \"\(fee.name)\" of \(fee.total) bears VAT")
                }
                putOutside(index, fee.total, rule.article)
                if !applied.fees.contains(rule) { applied.fees.append(rule) }
            }
        }
    }

    private mutating func putOutside(_ index: Int, _ amount: Money, _ article: String) {
        order.lines[index].kind = .outside
        order.lines[index].sku = article
        order.lines[index].taxes = []
        (order.lines[index].subtotal, order.lines[index].total) = (amount, amount)
    }

    // MARK: Coupons

    mutating func readCoupons() throws(Problem) {
        var recognised: [(coupon: OrderCoupon, rule: TenderRule)] = []
        var hasOthers = false
        for coupon in order.coupons ?? [] where !coupon.isFree {
            if let rule = rules.tender(coupon) { recognised.append((coupon, rule)) } else { hasOthers = true }
        }
        guard !recognised.isEmpty else { return }
        guard !hasOthers else {
            throw Problem(.tenderNotSeparable, "a coupon of the rules under tenders was used together with another")
        }
        let taken = try restoreLines()
        var stated = Money.zero(order.currency)
        for (coupon, rule) in recognised {
            let amount = try order.rounded(coupon.discount + coupon.discountTax)
            stated += amount
            append("tender-\(coupon.id)", "Gift card or credit …\(coupon.code.suffix(4))", -amount, rule)
        }
        guard (taken - stated).magnitude <= Int64(order.lines.count) else {
            throw Problem(.tenderNotSeparable, "its coupons come to \(stated), its lines were lowered by \(taken)")
        }
    }

    /// Lines and VAT as they were before discounts; answers by how much that is more.
    private mutating func restoreLines() throws(Problem) -> Money {
        var taken = Money.zero(order.currency)
        var before: [String: [ExactDecimal]] = [:]
        var after: [String: [ExactDecimal]] = [:]
        for index in order.lines.indices {
            let line = order.lines[index]
            guard line.kind == .goods, line.subtotal != line.total else { continue }
            guard let taxes = line.subtotalTaxes else {
                throw Problem(.tenderNotSeparable, "the shop does not tell the VAT of \(line.label) before discounts")
            }
            for tax in line.taxes { after[tax.taxID, default: []].append(tax.amount) }
            for tax in taxes { before[tax.taxID, default: []].append(tax.amount) }
            taken += line.subtotal - line.total
            (order.lines[index].total, order.lines[index].taxes) = (line.subtotal, taxes)
        }
        for id in before.keys.sorted() {
            let back = try vatBack(before[id] ?? [], after[id] ?? [], id)
            try addVAT(back, id, for: nil)
            taken += back
        }
        return taken
    }

    /// What VAT of one rate was lowered by, rounded as the shop rounds: line by line, or the sum, where its own VAT shows that.
    private func vatBack(
        _ before: [ExactDecimal], _ after: [ExactDecimal], _ taxID: String
    ) throws(Problem) -> Money {
        let charged = shop.lines.flatMap(\.taxes).filter { $0.taxID == taxID }.map(\.amount)
        if try sum(charged) == shop.taxes.first(where: { $0.id == taxID })?.amount {
            return try sum(before) - sum(after)
        }
        return try order.rounded(before.reduce(.zero, +) - after.reduce(.zero, +))
    }

    private func sum(_ amounts: [ExactDecimal]) throws(Problem) -> Money {
        var sum = Money.zero(order.currency)
        for amount in amounts { sum += try order.rounded(amount) }
        return sum
    }

    // MARK: Custom fields

    mutating func readFields() throws(Problem) {
        let found = rules.fields(of: order)
        guard !found.isEmpty else { return }
        let due = order.lines.map(\.total).sum(order.currency) + order.taxes.map(\.amount).sum(order.currency)
        var stated = Money.zero(order.currency)
        for (rule, path, text) in found {
            let amount = try amount(text, path)
            stated += amount
            append("tender-\(path)", "Gift card or credit", -amount, rule)
        }
        let taken = due - order.total
        guard (taken - stated).magnitude <= Int64(order.lines.count) else {
            throw Problem(
                .tenderDoesNotAddUp, "its custom fields come to \(stated), its total was lowered by \(taken)")
        }
    }

    private func amount(_ text: String, _ path: String) throws(Problem) -> Money {
        do throws(AmountError) {
            let amount = try Money(text, order.currency)
            if !amount.isNegative { return amount }
        } catch .doesNotFit {
            throw Problem(.amountDoesNotFitCurrency, "the custom field \(path) is \(text.prefix(40))")
        } catch {}
        throw Problem(.amountInvalid, "the custom field \(path) is \"\(text.prefix(40))\", which is no amount paid")
    }

    // MARK: Parts

    private mutating func append(_ id: String, _ name: String, _ amount: Money, _ rule: TenderRule) {
        order.lines.append(
            OrderLine(
                id: id, kind: .outside, sku: rule.article, name: name, quantity: .one, subtotal: amount,
                total: amount, taxes: []))
        note(rule)
    }

    private mutating func note(_ rule: TenderRule) {
        if !applied.tenders.contains(rule) { applied.tenders.append(rule) }
    }

    private mutating func addVAT(_ amount: Money, _ taxID: String, for line: OrderLine?) throws(Problem) {
        guard let index = order.taxes.firstIndex(where: { $0.id == taxID }) else {
            if amount.isZero { return }
            throw Problem(
                .orderDoesNotAddUp, "\(line?.label ?? "a line") bears tax \(taxID), which the order does not list")
        }
        order.taxes[index].amount += amount
    }
}

extension Order {
    /// To minor units as shops round tax: a half up, and down where prices include it, because the net amount takes the rest.
    func rounded(_ amount: ExactDecimal) throws(Problem) -> Money {
        let exact = amount.isNegative ? -amount : amount
        do throws(AmountError) {
            let up = try Money(rounding: exact, currency)
            let half = ExactDecimal(units: 5, decimals: currency.decimals + 1)
            let isHalf = pricesIncludeTax && up.decimal - exact == half
            let money = isHalf ? up - Money(minorUnits: 1, currency) : up
            return amount.isNegative ? -money : money
        } catch {
            throw Problem(.amountInvalid, "\(amount) is no amount of \(currency)")
        }
    }
}
