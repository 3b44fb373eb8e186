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

/// What a shop can send at worst: the order that is damaged stops with a code, the others go on.
@Suite struct BadInputTests {
    private static let marker = "@@"

    /// A good order with one thing spoilt, and the code it must stop with.
    private static let cases: [(name: String, find: String, put: String, code: String)] = [
        ("malformed JSON", "\"currency\": \"SEK\"", "\"currency\": SEK", "RECORD_UNREADABLE"),
        ("an absurd amount", "\"total\": \"148.00\"", "\"total\": \"99999999999999999999.00\"", "AMOUNT_INVALID"),
        ("an amount that is no number", "\"total\": \"148.00\"", "\"total\": \"12abc\"", "AMOUNT_INVALID"),
        ("half an öre", "\"total\": \"148.00\"", "\"total\": \"148.005\"", "AMOUNT_DOES_NOT_FIT_CURRENCY"),
        ("an unknown currency", "\"currency\": \"SEK\"", "\"currency\": \"XXQ\"", "CURRENCY_UNKNOWN"),
        ("an unmapped tax", "\"rate_percent\": 25", "\"rate_percent\": 17", "VAT_NOT_MAPPED"),
        ("a lone surrogate", "\"Anna\"", "\"An\\ud800na\"", "TEXT_INVALID"),
        ("a NUL", "\"Anna\"", "\"An\\u0000na\"", "TEXT_INVALID"),
        ("deep nesting", "\"meta_data\": [", "\"deep\": " + deep + ", \"meta_data\": [", "RECORD_UNREADABLE"),
        ("ten megabytes", "\"customer_note\": \"\"", "\"customer_note\": \"" + huge + "\"", "RECORD_TOO_LARGE"),
        (
            "a missing date", "\"date_created_gmt\": \"2026-11-23T05:40:26\"", "\"date_created_gmt\": null",
            "RECORD_UNREADABLE"
        ),
        ("a total that its lines do not make", "\"total\": \"148.00\"", "\"total\": \"150.00\"", "ROUNDING_TOO_LARGE"),
    ]

    private static let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
    private static let huge = String(repeating: "x", count: 10 * 1024 * 1024)

    @Test(arguments: cases.indices)
    func oneDamagedOrderStopsByItselfAndTheOthersAreBooked(_ index: Int) async throws {
        let (name, find, put, code) = Self.cases[index]
        let good = [OneOrderShop.nextID(), OneOrderShop.nextID()]
        let bad = OneOrderShop.nextID()
        let shop = ReplayShop()
        for id in good { shop.put(try OneOrderShop.payload(id: id)) }
        let text = String(decoding: try OneOrderShop.payload(id: bad), as: UTF8.self)
        #expect(text.contains(find), "the case does not fit the recording: \(name)")
        // The last occurrence: the order's own field, not one of its lines'.
        let spoilt = text.replacingLast(find, with: put)
        shop.put(
            [UInt8](spoilt.utf8), id: bad, modified: Instant(iso8601: "2026-11-23T05:40:26"), status: "processing")
        try await shop.start()
        let world = try await StubbedBooks(shop)

        try await world.sync()

        let standing = try await world.standing(of: bad)
        #expect(standing?.state == .stopped, "\(name): \(standing as Any)")
        #expect(standing?.code == code, "\(name): \(standing as Any)")
        #expect(standing.flatMap { ProblemCode(rawValue: $0.code ?? "") }?.entry.fix.isEmpty == false, "\(name)")
        for id in good { #expect(try await world.standing(of: id)?.state == .completed, "\(name)") }
        await shop.stop()
    }

    @Test func textOfEveryScriptReachesTheBooks() async throws {
        let names = ["Zoë 🧀", "山田太郎", "Ægir Þórsson", "محمد", "שרה", "e\u{301}", "<b>\"x\"</b> & Co", "𝔘𝔫𝔦"]
        let shop = ReplayShop()
        var ids: [Int] = []
        for name in names {
            let id = OneOrderShop.nextID()
            ids.append(id)
            let encoded = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
            let text = String(decoding: try OneOrderShop.payload(id: id), as: UTF8.self)
            shop.put([UInt8](text.replacingOccurrences(of: "\"Anna\"", with: encoded).utf8))
        }
        try await shop.start()
        let world = try await StubbedBooks(shop)

        try await world.sync()

        for (id, name) in zip(ids, names) {
            #expect(try await world.standing(of: id)?.state == .completed, "\(name)")
            let order = try await world.order(id)
            #expect(order.map { Array($0.billing.firstName.utf8) } == Array(name.utf8), "\(name)")
        }
        await shop.stop()
    }
}

extension String {
    fileprivate func replacingLast(_ target: String, with replacement: String) -> String {
        guard let found = range(of: target, options: .backwards) else { return self }
        return replacingCharacters(in: found, with: replacement)
    }
}

/// The real pick-up and engine with the real connector of the shop, and books in memory.
private final class StubbedBooks {
    private let integration: Integration
    private let transport = HTTPTransport()
    private let folder: TemporaryFolder

    init(_ shop: ReplayShop) async throws {
        let clock = SystemClock()
        folder = try TemporaryFolder()
        let store = try await SQLStore.open(
            url: "sqlite:\(folder.url.appending(path: "store.db").path)", clock: clock, process: "test")
        let epoch = CurrentEpoch(try await store.start())
        let configuration = WooCommerceConfiguration(
            url: shop.address, consumerKey: Secret("ck_sandbox"), consumerSecret: Secret("cs_sandbox"))
        integration = Integration(
            name: "bad-input", shop: Sample.shop,
            storefront: WooCommerceConnector(configuration, transport: transport, clock: clock),
            erp: InProcessERP(clock: clock),
            settings: try await store.adopt(Sample.settings, integration: "bad-input", by: "test"), store: store,
            clock: clock, epoch: epoch, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func sync() async throws {
        _ = try await OrderPickup(integration).run()
        try await Worker(integration, name: "test").workOff()
        try await transport.shutdown()
    }

    func standing(of id: Int) async throws -> Standing? { try await entity(id)?.standing }
    func order(_ id: Int) async throws -> Order? { try await entity(id)?.order }

    private func entity(_ id: Int) async throws -> Entity? {
        try await integration.store.entity(EntityKey(integration: "bad-input", type: .order, id: String(id)))
    }
}
