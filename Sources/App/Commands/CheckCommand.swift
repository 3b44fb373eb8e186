import ArgumentParser
import ConnectorKit
import Domain
import Engine

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Settings, connections, permissions, mappings: all problems at once.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.read()
        let wiring = try await Wiring.start(configuration, logger: common.logger, onlyReading: true)
        var findings: [Finding] = []
        for configured in configuration.integrations {
            let integration = try await wiring.integration(configured)
            async let shop = integration.storefront.check()
            async let erp = integration.erp.check(configured.settings)
            findings += await shop.map { Finding(configured.name, "storefront", $0) }
            findings += await erp.map { Finding(configured.name, "erp", $0) }
            findings += configured.settings.paymentProblems.map { Finding(configured.name, "settings", $0) }
            for (name, provider) in integration.providers.sorted(by: { $0.key < $1.key }) {
                findings += await provider.check().map { Finding(configured.name, name, $0) }
            }
        }
        try await wiring.stop()
        if common.json { try Output.json(findings) } else { findings.map(\.line).forEach(Output.line) }
        guard findings.isEmpty else { throw ExitStatus.attention }
        if !common.json { Output.line("all is well: \(configuration.integrations.count) integration(s) checked") }
    }
}

private struct Finding: Encodable {
    let integration: String
    let system: String
    let code: String
    let detail: String
    let fix: String

    init(_ integration: String, _ system: String, _ problem: Problem) {
        self.integration = integration
        self.system = system
        code = problem.code.rawValue
        detail = problem.detail
        fix = problem.code.entry.fix
    }

    var line: String { "\(integration)  \(system)  \(code): \(detail). \(fix)" }
}
