import Synchronization

/// The epoch that the heart beats in now, shared by all workers of a process.
public final class CurrentEpoch: Sendable {
    private let epoch: Mutex<Epoch>

    public init(_ epoch: Epoch) { self.epoch = Mutex(epoch) }

    public var value: Epoch { epoch.withLock { $0 } }

    func move(to next: Epoch) { epoch.withLock { $0 = next } }
}
