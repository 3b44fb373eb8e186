import ConnectorKit
import Logging
public import ServiceLifecycle

/// Picks up a flow's changed records on a schedule. A system that cannot be read is tried again next time; nothing is lost,
/// because the time history stays where it is.
public struct PickupService: Service {
    let integration: Integration
    let type: RecordType
    let interval: Duration

    public init(_ integration: Integration, of type: RecordType, every interval: Duration) {
        self.integration = integration
        self.type = type
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
            let result =
                switch type {
                case .order: try await OrderPickup(integration).run()
                case .payout: try await PayoutPickup(integration).run()
                }
            if result.due > 0 {
                integration.logger.info(
                    "picked up",
                    metadata: ["type": "\(type.rawValue)", "due": "\(result.due)", "read": "\(result.records)"])
            }
        } catch is CancellationError {
            return
        } catch {
            integration.logger.warning(
                type == .order ? "the shop could not be read" : "a payment provider could not be read",
                metadata: ["error": "\(error)"])
        }
    }
}
