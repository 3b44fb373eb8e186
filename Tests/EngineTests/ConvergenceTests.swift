import ConnectorKit
import Domain
import Engine
import Foundation
import Sandbox
import Synchronization
import TestKit
import Testing

/// Random orders, faults, triggers and hand edits: whatever the order of events, the books are the same.
@Suite struct ConvergenceTests {
    /// A campaign sets ORDERSYNC_TEST_SEEDS; each failure names its seed.
    static let seeds = 1...(ProcessInfo.processInfo.environment["ORDERSYNC_TEST_SEEDS"].flatMap { UInt64($0) } ?? 40)

    @Test(arguments: seeds)
    func afterSuccessThePlanIsEmptyAndEveryTotalIsTheShops(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let faults = random.fork()
        let dice = Dice(faults)
        let world = try World(enforcesUniqueness: !seed.isMultiple(of: 3), batchLimit: 7) { _ in
            switch dice.roll(12) {
            case 0: .loseBefore
            case 1: .loseAfter
            case 2: .late
            case 3: .busy
            default: .none
            }
        }
        var generator = OrderGenerator(seed: seed)
        let start = Sample.instant("2026-11-20T10:00:00Z")
        let orders = (1...15).map { number in
            generator.order(String(number), createdAt: start + .seconds(Int64(number)))
        }
        world.shop.put(orders)

        var process = try await world.process()
        for _ in 0..<12 {
            switch Int.random(in: 0..<8, using: &random) {
            // A person is faster than we are: confirms an order or books an invoice in the ERP.
            case 6:
                world.erp.documents(.order).first { $0.state == .draft }.map { world.erp.edit($0.id, to: .confirmed) }
            case 7:
                world.erp.documents(.invoice).first { $0.state == .draft }.map { world.erp.edit($0.id, to: .booked) }
            case 0: process = try await world.process()
            case 1: world.erp.deliverLate()
            case 2: world.clock.advance(by: .seconds(Int64.random(in: 1...900, using: &random)))
            case 3:
                let keys = orders.shuffled(using: &random).prefix(5).map {
                    EntityKey(integration: "test", type: .order, id: $0.id)
                }
                try await process.store.markDue(Array(keys), trigger: .webhook)
            case 4: try await process.store.markInDoubt([EntityKey(integration: "test", type: .order, id: "3")])
            default: try await world.settle(process, rounds: 2)
            }
        }
        dice.stop()
        _ = try await process.store.markDue(
            integration: "test", states: [.stopped], code: "UNREACHABLE", trigger: .retry)
        _ = try await process.store.markDue(
            integration: "test", states: [.stopped], code: "OUTCOME_UNKNOWN", trigger: .retry)
        try await world.settle(process)
        world.erp.deliverLate()
        try await world.settle(process)

        for order in orders {
            let reference = ExternalReference(shop: Sample.shop, record: "order-\(order.id)", kind: .invoice)
            let invoices = world.erp.documents(under: reference)
            #expect(invoices.map(\.total) == [order.total], "seed \(seed), order \(order.id)")
            #expect(invoices.allSatisfy { $0.state == .booked }, "seed \(seed), order \(order.id)")
            #expect(world.count(.order, of: order.id) == 1, "seed \(seed), order \(order.id)")
            let key = EntityKey(integration: "test", type: .order, id: order.id)
            let plan = plan(
                order, of: Sample.shop, documents: try await process.store.documents(of: key), settings: world.settings,
                books: Sample.books(at: world.clock.now()), decisions: [], now: world.clock.now())
            #expect(plan == .complete, "seed \(seed), order \(order.id)")
        }
    }
}

/// Random faults that can be switched off, so that the world may settle.
final class Dice: Sendable {
    private let state: Mutex<(random: SeededGenerator, on: Bool)>

    init(_ random: SeededGenerator) { state = Mutex((random, true)) }

    func roll(_ sides: Int) -> Int {
        state.withLock { state in state.on ? Int.random(in: 0..<sides, using: &state.random) : sides - 1 }
    }

    func stop() { state.withLock { $0.on = false } }
}
