import ConnectorKit
import Domain
import Foundation
import Synchronization

/// Calls to a Tryton database over JSON-RPC. Decides nothing about documents.
///
/// A call that provably did nothing and will pass is sent again a few times, reads also when their answer was lost. A
/// session that is gone is renewed and the call sent once more: Tryton looks at the session before anything else.
final class TrytonClient: Sendable {
    /// Whether a call that may have reached Tryton may be sent again.
    enum Effect { case read, write }

    let configuration: TrytonConfiguration
    let connection: Connection
    let clock: any WallClock
    private let policy: RetryPolicy
    private let randomness: Randomness
    private let session = Mutex<TrytonSession?>(nil)

    init(
        configuration: TrytonConfiguration, connection: Connection, clock: any WallClock,
        policy: RetryPolicy = RetryPolicy(maxAttempts: 4, base: .milliseconds(300), cap: .seconds(5)),
        randomness: Randomness = .system
    ) {
        self.configuration = configuration
        self.connection = connection
        self.clock = clock
        self.policy = policy
        self.randomness = randomness
    }

    /// When a call that is begun now must have ended.
    var deadline: Instant { clock.now() + .seconds(configuration.timeoutSeconds) }

    // MARK: Calls

    /// Any call of a model: `call("sale.sale.quote", [ids], .write, by: …)`. The context is added.
    @discardableResult
    func call(
        _ method: String, _ params: [JSONValue], _ effect: Effect, by deadline: Instant,
        context: [String: JSONValue] = [:]
    ) async throws(TrytonFailure) -> JSONValue {
        try await persisting(effect, by: deadline) { () async throws(TrytonFailure) in
            try await once(method, params, effect, context, by: deadline)
        }
    }

    /// The records of a model that a domain finds.
    func rows(
        _ model: String, _ domain: JSONValue, _ fields: [String], order: JSONValue = .null, limit: Int? = nil,
        context: [String: JSONValue] = [:], by deadline: Instant
    ) async throws(TrytonFailure) -> [TrytonRow] {
        let params: [JSONValue] = [
            domain, 0, TrytonWire.optional(limit), order, .array(fields.map { .string($0) }),
        ]
        let answer = try await call("\(model).search_read", params, .read, by: deadline, context: context)
        guard let elements = answer.array else { throw TrytonFailure.unreadable("no list of records").ofRead }
        return elements.compactMap { TrytonRow($0) }
    }

    /// Makes records; answers their ids in the order given.
    func create(
        _ model: String, _ records: [JSONValue], by deadline: Instant
    ) async throws(TrytonFailure) -> [Int] {
        let answer = try await call("\(model).create", [.array(records)], .write, by: deadline)
        let ids = answer.array?.compactMap(\.int) ?? []
        guard ids.count == records.count else { throw .unreadable("not one id per record") }
        return ids
    }

    /// Presses a button on records.
    func press(_ button: String, _ ids: [Int], by deadline: Instant) async throws(TrytonFailure) {
        guard !ids.isEmpty else { return }
        try await call(button, [TrytonWire.ids(ids)], .write, by: deadline)
    }

    /// Writes different values to different records, in one call and one transaction.
    func write(
        _ model: String, _ changes: [(ids: [Int], values: JSONValue)], by deadline: Instant
    ) async throws(TrytonFailure) {
        let changes = changes.filter { !$0.ids.isEmpty }
        guard !changes.isEmpty else { return }
        let params = changes.flatMap { [TrytonWire.ids($0.ids), $0.values] }
        try await call("\(model).write", params, .write, by: deadline)
    }

    /// Does something again while it provably did nothing and will pass.
    private func persisting<Value: Sendable>(
        _ effect: Effect, by deadline: Instant, _ body: () async throws(TrytonFailure) -> Value
    ) async throws(TrytonFailure) -> Value {
        var attempt = 1
        while true {
            do throws(TrytonFailure) {
                return try await body()
            } catch {
                let failure = effect == .read ? error.ofRead : error
                guard case .busy(let after, _) = failure, await mayTryAgain(attempt, after: after, by: deadline) else {
                    throw failure
                }
                attempt += 1
            }
        }
    }

    private func mayTryAgain(_ attempt: Int, after: Duration?, by deadline: Instant) async -> Bool {
        let delay = policy.delay(after: attempt, retryAfter: after, random: randomness.fraction())
        guard let delay, clock.now() + delay < deadline else { return false }
        do {
            try await clock.sleep(for: delay)
            return true
        } catch {
            return false
        }
    }

    private func once(
        _ method: String, _ params: [JSONValue], _ effect: Effect, _ extra: [String: JSONValue], by deadline: Instant
    ) async throws(TrytonFailure) -> JSONValue {
        let session = try await openSession(by: deadline)
        let reply = try await send(method, params, extra, effect, session, by: deadline)
        guard reply.status == 401 else { return try TrytonAnswer.read(reply, now: clock.now()) }
        drop(session)
        let renewed = try await openSession(by: deadline)
        let second = try await send(method, params, extra, effect, renewed, by: deadline)
        if second.status == 401 {
            throw .barred(Problem(.unauthorised, "Tryton refused a session that it had just given"))
        }
        return try TrytonAnswer.read(second, now: clock.now())
    }

    private func send(
        _ method: String, _ params: [JSONValue], _ extra: [String: JSONValue], _ effect: Effect,
        _ session: TrytonSession, by deadline: Instant
    ) async throws(TrytonFailure) -> HTTPReply {
        var context = session.context(effect)
        context.merge(extra) { _, new in new }
        let name = method.hasPrefix("wizard.") ? method : "model.\(method)"
        let body = try TrytonWire.body(name, params + [.object(context)])
        return try await post(body, label: method, authorization: session.authorization, by: deadline)
    }

    private func post(
        _ body: [UInt8], label: String, authorization: Secret?, by deadline: Instant
    ) async throws(TrytonFailure) -> HTTPReply {
        let left = deadline - clock.now()
        guard left > .zero else {
            throw .busy(after: nil, Problem(.unreachable, "the time for the call had passed before it was sent"))
        }
        var headers = [(name: "Content-Type", value: "application/json"), ("Accept-Encoding", "identity")]
        if let authorization { headers.append(("Authorization", authorization.revealed)) }
        let call = HTTPCall(
            .post, configuration.endpoint, headers: headers, body: body,
            deadline: min(left, .seconds(configuration.timeoutSeconds)), maxReplyBytes: configuration.maxReplyBytes)
        do throws(TransportFailure) {
            return try await connection.send(call, label: label)
        } catch {
            switch error {
            case .notSent(let reason):
                let pause = await connection.pause()
                throw .busy(after: pause, Problem(.unreachable, "Tryton cannot be reached: \(reason)"))
            case .noAnswer(let reason):
                throw .unknown(Problem(.unreachable, "Tryton did not answer: \(reason)"))
            case .replyTooLarge:
                throw .unknown(Problem(.answerUnreadable, "Tryton's answer is longer than anything it should say"))
            }
        }
    }

    // MARK: Session

    /// Who we are: the session that is open, or a new one.
    func session(by deadline: Instant) async throws(TrytonFailure) -> TrytonSession {
        try await persisting(.read, by: deadline) { () async throws(TrytonFailure) in
            try await openSession(by: deadline)
        }
    }

    private func openSession(by deadline: Instant) async throws(TrytonFailure) -> TrytonSession {
        if let open = session.withLock(\.self) { return open }
        let login = try await login(by: deadline)
        let opened = try await preferences(of: login, by: deadline)
        session.withLock { $0 = opened }
        return opened
    }

    /// Forgets a session that Tryton no longer knows, unless another call has renewed it already.
    private func drop(_ stale: TrytonSession) {
        session.withLock { if $0 == stale { $0 = nil } }
    }

    private func login(by deadline: Instant) async throws(TrytonFailure) -> (user: Int, authorization: Secret) {
        let params: [JSONValue] = [
            .string(configuration.username), ["password": .string(configuration.password.revealed)],
        ]
        let body = try TrytonWire.body("common.db.login", params)
        do throws(TrytonFailure) {
            let reply = try await post(body, label: "login", authorization: nil, by: deadline)
            if reply.status == 401 {
                throw .barred(Problem(.unauthorised, "Tryton refused the user name or the password"))
            }
            let answer = try TrytonAnswer.read(reply, now: clock.now())
            guard let user = answer[0]?.int, let token = answer[1]?.string else {
                throw .unreadable("no session where one should be")
            }
            let text = "\(configuration.username):\(user):\(token)"
            return (user, Secret("Session " + Data(text.utf8).base64EncodedString()))
        } catch {
            throw error.ofRead
        }
    }

    /// Which company the user works for, and in which language records are named to it.
    private func preferences(
        of login: (user: Int, authorization: Secret), by deadline: Instant
    ) async throws(TrytonFailure) -> TrytonSession {
        let body = try TrytonWire.body("model.res.user.get_preferences", [true, [:]])
        do throws(TrytonFailure) {
            let reply = try await post(
                body, label: "res.user.get_preferences", authorization: login.authorization, by: deadline)
            let answer = try TrytonAnswer.read(reply, now: clock.now())
            guard let company = answer["company"]?.int else {
                let text = "the Tryton user \(configuration.username) has no company in its preferences"
                throw .barred(Problem(.permissionMissing, text))
            }
            return TrytonSession(
                user: login.user, company: company, language: answer["language"]?.string ?? "en",
                authorization: login.authorization)
        } catch {
            throw error.ofRead
        }
    }
}

/// Who we are to Tryton.
struct TrytonSession: Hashable, Sendable {
    let user: Int
    let company: Int
    let language: String
    let authorization: Secret

    /// Company-dependent fields are empty without the company. Writes speak English, because refusals are told apart by
    /// their texts; reads speak the user's language, because settings name records as their user sees them.
    func context(_ effect: TrytonClient.Effect) -> [String: JSONValue] {
        ["company": TrytonWire.id(company), "language": .string(effect == .write ? "en" : language)]
    }
}
