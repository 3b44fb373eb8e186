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

@testable import App

/// A made-up month of trade with its payouts, in a real Tryton, with each way of registering payments.
@Suite(.enabled(if: RealTryton.isThere, "set ORDERSYNC_TEST_TRYTON_URL to run these"), .serialized)
struct TrytonPayoutTests {
    private struct Books: Decodable {
        struct Account: Decodable { let balance: String }
        let accounts: [String: Account]
    }

    private func balance(_ account: String) throws -> ExactDecimal {
        let books = try JSONDecoder().decode(Books.self, from: try RealTryton.books())
        return books.accounts[account].flatMap { ExactDecimal($0.balance) } ?? .zero
    }

    /// `make test` has time for one way of registering, `make test-tryton` for each.
    private static let months: [(PaymentSettings.Register, String)] =
        ProcessInfo.processInfo.environment["ORDERSYNC_TEST_ALL_TRYTON"] == nil
        ? [(.payout, "1932")] : [(.payout, "1932"), (.capture, "1933")]

    @Test(arguments: months)
    func r18AMonthOfPayoutsClosesAndTheClearingAccountInTrytonIsWhatTheProofLists(
        register: PaymentSettings.Register, clearing: String
    ) async throws {
        let month = try await TrytonMonth.open(register, clearing: clearing, orders: 25)
        do {
            let before = try balance(clearing)
            try await month.sync()
            let prover = try #require(ClearingProver(month.integration, provider: "stripe", Sample.sek))
            let proof = try await prover.proof()
            #expect(proof.isExplained, "\(proof.balance) beside \(proof.explained)")
            let moved = try balance(clearing) - before
            #expect(moved == proof.balance.decimal, "Tryton says \(moved), the proof \(proof.balance)")
            // What was on the account before is others' by now.
            #expect(proof.byOthers?.decimal == before, "\(proof.inERP as Any) beside \(before)")
            try await expectPayouts(month)
            try await expectPaid(month, register, proof)
        } catch {
            await month.stop()
            throw error
        }
        await month.stop()
    }

    private func expectPayouts(_ month: TrytonMonth) async throws {
        let arrived = month.stripe.books.payouts.filter { $0.isAutomatic && $0.isReconciled && $0.status == "paid" }
        #expect(arrived.count > 3)
        for payout in arrived {
            let entity = try await PayoutReader(month.integration).payout(payout.id)
            let standing = entity?.standing
            let isDone = standing?.state == .completed || standing?.code == ProblemCode.payoutLineForPerson.rawValue
            #expect(isDone, "\(payout.id): \(standing as Any)")
            let statement = try await entity.asyncMap { try await PayoutReader(month.integration).statement(of: $0) }
            #expect(statement??.net.minorUnits == Int64(payout.net), "\(payout.id)")
            #expect(statement??.entries.isEmpty == false, "\(payout.id)")
        }
    }

    /// What was paid out is paid in Tryton with the day of the charge, and what was not is open or owed by the provider.
    private func expectPaid(
        _ month: TrytonMonth, _ register: PaymentSettings.Register, _ proof: ClearingProof
    ) async throws {
        let content = month.stripe.books.payouts.filter { $0.isAutomatic && $0.isReconciled && $0.status == "paid" }
            .flatMap { month.stripe.books.content(of: $0.id) }.filter { $0.type == "charge" }
        var paid = 0
        for charge in content {
            let number = charge.sale?.metadata["order_id"] ?? ""
            guard let entity = try await month.order(number), entity.standing.state == .completed else { continue }
            let documents = try await month.integration.store.documents(of: entity.key)
            let payments = documents.filter { $0.reference.kind == .payment }
            let invoice = try #require(documents.first { $0.reference.kind == .invoice })
            let first = try #require(payments.first { $0.madeFrom?.payment?.document == invoice.erp.id }, "\(number)")
            let charged = charge.created.day(in: Sample.stockholm)
            let day = invoice.erp.date.map { max(charged, $0) }
            #expect(first.erp.date == day, "order \(number)")
            let now = try await month.integration.erp.read(.invoice, [invoice.erp.id])[invoice.erp.id]
            #expect(now?.state == .paid, "order \(number): \(now as Any)")
            paid += 1
        }
        #expect(paid > 3)
        let owed = proof.items.filter { $0.kind == .capturedNotPaidOut }
        #expect(register == .payout ? owed.isEmpty : !owed.isEmpty, "\(owed)")
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async throws -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

/// A simulated shop and payment provider before the real ERP.
private final class TrytonMonth {
    let shop: WooCommerceSandbox
    let stripe: StripeSandbox
    private(set) var integration: Integration
    private let transport: HTTPTransport
    private let folder: TemporaryFolder

    static func open(_ register: PaymentSettings.Register, clearing: String, orders: Int) async throws -> TrytonMonth {
        let clock = SystemClock()
        let shop = WooCommerceSandbox(clock: clock)
        let stripe = StripeSandbox(clock: clock)
        let trade = Trade(TradeGenerator(seed: 7), in: shop)
        let payments = TradePayments(in: stripe, of: trade, seed: 7)
        trade.month(of: orders, ending: clock.now())
        payments.catchUp(with: trade.happened)
        payments.advance(to: clock.now())
        try await shop.start()
        try await stripe.start()
        return try await TrytonMonth(shop, stripe, clock, settings(register, clearing))
    }

    private init(
        _ shop: WooCommerceSandbox, _ stripe: StripeSandbox, _ clock: SystemClock, _ settings: Settings
    ) async throws {
        self.shop = shop
        self.stripe = stripe
        transport = HTTPTransport(readTimeout: .seconds(120))
        folder = try TemporaryFolder()
        let name = "payouts-" + String(clock.now().milliseconds)
        let identity = try #require(ShopIdentity(name))
        let tools = ConnectorTools(
            transport: transport, clock: clock, shop: identity, timeZone: settings.timeZone)
        let file = folder.url.appending(path: "store.db").path
        let store = try await SQLStore.open(url: "sqlite:\(file)", clock: clock, process: "month")
        integration = Integration(
            name: name, shop: identity,
            storefront: WooCommerceConnector(
                WooCommerceConfiguration(
                    url: shop.address, consumerKey: Secret("ck_sandbox"), consumerSecret: Secret("cs_sandbox")), tools),
            erp: TrytonConnector(
                TrytonConfiguration(
                    url: RealTryton.url ?? "", database: RealTryton.database, username: "admin",
                    password: Secret(RealTryton.password)), tools),
            providers: [
                "stripe": StripeConnector(
                    StripeConfiguration(
                        url: stripe.address, secretKey: Secret("sk_test_sandbox"), callsPerSecond: 0), tools,
                    name: "stripe")
            ],
            settings: try await store.adopt(settings, integration: name, by: "test"), store: store, clock: clock,
            epoch: CurrentEpoch(try await store.start()),
            logger: Logger(label: "month") { _ in SwiftLogNoOpLogHandler() })
    }

    func stop() async {
        await shop.stop()
        await stripe.stop()
        try? await transport.shutdown()
    }

    /// Payouts come first: half of what they pay has no invoice yet.
    func sync() async throws {
        _ = try await FlowRun(integration).payoutsToTheEnd()
        _ = try await FlowRun(integration).toTheEnd()
        _ = try await integration.store.markDue(
            integration: integration.name, states: [.stopped], code: ProblemCode.payoutLineNotMatched.rawValue,
            trigger: .retry)
        _ = try await FlowRun(integration).payoutsToTheEnd()
    }

    func order(_ number: String) async throws -> Entity? {
        try await integration.store.entities(integration: integration.name, matching: number)
            .first { $0.key.type == .order && $0.snapshot.number == number }
    }

    private static func settings(_ register: PaymentSettings.Register, _ clearing: String) -> Settings {
        var settings = Sample.settings
        settings.timeZone = Sample.stockholm
        settings.orders.excludeBefore = Sample.day("2026-01-01")
        settings.articles = ArticleSettings(
            missingSKU: .placeholder, placeholder: "UNKNOWN-ARTICLE", rounding: "ROUNDING", refund: "REFUND")
        settings.fees = [FeeRule(name: "*", article: "FEE")]
        settings.shippingMethods = [ShippingMethodRule(method: "*", article: "SHIPPING")]
        settings.invoices.periodPolicy = .nextOpenDay
        settings.paymentMethods = [
            PaymentMethodRule(method: "cod", ownInvoice: true), PaymentMethodRule(method: "stripe", provider: "stripe"),
            PaymentMethodRule(method: "bacs", paidTo: "1930"), PaymentMethodRule(method: "*"),
        ]
        settings.payments = PaymentSettings(
            register: register, rounding: "3740", exchangeGain: "3960", exchangeLoss: "7960",
            accounts: [
                PayoutAccounts(
                    provider: "stripe", currency: "SEK", clearing: clearing, bank: "1930",
                    fees: [
                        PayoutFeeRule(
                            account: "6570",
                            vat: .reverseCharge(percent: Sample.decimal("25"), input: "2645", output: "2614"),
                            isConfirmed: true)
                    ], disputes: "6351", reserves: "1689", adjustments: "3740", transfers: "1930", suspense: "2999",
                    beforeStart: "1588")
            ])
        settings.vat.rules = [
            VATRule(percent: Sample.decimal("25"), country: "SE", tax: "VAT25"),
            VATRule(percent: Sample.decimal("12"), country: "SE", tax: "VAT12"),
            VATRule(percent: Sample.decimal("6"), country: "SE", tax: "VAT6"),
            VATRule(percent: Sample.decimal("19"), country: "DE", tax: "DE19"),
            VATRule(percent: Sample.decimal("7"), country: "DE", tax: "DE7"),
            VATRule(reason: .export, tax: "EXPORT0"), VATRule(reason: .euBusiness, tax: "EUB2B0"),
        ]
        return settings
    }
}
