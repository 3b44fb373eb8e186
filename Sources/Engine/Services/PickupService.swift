import ConnectorKit
import Logging
public import ServiceLifecycle

/// Picks up changed orders on a schedule. A shop that cannot be read is tried again next time; nothing is lost, because
/// the time history stays where it is.
public struct PickupService: Service {
    let integration: Integration
    let interval: Duration

    public init(_ integration: Integration, every interval: Duration) {
        self.integration = integration
        self.interval = interval
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await pickUp()
                try? await integration.clock.sleep(for: interval)
            }
        }
    }

    private func pickUp() async {
        do {
            let result = try await OrderPickup(integration).run()
            if result.due > 0 {
                integration.logger.info("picked up", metadata: ["due": "\(result.due)", "read": "\(result.records)"])
            }
        } catch is CancellationError {
            return
        } catch {
            integration.logger.warning("the shop could not be read", metadata: ["error": "\(error)"])
        }
    }
}
