import ArgumentParser
import Engine
import Logging
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run every flow of every integration until stopped.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.read()
        var logger = common.logger
        logger.logLevel = common.verbose ? .debug : .info
        let wiring = try await Wiring.start(configuration, logger: logger)
        let services = try await wiring.services()
        for configured in configuration.integrations {
            logger.notice("\(configured.name): picking up orders every \(configured.pollEvery)")
        }
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        try await group.run()
        try await wiring.stop()
    }
}
