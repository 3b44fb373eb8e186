import ArgumentParser
import ConnectorKit
import Domain
import Engine

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Run one flow once, to the end, and exit.")

    enum Flow: String, ExpressibleByArgument, CaseIterable { case orders, payouts }

    @Argument(help: "The flow: orders or payouts.")
    var flow: Flow

    @Option(name: .long, help: "Load again from this time on, such as 2026-11-01 or 2026-11-01T08:00:00Z.")
    var since: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withIntegration { integration, configured in
            if let since { try await moveTimeHistory(to: since, integration) }
            guard flow == .payouts else { return try await FlowRun(integration).toTheEnd() }
            let files = try await takeFiles(integration, configured)
            return try await FlowRun(integration).payoutsToTheEnd(files)
        }
        if common.json { try Output.json(report) } else { report.lines.forEach(Output.line) }
        if report.needsAttention { throw ExitStatus.attention }
    }

    /// What lies in the folders of settlement files.
    private func takeFiles(
        _ integration: Integration, _ configured: IntegrationConfiguration
    ) async throws -> [SettlementReport] {
        var reports: [SettlementReport] = []
        for files in configured.settlementFiles {
            guard let folder = files.folder else { continue }
            reports += try await SettlementFolder(integration, files, folder: folder, every: .zero).takeAll()
        }
        return reports
    }

    private func moveTimeHistory(to text: String, _ integration: Integration) async throws {
        let midnight = Day(text).flatMap { Instant(iso8601: "\($0)T00:00:00Z") }
        guard let point = midnight ?? Instant(iso8601: text) else {
            throw UsageError("--since takes a day like 2026-11-01 or a time like 2026-11-01T08:00:00Z, not \(text)")
        }
        try await integration.store.moveTimeHistory(
            TimeHistory(
                integration: integration.name, type: flow == .payouts ? .payout : .order, loadedThrough: point,
                movedAt: integration.clock.now(),
                movedBy: "command line", reason: "sync --since \(text)"))
    }
}
