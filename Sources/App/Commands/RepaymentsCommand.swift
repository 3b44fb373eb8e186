import ArgumentParser
import Domain
import Engine

struct RepaymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repayments",
        abstract: "Paid orders that were credited and not repaid, or repaid and not credited.")

    @OptionGroup var common: CommonOptions

    struct Row: Encodable {
        let list: String
        let order: String
        let amount: String
        let state: String
        let reason: String
    }

    func run() async throws {
        let rows = try await common.withIntegration(onlyReading: true) { integration, _ in
            let entities = try await integration.store.entities(
                integration: integration.name, type: .order, states: SyncState.allCases, limit: 1_000_000)
            var rows: [Row] = []
            for entity in entities {
                guard let order = entity.order, order.paidAt != nil,
                    let found = Repayment(order, try await integration.store.documents(of: entity.key))
                else { continue }
                rows.append(
                    Row(
                        list: found.kind.rawValue, order: order.number, amount: found.amount.description,
                        state: entity.standing.state.rawValue, reason: entity.standing.reason))
            }
            return rows.sorted { ($0.list, $0.order) < ($1.list, $1.order) }
        }
        if common.json { return try Output.json(rows) }
        for (kind, title) in [
            (Repayment.Kind.creditedNotRepaid, "credited, not repaid"), (.repaidNotCredited, "repaid, not credited"),
        ] {
            let list = rows.filter { $0.list == kind.rawValue }
            Output.line("\(title): \(list.isEmpty ? "none" : "\(list.count)")")
            for row in list { Output.line("  \(row.order)  \(row.amount)  \(row.state)  \(row.reason)") }
        }
    }
}
