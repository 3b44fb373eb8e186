import ConnectorKit
import Connectors
import Domain
import Foundation
import Sandbox
import TestKit

/// A sandbox shop on a virtual clock, with a client that may write and a connector that reads.
struct SandboxBench {
    static let start = Sample.instant("2026-11-20T10:00:00Z")
    static let mug = ShopProduct(id: 10, name: "Kaffemugg", sku: "MUG-001", price: 9_900)
    static let chocolate = ShopProduct(
        id: 12, name: "Ost & Kex", sku: "FOOD-001", price: 3_590, taxClass: "moms-12")

    let shop: WooCommerceSandbox
    let clock: VirtualClock
    let connector: WooCommerceConnector
    private let transport = HTTPTransport()

    static func open(pageSize: Int = 100, _ body: (SandboxBench) async throws -> Void) async throws {
        let clock = VirtualClock(start, autoAdvance: true)
        var settings = WooCommerceSandbox.Settings()
        settings.isSecure = true
        let shop = WooCommerceSandbox(settings: settings, products: [mug, chocolate], clock: clock)
        try await shop.start()
        let bench = SandboxBench(shop, clock, pageSize: pageSize)
        do {
            try await body(bench)
        } catch {
            await bench.close()
            throw error
        }
        await bench.close()
    }

    private init(_ shop: WooCommerceSandbox, _ clock: VirtualClock, pageSize: Int) {
        self.shop = shop
        self.clock = clock
        connector = WooCommerceConnector(
            WooCommerceConfiguration(
                url: shop.address, consumerKey: Secret("ck_sandbox"), consumerSecret: Secret("cs_sandbox"),
                pageSize: pageSize),
            transport: transport, clock: clock)
    }

    private func close() async {
        await shop.stop()
        try? await transport.shutdown()
    }

    func send(
        _ method: HTTPCall.Method, _ path: String, _ body: String? = nil, key: String = "ck_sandbox:cs_sandbox"
    ) async throws -> HTTPReply {
        let headers = [("Authorization", "Basic " + Data(key.utf8).base64EncodedString())]
        return try await transport.send(
            HTTPCall(
                method, shop.address + "/wp-json/wc/v3/" + path, headers: headers.map { (name: $0.0, value: $0.1) },
                body: body.map { Array($0.utf8) }))
    }

    func json(_ method: HTTPCall.Method, _ path: String, _ body: String? = nil) async throws -> JSONValue {
        try JSONReader.decode(try await send(method, path, body).body)
    }

    /// One mug and three pieces of chocolate with shipping, not paid.
    static var draft: ShopOrderDraft {
        var draft = ShopOrderDraft()
        draft.billing.firstName = "Åsa"
        draft.billing.country = "SE"
        draft.shipping.country = "SE"
        draft.paymentMethod = "stripe"
        draft.lines = [.init(productID: 10), .init(productID: 12, quantity: 3)]
        draft.shippingLines = [.init(methodID: "flat_rate", name: "PostNord", net: 3_920)]
        return draft
    }

    func order(_ id: Int) async throws -> JSONValue { try await json(.get, "orders/\(id)") }
}

extension JSONValue {
    func text(_ path: String) -> String? { value(at: path)?.text }
}
