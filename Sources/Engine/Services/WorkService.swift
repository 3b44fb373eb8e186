import ConnectorKit
import Logging
public import ServiceLifecycle

/// Works off due orders in all lanes, and rests when there are none. Shutdown waits for the turn that is under way:
/// a write is never cut off.
public struct WorkService: Service {
    let integration: Integration
    let worker: Worker
    /// How long a worker without work rests before it looks again.
    let rest: Duration

    public init(_ integration: Integration, worker: String, rest: Duration = .seconds(1)) {
        self.integration = integration
        self.worker = Worker(integration, name: worker)
        self.rest = rest
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let worked = await work()
                if !worked { try? await integration.clock.sleep(for: rest) }
            }
        }
    }

    private func work() async -> Bool {
        do {
            let general = try await worker.turn(in: .general)
            if Task.isCancelled { return false }
            let booked = try await worker.turn(in: .booking)
            if Task.isCancelled { return false }
            return try await general + booked + worker.turn(in: .payouts) > 0
        } catch {
            integration.logger.error("a turn failed", metadata: ["error": "\(error)"])
            return false
        }
    }
}
