import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage
import TestKit

@testable import App

/// A simulated shop that sells and takes gift cards, and a simulated Fortnox with accounts for them, with the product between
/// them.
final class TenderShop {
    private let shop: WooCommerceSandbox
    private let fortnox: FortnoxSandbox
    private let clock: VirtualClock
    private let folder: TemporaryFolder
    private let transport = HTTPTransport()
    private let integration: Integration

    static func open(_ body: (TenderShop) async throws -> Void) async throws {
        let clock = VirtualClock(Sample.instant("2026-11-23T12:00:00Z"), autoAdvance: true)
        let shop = WooCommerceSandbox(products: products, clock: clock)
        let fortnox = FortnoxSandbox(settings: company, clock: clock)
        try await shop.start()
        try await fortnox.start()
        do {
            let opened = try await TenderShop(shop, fortnox, clock)
            try await body(opened)
            try await opened.transport.shutdown()
        } catch {
            await shop.stop()
            await fortnox.stop()
            throw error
        }
        await shop.stop()
        await fortnox.stop()
    }

    private init(_ shop: WooCommerceSandbox, _ fortnox: FortnoxSandbox, _ clock: VirtualClock) async throws {
        (self.shop, self.fortnox, self.clock) = (shop, fortnox, clock)
        folder = try TemporaryFolder()
        let file = folder.url.appending(path: "ordersync.yaml")
        try Data(Self.yaml(shop.address, fortnox.address, folder.url).utf8).write(to: file)
        let configuration = try AppConfiguration(ConfigurationFile(path: file.path, environment: [:]))
        let configured = configuration.integrations[0]
        let store = try await SQLStore.open(url: configuration.store, clock: clock, process: "test")
        let epoch = CurrentEpoch(try await store.start())
        let tools = ConnectorTools(
            transport: transport, clock: clock, shop: configured.shop, timeZone: configured.settings.timeZone,
            memory: VolatileMemory())
        integration = Integration(
            name: configured.name, shop: configured.shop, storefront: configured.storefront.make(tools),
            erp: configured.erp.make(tools),
            settings: try await store.adopt(configured.settings, integration: configured.name, by: "test"),
            store: store, clock: clock, epoch: epoch, logger: Logger(label: "tenders") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    // MARK: The shop

    private static let products = [
        ShopProduct(id: 10, name: "Kaffemugg", sku: "MUG-001", price: 9_900),
        ShopProduct(id: 12, name: "Choklad", sku: "FOOD-001", price: 11_200, taxClass: "moms-12"),
        ShopProduct(id: 20, name: "Presentkort 500", sku: "GIFT-500", price: 50_000, isTaxable: false),
        ShopProduct(id: 21, name: "Presentkort 100", sku: "GIFT-100", price: 10_000),
    ]

    @discardableResult
    func place(_ change: (inout ShopOrderDraft) -> Void) -> Int {
        clock.advance(by: .seconds(1))
        var draft = ShopOrderDraft()
        draft.billing.firstName = "Anna"
        draft.billing.lastName = "Svensson"
        draft.billing.country = "SE"
        draft.billing.email = "anna@example.test"
        draft.paymentMethod = "stripe"
        change(&draft)
        let id = shop.place(draft, at: clock.now())
        shop.pay(id, transactionID: "ch_\(id)", at: clock.now())
        return id
    }

    /// Of the order's first line, in minor units.
    func refund(_ id: Int, quantity: Int, net: Int, tax: Int) {
        clock.advance(by: .seconds(1))
        let line = ShopRefundDraft.Line(itemID: shop.lineIDs(of: id)[0], quantity: quantity, net: net, tax: tax)
        shop.refund(id, ShopRefundDraft(lines: [line]), at: clock.now())
    }

    func setStatus(_ id: Int, _ status: String) {
        clock.advance(by: .seconds(1))
        shop.setStatus(id, status, at: clock.now())
    }

    // MARK: The product

    func sync() async throws {
        clock.advance(by: .seconds(60))
        _ = try await FlowRun(integration).toTheEnd()
    }

    /// State of each order in the shop's order, or the code that it stopped with.
    func states() async throws -> [String] {
        var states: [String] = []
        for id in shop.orderIDs {
            let key = EntityKey(integration: integration.name, type: .order, id: String(id))
            let standing = try await integration.store.entity(key)?.standing
            states.append(standing.map { $0.code ?? $0.state.rawValue } ?? "none")
        }
        return states
    }

    // MARK: The books

    var books: FortnoxSandbox.Books { fortnox.books }

    /// Debit less credit of accounts that are not even.
    var balances: [Int: String] { books.balances.filter { !$0.value.isZero }.mapValues(\.description) }

    private static var company: FortnoxSandbox.Settings {
        var settings = FortnoxSandbox.Settings()
        settings.limitsRate = false
        settings.accounts += [.init(2421, "Ej inlösta presentkort"), .init(2890, "Dricks till personalen")]
        settings.articles = [
            .init("MUG-001", "Kaffemugg"), .init("FOOD-001", "Choklad", salesAccount: 3002, vat: ExactDecimal(12)),
            .init("GIFT-500", "Presentkort", salesAccount: 2421, vat: .zero),
            .init("PRESENTKORT", "Inlöst presentkort", salesAccount: 2421, vat: .zero),
            .init("DRICKS", "Dricks", salesAccount: 2890, vat: .zero),
            .init("AVRUNDNING", "Öresavrundning", salesAccount: 3740, vat: .zero),
        ]
        return settings
    }

    private static func yaml(_ shop: String, _ fortnox: String, _ folder: URL) -> String {
        """
        store: "sqlite:\(folder.appending(path: "ordersync.db").path)"
        integrations:
          - name: card-shop
            live: true
            timeZone: Europe/Stockholm
            storefront: {connector: woocommerce, url: "\(shop)", consumerKey: ck_sandbox, consumerSecret: cs_sandbox}
            erp:
              connector: fortnox
              url: "\(fortnox)"
              authorisationURL: "\(fortnox)"
              clientId: sandbox-client
              clientSecret: sandbox-secret
              refreshToken: sandbox-refresh-1
              callsPer5Seconds: 0
              serverLimitSeconds: 5
              searchLagSeconds: 1
            settings:
              orders: {excludeBefore: "2026-01-01"}
              articles: {rounding: AVRUNDNING}
              fees:
                - {name: Dricks, article: DRICKS, outsideVAT: true}
              tenders:
                - {coupon: gc-*, article: PRESENTKORT}
                - {fee: Presentkort*, article: PRESENTKORT}
                - {field: _cards.used, article: PRESENTKORT}
              vat:
                homeCountry: SE
                rules:
                  - {percent: 25, country: SE, tax: 25@3001}
                  - {percent: 12, country: SE, tax: 12@3002}
                  - {reason: voucher, tax: 0@2421}
                voucherArticles: [GIFT-500, GIFT-100]

        """
    }
}
