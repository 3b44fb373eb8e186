public import ConnectorKit
public import Domain

/// A Fortnox company that lives in memory: a stateful simulator of the Fortnox API v3, spoken over real HTTP on loopback.
///
/// Clients read and write it as the real one. It shows what was recorded from Fortnox and what its documentation warns of:
/// searches find parts of texts, lists are subsets, errors come in two spellings, refresh tokens are good once, nothing
/// that is sent twice is noticed, and more than 25 calls in five seconds are refused. The README beside it tells what is
/// recorded, what is documented and what is assumed.
public final class FortnoxSandbox: Sendable {
    private let server: FortnoxServer

    public init(settings: Settings = Settings(), clock: any WallClock = SystemClock()) {
        server = FortnoxServer(settings, clock)
    }

    // MARK: Running

    /// Starts listening on loopback; with port 0 the system gives one.
    public func start(port: Int = 0) async throws { try await server.start(port: port) }

    /// Serves until it is stopped or cancelled; starts if `start` was not called.
    public func run() async throws { try await server.run() }

    public func stop() async { await server.stop() }

    /// `http://127.0.0.1:PORT`: stands for both `https://api.fortnox.se` and `https://apps.fortnox.se`.
    public var address: String { server.address }

    /// Where the resources are: `…/3`.
    public var apiURL: String { address + "/3" }

    /// Where tokens are given.
    public var tokenURL: String { address + "/oauth-v1/token" }

    /// Where a person says yes; answers at once with the code.
    public var authorisationURL: String { address + "/oauth-v1/auth" }

    // MARK: Requests

    /// How many came.
    public var requests: Int { server.requests }

    /// By route: `POST invoices`, `PUT invoices/*/bookkeep`, `POST token`.
    public var requestsByRoute: [String: Int] { server.requestsByRoute }

    /// How many were answered 429 because too many came.
    public var refusedForRate: Int { server.refusedForRate }

    /// A request and how it was answered; what was lost on purpose before it had an effect is not among them.
    public struct LoggedRequest: Sendable, Hashable {
        public let number: Int
        public let route: String
        /// Path and query as they were sent.
        public let target: String
        public let status: Int
    }

    /// The newest requests that were answered, ten thousand at least.
    public var log: [LoggedRequest] { server.entries }

    /// Sees every request before it is answered, and may lose, hold or replace it.
    public func onRequest(_ rule: SandboxFaultRule?) { server.onRequest(rule) }

    /// A request's route: `PUT invoices/*/bookkeep`.
    public static func route(_ method: String, _ path: String) -> String {
        var parts = QueryText.path(path)
        if ["3", "oauth-v1"].contains(parts.first) { parts.removeFirst() }
        if parts.count > 1, parts[0] != "settings" { parts[1] = "*" }
        return "\(method) \(parts.joined(separator: "/"))"
    }

    // MARK: Tokens

    /// A good access token, for tests that are not about tokens.
    public func accessToken() -> String { server.withAccess { $0.accessToken(at: $1) } }

    /// All access tokens end now.
    public func revokeAccessTokens() { server.withAccess { access, _ in access.revokeAccessTokens() } }

    /// The integration is thrown out: the refresh token is good no more.
    public func revokeRefreshToken() { server.withAccess { access, _ in access.revokeRefreshToken() } }

    // MARK: What a person does in Fortnox

    /// Adds or changes an article.
    public func put(_ article: Article) { server.withCompany { $0.put(article, at: $1.now) } }

    /// Adds or changes an account.
    public func put(_ account: Account) { server.withCompany { $0.put(account, at: $1.now) } }

    /// Puts a file into a folder of the inbox; answers its id.
    @discardableResult
    public func upload(_ name: String, _ content: [UInt8], to folder: String = "inbox_v") -> String? {
        server.withCompany { company, moment in
            FortnoxFolder(folder).flatMap { try? company.upload(name, content, to: $0, at: moment.now).id }
        }
    }

    /// Locks the books through a day, or unlocks them.
    public func lock(through day: Day?) { server.withCompany { company, _ in company.lockedThrough = day } }

    /// Adds a financial year.
    public func add(_ year: FinancialYear) { server.withCompany { company, _ in company.financialYears.append(year) } }

    /// Does what a call would do, without token and limit: `perform("PUT", "invoices/17/bookkeep")`.
    @discardableResult
    public func perform(_ method: String, _ target: String, _ body: JSONValue? = nil) -> (status: Int, body: JSONValue)
    {
        let parts = target.split(separator: "?", maxSplits: 1)
        return server.answer(
            method, QueryText.path(parts.first.map(String.init) ?? ""),
            parts.count == 2 ? QueryText.pairs(String(parts[1])) : [], body.map(FortnoxJSON.bytes) ?? [])
    }

    /// All that is in the books now.
    public var books: Books { server.withCompany { company, _ in Books(company) } }
}
