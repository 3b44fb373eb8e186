import ConnectorKit
import Domain
import Synchronization

/// The HTTP side of the stand-in: keys, the rate limit, the faults, the log.
final class StripeServer: Sendable {
    /// Counted apart from the account, so that it can be asked while a request is answered.
    private struct Log {
        var requests = 0
        var refusedForRate = 0
        var byRoute: [String: Int] = [:]
        var entries: [StripeSandbox.LoggedRequest] = []
        var rule: SandboxFaultRule?
        var rate = StripeRate()
        var server: LoopbackServer?
    }

    private let settings: StripeSandbox.Settings
    private let clock: any WallClock
    private let account: Mutex<StripeAccount>
    private let log = Mutex(Log())

    init(_ settings: StripeSandbox.Settings, _ clock: any WallClock) {
        self.settings = settings
        self.clock = clock
        account = Mutex(StripeAccount(settings))
    }

    func start(port: Int) async throws {
        let server = LoopbackServer(port: port) { [weak self] request in await self?.handle(request) ?? .cut }
        log.withLock { $0.server = server }
        try await server.start()
    }

    func run() async throws {
        if log.withLock({ $0.server == nil }) { try await start(port: 0) }
        try await log.withLock { $0.server }?.run()
    }

    func stop() async { await log.withLock { $0.server }?.stop() }

    var address: String { log.withLock { $0.server }?.address ?? "" }
    var requests: Int { log.withLock { $0.requests } }
    var refusedForRate: Int { log.withLock { $0.refusedForRate } }
    var requestsByRoute: [String: Int] { log.withLock { $0.byRoute } }
    var entries: [StripeSandbox.LoggedRequest] { log.withLock { $0.entries } }
    var now: Instant { clock.now() }

    func onRequest(_ rule: SandboxFaultRule?) { log.withLock { $0.rule = rule } }

    func withAccount<Result: Sendable>(_ body: (inout StripeAccount) -> Result) -> Result {
        account.withLock { body(&$0) }
    }

    // MARK: One request

    private func handle(_ request: LoopbackRequest) async -> LoopbackAnswer {
        let query = QueryText.pairs(request.query)
        let route = StripeSandbox.route(request.method, request.path)
        let (number, rule) = log.withLock { log in
            log.requests += 1
            log.byRoute[route, default: 0] += 1
            return (log.requests, log.rule)
        }
        let answered = { @Sendable () -> HTTPReply in
            let reply = self.reply(to: request, query, number)
            self.note(number, route, request, reply)
            return reply
        }
        guard let rule else { return .reply(answered()) }
        let seen = SandboxRequest(
            number: number, method: request.method, path: request.path,
            query: query.reduce(into: [:]) { $0[$1.name] = $1.value }, body: request.body)
        return await .under(await rule(seen), answered)
    }

    private func note(_ number: Int, _ route: String, _ request: LoopbackRequest, _ reply: HTTPReply) {
        let entry = StripeSandbox.LoggedRequest(
            number: number, route: route, target: request.path + (request.query.isEmpty ? "" : "?" + request.query),
            status: reply.status)
        log.withLock { log in
            log.entries.append(entry)
            if log.entries.count >= 20_000 { log.entries.removeFirst(10_000) }
        }
    }

    private func reply(
        to request: LoopbackRequest, _ query: [(name: String, value: String)], _ number: Int
    ) -> HTTPReply {
        let now = clock.now()
        let version = request.header("Stripe-Version") ?? settings.apiVersion
        let id = "req_Sandbox\(number)"
        let headers = [
            (name: "Content-Type", value: "application/json"), (name: "Request-Id", value: id),
            (name: "Stripe-Version", value: version), (name: "Server", value: "nginx"),
        ]
        do throws(StripeRefusal) {
            try admit(request, version, at: now)
            let body = try answer(request.method, request.path, query)
            return HTTPReply(status: 200, headers: headers, body: StripeJSON.bytes(body))
        } catch {
            var extra: [(name: String, value: String)] = []
            if error.status == 401 { extra.append((name: "WWW-Authenticate", value: "Bearer realm=\"Stripe\"")) }
            if error.status == 429 { extra.append((name: "Stripe-Rate-Limited-Reason", value: "global-rate")) }
            return HTTPReply(
                status: error.status, headers: headers + extra,
                body: StripeJSON.bytes(error.body(request: id, at: now.unixTime)))
        }
    }

    private func admit(
        _ request: LoopbackRequest, _ version: String, at now: Instant
    ) throws(StripeRefusal) {
        let parts = QueryText.path(request.path)
        let access = StripeAccess(settings: settings)
        if let refusal = access.refusal(request, resource: parts.count > 1 ? parts[1] : "") { throw refusal }
        let isRefused = log.withLock { log in
            guard settings.limitsRate, !log.rate.take(at: now, limit: settings.callsPerSecond) else { return false }
            log.refusedForRate += 1
            return true
        }
        if isRefused { throw .tooManyRequests }
        if !Self.isVersion(version) { throw .invalid(nil, "Invalid Stripe API version: \(version)") }
    }

    /// `2026-10-28.endive`; before 2024 without the name.
    private static func isVersion(_ text: String) -> Bool {
        let parts = text.split(separator: ".", maxSplits: 1)
        return parts.first.flatMap { Day($0) } != nil
    }

    /// Without keys, limit and log.
    func answer(
        _ method: String, _ path: String, _ query: [(name: String, value: String)]
    ) throws(StripeRefusal) -> JSONValue {
        let call = StripeCall(method: method, path: path, query: query)
        let result = withAccount { account -> Result<JSONValue, StripeRefusal> in
            do throws(StripeRefusal) {
                return .success(try StripeRoutes(account).answer(call))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
