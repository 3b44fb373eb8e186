import Domain

/// When a call that may be repeated is tried again. Pure: chance and the other side's wish come in as parameters.
public struct RetryPolicy: Hashable, Sendable {
    /// How often a call is sent in all; 1 means never again.
    public var maxAttempts: Int
    /// The wait after the first attempt, before chance shortens it; it doubles with each further one.
    public var base: Duration
    /// The longest wait. A `Retry-After` beyond it is not sat out: the caller is told instead.
    public var cap: Duration

    public init(maxAttempts: Int = 4, base: Duration = .milliseconds(500), cap: Duration = .seconds(30)) {
        self.maxAttempts = maxAttempts
        self.base = base
        self.cap = cap
    }

    public static let never = RetryPolicy(maxAttempts: 1)

    /// The wait after attempt number `attempt` (1 is the first) failed; `nil` when the call is given up.
    ///
    /// `retryAfter` is what the other side asked for: never undercut. With `random` in 0 ..< 1 the wait is between half and
    /// the whole of its doubling step, so that many callers who failed together do not come back together.
    public func delay(after attempt: Int, retryAfter: Duration? = nil, random: Double) -> Duration? {
        guard attempt < maxAttempts else { return nil }
        let doublings = min(attempt - 1, 20)
        let step = min(base.milliseconds << Int64(doublings), cap.milliseconds)
        let backoff = step / 2 + Int64(Double(step - step / 2) * random)
        let wanted = max(.milliseconds(backoff), retryAfter ?? .zero)
        return wanted <= cap ? wanted : nil
    }
}

extension HTTPReply {
    /// Statuses that may pass by themselves: too early, too many, out of order for now.
    public var isTransientFailure: Bool { [408, 425, 429].contains(status) || (500...599).contains(status) }
}
