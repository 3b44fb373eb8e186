public import ConnectorKit
public import Domain
import Synchronization

/// A stand-in for a WooCommerce shop's REST API, version 3: serves recorded orders byte for byte, as the real shop did.
///
/// It holds a timeline of order snapshots; each step makes the next one current. What a client may ask for (lists with
/// their filters, paging and headers, single orders, both kinds of authentication, error bodies) is as recorded from
/// WooCommerce 9.9.5.
public final class ReplayShop: Sendable {
    public struct Settings: Sendable {
        public var consumerKey = "ck_sandbox"
        public var consumerSecret = "cs_sandbox"
        /// As if PHP saw https: then Basic authentication works.
        public var isSecure = false
        /// The address that signatures are made over; its own when `nil`.
        public var homeURL: String?
        /// The shop's zone, for dates that carry none.
        public var secondsFromUTC: Int64 = 3600

        public init() {}
    }

    /// What can be done to one request on purpose.
    public enum Fault: Sendable {
        /// Instead of the shop's own answer.
        case answer(HTTPReply)
        /// No answer.
        case cut
        /// The shop's own answer, cut after this many bytes of its body.
        case cutBody(after: Int)
        /// The shop's own answer, but only when the closure returns.
        case slow(until: @Sendable () async -> Void)
    }

    /// Decides by path, query (decoded) and the request's number, 1 for the first.
    public typealias RequestHook = @Sendable (_ path: String, _ query: [String: String], _ number: Int) -> Fault?

    private struct State {
        var shelf = ReplayShelf()
        var timeline: ArraySlice<[UInt8]> = []
        var requests = 0
        var hook: RequestHook?
        var nonces: Set<String> = []
        var server: LoopbackServer?
    }

    private let settings: Settings
    private let clock: any WallClock
    private let state = Mutex(State())

    public init(timeline: [[UInt8]] = [], settings: Settings = Settings(), clock: any WallClock = SystemClock()) {
        self.settings = settings
        self.clock = clock
        state.withLock { $0.timeline = timeline[...] }
    }

    // MARK: Running

    /// Starts listening on loopback; with port 0 the system gives one.
    public func start(port: Int = 0) async throws {
        let server = LoopbackServer(port: port) { [weak self] request in await self?.handle(request) ?? .cut }
        state.withLock { $0.server = server }
        try await server.start()
    }

    /// Serves until it is stopped or cancelled; starts if `start` was not called.
    public func run() async throws {
        if state.withLock({ $0.server == nil }) { try await start() }
        try await state.withLock { $0.server }?.run()
    }

    public func stop() async { await state.withLock { $0.server }?.stop() }

    /// `http://127.0.0.1:PORT`.
    public var address: String { state.withLock { $0.server }?.address ?? "" }

    /// How many requests came.
    public var requests: Int { state.withLock { $0.requests } }

    // MARK: What the shop holds

    /// Makes the next snapshot of the timeline current; answers false at its end.
    @discardableResult
    public func advance() -> Bool {
        state.withLock { state in
            guard let next = state.timeline.popFirst() else { return false }
            state.shelf.put(ReplayOrder(next))
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
        let order = ReplayOrder(payload, id: id, modified: modified, status: status)
        state.withLock { $0.shelf.put(order) }
    }

    /// Deletes an order for good.
    public func remove(id: Int) { state.withLock { $0.shelf.remove(id) } }

    /// Sees every request before it is answered.
    public func onRequest(_ hook: RequestHook?) { state.withLock { $0.hook = hook } }

    // MARK: One request

    private func handle(_ request: LoopbackRequest) async -> LoopbackAnswer {
        let query = ReplayQuery(request.query)
        let (number, hook) = state.withLock { state in
            state.requests += 1
            return (state.requests, state.hook)
        }
        switch hook?(request.path, query.values, number) {
        case nil: return .reply(answer(request, query))
        case .answer(let reply): return .reply(reply)
        case .cut: return .cut
        case .cutBody(let count): return .cutBody(answer(request, query), after: count)
        case .slow(let until):
            await until()
            return .reply(answer(request, query))
        }
    }

    private func answer(_ request: LoopbackRequest, _ query: ReplayQuery) -> HTTPReply {
        if let refusal = refusal(request, query) { return refusal }
        let prefix = "/wp-json/wc/v3/orders"
        guard request.method == "GET", request.path.hasPrefix(prefix) else { return ReplayAnswers.noRoute }
        let rest = request.path.dropFirst(prefix.count)
        let shelf = state.withLock { $0.shelf }
        if rest.isEmpty || rest == "/" {
            return ReplayAnswers.list(shelf, query, home: home, secondsFromUTC: settings.secondsFromUTC)
        }
        guard rest.hasPrefix("/"), let id = Int(rest.dropFirst()) else { return ReplayAnswers.noRoute }
        guard let order = shelf.orders[id] else { return ReplayAnswers.invalidID }
        return ReplayAnswers.json(200, order.payload)
    }

    private var home: String { settings.homeURL ?? address }

    private func refusal(_ request: LoopbackRequest, _ query: ReplayQuery) -> HTTPReply? {
        let access = ReplayAccess(settings: settings, home: home, now: clock.now())
        return state.withLock { access.refusal(request, query, usedNonces: &$0.nonces) }
    }
}
