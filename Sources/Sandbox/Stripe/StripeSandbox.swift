public import ConnectorKit
public import Domain

/// A Stripe account that lives in memory: a stateful simulator of what an accounting sync reads of the Stripe API, spoken
/// over real HTTP on loopback.
///
/// Tests and made-up trade act on it with methods that are told when they happen; nothing happens by itself. `advance` makes
/// the payouts that are due and moves them on. It shows what a reader of payouts falls over: contents that are incomplete
/// until the payout is reconciled, paid payouts that fail, money below zero that is withdrawn, payouts by hand whose content
/// cannot be asked for, and types that nobody has heard of. The README beside it tells what is recorded, what is documented
/// and what is assumed.
public final class StripeSandbox: Sendable {
    let server: StripeServer

    public init(settings: Settings = Settings(), clock: any WallClock = SystemClock()) {
        server = StripeServer(settings, clock)
    }

    // MARK: Running

    /// Starts listening on loopback; with port 0 the system gives one.
    public func start(port: Int = 0) async throws { try await server.start(port: port) }

    /// Serves until it is stopped or cancelled; starts if `start` was not called.
    public func run() async throws { try await server.run() }

    public func stop() async { await server.stop() }

    /// `http://127.0.0.1:PORT`: stands for `https://api.stripe.com`.
    public var address: String { server.address }

    /// Where the resources are: `…/v1`.
    public var apiURL: String { address + "/v1" }

    // MARK: Requests

    /// How many came.
    public var requests: Int { server.requests }

    /// By route: `GET payouts`, `GET payouts/*`.
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

    /// A request's route: `GET payouts/*`.
    public static func route(_ method: String, _ path: String) -> String {
        var parts = QueryText.path(path)
        if parts.first == "v1" { parts.removeFirst() }
        if parts.count > 1 { parts[1] = "*" }
        return "\(method) \(parts.joined(separator: "/"))"
    }

    /// Answers as a call would be, without key and limit: `read("/v1/payouts?limit=3")`.
    public func read(_ target: String) -> (status: Int, body: JSONValue) {
        let parts = target.split(separator: "?", maxSplits: 1)
        do throws(StripeRefusal) {
            let query = parts.count == 2 ? QueryText.pairs(String(parts[1])) : []
            return (200, try server.answer("GET", parts.first.map(String.init) ?? "", query))
        } catch {
            return (error.status, error.body(request: "req_Sandbox0", at: server.now.unixTime))
        }
    }

    // MARK: What the account holds

    /// All that moved and was paid out, for comparing with what was booked.
    public var books: Books { server.withAccount { Books($0) } }

    /// Something that happened, as Stripe tells it to webhooks.
    public struct Event: Sendable, Hashable {
        public let id: String
        /// `payout.paid`.
        public let type: String
        public let at: Instant
        /// The id of what it happened to.
        public let subject: String
    }

    /// In the order of their time, the oldest first.
    public var events: [Event] {
        server.withAccount { account in
            account.events.all.map {
                Event(id: $0.id, type: $0.type, at: Instant(unixTime: $0.created), subject: $0.subject.id)
            }
        }
    }

    /// The call that Stripe makes to tell of an event, signed now or at another time; `nil` for an event that is not there.
    /// Asked again it is the same event: Stripe sends many twice.
    public func webhook(
        for event: String, at time: Instant? = nil
    ) -> (headers: [(name: String, value: String)], body: [UInt8])? {
        let time = (time ?? server.now).unixTime
        return server.withAccount { account in
            guard let event = account.events[event] else { return nil }
            let wire = StripeWire(settings: account.settings, now: account.now)
            let body = StripeJSON.bytes(wire.event(event, waitingWebhooks: 1))
            let headers = [
                (name: "Content-Type", value: "application/json; charset=utf-8"),
                (name: "User-Agent", value: "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
                (name: "Stripe-Signature", value: Self.signature(of: body, account.settings, at: time)),
            ]
            return (headers, body)
        }
    }

    /// The value of `Stripe-Signature` for any body, as Stripe would sign it.
    public func signature(of body: [UInt8], at time: Instant) -> String {
        server.withAccount { Self.signature(of: body, $0.settings, at: time.unixTime) }
    }

    private static func signature(of body: [UInt8], _ settings: Settings, at time: Int64) -> String {
        let secrets = [settings.formerWebhookSecret, settings.webhookSecret].compactMap(\.self)
        return StripeSignature.header(body, secrets: secrets, at: time)
    }
}
