import ConnectorKit
import Domain
import Sandbox
import Synchronization
import TestKit

@testable import Connectors

/// A sandbox company, a connector that books into it, and orders to be booked.
struct FortnoxScene {
    static let start = Sample.instant("2026-11-23T12:00:00Z")

    let company: FortnoxSandbox
    let clock: VirtualClock
    let transport = HTTPTransport()
    let connector: FortnoxConnector
    let tools: ConnectorTools

    static var companySettings: FortnoxSandbox.Settings {
        var settings = FortnoxSandbox.Settings()
        settings.limitsRate = false
        settings.currencies["ISK"] = ExactDecimal(units: 8, decimals: 2)
        settings.currencies["KWD"] = ExactDecimal(34)
        settings.articles = [
            .init("MUG-001", "Mugg"), .init("FOOD-001", "Ost", salesAccount: 3002, vat: ExactDecimal(12)),
            .init("FRAKT", "Frakt", salesAccount: 3520), .init("AVGIFT", "Avgift", salesAccount: 3540),
            .init("AVRUNDNING", "Öresavrundning", salesAccount: 3740, vat: .zero),
        ]
        return settings
    }

    static var settings: Settings {
        var settings = Sample.settings
        settings.articles.rounding = "AVRUNDNING"
        settings.articles.refund = "AVGIFT"
        settings.fees = [FeeRule(name: "*", article: "AVGIFT", allowNegative: true)]
        settings.shippingMethods = [ShippingMethodRule(method: "*", article: "FRAKT")]
        settings.vat.rules = [
            VATRule(percent: Sample.decimal("25"), country: "SE", tax: "25@3001"),
            VATRule(percent: Sample.decimal("12"), country: "SE", tax: "12@3002"),
            VATRule(percent: Sample.decimal("6"), country: "SE", tax: "6@3003"),
            VATRule(percent: Sample.decimal("19"), country: "DE", tax: "19@3111"),
            VATRule(reason: .export, tax: "0@3105"),
            VATRule(reason: .euBusiness, tax: "0@3108"),
        ]
        return settings
    }

    static func open(
        _ settings: FortnoxSandbox.Settings = companySettings, limited: Bool = false,
        _ body: (FortnoxScene) async throws -> Void
    ) async throws {
        let clock = VirtualClock(start, autoAdvance: true)
        let company = FortnoxSandbox(settings: settings, clock: clock)
        try await company.start()
        let scene = FortnoxScene(company, clock, limited: limited)
        do {
            try await body(scene)
        } catch {
            await scene.close()
            throw error
        }
        await scene.close()
    }

    private init(_ company: FortnoxSandbox, _ clock: VirtualClock, limited: Bool) {
        self.company = company
        self.clock = clock
        tools = ConnectorTools(transport: transport, clock: clock, shop: Sample.shop, timeZone: Sample.stockholm)
        connector = FortnoxConnector(Self.configuration(company, limited: limited), tools)
    }

    private func close() async {
        await company.stop()
        try? await transport.shutdown()
    }

    static func configuration(_ company: FortnoxSandbox, limited: Bool = false) -> FortnoxConfiguration {
        FortnoxConfiguration(
            url: company.address, authorisationURL: company.address, clientID: "sandbox-client",
            clientSecret: Secret("sandbox-secret"), refreshToken: Secret("sandbox-refresh-1"),
            callsPer5Seconds: limited ? 25 : 0)
    }

    var deadline: Instant { clock.now() + .seconds(60) }

    // MARK: Drafts

    func draft(_ order: Order) throws -> SalesOrderDraft {
        try OrderMapper(shop: Sample.shop, settings: Self.settings, rules: FortnoxBooks.rules).draft(of: order)
    }

    func draft(_ id: String = "1", _ change: (inout Order) -> Void = { _ in }) throws -> SalesOrderDraft {
        var order = Sample.order(id)
        change(&order)
        return try draft(order)
    }

    func invoice(
        _ draft: SalesOrderDraft, _ source: InvoiceDraft.Source, date: Day? = nil
    ) -> InvoiceDraft {
        InvoiceDraft(
            reference: Self.reference(draft, .invoice), source: source, content: draft, date: date ?? draft.date)
    }

    static func reference(_ draft: SalesOrderDraft, _ kind: DocumentKind) -> ExternalReference {
        ExternalReference(shop: Sample.shop, record: draft.reference.record, kind: kind)
    }

    static func reference(_ id: String, _ kind: DocumentKind) -> ExternalReference {
        ExternalReference(shop: Sample.shop, record: "order-\(id)", kind: kind)
    }

    // MARK: Steps

    func perform(_ step: Step) async -> StepOutcome {
        guard case .each(let outcomes) = await connector.perform([step], deadline: deadline), let first = outcomes.first
        else { return .unknown("not one outcome") }
        return first
    }

    func customer(_ draft: SalesOrderDraft) async throws -> DocumentID {
        try made(await perform(.ensureCustomer(draft.customer))).id
    }

    /// The draft invoice of an order, without an order in Fortnox.
    func invoiced(_ draft: SalesOrderDraft, customer: DocumentID) async -> StepOutcome {
        await perform(.createInvoice(invoice(draft, .customer(customer))))
    }

    func booked(_ draft: SalesOrderDraft, _ made: ERPDocument, on date: Day? = nil) async -> StepOutcome {
        let day = date ?? draft.date
        return await perform(
            .bookInvoice(Self.reference(draft, .invoice), made.id, dated: made.date, date: day, trueDate: draft.date))
    }

    /// All the way, by the shortest.
    @discardableResult
    func book(_ draft: SalesOrderDraft) async throws -> ERPDocument {
        let customer = try await customer(draft)
        let invoice = try made(await invoiced(draft, customer: customer))
        return try made(await booked(draft, invoice))
    }

    struct NotMade: Error { let outcome: StepOutcome }

    func made(_ outcome: StepOutcome) throws -> ERPDocument {
        switch outcome {
        case .done(let document), .alreadyThere(let document): return document
        default: throw NotMade(outcome: outcome)
        }
    }

    func code(_ outcome: StepOutcome) -> ProblemCode? {
        if case .rejected(let problem) = outcome { problem.code } else { nil }
    }

    func calls(during act: () async throws -> Void) async throws -> [String: Int] {
        let before = company.requestsByRoute
        try await act()
        return company.requestsByRoute.reduce(into: [:]) { calls, entry in
            let count = entry.value - (before[entry.key] ?? 0)
            if count > 0 { calls[entry.key] = count }
        }
    }
}

/// True for the first request of a route.
final class OnceAt: Sendable {
    private let route: String
    private let taken = Mutex(false)
    init(_ route: String) { self.route = route }
    func callAsFunction(_ request: SandboxRequest) -> Bool {
        guard FortnoxSandbox.route(request.method, request.path) == route else { return false }
        return taken.withLock { taken in
            defer { taken = true }
            return !taken
        }
    }
}
