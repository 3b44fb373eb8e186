import ArgumentParser
import ConnectorKit
import Domain
import Engine

/// Export One.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Fetch one order now and take it as far as it can go.")

    @Argument(help: "What: order.")
    var record: RecordKind

    @Argument(help: "The shop's number.")
    var number: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withIntegration { integration, _ -> OrderReport? in
            guard let record = try await integration.storefront.order(number: number) else { return nil }
            let intake = Intake(integration)
            try await intake.take([record], trigger: .exportOne, force: true)
            // Whoever asks for one order wants it looked at afresh, in the ERP too.
            let key = EntityKey(integration: integration.name, type: .order, id: record.id)
            try await integration.store.markInDoubt([key])
            try await FlowRun(integration).workOff()
            return try await OrderReport.find(number, in: integration)
        }
        guard let report else { throw UsageError("the shop has no order with the number \(number)") }
        try report.print(asJSON: common.json)
        if report.needsAttention { throw ExitStatus.attention }
    }
}

enum RecordKind: String, ExpressibleByArgument, CaseIterable { case order }
