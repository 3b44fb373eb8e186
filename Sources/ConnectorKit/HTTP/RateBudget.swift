public import Domain

/// How many calls a connection may make: a bucket of tokens that refills steadily. Pure.
public struct TokenBucket: CallLimit, Hashable {
    /// Calls in a row from a full bucket.
    public let capacity: Double
    public let perSecond: Double
    private var tokens: Double
    private var countedAt: Instant
    /// The other side said not to call before this.
    private var blockedUntil: Instant?

    public init(capacity: Int, perSecond: Double, now: Instant) {
        self.capacity = Double(capacity)
        self.perSecond = perSecond
        tokens = Double(capacity)
        countedAt = now
    }

    /// Takes a token and answers zero, or answers how long to wait before asking again.
    public mutating func take(now: Instant) -> Duration {
        if let blockedUntil, now < blockedUntil { return blockedUntil - now }
        blockedUntil = nil
        refill(now)
        guard tokens >= 1 else {
            let milliseconds = ((1 - tokens) / perSecond * 1000).rounded(.up)
            return .milliseconds(max(1, Int64(milliseconds)))
        }
        tokens -= 1
        return .zero
    }

    /// Tokens come back by time alone.
    public mutating func ended(now: Instant) {}

    /// The other side said "too many": nothing is sent before its wish, and then only one call at a time.
    public mutating func refused(retryAfter: Duration?, now: Instant) {
        refill(now)
        tokens = min(tokens, 1)
        let wish = now + (retryAfter ?? .seconds(1))
        blockedUntil = max(blockedUntil ?? wish, wish)
    }

    /// How long nothing may be sent because the other side said so.
    public func blocked(now: Instant) -> Duration? {
        guard let blockedUntil, now < blockedUntil else { return nil }
        return blockedUntil - now
    }

    private mutating func refill(_ now: Instant) {
        // A clock that is set back gives nothing and takes nothing.
        guard now > countedAt else { return }
        let seconds = Double((now - countedAt).milliseconds) / 1000
        tokens = min(capacity, tokens + seconds * perSecond)
        countedAt = now
    }
}

/// The limit of one connection with the clock to wait on.
public actor RateBudget {
    private var limit: any CallLimit
    private let clock: any WallClock

    public init(_ limit: any CallLimit, clock: any WallClock) {
        self.limit = limit
        self.clock = clock
    }

    /// Allows `capacity` calls in a row after a rest and `perSecond` in the long run.
    public init(capacity: Int = 20, perSecond: Double = 10, clock: any WallClock) {
        self.init(TokenBucket(capacity: capacity, perSecond: perSecond, now: clock.now()), clock: clock)
    }

    /// Waits until a call may be sent; answers how long that took.
    ///
    /// - Throws: `notSent` when that is not within `time`, or when the task is cancelled.
    public func admit(within time: Duration) async throws(TransportFailure) -> Duration {
        let start = clock.now()
        while true {
            let wait = limit.take(now: clock.now())
            guard wait > .zero else { return clock.now() - start }
            guard (clock.now() - start) + wait < time else {
                throw .notSent("the rate budget allows no call for another \(wait.milliseconds) ms")
            }
            do {
                try await clock.sleep(for: wait)
            } catch {
                throw .notSent("cancelled while waiting for the rate budget")
            }
        }
    }

    /// To be said once of every call that was admitted.
    public func ended() { limit.ended(now: clock.now()) }

    public func refused(retryAfter: Duration?) { limit.refused(retryAfter: retryAfter, now: clock.now()) }

    /// How long the other side wants no calls; `nil` when it does not mind.
    public func blocked() -> Duration? { limit.blocked(now: clock.now()) }
}
