import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage
import TestKit
import Testing

/// Orders that live, in a shop in memory, with the product and a real connector between them and their books.
final class Lives {
    private let seed: UInt64
    private let clock: any WallClock
    private let shop: InProcessShop
    private let integration: Integration
    private let folder: TemporaryFolder
    private let pass: (Duration) -> Void
    private var orders: [LivingOrder] = []
    private var random: SeededGenerator
    private let identity: ShopIdentity
    /// Orders whose books were compared.
    private var judged = 0

    /// `pass` lets time go by; nothing on a real clock.
    init(
        seed: UInt64, orders count: Int, sku: String, shop identity: ShopIdentity, erp: any ERP, settings: Settings,
        clock: any WallClock, pass: @escaping (Duration) -> Void
    ) async throws {
        self.seed = seed
        self.clock = clock
        self.pass = pass
        self.identity = identity
        random = SeededGenerator(seed: seed)
        shop = InProcessShop(clock: clock)
        folder = try TemporaryFolder()
        let store = try await SQLStore.open(
            url: "sqlite:\(folder.url.appending(path: "store.db").path)", clock: clock, process: "test")
        let epoch = CurrentEpoch(try await store.start())
        var settings = settings
        settings.invoices.changesAfterBooking = .correct
        settings.invoices.trigger = [.created, .paid][Int(seed % 2)]
        integration = Integration(
            name: "lives", shop: identity, storefront: shop, erp: erp,
            settings: try await store.adopt(settings, integration: "lives", by: "test"), store: store, clock: clock,
            epoch: epoch, logger: Logger(label: "lives") { _ in SwiftLogNoOpLogHandler() })
        for number in 1...count {
            let order = LivingOrder("\(seed)-\(number)", at: clock.now(), random.fork(), sku: sku)
            orders.append(order)
            shop.put(order.order)
        }
    }

    func live(steps: Int) async throws {
        for _ in 0..<steps {
            for _ in 0..<Int.random(in: 1...orders.count, using: &random) { change() }
            try await sync()
        }
    }

    private func change() {
        pass(.seconds(Int64.random(in: 1...60, using: &random)))
        let index = Int.random(in: orders.indices, using: &random)
        if orders[index].live(at: clock.now()) { shop.put(orders[index].order) }
    }

    private func sync() async throws {
        _ = try await OrderPickup(integration).run()
        try await Worker(integration, name: "worker").workOff()
    }

    /// What failed is tried again, and what may still arrive has the time to.
    func settle() async throws {
        for _ in 0..<6 {
            _ = try await integration.store.markDue(
                integration: "lives", states: [.stopped], code: nil, trigger: .retry)
            try await sync()
            pass(.seconds(200))
        }
    }

    func expectBooks() async throws {
        for living in orders { try await expectBooks(of: living) }
        #expect(judged * 5 > orders.count, "seed \(seed): only \(judged) orders were sold")
    }

    private func expectBooks(of living: LivingOrder) async throws {
        let order = living.order
        let key = EntityKey(integration: "lives", type: .order, id: order.id)
        let standing = try await integration.store.entity(key)?.standing
        let note: Comment = "seed \(seed), order \(order.id): \(standing as Any)"
        var (total, vat, sold) = (Int64(0), [String: Int64](), false)
        for ordinal in 1...15 {
            let references = order.creditNoteReferences(in: identity, ordinal: ordinal)
            let invoice = ExternalReference(
                shop: identity, record: "order-\(order.id)", kind: .invoice, ordinal: ordinal)
            let found = try await integration.erp.find([invoice] + references)
            #expect(found.values.allSatisfy { $0.count == 1 }, note)
            let booked = found.values.flatMap(\.self).filter(\.state.isBooked)
            sold = sold || !booked.isEmpty
            let left = booked.compactMap(\.total?.minorUnits).reduce(0, +)
            #expect(left >= 0, "\(note): credit notes come to more than their invoice")
            total += left
            for tax in booked.flatMap(\.taxes) {
                // Fortnox's taxes are named by rate and account.
                let name = "VAT" + tax.code.replacing("VAT", with: "").prefix { $0 != "@" }
                vat[name, default: 0] += tax.amount.minorUnits
            }
        }
        let isAnswered = [.completed, .excluded, .waiting].contains(standing?.state)
        #expect(isAnswered, note)
        guard sold || standing?.state == .completed else { return }
        judged += 1
        if total != living.truth.total {
            let log = try await integration.store.logs(integration: "lives", matching: order.id, limit: 200)
            Issue.record("\(note)\n\(log.reversed().map(\.text).joined(separator: "\n"))")
        }
        let truth = living.truth
        #expect(total == truth.total, note)
        guard living.amountRefunds == 0 || truth.total == 0 else { return }
        // An ERP that computes VAT itself rounds it once for each document.
        let exact = try await integration.erp.books().rules.vat == .settable
        for (name, amount) in truth.vat.merging(vat.mapValues { _ in 0 }, uniquingKeysWith: { one, _ in one }) {
            #expect(abs((vat[name] ?? 0) - amount) <= (exact ? 0 : 10), "\(note): \(name)")
        }
    }
}
