import ConnectorKit
import Connectors
import Domain
import Sandbox
import Synchronization
import TestKit

/// A replay shop and a connector to it, on one virtual clock.
struct ShopBench {
    let shop: ReplayShop
    let connector: WooCommerceConnector
    let clock: VirtualClock
    private let transport = HTTPTransport()

    /// A moment after the recordings.
    static let now = Sample.instant("2026-11-23T06:30:00Z")
    static let beginning = Sample.instant("2026-11-23T00:00:00Z")

    static func open(
        pageSize: Int = 3, timeline: [[UInt8]] = [], refunds: [Int: [UInt8]] = [:], secret: String = "cs_sandbox",
        maxReplyBytes: Int = 32 * 1024 * 1024, settings: ReplayShop.Settings = .init(),
        _ body: (ShopBench) async throws -> Void
    ) async throws {
        let clock = VirtualClock(now, autoAdvance: true)
        let shop = ReplayShop(timeline: timeline, refunds: refunds, settings: settings, clock: clock)
        try await shop.start()
        let bench = ShopBench(shop, pageSize: pageSize, secret: secret, maxReplyBytes: maxReplyBytes, clock: clock)
        do {
            try await body(bench)
        } catch {
            await bench.close()
            throw error
        }
        await bench.close()
    }

    private init(_ shop: ReplayShop, pageSize: Int, secret: String, maxReplyBytes: Int, clock: VirtualClock) {
        self.shop = shop
        self.clock = clock
        var configuration = WooCommerceConfiguration(
            url: shop.address, consumerKey: Secret("ck_sandbox"), consumerSecret: Secret(secret), pageSize: pageSize)
        configuration.maxReplyBytes = maxReplyBytes
        connector = WooCommerceConnector(configuration, transport: transport, clock: clock)
    }

    private func close() async {
        await shop.stop()
        try? await transport.shutdown()
    }

    struct Haul {
        var records: [RawRecord] = []
        var unreadable: [Problem] = []
        var covered: Instant?
        var cursors: [PageCursor] = []

        var ids: [Int] { records.compactMap { Int($0.id) } }
        var distinct: [Int] { Set(ids).sorted() }
    }

    /// Walks to the end. `between` runs after each page with the pages' number.
    func haul(
        since: Instant = beginning, from cursor: PageCursor? = nil, between: (Int) -> Void = { _ in }
    ) async throws -> Haul {
        var haul = Haul()
        var cursor = cursor
        for number in 1...10_000 {
            let page = try await connector.orders(changedSince: since, cursor: cursor)
            haul.records += page.records
            haul.unreadable += page.unreadable
            haul.covered = page.coveredThrough ?? haul.covered
            between(number)
            guard let next = page.next else { return haul }
            haul.cursors.append(next)
            cursor = next
        }
        throw Endless()
    }

    struct Endless: Error {}
}

/// `2026-11-23T05:40:SS`, as the shop writes it.
func at(_ second: Int) -> String {
    let instant = Sample.instant("2026-11-23T05:40:00Z") + .seconds(second)
    return String(instant.iso8601.dropLast())
}
