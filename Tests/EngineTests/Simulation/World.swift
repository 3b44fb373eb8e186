import ConnectorKit
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage
import TestKit
import Testing

/// A shop, an ERP and a store file that outlive the processes working on them.
final class World {
    let clock = VirtualClock(Sample.instant("2026-11-23T12:00:00Z"))
    let shop: InProcessShop
    let erp: InProcessERP
    let provider: InProcessProvider
    var settings = Sample.settings
    private let folder: URL
    private var starts = 0

    init(
        enforcesUniqueness: Bool = true, batchLimit: Int = 50, manner: InProcessERP.Manner = .transactions,
        fault: @escaping @Sendable (InProcessERP.Call) -> InProcessERP.Fault = { _ in .none }
    ) throws {
        shop = InProcessShop(clock: clock)
        provider = InProcessProvider(clock: clock)
        erp = InProcessERP(
            clock: clock, enforcesUniqueness: enforcesUniqueness, batchLimit: batchLimit, manner: manner, fault: fault)
        folder = FileManager.default.temporaryDirectory.appending(
            path: "ordersync-world-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private var file: String { folder.appending(path: "store.db").path }

    /// A process comes up on the store file.
    func process(crash: CrashPoint = CrashPoint()) async throws -> Integration {
        starts += 1
        let store = try await SQLStore.open(url: "sqlite:\(file)", clock: clock, process: "process-\(starts)")
        let epoch = try await store.start()
        return Integration(
            name: "test", shop: Sample.shop, storefront: shop, erp: MortalERP(erp: erp, crash: crash),
            providers: ["stripe": provider],
            settings: try await store.adopt(settings, integration: "test", by: "test"),
            store: MortalStore(store: store, crash: crash), clock: clock, epoch: CurrentEpoch(epoch),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Picks up and works off until nothing is due, letting the time pass that retries ask for.
    func settle(_ integration: Integration, worker: String = "worker", rounds: Int = 40) async throws {
        _ = try await OrderPickup(integration).run()
        _ = try await PayoutPickup(integration).run()
        let worker = Worker(integration, name: worker, tuning: tuning)
        for _ in 0..<rounds {
            try await worker.workOff()
            guard let due = try await integration.store.nextDue(integration: "test") else {
                let tally = try await integration.store.tally(integration: "test", type: .order)
                guard tally.contains(where: { $0.state == .queued }) else { return }
                // A dead process holds the booking lane until its lease ends.
                clock.advance(by: tuning.leaseFor)
                continue
            }
            let wait = due - clock.now()
            // What is looked at again hourly has settled.
            if wait > .seconds(1700) { return }
            clock.advance(by: max(wait, .milliseconds(1)))
        }
    }

    var tuning: Worker.Tuning {
        var tuning = Worker.Tuning()
        tuning.random = { 0.5 }
        return tuning
    }

    /// Copies the store file away, as a backup would; `restore` brings it back.
    func backUp() throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file + suffix) {
            try? FileManager.default.removeItem(atPath: file + suffix + ".backup")
            try FileManager.default.copyItem(atPath: file + suffix, toPath: file + suffix + ".backup")
        }
    }

    func restore() throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: file + suffix)
            if FileManager.default.fileExists(atPath: file + suffix + ".backup") {
                try FileManager.default.copyItem(atPath: file + suffix + ".backup", toPath: file + suffix)
            }
        }
    }

    /// For every order that is in the shop: how many documents of a kind the ERP has under its reference.
    func count(_ kind: DocumentKind, of order: String) -> Int {
        erp.documents(under: ExternalReference(shop: Sample.shop, record: "order-\(order)", kind: kind)).count
    }

    func standing(of order: String, _ integration: Integration) async throws -> Standing? {
        try await integration.store.entity(EntityKey(integration: "test", type: .order, id: order))?.standing
    }

    // MARK: Three orders of one customer

    static let orders = ["1", "2", "3"]

    func placeOrders() {
        for id in Self.orders { shop.put(Sample.order(id)) }
    }

    /// Each is a booked invoice, with as many orders in the ERP as its workflow makes.
    func expectEachBookedOnce(
        _ integration: Integration, orders: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for id in Self.orders {
            #expect(count(.order, of: id) == orders, "orders of \(id)", sourceLocation: sourceLocation)
            #expect(count(.invoice, of: id) == 1, "invoices of \(id)", sourceLocation: sourceLocation)
            let standing = try await standing(of: id, integration)
            #expect(standing?.state == .completed, "\(id): \(standing as Any)", sourceLocation: sourceLocation)
        }
        #expect(erp.documents(.customer).count == 1, sourceLocation: sourceLocation)
        #expect(erp.documents(.invoice).allSatisfy { $0.state == .booked }, sourceLocation: sourceLocation)
    }
}
