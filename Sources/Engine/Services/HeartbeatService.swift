public import ConnectorKit
public import ServiceLifecycle

/// Tells the store that it lives. A gap in the beats opens a new epoch, so that a store brought back from a copy, or a
/// machine that slept, looks before it makes anything.
public struct HeartbeatService: Service {
    let store: any Store
    let clock: any WallClock

    public init(store: any Store, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                _ = try? await store.heartbeat(gapLimit: .seconds(60))
                try? await clock.sleep(for: .seconds(10))
            }
        }
    }
}
