import ConnectorKit
import Domain
import Engine
import Foundation
import Sandbox
import TestKit
import Testing

/// Random lives of orders: placed, edited, paid, shipped, refunded, cancelled and placed again, in any order, with doubled and
/// delayed triggers and with faults. At the end the books equal the shop; on the way no booked document ever changed.
@Suite struct LifeTests {
    /// A campaign sets ORDERSYNC_TEST_SEEDS; each failure names its seed. A seed is twenty orders.
    static let seeds = 1...(ProcessInfo.processInfo.environment["ORDERSYNC_TEST_SEEDS"].flatMap { UInt64($0) } ?? 60)

    @Test(arguments: seeds)
    func whateverTheShopDoesTheBooksEqualItAndNothingBookedIsChanged(_ seed: UInt64) async throws {
        let life = try await Life(seed)
        try await life.live(steps: 60)
        try await life.settle()
        for order in life.orders { try await life.expectBooks(of: order) }
        let writes = life.world.erp.writeCalls
        try await life.lookAtEverythingAgain()
        #expect(life.world.erp.writeCalls == writes, "seed \(seed): the plan is not empty")
    }
}

/// A world with orders that live.
final class Life {
    let seed: UInt64
    let world: World
    var orders: [LivingOrder] = []
    var random: SeededGenerator
    let dice: Dice
    private(set) var process: Integration
    private var booked: [DocumentID: ERPDocument] = [:]

    init(_ seed: UInt64) async throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        let dice = Dice(random.fork())
        self.dice = dice
        let manner: InProcessERP.Manner = seed.isMultiple(of: 2) ? .oneByOne : .transactions
        world = try World(enforcesUniqueness: !seed.isMultiple(of: 3), batchLimit: 7, manner: manner) { _ in
            switch dice.roll(14) {
            case 0: .loseBefore
            case 1: .loseAfter
            case 2: .late
            case 3: .busy
            default: .none
            }
        }
        world.settings.invoices.changesAfterBooking = .correct
        world.settings.invoices.trigger = [.created, .paid, .shipped][Int(seed % 3)]
        world.settings.invoices.refundsBeforeBooking = seed.isMultiple(of: 5) ? .reduce : nil
        world.settings.articles.refund = "REFUND"
        process = try await world.process()
    }

    func restart() async throws { process = try await world.process() }

    // MARK: Living

    func live(steps: Int) async throws {
        for number in 1...20 where orders.count < 20 {
            let order = LivingOrder(String(number), at: world.clock.now(), random.fork())
            orders.append(order)
            world.shop.put(order.order)
        }
        for _ in 0..<steps {
            for _ in 0..<Int.random(in: 1...6, using: &random) { change() }
            try await disturb()
            noteBooked()
        }
    }

    private func change() {
        world.clock.advance(by: .seconds(Int64.random(in: 1...120, using: &random)))
        let index = Int.random(in: orders.indices, using: &random)
        if orders[index].live(at: world.clock.now()) { world.shop.put(orders[index].order) }
    }

    private func disturb() async throws {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: process = try await world.process()
        case 1: world.erp.deliverLate()
        case 2: world.clock.advance(by: .seconds(Int64.random(in: 1...900, using: &random)))
        case 3: try await process.store.markDue(keys().shuffled(using: &random).suffix(5), trigger: .webhook)
        case 4: try await process.store.markInDoubt(keys().shuffled(using: &random).suffix(3))
        default: try await world.settle(process, rounds: 2)
        }
    }

    func keys() -> [EntityKey] {
        orders.map { EntityKey(integration: "test", type: .order, id: $0.order.id) }
    }

    func settle() async throws {
        dice.stop()
        for _ in 0..<3 {
            world.erp.deliverLate()
            for code in ["UNREACHABLE", "OUTCOME_UNKNOWN"] {
                _ = try await process.store.markDue(
                    integration: "test", states: [.stopped], code: code, trigger: .retry)
            }
            try await world.settle(process)
            noteBooked()
        }
    }

    func lookAtEverythingAgain() async throws {
        try await process.store.markInDoubt(keys())
        try await process.store.markDue(keys(), trigger: .retry)
        try await world.settle(process)
    }

    // MARK: What must hold

    /// Booked documents never change; only what is open of them and whether they are paid does.
    func noteBooked() {
        for document in world.erp.documents(.invoice) + world.erp.documents(.creditNote)
        where document.state.isBooked {
            if let before = booked[document.id] {
                var now = document
                (now.state, now.open) = (before.state, before.open)
                #expect(now == before, "seed \(seed): a booked document was changed")
            }
            booked[document.id] = document
        }
    }

    func expectBooks(of living: LivingOrder) async throws {
        let order = living.order
        let note: Comment = "seed \(seed), order \(order.id)"
        let key = EntityKey(integration: "test", type: .order, id: order.id)
        let standing = try await process.store.entity(key)?.standing
        let generations = (1...20).map { documents(of: living, $0) }
        var total: Int64 = 0
        var vat: [String: Int64] = [:]
        for generation in generations {
            let standing = generation.filter { $0.state.isBooked }
            total += standing.compactMap(\.total?.minorUnits).reduce(0, +)
            for tax in standing.flatMap(\.taxes) { vat[tax.code, default: 0] += tax.amount.minorUnits }
            let left = standing.compactMap(\.total?.minorUnits).reduce(0, +)
            #expect(left >= 0, "\(note): credit notes come to more than their invoice")
            #expect(generation.allSatisfy { $0.state.isBooked || $0.state == .cancelled }, "\(note): a draft is left")
        }
        let isDue = generations[0].contains { $0.state.isBooked } || standing?.state == .completed
        guard isDue else {
            // Never sold: not paid or not shipped yet, called off in time, or given back before.
            #expect([.waiting, .excluded].contains(standing?.state), "\(note): \(standing as Any)")
            #expect(total == 0, note)
            return
        }
        #expect([.completed, .excluded].contains(standing?.state), "\(note): \(standing as Any)")
        let truth = living.truth
        if total != truth.total {
            let log = try await process.store.logs(integration: "test", matching: order.id, limit: 200)
            Issue.record("\(note): \(log.reversed().map(\.text).joined(separator: "\n"))")
        }
        #expect(total == truth.total, "\(note): \(generations.flatMap(\.self).compactMap(\.total))")
        #expect(vat.values.allSatisfy { $0 >= 0 }, "\(note): more VAT was credited than invoiced")
        guard living.amountRefunds == 0 || truth.total == 0 else { return }
        #expect(vat.filter { $0.value != 0 } == truth.vat, note)
    }

    private func documents(of living: LivingOrder, _ ordinal: Int) -> [ERPDocument] {
        func found(_ record: String, _ kind: DocumentKind) -> [ERPDocument] {
            let reference = ExternalReference(shop: Sample.shop, record: record, kind: kind, ordinal: ordinal)
            let documents = world.erp.documents(under: reference)
            #expect(documents.filter { $0.state != .cancelled }.count <= 1, "seed \(seed): two \(reference)")
            return documents
        }
        let record = "order-\(living.order.id)"
        return found(record, .invoice) + found(record, .creditNote)
            + living.refundsEver.flatMap { found("refund-\($0)", .creditNote) }
    }
}
