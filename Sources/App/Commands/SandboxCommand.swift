import ArgumentParser
import ConnectorKit
import Foundation
import Sandbox
import ServiceLifecycle
import UnixSignals
import Logging

/// The two simulated systems of the demo by themselves, for trying a configuration and for measuring.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Run the simulated shop and the simulated ERP alone, until stopped.",
        discussion: """
            Writes ordersync.yaml for them into the folder. When it is stopped it says what the books hold beside the \
            trade.
            """)

    @Argument(help: "The folder for ordersync.yaml.")
    var folder: String

    @Option(help: "The trade: the same seed gives the same month.")
    var seed: UInt64 = 2026

    @Option(help: "How many orders the month has.")
    var orders = 300

    @Flag(help: "Without Fortnox's limit of 25 calls in 5 seconds.")
    var unlimited = false

    func run() async throws {
        let world = try await DemoWorld.start(
            .init(
                seed: seed, orders: orders, limitsRate: !unlimited,
                folder: URL(filePath: folder, directoryHint: .isDirectory)),
            clock: SystemClock())
        Output.line("running; its configuration is \(world.configurationFile)")
        let group = ServiceGroup(
            services: [UntilStopped()], gracefulShutdownSignals: [.sigterm, .sigint, .sighup],
            logger: Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() })
        try await group.run()
        await world.stop()
        try DemoReckoning.tell(world, integration: DemoConfiguration.integration)
    }
}

private struct UntilStopped: Service {
    func run() async throws { try await gracefulShutdown() }
}
