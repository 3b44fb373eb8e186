import ConnectorKit
import Domain
import Synchronization

/// A request to the REST API, version 3, whose sender may make it.
struct WooCall: Sendable {
    static let prefix = "/wp-json/wc/v3"

    let method: String
    /// The path's parts after the version: `orders`, `28`, `refunds`.
    let route: [String]
    let query: WooQuery
    let body: [UInt8]
    /// The shop's own address.
    let home: String
    let now: Instant
}

/// The part that every stand-in for a WooCommerce shop has in common: the server, the keys, the count and the faults.
final class WooServer: Sendable {
    private struct State {
        var requests = 0
        var rule: SandboxFaultRule?
        var nonces: Set<String> = []
        var server: LoopbackServer?
    }

    private let settings: WooCommerceSettings
    private let clock: any WallClock
    private let answer: @Sendable (WooCall) -> HTTPReply
    private let state = Mutex(State())

    init(
        settings: WooCommerceSettings, clock: any WallClock, answer: @escaping @Sendable (WooCall) -> HTTPReply
    ) {
        self.settings = settings
        self.clock = clock
        self.answer = answer
    }

    func start(port: Int) async throws {
        let server = LoopbackServer(port: port) { [weak self] request in await self?.handle(request) ?? .cut }
        state.withLock { $0.server = server }
        try await server.start()
    }

    func run() async throws {
        if state.withLock({ $0.server == nil }) { try await start(port: 0) }
        try await state.withLock { $0.server }?.run()
    }

    func stop() async { await state.withLock { $0.server }?.stop() }

    var address: String { state.withLock { $0.server }?.address ?? "" }
    var home: String { settings.homeURL ?? address }
    var requests: Int { state.withLock { $0.requests } }

    func onRequest(_ rule: SandboxFaultRule?) { state.withLock { $0.rule = rule } }

    // MARK: One request

    private func handle(_ request: LoopbackRequest) async -> LoopbackAnswer {
        let query = WooQuery(request.query)
        let (number, rule) = state.withLock { state in
            state.requests += 1
            return (state.requests, state.rule)
        }
        let seen = SandboxRequest(
            number: number, method: request.method, path: request.path, query: query.values, body: request.body)
        return await .under(await rule?(seen)) { self.reply(to: request, query) }
    }

    private func reply(to request: LoopbackRequest, _ query: WooQuery) -> HTTPReply {
        let now = clock.now()
        let access = WooAccess(settings: settings, home: home, now: now)
        let refusal = state.withLock { access.refusal(request, query, usedNonces: &$0.nonces) }
        if let refusal { return refusal }
        guard request.path.hasPrefix(WooCall.prefix + "/") else { return WooAnswers.noRoute }
        let route = request.path.dropFirst(WooCall.prefix.count).split(separator: "/").map(String.init)
        return answer(
            WooCall(
                method: request.method, route: route, query: query, body: request.body, home: home, now: now))
    }
}
