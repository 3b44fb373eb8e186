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
        if isDone {
            _ = try await FlowRun(integration).toTheEnd()
            _ = try await FlowRun(integration).payoutsToTheEnd()
        }
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
        try await tellPayouts()
        Output.line("")
        try DemoReckoning.tell(world, integration: integration.shop.name)
    }

    /// Where the payouts stand, and whether the clearing account in the books is what the proof lists.
    ///
    /// - Throws: `ExitStatus.attention` when it is not.
    private func tellPayouts() async throws {
        let payouts = try await integration.store.entities(
            integration: integration.name, type: .payout, states: SyncState.allCases, limit: 1000)
        Output.line("\nWhere the payouts stand:\n")
        for payout in payouts.sorted(by: { $0.snapshot.createdAt < $1.snapshot.createdAt }) {
            let net = payout.snapshot.content.payout?.net.description ?? ""
            let standing = [payout.standing.state.rawValue, payout.standing.code].compactMap(\.self)
            Output.line("  \(payout.snapshot.number)  \(net)  \(standing.joined(separator: "  "))")
        }
        guard let krona = Currency(code: "SEK"),
            let prover = ClearingProver(integration, provider: "stripe", krona)
        else { return }
        let proof = try await prover.proof()
        let books = world.fortnox.books.balances[1580] ?? .zero
        let isEqual = proof.isProved && books == proof.balance.decimal
        Output.line(
            "\nThe clearing account in the books: \(books) SEK; the proof lists \(proof.items.count) items that come to "
                + "\(proof.explained)  ·  \(isEqual ? "equal" : "NOT EQUAL")")
        if !isEqual { throw ExitStatus.attention }
    }
}
