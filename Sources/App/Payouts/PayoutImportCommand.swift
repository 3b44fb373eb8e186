import ArgumentParser
import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation

struct PayoutImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take a settlement file in: all of it, or nothing where a row is bad.",
        discussion: "The same file twice is taken once.")

    @Argument(help: "The file, as the provider gives it.") var file: String
    @Option(name: .long, help: "The provider, as the settings call it.") var provider: String
    @Option(name: .long, help: "A layout by name; default: the one that settlementFiles names for the provider.")
    var layout: String?
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withIntegration { integration, configured in
            let layout = try chosen(configured)
            guard FileManager.default.isReadableFile(atPath: file) else {
                throw UsageError("the file \(file) cannot be read")
            }
            let report = try await SettlementImport(integration, layout, provider: provider).run(FilePieces(file).open)
            var told = SettlementReport(file, report)
            if report.problems.isEmpty {
                try await FlowRun(integration).workOff()
                try await told.stand(report, integration)
            }
            return told
        }
        if common.json { try Output.json(report) } else { report.lines.forEach(Output.line) }
        if report.needsAttention { throw ExitStatus.attention }
    }

    private func chosen(_ configured: IntegrationConfiguration) throws -> SettlementLayout {
        let accounts = (configured.settings.payments?.accounts ?? []).map(\.provider)
        let known = Set(accounts + configured.settlementFiles.map(\.provider))
        guard known.contains(provider) else {
            throw UsageError(
                "the settings know no provider \(provider): "
                    + (known.isEmpty ? "set payments.accounts" : "one of \(known.sorted().joined(separator: ", "))"))
        }
        if let layout {
            guard let found = SettlementLayouts.all[layout] else {
                throw UsageError("--layout knows \(SettlementLayouts.all.keys.sorted().joined(separator: ", "))")
            }
            return found
        }
        guard let found = configured.settlementFiles.first(where: { $0.provider == provider }) else {
            throw UsageError(
                "settlementFiles names no layout for \(provider): give --layout, one of "
                    + SettlementLayouts.all.keys.sorted().joined(separator: ", "))
        }
        return found.layout
    }
}

/// What became of a file, for people and programs.
struct SettlementReport: Encodable {
    struct Entry: Encodable {
        let payout: String
        let net: String
        let arrivesOn: String
        let isKnown: Bool
        /// Where it stands; `nil` where that was not looked at.
        var state: String?
        var code: String?
        var reason: String?
    }

    let file: String
    private(set) var payouts: [Entry]
    let rows: Int
    let skipped: [String: Int]
    let problems: [String]
    /// Why it is still where it was, though it was looked at.
    var hindrance: String?

    init(_ file: String, _ report: SettlementImport.Report) {
        self.file = file
        payouts = report.payouts.map {
            Entry(
                payout: $0.payout.id, net: $0.payout.net.description, arrivesOn: $0.payout.arrivesOn.description,
                isKnown: $0.isKnown)
        }
        rows = report.lines
        skipped = report.skipped
        problems = report.problems.map(\.description)
    }

    var needsAttention: Bool {
        !problems.isEmpty || hindrance != nil || payouts.contains { $0.state == SyncState.stopped.rawValue }
    }

    /// Notes where the payouts stand now.
    mutating func stand(_ report: SettlementImport.Report, _ integration: Integration) async throws {
        for (index, entry) in report.payouts.enumerated() {
            let standing = try await integration.store.entity(integration.payoutKey(entry.payout.record))?.standing
            (payouts[index].state, payouts[index].code) = (standing?.state.rawValue, standing?.code)
            payouts[index].reason = standing?.reason
        }
    }

    var lines: [String] {
        guard problems.isEmpty else {
            return ["\(file): nothing was taken, \(problems.count) problem\(problems.count == 1 ? "" : "s")"]
                + problems.map { "  \($0)" }
        }
        let entries = payouts.map { entry in
            ([
                "  \(entry.payout)", entry.net, "arrives \(entry.arrivesOn)", entry.isKnown ? "known already" : nil,
                entry.state, entry.code, entry.reason,
            ] as [String?]).compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  ")
        }
        return ["\(file): \(payouts.count) payout\(payouts.count == 1 ? "" : "s"), \(rows) lines"] + entries
            + skipped.sorted { $0.key < $1.key }.map { "  \($0.value) rows left out: \($0.key)" }
            + [hindrance.map { "  \($0)" }].compactMap(\.self)
    }
}

/// A file, read some at a time.
struct FilePieces {
    static let size = 1 << 20

    let path: String

    init(_ path: String) { self.path = path }

    func open() throws -> () throws -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw UsageError("the file \(path) cannot be read")
        }
        return {
            let data = try handle.read(upToCount: Self.size)
            guard let data, !data.isEmpty else {
                try handle.close()
                return nil
            }
            return [UInt8](data)
        }
    }
}
