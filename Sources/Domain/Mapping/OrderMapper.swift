/// Maps an order of the shop to the sales order that the ERP should hold. Pure: the same order, settings and rules give
/// the same draft.
public struct OrderMapper {
    /// Grows whenever the same order would be mapped to other lines or amounts than before.
    public static let version = 1

    let shop: ShopIdentity
    let settings: Settings
    let rules: ERPRules
    /// How many lines' rounding a rate's VAT may hold even where fewer lines bear it: what is left of a rate after refunds
    /// holds that of all its lines.
    let linesRounded: Int
    let ordinal: Int
    let original: OriginalLines

    /// The ordinal is that of the documents that are to be made.
    public init(shop: ShopIdentity, settings: Settings, rules: ERPRules, ordinal: Int = 1) {
        self.init(
            shop: shop, settings: settings, rules: rules, ordinal: ordinal, linesRounded: 0, original: OriginalLines())
    }

    init(
        shop: ShopIdentity, settings: Settings, rules: ERPRules, ordinal: Int = 1, linesRounded: Int,
        original: OriginalLines
    ) {
        self.ordinal = ordinal
        self.original = original
        self.linesRounded = linesRounded
        self.shop = shop
        self.settings = settings
        self.rules = rules
    }

    /// The draft, or the first reason why there can be none.
    public func draft(of shopOrder: Order) throws(Problem) -> SalesOrderDraft {
        let order = try shopOrder.withBusinessNumbers(settings.customers).read(by: settings.reading)
        let payment = try payment(of: order)
        let lineMapping = LineMapping(
            order: order, settings: settings, rules: rules,
            vat: VATMapping(order: order, settings: settings.vat, original: original), original: original)
        var lines = try lineMapping.lines()
        let totals = VATTotals(order: order, mapping: lineMapping.vat, linesRounded: linesRounded)
        let charged = try totals.byTax(lines)
        let taxes =
            switch rules.vat {
            case .settable: charged
            case .fromNetPerRate: try totals.computed(from: lines)
            }
        if let rounding = try roundingLine(order, lines: lines, taxes: taxes) { lines.append(rounding) }
        return SalesOrderDraft(
            reference: ExternalReference(shop: shop, record: order.record, kind: .order, ordinal: ordinal),
            number: order.number,
            customerReference: customerReference(of: order),
            date: order.createdAt.day(in: settings.timeZone),
            currency: order.currency,
            customer: CustomerDraft(order, shop: shop, settings: settings.customers),
            billing: order.billing,
            shipping: order.destination,
            contactName: order.billing.personName,
            contactEmail: order.customer.email,
            contactPhone: order.customer.phone,
            lines: lines,
            taxes: taxes,
            total: order.total,
            payment: payment,
            shippingMethod: lineMapping.shippingMethod(),
            comment: comment(of: order, payment: payment),
            customFields: customFields(of: order),
            facts: OrderFacts(order, settings)
        )
    }

    /// What the shop's total has beyond lines and VAT goes to a line of its own, never into a price or a VAT amount (R2).
    private func roundingLine(
        _ order: Order, lines: [DraftLine], taxes: [DocumentTax]
    ) throws(Problem) -> DraftLine? {
        let difference =
            order.total - lines.map(\.net).sum(order.currency) - taxes.map(\.amount).sum(order.currency)
        if difference.isZero { return nil }
        guard difference.magnitude <= Int64(max(lines.count, linesRounded)) else {
            throw Problem(.roundingTooLarge, "the total \(order.total) differs from lines and VAT by \(difference)")
        }
        return try .rounding(difference, settings.articles)
    }

    private func payment(of order: Order) throws(Problem) -> DraftPayment {
        DraftPayment(
            methodID: order.payment.methodID,
            methodName: order.payment.methodName,
            isPaid: order.paidAt != nil,
            amount: order.total,
            transactionID: order.payment.transactionID,
            terms: try settings.paymentRule(for: order)?.terms
        )
    }

    private func customerReference(of order: Order) -> String {
        settings.invoices.customerReferenceField.flatMap { field in
            JSONValue.object(order.customFields).value(at: field)?.text
        } ?? ""
    }

    private func comment(of order: Order, payment: DraftPayment) -> String {
        let fields = settings.customFields.filter { $0.to == "comment" }.compactMap { rule in
            value(of: rule, in: order).map { "\(rule.label ?? rule.from): \($0)" }
        }
        let transaction = payment.transactionID.map { ["Payment: \(payment.methodName) \($0)"] } ?? []
        let note = order.customerNote.isEmpty ? [] : [order.customerNote]
        return (note + fields + transaction).joined(separator: "\n")
    }

    private func customFields(of order: Order) -> [String: String] {
        settings.customFields.filter { $0.to != "comment" }.reduce(into: [:]) { fields, rule in
            fields[rule.to] = value(of: rule, in: order)
        }
    }

    private func value(of rule: CustomFieldRule, in order: Order) -> String? {
        JSONValue.object(order.customFields).value(at: rule.from)?.text
    }
}

extension DraftLine {
    /// Outside VAT.
    static func rounding(_ difference: Money, _ articles: ArticleSettings) throws(Problem) -> DraftLine {
        guard let article = articles.rounding else {
            throw Problem(.roundingNotMapped, "a rounding of \(difference) has no article")
        }
        return DraftLine(
            article: article, articleIfMissing: nil, description: "Rounding", quantity: .one,
            unitPrice: difference.decimal, basePrice: difference.decimal, tax: nil, net: difference)
    }
}

extension Settings {
    /// The rule for the order's payment method; `nil` when there are no rules or nothing was to be paid.
    func paymentRule(for order: Order) throws(Problem) -> PaymentMethodRule? {
        if paymentMethods.isEmpty || order.payment.methodID.isEmpty { return nil }
        let rule = paymentMethods.first { matches($0.method, order.payment.methodID, order.payment.methodName) }
        guard let rule else {
            throw Problem(.paymentMethodNotMapped, "no rule for payment method \"\(order.payment.methodID)\"")
        }
        return rule
    }
}
