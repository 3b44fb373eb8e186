import ConnectorKit
import Domain
import Synchronization

/// The HTTP side of the stand-in: tokens, the rate limit, the faults, the log.
final class FortnoxServer: Sendable {
    private struct State {
        var access: FortnoxAccess
        var rate = FortnoxRate()
        var company: FortnoxCompany
    }

    /// Counted apart, so that it can be asked while a request is answered.
    private struct Log {
        var requests = 0
        var refusedForRate = 0
        var byRoute: [String: Int] = [:]
        var entries: [FortnoxSandbox.LoggedRequest] = []
        var rule: SandboxFaultRule?
        var server: LoopbackServer?
    }

    private let settings: FortnoxSandbox.Settings
    private let clock: any WallClock
    private let state: Mutex<State>
    private let log = Mutex(Log())

    init(_ settings: FortnoxSandbox.Settings, _ clock: any WallClock) {
        self.settings = settings
        self.clock = clock
        let now = clock.now()
        state = Mutex(State(access: FortnoxAccess(settings, at: now), company: FortnoxCompany(settings, at: now)))
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
    var entries: [FortnoxSandbox.LoggedRequest] { log.withLock { $0.entries } }

    func onRequest(_ rule: SandboxFaultRule?) { log.withLock { $0.rule = rule } }

    func withAccess<Result: Sendable>(_ body: (inout FortnoxAccess, Instant) -> Result) -> Result {
        let now = clock.now()
        return state.withLock { body(&$0.access, now) }
    }

    func withCompany<Result: Sendable>(_ body: (inout FortnoxCompany, FortnoxMoment) -> Result) -> Result {
        let (now, home) = (clock.now(), address)
        return state.withLock { state in
            let moment = state.company.moment(now, home: home)
            return body(&state.company, moment)
        }
    }

    // MARK: One request

    private func handle(_ request: LoopbackRequest) async -> LoopbackAnswer {
        let query = QueryText.pairs(request.query)
        let route = FortnoxSandbox.route(request.method, request.path)
        let (number, rule) = log.withLock { log in
            log.requests += 1
            log.byRoute[route, default: 0] += 1
            return (log.requests, log.rule)
        }
        let answered = { @Sendable () -> HTTPReply in
            let reply = self.reply(to: request, query)
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
        let entry = FortnoxSandbox.LoggedRequest(
            number: number, route: route, target: request.path + (request.query.isEmpty ? "" : "?" + request.query),
            status: reply.status)
        log.withLock { log in
            log.entries.append(entry)
            if log.entries.count >= 20_000 { log.entries.removeFirst(10_000) }
        }
    }

    private func reply(to request: LoopbackRequest, _ query: [(name: String, value: String)]) -> HTTPReply {
        let now = clock.now()
        switch request.path {
        case "/oauth-v1/auth": return state.withLock { $0.access.authorise(query, at: now) }
        case "/oauth-v1/token" where request.method == "POST":
            return state.withLock { $0.access.token(request, at: now) }
        default: break
        }
        let refusal = state.withLock { state -> Int? in
            if !state.access.allows(request, at: now) { return 401 }
            return settings.limitsRate && !state.rate.take(at: now) ? 429 : nil
        }
        if refusal == 401 { return Self.reply(401, ["message": "unauthorized"]) }
        if refusal == 429 {
            log.withLock { $0.refusedForRate += 1 }
            return Self.reply(429, ["message": "API rate limit exceeded"])
        }
        let route = QueryText.path(request.path)
        guard route.first == "3" else { return Self.reply(404, FortnoxRefusal.noRoute.body) }
        if let content = content(request.method, route) {
            return HTTPReply(status: 200, headers: [("Content-Type", "application/octet-stream")], body: content)
        }
        let (status, body) = answer(
            request.method, Array(route.dropFirst()), query, request.body, UploadedFile(request))
        return Self.reply(status, body)
    }

    /// The bytes of a file in the inbox: the one answer that is no JSON.
    private func content(_ method: String, _ route: [String]) -> [UInt8]? {
        guard method == "GET", route.count == 3, route[1] == "inbox", settings.allows("inbox") else { return nil }
        return withCompany { company, _ in try? company.file(route[2]).content }
    }

    /// Without tokens, limit and log.
    func answer(
        _ method: String, _ route: [String], _ query: [(name: String, value: String)], _ body: [UInt8],
        _ upload: UploadedFile? = nil
    ) -> (status: Int, body: JSONValue) {
        let payload = body.isEmpty || upload != nil ? nil : (try? JSONReader.decode(body)) ?? .null
        let call = FortnoxCall(method: method, route: route, query: query, body: payload, upload: upload)
        return withCompany { company, moment in
            do throws(FortnoxRefusal) {
                return try FortnoxRoutes(call: call, moment: moment).answer(&company)
            } catch {
                return (error.status, error.body)
            }
        }
    }

    private static func reply(_ status: Int, _ body: JSONValue) -> HTTPReply {
        HTTPReply(
            status: status, headers: [("Content-Type", "application/json"), ("Server", "Fortnox")],
            body: status == 204 ? [] : FortnoxJSON.bytes(body))
    }
}
