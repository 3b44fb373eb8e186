public import ConnectorKit
public import ServiceLifecycle

/// Tells the store that it lives. A gap in the beats opens a new epoch, so that a store brought back from a copy, or a
/// machine that slept, looks before it makes anything.
public struct HeartbeatService: Service {
    let store: any Store
    let epoch: CurrentEpoch
    let clock: any WallClock

    public init(store: any Store, epoch: CurrentEpoch, clock: any WallClock) {
        self.store = store
        self.epoch = epoch
        self.clock = clock
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let beat = try? await store.heartbeat(gapLimit: .seconds(60)) { epoch.move(to: beat) }
                try? await clock.sleep(for: .seconds(10))
            }
        }
    }
}
