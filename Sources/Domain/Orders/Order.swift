/// An order of a shop in canonical form, whatever platform it came from.
///
/// Amounts are as the shop charged them. Line totals are net of tax and after discounts; tax is stated apart.
public struct Order: Hashable, Sendable, Codable {
    /// The platform's own id: never shown to the customer, never reused by us.
    public var id: String
    /// The number people know it by.
    public var number: String
    public var status: OrderStatus
    /// The platform's word for the status, for people.
    public var statusText: String
    public var isTest: Bool
    public var createdAt: Instant
    public var modifiedAt: Instant
    public var paidAt: Instant?
    public var shippedAt: Instant?
    public var currency: Currency
    public var pricesIncludeTax: Bool
    public var customer: Customer
    public var billing: Address
    /// `nil` when the shop gave none: then goods go to the billing address.
    public var shipping: Address?
    public var lines: [OrderLine]
    public var taxes: [OrderTax]
    public var total: Money
    public var totalTax: Money
    public var payment: OrderPayment
    public var refunds: [OrderRefund]
    /// Ids of refunds that are taken off lines and total already: a view of the order for a later invoice, never the shop's
    /// own word.
    public var reducedBy: [String]?
    /// The rules by which parts of it are read as outside VAT: a view of the order, never the shop's own word. `nil` while it
    /// is as the shop gave it.
    public var readBy: ReadingRules?
    public var customerNote: String
    /// `nil` for an order that was stored before coupons were read.
    public var coupons: [OrderCoupon]?
    /// The platform's free fields, by name; nested values are reached by path.
    public var customFields: [String: JSONValue]
    /// The shop has removed the personal data: names and addresses are no longer its word about the sale. `nil` for an order
    /// that was stored before this was read.
    public var isAnonymised: Bool?

    public init(
        id: String, number: String, status: OrderStatus, statusText: String, isTest: Bool = false, createdAt: Instant,
        modifiedAt: Instant, paidAt: Instant? = nil, shippedAt: Instant? = nil, currency: Currency,
        pricesIncludeTax: Bool, customer: Customer, billing: Address, shipping: Address? = nil, lines: [OrderLine],
        taxes: [OrderTax], total: Money, totalTax: Money, payment: OrderPayment, refunds: [OrderRefund] = [],
        customerNote: String = "", coupons: [OrderCoupon] = [], customFields: [String: JSONValue] = [:],
        isAnonymised: Bool = false
    ) {
        self.id = id
        self.number = number
        self.status = status
        self.statusText = statusText
        self.isTest = isTest
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
        self.paidAt = paidAt
        self.shippedAt = shippedAt
        self.currency = currency
        self.pricesIncludeTax = pricesIncludeTax
        self.customer = customer
        self.billing = billing
        self.shipping = shipping
        self.lines = lines
        self.taxes = taxes
        self.total = total
        self.totalTax = totalTax
        self.payment = payment
        self.refunds = refunds
        self.customerNote = customerNote
        self.coupons = coupons
        self.customFields = customFields
        self.isAnonymised = isAnonymised
    }

    /// Where the goods go, which decides the VAT country.
    public var destination: Address { shipping ?? billing }
}

/// What an order's status means for its books. A platform's unknown status is `other`: it waits, it is never guessed.
public enum OrderStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// Not placed yet: a cart at the checkout.
    case draft
    /// Placed, nothing paid.
    case pending
    /// Placed, held back, for instance until a bank transfer arrives.
    case onHold
    /// Accepted by the shop, to be delivered.
    case processing
    /// Delivered.
    case completed
    case refunded
    case cancelled
    /// The payment failed.
    case failed
    /// Thrown away by a person in the shop.
    case trashed
    case other
}

/// Something an order charges for: goods, shipping or a fee.
public struct OrderLine: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case goods, shipping, fee
        /// Outside VAT by the settings, such as a tip or a gift card used. No shop states it: orders are read so.
        case outside
    }

    public var id: String
    public var kind: Kind
    /// Of goods; `nil` when the shop names none. Of what is outside VAT: the ERP's article.
    public var sku: String?
    public var name: String
    /// Shipping only: the platform's id of the method, such as `flat_rate`.
    public var methodID: String?
    public var quantity: ExactDecimal
    /// Net, before discounts.
    public var subtotal: Money
    /// Net, after discounts.
    public var total: Money
    public var taxes: [LineTax]
    /// Taxes before discounts; `nil` where the shop does not tell them.
    public var subtotalTaxes: [LineTax]?

    public init(
        id: String, kind: Kind, sku: String? = nil, name: String, methodID: String? = nil, quantity: ExactDecimal,
        subtotal: Money, total: Money, taxes: [LineTax], subtotalTaxes: [LineTax]? = nil
    ) {
        self.subtotalTaxes = subtotalTaxes
        self.id = id
        self.kind = kind
        self.sku = sku
        self.name = name
        self.methodID = methodID
        self.quantity = quantity
        self.subtotal = subtotal
        self.total = total
        self.taxes = taxes
    }
}

/// The tax of one rate on one line, as exact as the platform states it: often unrounded.
public struct LineTax: Hashable, Sendable, Codable {
    /// The id of an `OrderTax`.
    public var taxID: String
    public var amount: ExactDecimal

    public init(taxID: String, amount: ExactDecimal) {
        self.taxID = taxID
        self.amount = amount
    }
}

/// A code that lowered the order's lines, with what it took off them in all, as exact as the platform states it.
public struct OrderCoupon: Hashable, Sendable, Codable {
    public var id: String
    public var code: String
    /// Net, positive.
    public var discount: ExactDecimal
    public var discountTax: ExactDecimal

    public init(id: String, code: String, discount: ExactDecimal, discountTax: ExactDecimal) {
        self.id = id
        self.code = code
        self.discount = discount
        self.discountTax = discountTax
    }
}

/// One tax rate of the order with the total charged for it, shipping included.
public struct OrderTax: Hashable, Sendable, Codable {
    public var id: String
    public var label: String
    /// 25 for 25 %.
    public var percent: ExactDecimal
    public var amount: Money

    public init(id: String, label: String, percent: ExactDecimal, amount: Money) {
        self.id = id
        self.label = label
        self.percent = percent
        self.amount = amount
    }
}

/// How the order is or will be paid.
public struct OrderPayment: Hashable, Sendable, Codable {
    /// The platform's id of the method, such as `bacs`; empty when nothing was to be paid.
    public var methodID: String
    public var methodName: String
    /// The payment provider's id of the transaction: the first key that payouts are matched by.
    public var transactionID: String?

    public init(methodID: String, methodName: String, transactionID: String? = nil) {
        self.methodID = methodID
        self.methodName = methodName
        self.transactionID = transactionID
    }
}

/// A refund as the shop states it. `amount` is positive: what the customer gets back.
public struct OrderRefund: Hashable, Sendable, Codable {
    public var id: String
    public var amount: Money
    public var reason: String
    public var createdAt: Instant?
    /// What is given back of which lines; empty: an amount only; `nil`: the shop's answer about it was not read.
    public var lines: [RefundLine]?

    public init(
        id: String, amount: Money, reason: String, createdAt: Instant? = nil, lines: [RefundLine]? = []
    ) {
        self.id = id
        self.amount = amount
        self.reason = reason
        self.createdAt = createdAt
        self.lines = lines
    }
}

/// What is given back of one line of the order; amounts are positive where the line's are.
public struct RefundLine: Hashable, Sendable, Codable {
    /// The order's line.
    public var lineID: String
    /// 0 when money is given back and nothing returned.
    public var quantity: ExactDecimal
    /// Net.
    public var total: Money
    public var taxes: [LineTax]

    public init(lineID: String, quantity: ExactDecimal, total: Money, taxes: [LineTax]) {
        self.lineID = lineID
        self.quantity = quantity
        self.total = total
        self.taxes = taxes
    }
}
