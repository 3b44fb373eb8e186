public import Domain

/// What the shop sells.
public struct ShopProduct: Hashable, Sendable {
    public var id: Int
    public var name: String
    /// Empty when it has none.
    public var sku: String
    /// In minor units, with the home country's tax in it.
    public var price: Int
    public var taxClass: String
    /// Gift cards and the like bear no tax anywhere.
    public var isTaxable: Bool

    public init(id: Int, name: String, sku: String, price: Int, taxClass: String = "", isTaxable: Bool = true) {
        self.id = id
        self.name = name
        self.sku = sku
        self.price = price
        self.taxClass = taxClass
        self.isTaxable = isTaxable
    }
}

/// A person or business and where they live.
public struct ShopAddress: Hashable, Sendable {
    public var firstName = ""
    public var lastName = ""
    public var company = ""
    public var street = ""
    public var city = ""
    public var postcode = ""
    public var country = ""
    public var email = ""
    public var phone = ""

    public init() {}
}

/// An order as it comes from the checkout, an import or the REST API.
public struct ShopOrderDraft: Hashable, Sendable {
    /// How a line's amount is told.
    public enum Amount: Hashable, Sendable {
        /// Today's price of the product, times the quantity.
        case catalogue
        /// With tax in it: what the customer sees. In minor units, before and after coupons.
        case gross(subtotal: Int, total: Int)
        /// Without tax. In minor units, before and after coupons.
        case net(subtotal: Int, total: Int)
    }

    public struct Line: Hashable, Sendable {
        public var productID: Int
        public var quantity: Int
        public var amount: Amount
        /// Of lines without a product.
        public var name: String?

        public init(productID: Int, quantity: Int = 1, amount: Amount = .catalogue, name: String? = nil) {
            self.productID = productID
            self.quantity = quantity
            self.amount = amount
            self.name = name
        }
    }

    /// Shipping or a fee; its amount is always net.
    public struct Charge: Hashable, Sendable {
        public var methodID: String
        public var name: String
        public var net: Int
        /// The shop taxes a negative fee whatever this says.
        public var isTaxable: Bool

        public init(methodID: String = "", name: String, net: Int, isTaxable: Bool = true) {
            self.isTaxable = isTaxable
            self.methodID = methodID
            self.name = name
            self.net = net
        }
    }

    public struct Field: Hashable, Sendable {
        public var key: String
        public var value: JSONValue

        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    public var status = "pending"
    public var currency: String?
    public var customerID = 0
    public var createdVia = "checkout"
    public var billing = ShopAddress()
    public var shipping = ShopAddress()
    public var paymentMethod = ""
    public var paymentTitle = ""
    public var transactionID = ""
    public var customerNote = ""
    public var fields: [Field] = []
    public var lines: [Line] = []
    public var shippingLines: [Charge] = []
    public var fees: [Charge] = []
    public var coupons: [String] = []
    /// What a plugin takes off the total and shows nowhere but in a custom field of its own, in minor units.
    public var takenOffTotal = 0
    /// An EU business or an order that is exempt for another reason: no line bears tax.
    public var isVATExempt = false

    public init() {}
}

/// What a person gives back. Amount and lines need not agree: the shop checks neither against the other.
public struct ShopRefundDraft: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        /// Of the order's line.
        public var itemID: Int
        public var quantity: Int
        /// In minor units, positive.
        public var net: Int
        public var tax: Int

        public init(itemID: Int, quantity: Int, net: Int, tax: Int) {
            self.itemID = itemID
            self.quantity = quantity
            self.net = net
            self.tax = tax
        }
    }

    /// With tax, in minor units, positive; the lines' sum when `nil`.
    public var amount: Int?
    public var reason: String
    public var lines: [Line]

    public init(amount: Int? = nil, reason: String = "", lines: [Line] = []) {
        self.amount = amount
        self.reason = reason
        self.lines = lines
    }
}
