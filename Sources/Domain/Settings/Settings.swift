/// How one integration maps, filters and books. Typed, versioned, stored whole; the defaults are right for a small EU
/// merchant who reads nothing. A document keeps the version it was made by.
public struct Settings: Hashable, Sendable, Codable {
    public var live: Bool
    public var timeZone: TimeZoneName
    public var orders: OrderSettings
    public var articles: ArticleSettings
    public var fees: [FeeRule]
    /// `nil`: none.
    public var tenders: [TenderRule]?
    public var customers: CustomerSettings
    public var invoices: InvoiceSettings
    public var shippingMethods: [ShippingMethodRule]
    public var paymentMethods: [PaymentMethodRule]
    public var vat: VATSettings
    public var customFields: [CustomFieldRule]
    /// `nil`: no payments are registered.
    public var payments: PaymentSettings?

    public init(
        live: Bool = false, timeZone: TimeZoneName, orders: OrderSettings,
        articles: ArticleSettings = ArticleSettings(),
        fees: [FeeRule] = [], tenders: [TenderRule]? = nil, customers: CustomerSettings = CustomerSettings(),
        invoices: InvoiceSettings = InvoiceSettings(), shippingMethods: [ShippingMethodRule] = [],
        paymentMethods: [PaymentMethodRule] = [], vat: VATSettings, customFields: [CustomFieldRule] = [],
        payments: PaymentSettings? = nil
    ) {
        self.payments = payments
        self.live = live
        self.timeZone = timeZone
        self.orders = orders
        self.articles = articles
        self.fees = fees
        self.tenders = tenders
        self.customers = customers
        self.invoices = invoices
        self.shippingMethods = shippingMethods
        self.paymentMethods = paymentMethods
        self.vat = vat
        self.customFields = customFields
    }
}

public struct OrderSettings: Hashable, Sendable, Codable {
    /// The order exclusion date: nothing created before it is ever synced, whatever the trigger.
    public var excludeBefore: Day
    /// The platform's words of statuses that are not synced.
    public var excludeStatuses: [String]
    public var includeTestOrders: Bool
    public var includeZeroValueOrders: Bool

    public init(
        excludeBefore: Day, excludeStatuses: [String] = [], includeTestOrders: Bool = false,
        includeZeroValueOrders: Bool = false
    ) {
        self.excludeBefore = excludeBefore
        self.excludeStatuses = excludeStatuses
        self.includeTestOrders = includeTestOrders
        self.includeZeroValueOrders = includeZeroValueOrders
    }
}

public struct ArticleSettings: Hashable, Sendable, Codable {
    public enum MissingSKU: String, Hashable, Sendable, Codable, CaseIterable { case stop, placeholder }

    public var missingSKU: MissingSKU
    /// The ERP's article that stands in for a line without SKU, or whose SKU the ERP does not know.
    public var placeholder: String?
    /// The ERP's article for rounding differences, outside VAT.
    public var rounding: String?
    /// The ERP's article for refunds that name an amount and no lines.
    public var refund: String?

    public init(
        missingSKU: MissingSKU = .stop, placeholder: String? = nil, rounding: String? = nil, refund: String? = nil
    ) {
        self.refund = refund
        self.missingSKU = missingSKU
        self.placeholder = placeholder
        self.rounding = rounding
    }
}

/// Which article a fee of the shop is booked by. Rules are tried in order.
public struct FeeRule: Hashable, Sendable, Codable {
    /// The fee's name in the shop, or its beginning and `*`.
    public var name: String
    public var article: String
    public var allowNegative: Bool
    /// A tip or cash rounding: no part of the sale (R32). `nil`: it bears VAT as the shop charged it.
    public var outsideVAT: Bool?

    public init(name: String, article: String, allowNegative: Bool = false, outsideVAT: Bool? = nil) {
        self.outsideVAT = outsideVAT
        self.name = name
        self.article = article
        self.allowNegative = allowNegative
    }
}

/// Recognises a part of the payment that the shop shows as something else, such as a gift card used (R31). Rules are tried in
/// order.
public struct TenderRule: Hashable, Sendable, Codable {
    /// How the shop shows it. Names and codes may end in `*`.
    public enum Shown: Hashable, Sendable, Codable {
        /// As a coupon of this code, whatever its case: it lowered lines and their VAT, which is put back.
        case coupon(String)
        /// As a negative fee of this name; VAT that the shop took off with it is put back.
        case fee(String)
        /// Nowhere but in the total, which it lowered by the amount in this custom field.
        case field(String)
    }

    public var shown: Shown
    /// The ERP's article, which has the account of what the merchant owes for gift cards.
    public var article: String

    public init(shown: Shown, article: String) {
        self.shown = shown
        self.article = article
    }
}

public enum CustomerMatch: String, Hashable, Sendable, Codable, CaseIterable {
    case organisationNumber, email
}

public struct CustomerSettings: Hashable, Sendable, Codable {
    public var matchBy: [CustomerMatch]
    /// Custom fields of the order that may hold the VAT number; the first with a value counts.
    public var vatNumberFields: [String]
    public var organisationNumberFields: [String]
    /// The name given to a customer who left none.
    public var fallbackName: String

    public init(
        matchBy: [CustomerMatch] = [.organisationNumber, .email],
        vatNumberFields: [String] = ["vat_number", "_vat_number", "_billing_vat_number"],
        organisationNumberFields: [String] = ["organisation_number", "_billing_organisation_number"],
        fallbackName: String = "Web customer"
    ) {
        self.matchBy = matchBy
        self.vatNumberFields = vatNumberFields
        self.organisationNumberFields = organisationNumberFields
        self.fallbackName = fallbackName
    }
}

public enum InvoiceTrigger: String, Hashable, Sendable, Codable, CaseIterable {
    case created, paid, shipped
}

/// Which documents the ERP gets of an order.
public enum InvoiceWorkflow: String, Hashable, Sendable, Codable, CaseIterable {
    /// An order, and the invoice that the ERP makes of it.
    case orderThenInvoice
    /// The invoice at once.
    case invoiceOnly
    /// The order; people invoice it in the ERP.
    case orderOnly
}

public enum PeriodPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// Wait until the accountant opens the period or decides otherwise.
    case wait
    /// Book on the first open day, with the true date in the text.
    case nextOpenDay
}

/// What becomes of a refund or a cancellation once the invoice is booked.
public enum RefundPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// A credit note.
    case creditNote
    /// A person decides: the order stops.
    case stop
}

/// What becomes of refunds that come before the invoice is booked.
public enum EarlyRefundPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// The invoice states the sale whole, and a credit note each refund: so every movement of money has its document.
    case creditNote
    /// The invoice states what is left.
    case reduce
    /// The order waits for a person.
    case hold
}

/// What becomes of a change of the order after its invoice is booked.
public enum ChangePolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// A person confirms each.
    case propose
    /// The rest of the invoice is credited, and a new one is made.
    case correct
}

/// Who is right where a person edited an unbooked document in the ERP and the order was changed in the shop.
public enum EditPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    case stop, shopWins, erpWins
}

public struct InvoiceSettings: Hashable, Sendable, Codable {
    public var trigger: InvoiceTrigger
    /// `nil`: the ERP's usual one.
    public var workflow: InvoiceWorkflow?
    public var automaticBooking: Bool
    public var periodPolicy: PeriodPolicy
    /// `nil`: a credit note.
    public var refunds: RefundPolicy?
    /// `nil`: a credit note.
    public var refundsBeforeBooking: EarlyRefundPolicy?
    /// `nil`: propose.
    public var changesAfterBooking: ChangePolicy?
    /// `nil`: stop.
    public var editsInERP: EditPolicy?
    /// The custom field with the customer's own reference, such as a purchase order number.
    public var customerReferenceField: String?

    public init(
        trigger: InvoiceTrigger = .paid, workflow: InvoiceWorkflow? = nil, automaticBooking: Bool = true,
        periodPolicy: PeriodPolicy = .wait, refunds: RefundPolicy? = nil,
        refundsBeforeBooking: EarlyRefundPolicy? = nil, changesAfterBooking: ChangePolicy? = nil,
        editsInERP: EditPolicy? = nil, customerReferenceField: String? = nil
    ) {
        self.refunds = refunds
        self.refundsBeforeBooking = refundsBeforeBooking
        self.changesAfterBooking = changesAfterBooking
        self.editsInERP = editsInERP
        self.trigger = trigger
        self.workflow = workflow
        self.automaticBooking = automaticBooking
        self.periodPolicy = periodPolicy
        self.customerReferenceField = customerReferenceField
    }
}

/// What a shipping method of the shop is in the ERP. Rules are tried in order.
public struct ShippingMethodRule: Hashable, Sendable, Codable {
    /// The shop's method id or name; `*` for any.
    public var method: String
    public var article: String
    /// The ERP's shipping method, where it has such records.
    public var erpMethod: String?

    public init(method: String, article: String, erpMethod: String? = nil) {
        self.method = method
        self.article = article
        self.erpMethod = erpMethod
    }
}

/// What a payment method of the shop means for the books. Rules are tried in order. Without any rule every method is
/// taken as prepaid; with rules, a method that none matches stops.
public struct PaymentMethodRule: Hashable, Sendable, Codable {
    /// The shop's method id or name; `*` for any.
    public var method: String
    /// The ERP's payment terms.
    public var terms: String?
    /// The merchant's own invoice or cash on delivery: invoiced when shipped, not when paid.
    public var ownInvoice: Bool
    /// The payment provider that collects it, whose payouts tell when; `nil`: none.
    public var provider: String?
    /// The ledger account that the money comes to when the shop says it is paid: for methods that no report comes of.
    public var paidTo: String?

    public init(
        method: String, terms: String? = nil, ownInvoice: Bool = false, provider: String? = nil, paidTo: String? = nil
    ) {
        self.provider = provider
        self.paidTo = paidTo
        self.method = method
        self.terms = terms
        self.ownInvoice = ownInvoice
    }
}

/// Why a sale bears the VAT it bears.
public enum VATReason: String, Hashable, Sendable, Codable, CaseIterable {
    /// Sold within the merchant's country.
    case domestic
    /// Sold to a consumer in another EU country, at that country's rate.
    case oss
    /// Sold out of the EU.
    case export
    /// Sold to a business with a VAT number in another EU country: reverse charge.
    case euBusiness
    /// An article outside or exempt of VAT.
    case exempt
    /// A voucher whose VAT is due when it is used, because its rate is not known before (R31).
    case voucher
}

public struct VATSettings: Hashable, Sendable, Codable {
    /// ISO code of the country the merchant is registered in.
    public var homeCountry: String
    public var rules: [VATRule]
    /// SKUs sold without VAT wherever they go.
    public var exemptArticles: [String]
    /// SKUs of multi-purpose vouchers. `nil`: none.
    public var voucherArticles: [String]?

    public init(
        homeCountry: String, rules: [VATRule], exemptArticles: [String] = [], voucherArticles: [String]? = nil
    ) {
        self.voucherArticles = voucherArticles
        self.homeCountry = homeCountry
        self.rules = rules
        self.exemptArticles = exemptArticles
    }
}

/// The ERP's tax for a rate, country and reason; what a rule leaves out, it does not ask for. The rule that asks for
/// most wins, then the first.
public struct VATRule: Hashable, Sendable, Codable {
    /// 25 for 25 %.
    public var percent: ExactDecimal?
    public var country: String?
    public var reason: VATReason?
    /// The ERP's name of the tax.
    public var tax: String

    public init(percent: ExactDecimal? = nil, country: String? = nil, reason: VATReason? = nil, tax: String) {
        self.percent = percent
        self.country = country
        self.reason = reason
        self.tax = tax
    }
}

/// Copies a custom field of the order into the ERP document.
public struct CustomFieldRule: Hashable, Sendable, Codable {
    /// The path in the order's custom fields: `structured.a.0`.
    public var from: String
    /// The ERP's field; `comment` adds a line to the document's text.
    public var to: String
    public var label: String?

    public init(from: String, to: String, label: String? = nil) {
        self.from = from
        self.to = to
        self.label = label
    }
}

extension Settings {
    /// The ERP's articles that the settings name, each once, sorted: all must be there.
    public var namedArticles: [String] {
        let named =
            [articles.placeholder, articles.rounding, articles.refund].compactMap(\.self) + fees.map(\.article)
            + (tenders ?? []).map(\.article) + shippingMethods.map(\.article)
        return Set(named).sorted()
    }
}
