import ConnectorKit
import Domain
import Engine
import Sandbox
import ServiceLifecycle
import Synchronization

/// Tells what happens while the demo runs, and when every order of the month has its answer.
final class DemoNarrator: Service {
    let integration: Integration
    let world: DemoWorld
    /// Numbers of the orders of the seeded month.
    let month: Set<String>
    let startedAt: Instant
    /// Ends when the month is answered, instead of telling of live trade.
    let endsWithMonth: Bool
    private let answered = Mutex(false)

    init(_ integration: Integration, _ world: DemoWorld, startedAt: Instant, endsWithMonth: Bool) {
        self.integration = integration
        self.world = world
        month = Set(world.trade.truthByNumber.keys)
        self.startedAt = startedAt
        self.endsWithMonth = endsWithMonth
    }

    /// Whether every order of the month has its answer.
    var isMonthAnswered: Bool { answered.withLock { $0 } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                async let invoice: Void = self.tellFirstInvoice()
                try await self.tellMonth()
                self.answered.withLock { $0 = true }
                if !self.endsWithMonth {
                    try await invoice
                    try await self.tellTrade()
                }
            } catch is CancellationError {
                return
            } catch {
                Output.complain("the demo cannot read its own store: \(error)")
            }
        }
    }

    private var clock: any WallClock { integration.clock }

    private func tellFirstInvoice() async throws {
        while true {
            if let entity = try await integration.store.entities(
                integration: integration.name, type: .order, states: [.completed], limit: 1
            ).first {
                let invoice = try await integration.store.documents(of: entity.key)
                    .first { $0.reference.kind == .invoice }?.erp
                let total = invoice?.total.map { ", \($0)" } ?? ""
                return tell(
                    "first invoice booked: order \(entity.snapshot.number) is invoice \(invoice?.number ?? "?")\(total)"
                )
            }
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    private func tellMonth() async throws {
        var last = -1
        while true {
            let open = try await DemoAnswers(integration, world).open
            let answered = month.count - month.intersection(open).count
            if answered == month.count { return tell("every order of the month is answered") }
            if answered != last {
                last = answered
                let tally = try await integration.store.tally(integration: integration.name, type: .order)
                tell("\(answered) of \(month.count) orders answered  (\(tally.inWords))")
            }
            try await clock.sleep(for: .seconds(last < 20 ? 3 : 10))
        }
    }

    private func tellTrade() async throws {
        tell("from now on: live trade. Stop with Ctrl-C.")
        var last = ""
        while true {
            try await clock.sleep(for: .seconds(10))
            let text = try await integration.store.tally(integration: integration.name, type: .order).inWords
            if text != last { tell("\(world.trade.truth.orders.count) orders in the shop  (\(text))") }
            last = text
        }
    }

    private func tell(_ text: String) {
        let seconds = (clock.now() - startedAt).milliseconds / 1000
        Output.line("  \(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)  \(text)")
    }
}

/// Which orders of the shop have their answer: completed, excluded with a rule, waiting for something named, or stopped with
/// a reason.
struct DemoAnswers {
    /// Numbers of orders that are still under way, or unknown here though the shop shows them.
    let open: [String]

    init(_ integration: Integration, _ world: DemoWorld) async throws {
        let settled = try await integration.store.entities(
            integration: integration.name, type: .order, states: [.completed, .excluded, .waiting, .stopped],
            limit: 100_000)
        let numbers = Set(settled.map(\.snapshot.number))
        let placed = world.trade.truthByNumber.keys
        open = placed.filter { !numbers.contains($0) }.sorted()
    }
}

extension [Tally] {
    var inWords: String {
        let counts = reduce(into: [SyncState: Int]()) { $0[$1.state, default: 0] += $1.count }
        return SyncState.allCases.compactMap { state in counts[state].map { "\($0) \(state.rawValue)" } }
            .joined(separator: ", ")
    }
}

/// Lets trade, and what the payment provider makes of it, go on until the demo ends.
struct DemoTrade: Service {
    let trade: Trade
    let payments: TradePayments
    let perHour: Int
    let clock: any WallClock

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // It only ends by being cancelled.
            async let paid: Void = payments.run(following: trade, every: .seconds(5), clock: clock)
            try? await trade.run(perHour: perHour, clock: clock)
            try? await paid
        }
    }
}
