/// Decides why a line bears the VAT it bears, and which of the ERP's taxes that is (rules R31, R35, R36).
struct VATMapping {
    let order: Order
    let settings: VATSettings
    /// The country whose VAT applies: where the goods go.
    let country: String
    private let original: OriginalLines

    init(order: Order, settings: VATSettings, original: OriginalLines = OriginalLines()) {
        self.original = original
        self.order = order
        self.settings = settings
        let destination = order.destination.country
        country = destination.isEmpty ? order.billing.country : destination
    }

    /// The ERP's tax of a line; `nil` only for a line outside VAT, and for one that charges nothing and states no rate.
    func tax(of line: OrderLine) throws(Problem) -> String? {
        if let known = original[line.id] { return known.tax }
        if line.kind == .outside { return nil }
        let rates = try rates(of: line)
        guard rates.count <= 1 else {
            throw Problem(.vatNotMapped, "\(line.label) bears \(rates.count) taxes at once")
        }
        if let rate = rates.first {
            if isVoucher(line) {
                throw Problem(.voucherBearsVAT, "\(line.label) is a voucher and was sold with \(rate.percent) % VAT")
            }
            return try tax(percent: rate.percent, reason: reasonOfRated, for: line)
        }
        if let reason = reasonOfUnrated(line) {
            return try tax(percent: .zero, reason: reason, for: line)
        }
        guard line.total.isZero else {
            throw Problem(
                .vatReasonMissing,
                "\(line.label) is sold without VAT to \(countryText), which is neither an export nor an EU business sale"
            )
        }
        return nil
    }

    /// The order's taxes above 0 % that a line bears.
    private func rates(of line: OrderLine) throws(Problem) -> [OrderTax] {
        var rates: [OrderTax] = []
        for tax in line.taxes {
            guard let rate = order.taxes.first(where: { $0.id == tax.taxID }) else {
                throw Problem(.orderDoesNotAddUp, "\(line.label) bears tax \(tax.taxID), which the order does not list")
            }
            if !rate.percent.isZero { rates.append(rate) }
        }
        return rates
    }

    private var reasonOfRated: VATReason? {
        if country == settings.homeCountry || country.isEmpty { return .domestic }
        return EuropeanUnion.contains(country) ? .oss : nil
    }

    private func reasonOfUnrated(_ line: OrderLine) -> VATReason? {
        if let sku = line.sku, settings.exemptArticles.contains(sku) { return .exempt }
        if isVoucher(line) { return .voucher }
        if !country.isEmpty, country != settings.homeCountry {
            if !EuropeanUnion.contains(country) { return .export }
            if order.customer.vatNumber != nil { return .euBusiness }
        }
        // A rule that names 0 % for the country without a reason of its own is the merchant's word.
        let stated = settings.rules.first { $0.percent?.isZero == true && $0.country == country && $0.reason != nil }
        return stated?.reason
    }

    private func isVoucher(_ line: OrderLine) -> Bool {
        guard line.kind == .goods, let sku = line.sku else { return false }
        return settings.voucherArticles?.contains(sku) == true
    }

    private func tax(percent: ExactDecimal, reason: VATReason?, for line: OrderLine) throws(Problem) -> String {
        let matching = settings.rules.enumerated().filter { _, rule in
            (rule.percent == nil ? percent.isZero : rule.percent == percent)
                && (rule.country == nil || rule.country == country
                    || (country.isEmpty && rule.country == settings.homeCountry))
                && (rule.reason == nil || rule.reason == reason)
        }
        let best = matching.max { left, right in
            (left.element.specificity, -left.offset) < (right.element.specificity, -right.offset)
        }
        guard let best else {
            throw Problem(
                .vatNotMapped,
                "no VAT rule for \(percent) % in \(countryText)" + (reason.map { " (\($0.rawValue))" } ?? "")
                    + ", needed by \(line.label)"
            )
        }
        return best.element.tax
    }

    private var countryText: String { country.isEmpty ? "an unstated country" : country }
}

extension VATRule {
    fileprivate var specificity: Int { (percent == nil ? 0 : 1) + (country == nil ? 0 : 1) + (reason == nil ? 0 : 1) }
}

extension OrderLine {
    /// How problems name a line: by SKU or kind. A fee's name is what its rule is found by.
    var label: String {
        switch kind {
        case .goods: sku.map { "article \($0)" } ?? "a line without SKU"
        case .shipping: "shipping"
        case .fee: "fee \"\(name)\""
        case .outside: "\"\(name)\", which is outside VAT"
        }
    }
}
