import ConnectorKit
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage

/// Takes a number of orders from the shop's answer to the booked invoice, and says how fast that went.
struct BenchRun {
    struct Result: Encodable {
        let orders: Int
        let seconds: Double
        let ordersPerSecond: Double
    }

    let orders: Int
    let batch: Int
    let prefix: String

    /// - Throws: `UsageError` when an order did not end as a booked invoice: then there is nothing to measure.
    func run(against erp: any ERP, shop identity: ShopIdentity) async throws -> Result {
        let clock = SystemClock()
        let folder = FileManager.default.temporaryDirectory.appending(path: "ordersync-bench-\(prefix)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shop = InProcessShop(clock: clock)
        let generator = BenchOrders(prefix: prefix, at: clock.now() - .seconds(1))
        shop.put(try (1...orders).map(generator.order))
        let integration = try await integration(erp, shop, identity, folder, clock)

        let began = ContinuousClock.now
        _ = try await OrderPickup(integration).run()
        try await Worker(integration, name: "bench", batchSize: batch).workOff()
        let took = (ContinuousClock.now - began).milliseconds

        let tally = try await integration.store.tally(integration: integration.name, type: .order)
        guard tally.count == 1, tally.first?.state == .completed, tally.first?.count == orders else {
            throw UsageError("not every order was booked: \(tally)")
        }
        let seconds = Double(took) / 1000
        return Result(orders: orders, seconds: seconds, ordersPerSecond: Double(orders) / seconds)
    }

    private func integration(
        _ erp: any ERP, _ shop: InProcessShop, _ identity: ShopIdentity, _ folder: URL, _ clock: SystemClock
    ) async throws -> Integration {
        let file = folder.appending(path: "bench.db").path
        let store = try await SQLStore.open(url: "sqlite:\(file)", clock: clock, process: prefix)
        let epoch = CurrentEpoch(try await store.start())
        let zone = TimeZoneName("Europe/Stockholm") ?? .utc
        let settings = try await store.adopt(
            BenchOrders.settings(timeZone: zone), integration: "bench", by: "bench")
        return Integration(
            name: "bench", shop: identity, storefront: shop, erp: erp, settings: settings, store: store, clock: clock,
            epoch: epoch, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }
}
