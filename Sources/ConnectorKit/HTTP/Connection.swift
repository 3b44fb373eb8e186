import Domain
import Synchronization

/// A way to one outside system that everything of ours shares: one budget, one breaker, one count.
public final class Connection: Sendable {
    /// How people call it: `shop`, `ERP`. Part of error texts.
    public let name: String
    /// Calls that were sent, by label.
    public let calls = CallCounter()
    private let transport: any Transport
    private let clock: any WallClock
    private let budget: RateBudget
    private let breaker: Mutex<CircuitBreaker>
    private let randomness: Randomness

    public init(
        name: String, transport: any Transport, clock: any WallClock, budget: RateBudget? = nil,
        breaker: CircuitBreaker = CircuitBreaker(), randomness: Randomness = .system
    ) {
        self.name = name
        self.transport = transport
        self.clock = clock
        self.budget = budget ?? RateBudget(clock: clock)
        self.breaker = Mutex(breaker)
        self.randomness = randomness
    }

    /// Sends a call once. Waiting for the budget counts against the call's deadline. While the breaker is open calls fail
    /// at once as `notSent`. An answer of any status is an answer. `label` says what the call is for, in the count:
    /// `orders.list`.
    public func send(_ call: HTTPCall, label: String) async throws(TransportFailure) -> HTTPReply {
        try admit()
        let waited: Duration
        do throws(TransportFailure) {
            waited = try await budget.admit(within: call.deadline)
        } catch {
            release()
            throw error
        }
        var call = call
        call.deadline -= waited
        calls.add(label)
        let reply: HTTPReply
        do throws(TransportFailure) {
            reply = try await transport.send(call)
            await budget.ended()
        } catch {
            await budget.ended()
            // A call that we cut ourselves says nothing about the other side.
            if Task.isCancelled { release() } else { record(success: error == .replyTooLarge) }
            throw error
        }
        record(success: reply.status < 500)
        if reply.status == 429 { await budget.refused(retryAfter: reply.retryAfter(now: clock.now())) }
        return reply
    }

    /// Sends a call that has no effect until it is answered for good, over several tries by `policy`. `make` makes it anew
    /// for each try, because a signature is good for one only. While the breaker is open it is not tried again. The last answer may still be a transient failure.
    public func read(
        label: String, policy: RetryPolicy, _ make: @Sendable () -> HTTPCall
    ) async throws(TransportFailure) -> HTTPReply {
        var attempt = 1
        while true {
            let outcome: Result<HTTPReply, TransportFailure>
            do throws(TransportFailure) {
                outcome = .success(try await send(make(), label: label))
            } catch {
                outcome = .failure(error)
            }
            guard outcome.mayPass, let delay = delay(after: attempt, outcome, policy), await pause() ?? .zero <= delay
            else { return try outcome.get() }
            do {
                try await clock.sleep(for: delay)
            } catch {
                throw .notSent("cancelled while waiting to try again")
            }
            attempt += 1
        }
    }

    /// How long calls would fail at once or wait: the open breaker or the other side's wish; `nil` when neither.
    public func pause() async -> Duration? {
        let now = clock.now()
        let open: Duration? = breaker.withLock { breaker in
            if case .open(let until) = breaker.state, now < until { until - now } else { nil }
        }
        let blocked = await budget.blocked()
        return [open, blocked].compactMap(\.self).max()
    }

    private func delay(
        after attempt: Int, _ outcome: Result<HTTPReply, TransportFailure>, _ policy: RetryPolicy
    ) -> Duration? {
        let wish = (try? outcome.get())?.retryAfter(now: clock.now())
        return policy.delay(after: attempt, retryAfter: wish, random: randomness.fraction())
    }

    private func admit() throws(TransportFailure) {
        let now = clock.now()
        if case .refused(let pause) = breaker.withLock({ $0.admit(now: now) }) {
            throw .notSent("the \(name) failed several times in a row; no calls for \(pause.milliseconds) ms")
        }
    }

    private func record(success: Bool) {
        let now = clock.now()
        breaker.withLock { $0.record(success: success, now: now) }
    }

    /// Gives back an admission that was not used.
    private func release() {
        let now = clock.now()
        breaker.withLock { $0.release(now: now) }
    }
}

extension Result where Success == HTTPReply, Failure == TransportFailure {
    fileprivate var mayPass: Bool {
        switch self {
        case .success(let reply): reply.isTransientFailure
        case .failure(.replyTooLarge): false
        case .failure: true
        }
    }
}
