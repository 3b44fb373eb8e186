import ConnectorKit
import Crypto
import Domain
import Foundation

/// The tokens of one Fortnox connection: renewed in time, by one process at a time, and kept before they are used.
///
/// A refresh token is good for one renewal, so the order of things decides whether a crash costs a person's visit:
///
/// 1. `renewingSince` is kept. Only one process can do that to the state it has read, so only one renews.
/// 2. Fortnox is asked.
/// 3. The new tokens are kept, and only then used.
///
/// Between 2 and 3 a crash loses the new token, and nothing can bring it back. What stays is the access token: renewal
/// begins long before it ends, so work goes on with it while a person is asked to authorise again. A crash before 2, or a
/// request that never arrived, costs nothing: the old token is simply tried again.
actor FortnoxTokens {
    struct State: Codable, Sendable {
        var refreshToken: String
        var accessToken: String?
        var accessUntil: Int64?
        /// A renewal was begun and its outcome was not kept.
        var renewingSince: Int64?
        /// A renewal ended without an answer: the refresh token may be spent.
        var isDoubted: Bool?
        /// Of the configured token that this chain of tokens began with: a person who gives another begins a new one.
        var seed: String?
    }

    /// An access token is renewed this long before it ends.
    static let renewBefore = Duration.seconds(900)
    /// A renewal that another process began this long ago is taken as dead.
    static let renewalLimit = Duration.seconds(90)

    private let configuration: FortnoxConfiguration
    private let connection: Connection
    private let memory: any ConnectionMemory
    private let clock: any WallClock
    private let name: String
    private var state: State?
    private var version: Int64 = 0
    private var renewal: Task<Result<Secret, FortnoxFailure>, Never>?
    /// After a failed renewal the access token that is left is used, and the next try waits.
    private var nextRenewal = Instant.distantPast
    private var refusedToken: String?
    /// Renewed but not kept yet, because the store failed: the first thing to do is to keep them.
    private var unkept: State?

    init(
        configuration: FortnoxConfiguration, connection: Connection, memory: any ConnectionMemory,
        clock: any WallClock, name: String
    ) {
        self.configuration = configuration
        self.connection = connection
        self.memory = memory
        self.clock = clock
        self.name = "fortnox:\(name)"
    }

    /// A token to send with a call.
    func access() async throws(FortnoxFailure) -> Secret {
        if unkept == nil, let token = usable(state, for: Self.renewBefore) { return token }
        if unkept == nil, clock.now() < nextRenewal, let token = usable(state, for: .seconds(60)) { return token }
        if let renewal { return try await renewal.value.get() }
        let task = Task { await self.renewedResult() }
        renewal = task
        let result = await task.value
        renewal = nil
        return try result.get()
    }

    /// Fortnox refused this token although its time is not over: the next call renews it, unless somebody did.
    func refused(_ token: Secret) { refusedToken = token.revealed }

    /// Exchanges the code that a person brought back from Fortnox's page, and keeps the tokens.
    func authorise(code: String, redirect: String) async throws(FortnoxFailure) {
        try await load()
        var answer = try await ask([("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)])
        // What was configured before is behind us; only another configured token begins a new chain.
        answer.seed = configuration.refreshToken.map(Self.fingerprint)
        try await keep(answer)
    }

    // MARK: Renewing

    private func renewedResult() async -> Result<Secret, FortnoxFailure> {
        do throws(FortnoxFailure) {
            return .success(try await renewed())
        } catch {
            return .failure(error)
        }
    }

    private func renewed() async throws(FortnoxFailure) -> Secret {
        if let unkept { return try await keep(unkept) }
        for _ in 0..<200 {
            try await load()
            guard var next = state else {
                throw .barred(
                    Problem(
                        .unauthorised, "the Fortnox connection \(name) was never authorised: run ordersync authorise"))
            }
            if let token = usable(next, for: Self.renewBefore) { return token }
            if let since = next.renewingSince, isFresh(since) {
                // Another process is at it.
                if let token = usable(next, for: .seconds(120)) { return token }
                try await pause(.milliseconds(500))
                continue
            }
            let wasBegunBefore = next.renewingSince != nil || next.isDoubted == true
            next.renewingSince = clock.now().milliseconds
            guard try await replace(next) else { continue }
            return try await renew(next, afterDoubt: wasBegunBefore)
        }
        throw .busy(after: .seconds(10), Problem(.unreachable, "another process has been renewing the token for long"))
    }

    private func renew(_ begun: State, afterDoubt: Bool) async throws(FortnoxFailure) -> Secret {
        var answer: State
        do throws(FortnoxFailure) {
            answer = try await ask([("grant_type", "refresh_token"), ("refresh_token", begun.refreshToken)])
        } catch .busy(let after, let problem) {
            // Provably nothing was done: the token is as good as before.
            if let token = try await standBack(begun, doubted: afterDoubt) { return token }
            throw .busy(after: after, problem)
        } catch .refused(let refusal) {
            if let token = try await standBack(begun, doubted: afterDoubt) { return token }
            let text = afterDoubt ? "its renewal was interrupted" : refusal.problem.detail
            throw .barred(Problem(afterDoubt ? .tokenLost : .unauthorised, "the Fortnox connection: \(text)"))
        } catch {
            if let token = try await standBack(begun, doubted: true) { return token }
            throw error.ofRead
        }
        // From here on the old token is spent: whatever becomes of the keeping, it is never put back.
        answer.seed = begun.seed
        return try await keep(answer)
    }

    /// Ends a renewal that failed; answers the access token if it is still good for a while.
    private func standBack(_ begun: State, doubted: Bool) async throws(FortnoxFailure) -> Secret? {
        nextRenewal = clock.now() + .seconds(60)
        var back = begun
        back.renewingSince = nil
        back.isDoubted = doubted
        _ = try await replace(back)
        return usable(begun, for: .seconds(60))
    }

    private func usable(_ state: State?, for time: Duration) -> Secret? {
        guard let state, let token = state.accessToken, token != refusedToken, let until = state.accessUntil,
            clock.now() + time < Instant(milliseconds: until)
        else { return nil }
        return Secret(token)
    }

    private func isFresh(_ since: Int64) -> Bool {
        let age = clock.now() - Instant(milliseconds: since)
        return age < Self.renewalLimit && age > .zero - Self.renewalLimit
    }

    private func pause(_ duration: Duration) async throws(FortnoxFailure) {
        do {
            try await clock.sleep(for: duration)
        } catch {
            throw .busy(after: nil, Problem(.unreachable, "cancelled while a token was renewed"))
        }
    }

    // MARK: Keeping

    private func load() async throws(FortnoxFailure) {
        do {
            let kept = try await memory.recall(name)
            version = kept?.version ?? 0
            state = try kept.map { try JSONDecoder().decode(State.self, from: Data($0.value.revealed.utf8)) }
        } catch {
            throw .busy(after: nil, Problem(.internalError, "the kept tokens cannot be read"))
        }
        // A person's new token begins a new chain.
        guard let given = configuration.refreshToken else { return }
        let seed = Self.fingerprint(given)
        if state?.seed != seed { state = State(refreshToken: given.revealed, seed: seed) }
    }

    /// Answers false when somebody else kept another state meanwhile.
    private func replace(_ next: State) async throws(FortnoxFailure) -> Bool {
        do {
            let text = String(decoding: try JSONEncoder().encode(next), as: UTF8.self)
            guard let kept = try await memory.remember(Secret(text), under: name, replacing: version) else {
                return false
            }
            (version, state) = (kept, next)
            return true
        } catch {
            throw .busy(after: nil, Problem(.internalError, "the token could not be kept"))
        }
    }

    @discardableResult
    private func keep(_ next: State) async throws(FortnoxFailure) -> Secret {
        unkept = next
        for _ in 0..<5 {
            if try await replace(next) { break }
            // Only a person's authorisation can have come between: the newest renewal stands.
            do { version = try await memory.recall(name)?.version ?? 0 } catch { continue }
        }
        guard state?.refreshToken == next.refreshToken else {
            throw .busy(after: .seconds(5), Problem(.internalError, "the renewed token could not be kept"))
        }
        unkept = nil
        return Secret(next.accessToken ?? "")
    }

    private static func fingerprint(_ secret: Secret) -> String {
        SHA256.hash(data: Data(secret.revealed.utf8)).prefix(8).map { String($0, radix: 16) }.joined(separator: "-")
    }

    // MARK: Asking

    private func ask(_ form: [(name: String, value: String)]) async throws(FortnoxFailure) -> State {
        let credentials = Data("\(configuration.clientID):\(configuration.clientSecret.revealed)".utf8)
        let call = HTTPCall(
            .post, configuration.authorisationURL + "/oauth-v1/token",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
                ("Authorization", "Basic \(credentials.base64EncodedString())"),
            ],
            body: Array(URLText.query(form.map { (name: $0.name, value: $0.value) }).utf8),
            deadline: .seconds(min(30, configuration.timeoutSeconds)))
        let reply: HTTPReply
        do throws(TransportFailure) {
            reply = try await connection.send(call, label: "token")
        } catch {
            if case .notSent(let text) = error { throw .busy(after: nil, Problem(.unreachable, "Fortnox: \(text)")) }
            throw .unknown(Problem(.unreachable, "Fortnox did not answer when a token was renewed"))
        }
        return try state(from: reply)
    }

    private func state(from reply: HTTPReply) throws(FortnoxFailure) -> State {
        switch reply.status {
        case 200...299:
            guard let answer = FortnoxRow(try? JSONReader.decode(reply.body)), let access = answer.text("access_token"),
                let refresh = answer.text("refresh_token")
            else { throw .unreadable("no tokens") }
            let seconds = answer.decimal("expires_in").flatMap { Int64($0.description) } ?? 3600
            return State(
                refreshToken: refresh, accessToken: access,
                accessUntil: (clock.now() + .seconds(seconds)).milliseconds)
        case 429:
            throw .busy(after: .seconds(5), Problem(.unreachable, "Fortnox allows no renewal for now"))
        case 400...499:
            throw .refused(
                FortnoxRefusal(Problem(.unauthorised, "Fortnox no longer takes its refresh token (\(reply.status))")))
        default:
            throw .unknown(Problem(.unreachable, "Fortnox answered \(reply.status) when a token was renewed"))
        }
    }
}
