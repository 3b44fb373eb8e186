public import Domain

/// How many calls a connection may make. Pure: times come in as parameters.
public protocol CallLimit: Sendable {
    /// Admits a call and answers zero, or answers how long to wait before asking again.
    mutating func take(now: Instant) -> Duration
    /// An admitted call has ended, whatever it came to.
    mutating func ended(now: Instant)
    /// The other side said "too many": nothing is sent before its wish.
    mutating func refused(retryAfter: Duration?, now: Instant)
    /// How long nothing may be sent because the other side said so.
    func blocked(now: Instant) -> Duration?
}

/// As many calls as one likes, until the other side says "too many".
public struct Unlimited: CallLimit, Hashable {
    private var blockedUntil: Instant?

    public init() {}

    public mutating func take(now: Instant) -> Duration { blocked(now: now) ?? .zero }

    public mutating func ended(now: Instant) {}

    public mutating func refused(retryAfter: Duration?, now: Instant) {
        let wish = now + (retryAfter ?? .seconds(1))
        blockedUntil = max(blockedUntil ?? wish, wish)
    }

    public func blocked(now: Instant) -> Duration? {
        guard let blockedUntil, now < blockedUntil else { return nil }
        return blockedUntil - now
    }
}

/// At most so many calls in any window of time, as the other side counts them.
///
/// A call takes one of the places when it is admitted and gives it back a whole window after it ended. The other side had
/// it before it ended and gets the next one after that was admitted, so whatever the network does, it never counts more
/// than the limit in one window; and all of the limit but the calls' own duration is used.
public struct SlidingWindow: CallLimit, Hashable {
    public let limit: Int
    public let window: Duration
    private var underWay = 0
    /// When calls ended whose places are not free yet; oldest first.
    private var ends: [Instant] = []
    private var blockedUntil: Instant?

    public init(limit: Int, window: Duration) {
        self.limit = limit
        self.window = window
    }

    public mutating func take(now: Instant) -> Duration {
        if let wait = blocked(now: now) { return wait }
        blockedUntil = nil
        // A clock that was set back frees nothing early: ends that lie ahead wait their whole window.
        ends.removeAll { $0 + window <= now }
        guard underWay + ends.count >= limit else {
            underWay += 1
            return .zero
        }
        guard let oldest = ends.first else { return .milliseconds(20) }
        return max(.milliseconds(1), oldest + window - now)
    }

    public mutating func ended(now: Instant) {
        underWay = max(0, underWay - 1)
        ends.append(now)
    }

    public mutating func refused(retryAfter: Duration?, now: Instant) {
        // Somebody else uses the same allowance: after a whole window all of it is free.
        let wish = now + (retryAfter ?? window)
        blockedUntil = max(blockedUntil ?? wish, wish)
    }

    public func blocked(now: Instant) -> Duration? {
        guard let blockedUntil, now < blockedUntil else { return nil }
        return blockedUntil - now
    }
}
