public import Domain

/// Keeps a failing system from being called again and again: a pure state machine.
///
///     closed ──N failures in a row──► open(until) ──time passes──► half-open ──one success──► closed
///                                        ▲                            │
///                                        └────────one failure, twice as long────┘
public struct CircuitBreaker: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case closed(failures: Int)
        /// No calls before this time.
        case open(until: Instant)
        /// One call is out to see whether the system is back; others wait for it.
        case halfOpen(since: Instant)
    }

    public enum Admission: Hashable, Sendable {
        case allowed
        case refused(for: Duration)
    }

    public private(set) var state: State = .closed(failures: 0)
    private var pause: Duration
    private let threshold: Int
    private let firstPause: Duration
    private let longestPause: Duration

    public init(threshold: Int = 5, pause: Duration = .seconds(5), longestPause: Duration = .seconds(300)) {
        self.threshold = threshold
        self.pause = pause
        firstPause = pause
        self.longestPause = longestPause
    }

    /// Asks to make one call; every call that is allowed must be followed by `record` or `release`.
    public mutating func admit(now: Instant) -> Admission {
        switch state {
        case .closed:
            return .allowed
        case .open(let until) where now < until:
            return .refused(for: until - now)
        case .open:
            state = .halfOpen(since: now)
            return .allowed
        case .halfOpen(let since) where now < since + longestPause:
            return .refused(for: pause)
        case .halfOpen:
            // The probe never reported: its process or task is gone.
            state = .halfOpen(since: now)
            return .allowed
        }
    }

    /// Takes back an admission whose call was never sent: the next caller may be the probe.
    public mutating func release(now: Instant) {
        if case .halfOpen = state { state = .open(until: now) }
    }

    /// Records what a call came to. A failure is a call without an answer or with an answer of 500 and above.
    public mutating func record(success: Bool, now: Instant) {
        guard !success else {
            state = .closed(failures: 0)
            pause = firstPause
            return
        }
        switch state {
        case .closed(let failures) where failures + 1 < threshold:
            state = .closed(failures: failures + 1)
        case .closed:
            state = .open(until: now + pause)
        case .halfOpen:
            pause = min(pause * 2, longestPause)
            state = .open(until: now + pause)
        case .open:
            // A call from before the opening: it says nothing new.
            break
        }
    }
}
