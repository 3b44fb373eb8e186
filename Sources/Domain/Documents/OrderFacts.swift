/// The parts of an order that its documents state.
///
/// A change of what the invoice states needs a correction once it is booked (R5). What else a document states, `details`,
/// flows into it only while it is not booked.
public struct OrderFacts: Hashable, Sendable, Codable {
    public var currency: Currency
    public var total: Money
    public var taxes: [OrderTax]
    public var lines: [OrderLine]
    public var billing: Address
    public var vatNumber: String?
    /// Refunds that are taken off the lines already, so that no credit note is made of them.
    public var reducedBy: [String]?
    /// The rules by which parts of the lines are read as outside VAT: later readings of the order for this document are by
    /// them, whatever the settings say by then. `nil`: nothing was.
    public var readBy: ReadingRules?
    /// The custom fields that were looked at for the VAT number.
    public var numberFields: [String]?
    public var details: Details?

    public struct Details: Hashable, Sendable, Codable {
        public var email: String?
        public var phone: String?
        public var shipping: Address?
        public var payment: OrderPayment
        /// The customer's note and the fields that the settings name, by name.
        public var texts: [String: String]
    }

    /// The facts of an order as these settings look at it; beside earlier facts, where those looked: new settings are no change
    /// of the order.
    public init(_ order: Order, _ settings: Settings, like earlier: OrderFacts? = nil) {
        var customers = settings.customers
        customers.vatNumberFields = earlier?.numberFields ?? customers.vatNumberFields
        numberFields = customers.vatNumberFields
        let order = order.withBusinessNumbers(customers)
        currency = order.currency
        total = order.total
        taxes = order.taxes
        lines = order.lines.map { line in
            var line = line.withoutRefundArticle
            // They follow from subtotal and rate.
            line.subtotalTaxes = nil
            return line
        }
        billing = order.billing
        vatNumber = order.customer.vatNumber
        reducedBy = order.reducedBy
        readBy = order.readBy.flatMap { $0.isEmpty ? nil : $0 }
        var texts = ["note": order.customerNote]
        let fields = settings.customFields.map(\.from) + [settings.invoices.customerReferenceField].compactMap(\.self)
        for field in fields { texts[field] = JSONValue.object(order.customFields).value(at: field)?.text }
        details = Details(
            email: order.customer.email, phone: order.customer.phone, shipping: order.shipping,
            payment: order.payment, texts: texts)
    }

    /// What the invoice states and the other facts do not, in users' words; empty when nothing differs.
    public func differences(from other: OrderFacts) -> [String] {
        var found: [String] = []
        if total != other.total || currency != other.currency { found.append("total \(other.total) is now \(total)") }
        if lines != other.lines { found.append("lines") }
        if taxes != other.taxes { found.append("VAT") }
        if billing != other.billing { found.append("billing address") }
        if vatNumber != other.vatNumber { found.append("VAT number") }
        return found
    }

    /// Which parts of an unbooked document have to be written anew.
    func changedParts(from other: OrderFacts) -> Set<DocumentPart> {
        var parts: Set<DocumentPart> = []
        if (total, currency, lines, taxes) != (other.total, other.currency, other.lines, other.taxes) {
            parts.insert(.lines)
        }
        if billing != other.billing { parts.insert(.addresses) }
        if vatNumber != other.vatNumber { parts.insert(.customer) }
        guard let details, let before = other.details else { return parts }
        if (details.email, details.phone) != (before.email, before.phone) { parts.insert(.customer) }
        if details.shipping != before.shipping { parts.insert(.addresses) }
        if details.payment != before.payment { parts.formUnion([.payment, .texts]) }
        if details.texts != before.texts { parts.insert(.texts) }
        return parts
    }

    /// The order as it was when these were its facts.
    func order(_ now: Order) -> Order {
        var then = addressed(now)
        (then.currency, then.total, then.taxes) = (currency, total, taxes)
        then.lines = lines.map { line in
            guard line.name.isEmpty, let known = now.lines.first(where: { $0.id == line.id }) else { return line }
            var line = line
            (line.sku, line.name) = (known.sku, known.name)
            return line
        }
        then.totalTax = taxes.map(\.amount).sum(currency)
        then.reducedBy = reducedBy
        then.readBy = readBy ?? ReadingRules()
        return then
    }

    /// The order with the buyer of these facts: that a shop forgot who bought is no change of the sale.
    func buyer(of now: Order) -> Order {
        var order = addressed(now)
        guard let details else { return order }
        (order.customer.email, order.customer.phone) = (details.email, details.phone)
        if let note = details.texts["note"] { order.customerNote = note }
        return order
    }

    private func addressed(_ now: Order) -> Order {
        var order = now
        (order.billing, order.customer.vatNumber) = (billing, vatNumber)
        if let details { order.shipping = details.shipping }
        return order
    }
}

extension OrderLine {
    /// Which article stands for a refund is for the settings to say, and what it is called for the shop: neither is a fact of the
    /// sale.
    fileprivate var withoutRefundArticle: OrderLine {
        guard id.hasPrefix(CreditMapper.reversedPrefix) else { return self }
        var line = self
        (line.sku, line.name) = (nil, "")
        return line
    }
}
