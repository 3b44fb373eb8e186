public import ConnectorKit
public import Domain
import Synchronization

/// A stand-in for a WooCommerce shop that serves recorded orders byte for byte, as the real shop did.
///
/// It holds a timeline of order snapshots; each step makes the next one current. What a client may ask for (lists with
/// their filters, paging and headers, single orders, both kinds of authentication, error bodies) is that of
/// `WooCommerceSandbox`, as recorded from WooCommerce 9.9.5. It can only be read.
public final class ReplayShop: Sendable {
    public typealias Settings = WooCommerceSettings

    private struct State {
        var shelf = WooShelf()
        var payloads: [Int: [UInt8]] = [:]
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

    public init(timeline: [[UInt8]] = [], settings: Settings = Settings(), clock: any WallClock = SystemClock()) {
        let shop = Shop(State(timeline: timeline[...]))
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
        guard call.method == "GET", call.route.first == "orders", call.route.count <= 2 else {
            return WooAnswers.noRoute
        }
        guard call.route.count == 2 else { return list(call, state, secondsFromUTC) }
        guard let id = Int(call.route[1]) else { return WooAnswers.noRoute }
        return state.payloads[id].map { WooAnswers.json(200, $0) } ?? WooAnswers.invalidID
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
