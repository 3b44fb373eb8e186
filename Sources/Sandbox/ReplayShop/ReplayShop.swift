public import ConnectorKit
public import Domain
import Synchronization

/// A stand-in for a WooCommerce shop that serves recorded orders byte for byte, as the real shop did.
///
/// It holds a timeline of order snapshots; each step makes the next one current. Below an order it serves the refunds that the
/// order names at that time, from the list that was recorded of them. What a client may ask for (lists with
/// their filters, paging and headers, single orders, both kinds of authentication, error bodies) is that of
/// `WooCommerceSandbox`, as recorded from WooCommerce 9.9.5. It can only be read.
public final class ReplayShop: Sendable {
    public typealias Settings = WooCommerceSettings

    private struct State {
        var shelf = WooShelf()
        var payloads: [Int: [UInt8]] = [:]
        /// Recorded refunds by their order's id.
        let refunds: [Int: [ReplayedRefund]]
        var timeline: ArraySlice<[UInt8]>

        mutating func put(_ payload: [UInt8], _ record: WooRecord) {
            shelf.put(record)
            payloads[record.id] = payload
        }
    }

    /// What is shared with the server's handler, so that neither owns the other.
    private final class Shop: Sendable {
        let state: Mutex<State>
        init(_ state: State) { self.state = Mutex(state) }
    }

    private let shop: Shop
    private let server: WooServer

    /// `refunds` holds lists of refunds, as the shop answered them, by their order's id.
    public init(
        timeline: [[UInt8]] = [], refunds: [Int: [UInt8]] = [:], settings: Settings = Settings(),
        clock: any WallClock = SystemClock()
    ) {
        let shop = Shop(State(refunds: refunds.mapValues(ReplayedRefund.list), timeline: timeline[...]))
        self.shop = shop
        server = WooServer(settings: settings, clock: clock) { call in
            shop.state.withLock { Self.answer(call, $0, secondsFromUTC: settings.secondsFromUTC) }
        }
    }

    // MARK: Running

    /// Starts listening on loopback; with port 0 the system gives one.
    public func start(port: Int = 0) async throws { try await server.start(port: port) }

    /// Serves until it is stopped or cancelled; starts if `start` was not called.
    public func run() async throws { try await server.run() }

    public func stop() async { await server.stop() }

    /// `http://127.0.0.1:PORT`.
    public var address: String { server.address }

    /// How many requests came.
    public var requests: Int { server.requests }

    /// Sees every request before it is answered.
    public func onRequest(_ rule: SandboxFaultRule?) { server.onRequest(rule) }

    // MARK: What the shop holds

    /// Makes the next snapshot of the timeline current; answers false at its end.
    @discardableResult
    public func advance() -> Bool {
        shop.state.withLock { state in
            guard let next = state.timeline.popFirst() else { return false }
            state.put(next, WooRecord(order: next))
            return true
        }
    }

    public func advanceAll() {
        while advance() {}
    }

    /// Puts an order in, replacing the one of its id. What is not given is read from the bytes, which are served as they
    /// are, however damaged.
    public func put(
        _ payload: [UInt8], id: Int? = nil, modified: Instant? = nil, status: String? = nil
    ) {
        let record = WooRecord(order: payload, id: id, modified: modified, status: status)
        shop.state.withLock { $0.put(payload, record) }
    }

    /// Deletes an order for good.
    public func remove(id: Int) {
        shop.state.withLock { state in
            state.shelf.remove(id)
            state.payloads[id] = nil
        }
    }

    // MARK: One request

    private static func answer(_ call: WooCall, _ state: State, secondsFromUTC: Int64) -> HTTPReply {
        guard call.method == "GET", call.route.first == "orders" else { return WooAnswers.noRoute }
        if call.route.count == 1 { return list(call, state, secondsFromUTC) }
        guard let id = Int(call.route[1]) else { return WooAnswers.noRoute }
        guard let order = state.payloads[id] else { return WooAnswers.invalidID }
        switch call.route.dropFirst(2) {
        case []: return WooAnswers.json(200, order)
        case ["refunds"]: return refunds(of: order, state.refunds[id] ?? [], call, secondsFromUTC)
        default: return WooAnswers.noRoute
        }
    }

    /// What the order names now, of what was recorded. Where a refund was not recorded nobody can tell what it gave back.
    private static func refunds(
        of order: [UInt8], _ recorded: [ReplayedRefund], _ call: WooCall, _ secondsFromUTC: Int64
    ) -> HTTPReply {
        let named = ReplayedRefund.ids(in: order)
        let refunds = recorded.filter { named.contains($0.record.id) }
        guard refunds.count == named.count else { return WooAnswers.noRoute }
        var shelf = WooShelf()
        for refund in refunds { shelf.put(refund.record) }
        do throws(WooQuery.Refusal) {
            let filter = try call.query.filter(secondsFromUTC: secondsFromUTC)
            let found = shelf.matching(filter) { $0.number.contains($1) }
            return WooAnswers.list(found, filter, call) { record in
                refunds.first { $0.record.id == record.id }?.payload ?? []
            }
        } catch {
            return WooAnswers.invalid(error)
        }
    }

    private static func list(_ call: WooCall, _ state: State, _ secondsFromUTC: Int64) -> HTTPReply {
        do throws(WooQuery.Refusal) {
            let filter = try call.query.filter(secondsFromUTC: secondsFromUTC)
            let found = state.shelf.matching(filter) { mentions(state.payloads[$0.id] ?? [], $0, $1) }
            return WooAnswers.list(found, filter, call) { state.payloads[$0.id] ?? [] }
        } catch {
            return WooAnswers.invalid(error)
        }
    }

    /// The shop searches numbers, names and addresses, all by part.
    private static func mentions(_ payload: [UInt8], _ record: WooRecord, _ text: String) -> Bool {
        if record.number.contains(text) || String(record.id).contains(text) { return true }
        let billing = JSONElements.members(of: payload).first { $0.name == "billing" }
        guard let billing else { return false }
        return String(decoding: payload[billing.range], as: UTF8.self).lowercased().contains(text.lowercased())
    }
}
