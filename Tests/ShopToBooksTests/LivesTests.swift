import ConnectorKit
import Connectors
import Domain
import Foundation
import Sandbox
import TestKit
import Testing

/// Random lives of orders through the real connectors: what the shop came to is what the books come to.
@Suite struct LivesTests {
    private static let seeds: [UInt64] = {
        let count = ProcessInfo.processInfo.environment["ORDERSYNC_TEST_SEEDS"].flatMap { UInt64($0) } ?? 2
        return Array(1...max(1, count))
    }()

    @Test(arguments: seeds, [InvoiceWorkflow.invoiceOnly, .orderThenInvoice])
    func inASimulatedFortnox(_ seed: UInt64, _ workflow: InvoiceWorkflow) async throws {
        let clock = VirtualClock(Sample.instant("2026-11-23T12:00:00Z"), autoAdvance: true)
        let company = FortnoxSandbox(settings: Self.company, clock: clock)
        try await company.start()
        let transport = HTTPTransport()
        do {
            let connector = FortnoxConnector(
                FortnoxConfiguration(
                    url: company.address, authorisationURL: company.address, clientID: "sandbox-client",
                    clientSecret: Secret("sandbox-secret"), refreshToken: Secret("sandbox-refresh-1"),
                    callsPer5Seconds: 0),
                ConnectorTools(
                    transport: transport, clock: clock, shop: Sample.shop, timeZone: Sample.stockholm,
                    memory: VolatileMemory()))
            var settings = Self.settings
            settings.invoices.workflow = workflow
            let lives = try await Lives(
                seed: seed, orders: 15, sku: "MUG-001", shop: Sample.shop, erp: connector, settings: settings,
                clock: clock, pass: { clock.advance(by: $0) })
            let faults = FaultCounter()
            company.onRequest { $0.path.contains("oauth") ? nil : faults.next(seed) }
            try await lives.live(steps: 15)
            company.onRequest(nil)
            try await lives.settle()
            try await lives.expectBooks()
            let unbalanced = company.books.vouchers.filter { !$0.isBalanced }
            #expect(unbalanced.isEmpty)
        } catch {
            await company.stop()
            throw error
        }
        await company.stop()
        try await transport.shutdown()
    }

    @Test(.enabled(if: RealTryton.isThere, "set ORDERSYNC_TEST_TRYTON_URL to run these"))
    func inARealTryton() async throws {
        let clock = SystemClock()
        let transport = HTTPTransport(readTimeout: .seconds(120))
        let name = "lives-" + String(clock.now().milliseconds)
        let identity = try #require(ShopIdentity(name))
        let tools = ConnectorTools(transport: transport, clock: clock, shop: identity, timeZone: .utc)
        let connector = TrytonConnector(
            TrytonConfiguration(
                url: RealTryton.url ?? "", database: RealTryton.database, username: "admin",
                password: Secret(RealTryton.password)), tools)
        var settings = Sample.settings
        settings.timeZone = .utc
        settings.articles.refund = "FEE"
        let lives = try await Lives(
            seed: 1, orders: 12, sku: "MUG-001", shop: identity, erp: connector, settings: settings, clock: clock,
            pass: { _ in })
        try await lives.live(steps: 10)
        try await lives.settle()
        try await lives.expectBooks()
        try await transport.shutdown()
    }

    private static var company: FortnoxSandbox.Settings {
        var settings = FortnoxSandbox.Settings()
        settings.limitsRate = false
        settings.articles = [
            .init("MUG-001", "Mugg"), .init("AVGIFT", "Avgift", salesAccount: 3540),
            .init("AVRUNDNING", "Öresavrundning", salesAccount: 3740, vat: .zero),
        ]
        return settings
    }

    private static var settings: Settings {
        var settings = Sample.settings
        settings.articles.rounding = "AVRUNDNING"
        settings.articles.refund = "AVGIFT"
        settings.vat.rules = [
            VATRule(percent: Sample.decimal("25"), country: "SE", tax: "25@3001"),
            VATRule(percent: Sample.decimal("12"), country: "SE", tax: "12@3002"),
            VATRule(percent: Sample.decimal("6"), country: "SE", tax: "6@3003"),
        ]
        return settings
    }
}
