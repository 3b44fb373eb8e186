import ArgumentParser
import Domain
import Engine
import Foundation
import Logging

/// Options that every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file.")
    var config = "ordersync.yaml"

    @Option(name: .long, help: "The integration; needed only when the configuration has several.")
    var integration: String?

    @Flag(name: .long, help: "Print the result as JSON on standard output.")
    var json = false

    @Flag(name: .long, help: "Log each step on standard error.")
    var verbose = false

    func read() throws -> AppConfiguration {
        let environment = ProcessInfo.processInfo.environment
        return try AppConfiguration(ConfigurationFile(path: config, environment: environment))
    }

    func chosen(_ configuration: AppConfiguration) throws -> IntegrationConfiguration {
        let all = configuration.integrations
        if let integration {
            guard let found = all.first(where: { $0.name == integration }) else {
                throw UsageError(
                    "there is no integration \(integration); there are \(all.map(\.name).joined(separator: ", "))")
            }
            return found
        }
        guard let only = all.first, all.count == 1 else {
            throw UsageError("name one with --integration: \(all.map(\.name).joined(separator: ", "))")
        }
        return only
    }

    var logger: Logger {
        var logger = Logger(label: "ordersync") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .notice
        return logger
    }

    /// Runs a command's body with one integration, and closes what was opened.
    func withIntegration<Result>(
        onlyReading: Bool = false, _ body: (Integration, IntegrationConfiguration) async throws -> Result
    ) async throws -> Result {
        let configuration = try read()
        let chosen = try chosen(configuration)
        let wiring = try await Wiring.start(configuration, logger: logger, onlyReading: onlyReading)
        do {
            let result = try await body(try await wiring.integration(chosen), chosen)
            try await wiring.stop()
            return result
        } catch {
            try? await wiring.stop()
            throw error
        }
    }
}
