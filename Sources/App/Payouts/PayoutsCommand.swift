import ArgumentParser
import Domain
import Engine

struct PayoutsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payouts",
        abstract: "Payouts of payment providers: what they are made up of, how they were matched and booked.",
        subcommands: [
            PayoutListCommand.self, PayoutImportCommand.self, PayoutShowCommand.self, PayoutMatchCommand.self,
            PayoutSettleCommand.self, PayoutExcludeCommand.self, PayoutBookedByHandCommand.self,
            PayoutTryCommand.self, PayoutProofCommand.self, PayoutReportCommand.self,
        ])
}

struct PayoutListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Payouts, newest first.")

    @Option(name: .long) var limit = 100
    @OptionGroup var common: CommonOptions

    struct Row: Encodable {
        let payout: String
        let provider: String?
        let net: String?
        let arrivesOn: String?
        let state: String
        let code: String?
        let reason: String
    }

    func run() async throws {
        let rows = try await common.withIntegration(onlyReading: true) { integration, _ in
            try await integration.store.entities(
                integration: integration.name, type: .payout, states: SyncState.allCases, limit: limit
            ).map { entity in
                let payout = entity.snapshot.content.payout
                return Row(
                    payout: entity.snapshot.number, provider: payout?.provider, net: payout?.net.description,
                    arrivesOn: payout?.arrivesOn.description, state: entity.standing.state.rawValue,
                    code: entity.standing.code, reason: entity.standing.reason)
            }
        }
        if common.json { return try Output.json(rows) }
        if rows.isEmpty { Output.line("no payouts yet") }
        for row in rows {
            Output.line(
                [row.payout, row.arrivesOn, row.net, row.state, row.code, row.reason].compactMap(\.self)
                    .filter { !$0.isEmpty }.joined(separator: "  "))
        }
    }
}

/// Which payout a command is about.
struct PayoutArgument: ParsableArguments {
    @Argument(help: "The provider's id of the payout.")
    var payout: String

    @OptionGroup var common: CommonOptions

    func find(in integration: Integration) async throws -> Entity {
        guard let found = try await PayoutReader(integration).payout(payout) else {
            throw UsageError("payout \(payout) is not known here; ordersync payouts list shows those that are")
        }
        return found
    }
}

struct PayoutReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "The provider's report as it was received.")

    @OptionGroup var argument: PayoutArgument

    func run() async throws {
        try await argument.common.withIntegration(onlyReading: true) { integration, _ in
            let key = try await argument.find(in: integration).key
            var piece = 1
            while let bytes = try await integration.store.report(of: key, piece: piece) {
                Output.bytes(bytes)
                piece += 1
            }
        }
    }
}
