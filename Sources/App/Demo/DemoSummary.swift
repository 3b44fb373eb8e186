import ConnectorKit
import Domain
import Engine
import Sandbox

/// What the demo came to: where the orders stand, and whether the books equal the trade.
struct DemoSummary {
    private let integration: Integration
    private let world: DemoWorld

    init(_ integration: Integration, _ world: DemoWorld) {
        self.integration = integration
        self.world = world
    }

    /// Takes the last changes to the books where the month is done, and compares. Trade has stopped.
    ///
    /// - Throws: `ExitStatus.attention` when the books and the trade differ.
    func tell(isDone: Bool, mustBeDone: Bool) async throws {
        if isDone { _ = try await FlowRun(integration).toTheEnd() }
        Output.line("\nWhere the orders stand:\n")
        let tally = try await integration.store.tally(integration: integration.name, type: .order)
        for entry in tally.sorted(by: { ($0.state.rawValue, $0.code ?? "") < ($1.state.rawValue, $1.code ?? "") }) {
            let count = String(entry.count)
            Output.line(
                "  \(String(repeating: " ", count: max(0, 5 - count.count)))\(count)  \(entry.state.rawValue)  \(entry.code ?? "")"
            )
        }
        let open = try await DemoAnswers(integration, world).open
        guard open.isEmpty else {
            Output.line("\n\(open.count) orders are still under way, so the books are not compared yet.")
            if mustBeDone { throw ExitStatus.attention }
            return
        }
        Output.line("")
        try DemoReckoning.tell(world, integration: integration.shop.name)
    }
}
