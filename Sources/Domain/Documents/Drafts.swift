/// A customer to be matched or made in the ERP.
public struct CustomerDraft: Hashable, Sendable, Codable {
    public var reference: ExternalReference
    /// Company, else person, else a stated stand-in; never empty.
    public var name: String
    public var isBusiness: Bool
    public var email: String?
    public var phone: String?
    public var organisationNumber: String?
    public var vatNumber: String?
    public var address: Address
    /// In which order a customer is looked for before one is made. Empty: never match, always make.
    public var matchBy: [CustomerMatch]

    public init(
        reference: ExternalReference, name: String, isBusiness: Bool, email: String?, phone: String?,
        organisationNumber: String?, vatNumber: String?, address: Address, matchBy: [CustomerMatch]
    ) {
        self.reference = reference
        self.name = name
        self.isBusiness = isBusiness
        self.email = email
        self.phone = phone
        self.organisationNumber = organisationNumber
        self.vatNumber = vatNumber
        self.address = address
        self.matchBy = matchBy
    }
}

/// A sales order as it should stand in the ERP, and the invoice that will come of it.
public struct SalesOrderDraft: Hashable, Sendable, Codable {
    public var reference: ExternalReference
    /// The shop's order number.
    public var number: String
    /// The customer's own reference, such as a purchase order number; empty when there is none.
    public var customerReference: String
    public var date: Day
    public var currency: Currency
    public var customer: CustomerDraft
    public var billing: Address
    public var shipping: Address
    public var contactName: String
    public var contactEmail: String?
    public var contactPhone: String?
    public var lines: [DraftLine]
    /// What the document must come to, per ERP tax code, sorted by code.
    public var taxes: [DocumentTax]
    public var total: Money
    public var payment: DraftPayment
    /// The ERP's name of the shipping method or carrier, where the settings give one.
    public var shippingMethod: String?
    /// Text for the document: the customer's note and what the settings add.
    public var comment: String
    /// Further fields by the settings: the ERP's field name and its text.
    public var customFields: [String: String]
    /// What of the order it was made from.
    public var facts: OrderFacts

    public init(
        reference: ExternalReference, number: String, customerReference: String, date: Day, currency: Currency,
        customer: CustomerDraft, billing: Address, shipping: Address, contactName: String, contactEmail: String?,
        contactPhone: String?, lines: [DraftLine], taxes: [DocumentTax], total: Money, payment: DraftPayment,
        shippingMethod: String?, comment: String, customFields: [String: String], facts: OrderFacts
    ) {
        self.facts = facts
        self.reference = reference
        self.number = number
        self.customerReference = customerReference
        self.date = date
        self.currency = currency
        self.customer = customer
        self.billing = billing
        self.shipping = shipping
        self.contactName = contactName
        self.contactEmail = contactEmail
        self.contactPhone = contactPhone
        self.lines = lines
        self.taxes = taxes
        self.total = total
        self.payment = payment
        self.shippingMethod = shippingMethod
        self.comment = comment
        self.customFields = customFields
    }
}

/// One line of a document. The ERP must come to `net` when it multiplies and rounds; the mapper has seen to that.
public struct DraftLine: Hashable, Sendable, Codable {
    /// The id of the order's line; `nil` for what the shop has no line for, such as rounding.
    public var source: String?
    /// The ERP's code of the article.
    public var article: String
    /// Used instead where the ERP has no such article; `nil`: the order stops.
    public var articleIfMissing: String?
    public var description: String
    public var quantity: ExactDecimal
    /// Net, after discounts, with no more decimals than the ERP takes.
    public var unitPrice: ExactDecimal
    /// Net, before discounts: for display.
    public var basePrice: ExactDecimal
    /// The ERP's tax; `nil` for a line outside VAT, such as rounding.
    public var tax: String?
    public var net: Money

    public init(
        source: String? = nil, article: String, articleIfMissing: String?, description: String, quantity: ExactDecimal,
        unitPrice: ExactDecimal, basePrice: ExactDecimal, tax: String?, net: Money
    ) {
        self.source = source
        self.article = article
        self.articleIfMissing = articleIfMissing
        self.description = description
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.basePrice = basePrice
        self.tax = tax
        self.net = net
    }
}

/// How the order is paid, as the document states it.
public struct DraftPayment: Hashable, Sendable, Codable {
    public var methodID: String
    public var methodName: String
    public var isPaid: Bool
    public var amount: Money
    public var transactionID: String?
    /// The ERP's name of the payment terms; `nil`: the ERP's default.
    public var terms: String?

    public init(
        methodID: String, methodName: String, isPaid: Bool, amount: Money, transactionID: String?, terms: String?
    ) {
        self.methodID = methodID
        self.methodName = methodName
        self.isPaid = isPaid
        self.amount = amount
        self.transactionID = transactionID
        self.terms = terms
    }
}

/// The invoice to be made.
public struct InvoiceDraft: Hashable, Sendable, Codable {
    /// What the ERP makes it of.
    public enum Source: Hashable, Sendable, Codable {
        /// A confirmed order that the ERP holds.
        case order(DocumentID)
        /// Its lines, for this customer: no order comes before it.
        case customer(DocumentID)
    }

    public var reference: ExternalReference
    public var source: Source
    /// What it states, and must come to before it may be booked.
    public var content: SalesOrderDraft
    public var date: Day

    public init(reference: ExternalReference, source: Source, content: SalesOrderDraft, date: Day) {
        self.reference = reference
        self.source = source
        self.content = content
        self.date = date
    }
}

extension InvoiceDraft {
    /// The order it is made from, where there is one.
    public var order: DocumentID? { if case .order(let id) = source { id } else { nil } }

    /// The shop's order number, which people search the ledger for.
    public var number: String { content.number }
    public var currency: Currency { content.currency }
    public var total: Money { content.total }
    public var taxes: [DocumentTax] { content.taxes }

    /// How far a tax that the ERP computed may be set right: one minor unit per line of that tax.
    public var taxTolerance: Int64 { Int64(content.lines.count) }
}
