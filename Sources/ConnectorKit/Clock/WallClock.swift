public import Domain

/// The time of day, and waiting for it. Injected everywhere, so that tests own the time.
public protocol WallClock: Sendable {
    func now() -> Instant
    /// Returns early with `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}
