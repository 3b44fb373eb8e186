import Domain

/// Why the shop does not do what it was asked to.
enum ShopRefusal: Error {
    case invalidOrder
    case invalidProduct
    case invalidRefund
    case invalidStatus
    case refundTooLarge
    case refundNegative
    case gatewayCannotRefund
    case alreadyTrashed
    case badAmount(String)
}

/// Everything a shop knows, and its rules. No network, no clock: each act is told when it happens.
struct ShopState: Sendable {
    static let statuses = [
        "auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed",
        "checkout-draft",
    ]

    var settings: WooCommerceSettings
    var taxRates: [ShopTaxRate]
    private(set) var products: [Int: ShopProduct]
    private(set) var orders: [Int: ShopOrder] = [:]
    private(set) var orderShelf = WooShelf()
    private(set) var refundShelf = WooShelf()
    /// The order of each refund.
    private(set) var refundOwners: [Int: Int] = [:]
    /// Orders as they are served, written when first asked for.
    var payloads: [Int: [UInt8]] = [:]
    private var ordersByProduct: [Int: Set<Int>] = [:]
    /// Orders, products and refunds share one row of numbers, as posts do; lines have their own.
    private var lastID: Int
    private var lastItemID = 0
    private var lastMetaID = 0
    private var lastNoteID = 0

    init(settings: WooCommerceSettings, products: [ShopProduct], taxRates: [ShopTaxRate]) {
        self.settings = settings
        self.taxRates = taxRates
        self.products = products.reduce(into: [:]) { $0[$1.id] = $1 }
        lastID = products.map(\.id).max() ?? 0
    }

    // MARK: Numbers

    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func nextItemID() -> Int {
        lastItemID += 1
        return lastItemID
    }

    mutating func nextMetaID() -> Int {
        lastMetaID += 1
        return lastMetaID
    }

    mutating func nextNoteID() -> Int {
        lastNoteID += 1
        return lastNoteID
    }

    // MARK: Storing

    /// Puts an order where lists find it; what was served of it is forgotten.
    mutating func store(_ order: ShopOrder) {
        if let before = orders[order.id] {
            for refund in before.refunds { forgetRefund(refund.id) }
        }
        orders[order.id] = order
        orderShelf.put(order.record)
        payloads[order.id] = nil
        for line in order.lines { ordersByProduct[line.productID, default: []].insert(order.id) }
        for refund in order.refunds {
            refundOwners[refund.id] = order.id
            refundShelf.put(
                WooRecord(
                    id: refund.id, number: String(refund.id), status: "completed", created: refund.created,
                    modified: refund.created))
        }
    }

    private mutating func forgetRefund(_ id: Int) {
        refundShelf.remove(id)
        refundOwners[id] = nil
    }

    func order(_ id: Int) throws(ShopRefusal) -> ShopOrder {
        guard let order = orders[id] else { throw .invalidOrder }
        return order
    }

    /// An order that is deleted for good leaves no trace.
    mutating func remove(order id: Int) {
        for refund in orders[id]?.refunds ?? [] { forgetRefund(refund.id) }
        orders[id] = nil
        orderShelf.remove(id)
        payloads[id] = nil
    }

    // MARK: Products

    /// Lines show today's product, so every order with it reads differently from now on, and no date tells of it.
    mutating func put(_ product: ShopProduct) {
        products[product.id] = product
        lastID = max(lastID, product.id)
        for id in ordersByProduct[product.id] ?? [] { payloads[id] = nil }
    }

    /// Lines that had it keep their name and lose the rest.
    mutating func remove(product id: Int) throws(ShopRefusal) {
        guard products.removeValue(forKey: id) != nil else { throw .invalidProduct }
        for order in ordersByProduct[id] ?? [] { payloads[order] = nil }
    }
}
