import ArgumentParser
import Domain
import Engine

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Where an order is and why.")

    @Argument(help: "What: order.")
    var record: RecordKind

    @Argument(help: "The shop's number or id, or the ERP's number.")
    var number: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withIntegration(onlyReading: true) { integration, _ in
            try await OrderReport.find(number, in: integration)
        }
        guard let report else {
            Output.complain("order \(number) is not known here; fetch it with: ordersync export order \(number)")
            throw ExitStatus.attention
        }
        try report.print(asJSON: common.json)
        if report.needsAttention { throw ExitStatus.attention }
    }
}
