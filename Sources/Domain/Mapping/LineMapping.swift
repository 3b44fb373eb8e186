/// Turns the order's lines into document lines that come to the same net amounts under the ERP's rules.
struct LineMapping {
    let order: Order
    let settings: Settings
    let rules: ERPRules
    let vat: VATMapping
    var original = OriginalLines()

    func lines() throws(Problem) -> [DraftLine] {
        var drafts: [DraftLine] = []
        for line in order.lines where !(line.kind == .shipping && line.total.isZero) {
            drafts.append(try draft(line))
        }
        return drafts
    }

    private func draft(_ line: OrderLine) throws(Problem) -> DraftLine {
        let article = try article(for: line)
        let priced = price(line)
        return DraftLine(
            source: line.id,
            article: article.code,
            articleIfMissing: article.ifMissing,
            description: priced.quantity == line.quantity ? line.name : "\(line.quantity) × \(line.name)",
            quantity: priced.quantity,
            unitPrice: priced.unitPrice,
            basePrice: priced.basePrice,
            tax: try vat.tax(of: line),
            net: line.total
        )
    }

    /// Quantity and unit price whose product the ERP rounds to the line's net amount. Where no unit price of the allowed
    /// decimals does that, the line is one piece at its whole price.
    private func price(
        _ line: OrderLine
    ) -> (quantity: ExactDecimal, unitPrice: ExactDecimal, basePrice: ExactDecimal) {
        let decimals = rules.unitPriceDecimals
        let currencyDecimals = order.currency.decimals
        if let unit = line.total.decimal.divided(by: line.quantity, decimals: decimals),
            let base = line.subtotal.decimal.divided(by: line.quantity, decimals: decimals),
            line.quantity.rounded(decimals: rules.quantityDecimals) == line.quantity,
            // ERPs differ in where a half goes; a price is taken only if that cannot matter.
            (unit * line.quantity).rounded(decimals: currencyDecimals) == line.total.decimal,
            (unit * line.quantity).roundedHalfEven(decimals: currencyDecimals) == line.total.decimal
        {
            return (line.quantity, unit, base)
        }
        return (.one, line.total.decimal, line.subtotal.decimal)
    }

    private func article(for line: OrderLine) throws(Problem) -> (code: String, ifMissing: String?) {
        if let known = original[line.id] { return (known.article, known.ifMissing) }
        return switch line.kind {
        case .goods: try goodsArticle(line)
        case .shipping: (try shippingRule(line).article, nil)
        case .fee: (try feeRule(line).article, nil)
        case .outside: (line.sku ?? "", nil)
        }
    }

    private func goodsArticle(_ line: OrderLine) throws(Problem) -> (code: String, ifMissing: String?) {
        let placeholder = settings.articles.missingSKU == .placeholder ? settings.articles.placeholder : nil
        if let sku = line.sku { return (sku, placeholder) }
        guard let placeholder else { throw Problem(.skuMissing, "line \(line.id) has no SKU") }
        return (placeholder, nil)
    }

    private func shippingRule(_ line: OrderLine) throws(Problem) -> ShippingMethodRule {
        guard let rule = settings.shippingMethods.first(where: { matches($0.method, line.methodID, line.name) }) else {
            throw Problem(.shippingMethodNotMapped, "no rule for shipping method \"\(line.methodID ?? line.name)\"")
        }
        return rule
    }

    private func feeRule(_ line: OrderLine) throws(Problem) -> FeeRule {
        let rule = settings.fees.first { matches($0.name, nil, line.name) }
        // A fee taken back has a negative quantity: its rule need not allow negative ones.
        if line.total.isNegative, !line.quantity.isNegative {
            guard let rule, rule.allowNegative else {
                throw Problem(.negativeFeeNotMapped, "the fee \"\(line.name)\" of \(line.total) is negative")
            }
            return rule
        }
        guard let rule else { throw Problem(.feeNotMapped, "no rule for the fee \"\(line.name)\"") }
        return rule
    }

    /// The rule for the order's shipping method as a record of the ERP, where the settings name one.
    func shippingMethod() -> String? {
        order.lines.first { $0.kind == .shipping }.flatMap { line in
            settings.shippingMethods.first { matches($0.method, line.methodID, line.name) }?.erpMethod
        }
    }
}

/// Whether a rule's pattern means this id or name; a pattern may end in `*`, which means any rest.
func matches(_ pattern: String, _ id: String?, _ name: String) -> Bool {
    guard pattern.hasSuffix("*") else { return pattern == id || pattern == name }
    let start = pattern.dropLast()
    return name.hasPrefix(start) || id?.hasPrefix(start) == true
}
