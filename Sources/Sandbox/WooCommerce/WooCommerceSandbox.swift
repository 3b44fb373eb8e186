public import ConnectorKit
public import Domain
import Synchronization

/// A WooCommerce shop that lives in memory: a stateful simulator of its REST API wc/v3, spoken over real HTTP on loopback.
///
/// Clients read and write it as the real one. Tests and the trade generator act on it with the methods below, each told
/// when it happens, so that a month of history takes a second. It shows the surprises that were recorded from WooCommerce
/// 9.9.5: lines show today's SKU, refunds change neither total nor lines and need not add up, notes and deleted refunds
/// move no date, a write that changes nothing does, and a POST that is sent twice makes two orders.
public final class WooCommerceSandbox: Sendable {
    public typealias Settings = WooCommerceSettings

    /// What is shared with the server's handler, so that neither owns the other.
    private final class Shop: Sendable {
        let state: Mutex<ShopState>
        init(_ state: ShopState) { self.state = Mutex(state) }
    }

    private let shop: Shop
    private let server: WooServer

    /// A shop with these products and tax rates and no orders.
    public init(
        settings: Settings = Settings(), products: [ShopProduct] = [], taxRates: [ShopTaxRate] = .nordic,
        clock: any WallClock = SystemClock()
    ) {
        let shop = Shop(ShopState(settings: settings, products: products, taxRates: taxRates))
        self.shop = shop
        server = WooServer(settings: settings, clock: clock) { call in
            shop.state.withLock { WooRoutes(call: call).answer(&$0) }
        }
    }

    // MARK: Running

    /// Starts listening on loopback; with port 0 the system gives one.
    public func start(port: Int = 0) async throws {
        try await server.start(port: port)
        // Orders that were written before the address was known name another.
        shop.state.withLock { $0.payloads = [:] }
    }

    /// Serves until it is stopped or cancelled; starts if `start` was not called.
    public func run() async throws { try await server.run() }

    public func stop() async { await server.stop() }

    /// `http://127.0.0.1:PORT`.
    public var address: String { server.address }

    /// How many requests came.
    public var requests: Int { server.requests }

    /// Sees every request before it is answered, and may lose, hold or replace it.
    public func onRequest(_ rule: SandboxFaultRule?) { server.onRequest(rule) }

    // MARK: What the shop holds

    /// Ids of all orders that were not deleted for good.
    public var orderIDs: [Int] { shop.state.withLock { $0.orders.keys.sorted() } }

    /// An order's bytes as the REST API serves them now.
    public func payload(of id: Int) -> [UInt8]? {
        let home = server.home
        return shop.state.withLock { $0.orders[id] == nil ? nil : $0.payload(id, home: home) }
    }

    /// Ids of an order's lines of goods, for refunds.
    public func lineIDs(of id: Int) -> [Int] { shop.state.withLock { $0.orders[id]?.lines.map(\.id) ?? [] } }

    // MARK: Acts

    /// A customer places an order, or a client writes one; answers its id, which is its number too.
    @discardableResult
    public func place(_ draft: ShopOrderDraft, at time: Instant) -> Int {
        shop.state.withLock { $0.place(draft, at: time.seconds) }
    }

    /// The payment arrives.
    @discardableResult
    public func pay(_ id: Int, transactionID: String = "", at time: Instant) -> Bool {
        act { try $0.pay(id, transactionID: transactionID, at: time.seconds) }
    }

    /// The parcel is sent.
    @discardableResult
    public func complete(_ id: Int, at time: Instant) -> Bool { setStatus(id, "completed", at: time) }

    @discardableResult
    public func cancel(_ id: Int, at time: Instant) -> Bool { setStatus(id, "cancelled", at: time) }

    /// Any status, also `refunded`, which gives the rest back without lines.
    @discardableResult
    public func setStatus(_ id: Int, _ status: String, at time: Instant) -> Bool {
        act { try $0.setStatus(id, status, at: time.seconds) }
    }

    /// The shopkeeper replaces the lines of goods.
    @discardableResult
    public func editLines(_ id: Int, _ lines: [ShopOrderDraft.Line], at time: Instant) -> Bool {
        act { try $0.editLines(id, lines, at: time.seconds) }
    }

    /// Answers the refund's id; `nil` when the shop refuses it.
    @discardableResult
    public func refund(_ id: Int, _ draft: ShopRefundDraft, at time: Instant) -> Int? {
        shop.state.withLock { try? $0.refund(id, draft, at: time.seconds).id }
    }

    @discardableResult
    public func deleteRefund(_ refund: Int, of id: Int) -> Bool { act { _ = try $0.deleteRefund(refund, of: id) } }

    @discardableResult
    public func note(_ id: Int, _ text: String, at time: Instant) -> Bool {
        act { _ = try $0.note(id, text, at: time.seconds) }
    }

    @discardableResult
    public func trash(_ id: Int, at time: Instant) -> Bool { act { try $0.trash(id, at: time.seconds) } }

    /// For good: it leaves no trace.
    public func delete(_ id: Int) { shop.state.withLock { $0.remove(order: id) } }

    /// Adds or changes a product; no order's date tells of it.
    public func put(_ product: ShopProduct) { shop.state.withLock { $0.put(product) } }

    @discardableResult
    public func deleteProduct(_ id: Int) -> Bool { act { try $0.remove(product: id) } }

    /// Whether the shop did it.
    private func act(_ body: (inout ShopState) throws -> Void) -> Bool {
        shop.state.withLock { (try? body(&$0)) != nil }
    }
}

extension Instant {
    fileprivate var seconds: Int64 { milliseconds / 1000 }
}
