import ArgumentParser
import ConnectorKit
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import ServiceLifecycle
import UnixSignals

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "A simulated shop, payment provider and ERP, kept in step on this machine.",
        discussion: """
            Starts a simulated WooCommerce shop with a month of orders, the Stripe account that collects its cards, and a \
            simulated Fortnox, all on loopback, and the server between them. Goes on with live trade until Ctrl-C; ends by itself when every order of the month has \
            its answer if --once is given or nobody watches a terminal.
            """)

    @Option(help: "The trade: the same seed gives the same month.")
    var seed: UInt64 = 2026

    @Option(help: "How many orders the month has, at most 300.")
    var orders = 300

    @Option(help: "How many new orders come in an hour of live trade.")
    var perHour = 240

    @Option(help: "Keep configuration and store in this folder; without it nothing is left behind.")
    var keep: String?

    @Flag(help: "End when every order of the month is answered.")
    var once = false

    @Flag(help: "Without Fortnox's limit of 25 calls in 5 seconds.")
    var unlimited = false

    @Flag(name: .long, help: "Log each step on standard error.")
    var verbose = false

    func validate() throws {
        guard (1...300).contains(orders) else { throw ValidationError("--orders takes 1 to 300") }
        guard (1...36_000).contains(perHour) else { throw ValidationError("--per-hour takes 1 to 36000") }
    }

    func run() async throws {
        let folder = keep.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? Self.temporaryFolder()
        defer { if keep == nil { try? FileManager.default.removeItem(at: folder) } }
        let clock = SystemClock()
        let world = try await DemoWorld.start(
            .init(seed: seed, orders: orders, limitsRate: !unlimited, folder: folder), clock: clock)
        do {
            try await keepInStep(world, clock)
        } catch {
            await world.stop()
            throw error
        }
        await world.stop()
        if let keep { Output.line("Kept in \(keep).") }
    }

    private func keepInStep(_ world: DemoWorld, _ clock: SystemClock) async throws {
        let configuration = try AppConfiguration(ConfigurationFile(path: world.configurationFile, environment: [:]))
        let wiring = try await Wiring.start(configuration, logger: logger)
        introduce(world)
        let integration = try await wiring.integration(configuration.integrations[0])
        let endsWithMonth = once || isatty(STDOUT_FILENO) == 0
        let narrator = DemoNarrator(integration, world, startedAt: clock.now(), endsWithMonth: endsWithMonth)
        let trade = DemoTrade(trade: world.trade, payments: world.payments, perHour: perHour, clock: clock)
        let services = try await wiring.services() + [trade as any Service]
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) } + [
                    .init(service: narrator, successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger))
        try await group.run()
        let isDone = endsWithMonth && narrator.isMonthAnswered
        try await DemoSummary(integration, world).tell(isDone: isDone, mustBeDone: endsWithMonth)
        try await wiring.stop()
    }

    private func introduce(_ world: DemoWorld) {
        Output.line(
            """
            All three systems are simulated and live on this machine; nothing is sent anywhere else.

              shop     \(world.shop.address)  WooCommerce REST API, consumer key ck_sandbox, secret cs_sandbox
              ERP      \(world.fortnox.address)  Fortnox API v3\(unlimited ? ", without its rate limit" : ", 25 calls in 5 seconds")
              payments \(world.stripe.address)  Stripe API v1, secret key sk_test_sandbox
              trade    \(orders) orders of the last 30 days (seed \(seed)), then \(perHour) an hour

            Look at an order while it runs, in another terminal:

              ordersync status order \(world.someOrder) --config \(world.configurationFile)

            """)
    }

    private var logger: Logger {
        var logger = Logger(label: "ordersync") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .info : .error
        return logger
    }

    private static func temporaryFolder() -> URL {
        let name = "ordersync-demo-\(ProcessInfo.processInfo.processIdentifier)"
        return FileManager.default.temporaryDirectory.appending(path: name, directoryHint: .isDirectory)
    }
}
