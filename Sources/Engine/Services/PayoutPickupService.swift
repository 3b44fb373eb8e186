import ConnectorKit
import Logging
public import ServiceLifecycle

/// Picks up payouts on a schedule. A provider that cannot be read is tried again next time; nothing is lost, because the time
/// history stays where it is.
public struct PayoutPickupService: Service {
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
            let result = try await PayoutPickup(integration).run()
            if result.due > 0 {
                integration.logger.info(
                    "picked up payouts", metadata: ["due": "\(result.due)", "read": "\(result.records)"])
            }
        } catch is CancellationError {
            return
        } catch {
            integration.logger.warning("a payment provider could not be read", metadata: ["error": "\(error)"])
        }
    }
}
