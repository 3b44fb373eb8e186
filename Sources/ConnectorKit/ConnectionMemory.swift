import Domain
import Synchronization

/// What a connection must not forget between two processes: above all a token that is good for one renewal.
///
/// A value is replaced only by who knows the newest one, so that of two processes that renew a token at once one wins.
public protocol ConnectionMemory: Sendable {
    /// The newest value kept under a name; `nil` when there is none.
    func recall(_ name: String) async throws -> KeptValue?

    /// Keeps a value in place of the one that has this version (0: there is none yet), durably, before it returns.
    ///
    /// - Returns: The new version, or `nil` when somebody kept another value meanwhile; then nothing is changed.
    func remember(_ value: Secret, under name: String, replacing version: Int64) async throws -> Int64?
}

public struct KeptValue: Hashable, Sendable {
    public let value: Secret
    public let version: Int64

    public init(value: Secret, version: Int64) {
        self.value = value
        self.version = version
    }
}

/// Forgets when the process ends: for tests and for commands that keep no store.
public final class VolatileMemory: ConnectionMemory {
    private let values = Mutex<[String: KeptValue]>([:])

    public init() {}

    public func recall(_ name: String) async throws -> KeptValue? { values.withLock { $0[name] } }

    public func remember(_ value: Secret, under name: String, replacing version: Int64) async throws -> Int64? {
        values.withLock { values in
            guard (values[name]?.version ?? 0) == version else { return nil }
            values[name] = KeptValue(value: value, version: version + 1)
            return version + 1
        }
    }
}
