public import Domain
import Foundation

/// The machine's clock: the one home of `Date()` and `Task.sleep`.
public struct SystemClock: WallClock {
    public init() {}

    public func now() -> Instant { Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) }

    public func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
