import Synchronization

/// Counts calls by label, so that the calls an order costs are a measured figure.
public final class CallCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    public init() {}

    public func add(_ label: String) { counts.withLock { $0[label, default: 0] += 1 } }

    public var byLabel: [String: Int] { counts.withLock { $0 } }
    public var total: Int { counts.withLock { $0.values.reduce(0, +) } }
}
