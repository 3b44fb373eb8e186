import ConnectorKit
@testable import Connectors
import Domain
import Foundation
import TestKit
import Testing

/// Against a real Tryton, one test after another: several that post at once mostly meet each other's locks.
@Suite(.serialized, .enabled(if: LiveTryton.isThere, "set ORDERSYNC_TEST_TRYTON_URL to run these"))
enum LiveTests {}

/// A real Tryton to test against, seeded as `scripts/tryton/tryton.sh up` leaves it. Every scene has a shop of its own, so
/// that runs and tests do not meet.
///
/// `ORDERSYNC_TEST_TRYTON_URL` turns these tests on; database, user and password are those of the script unless
/// `ORDERSYNC_TEST_TRYTON_DATABASE`, `_USER` and `_PASSWORD` say otherwise.
struct LiveTryton {
    private static let environment = ProcessInfo.processInfo.environment
    static let isThere = environment["ORDERSYNC_TEST_TRYTON_URL"] != nil
    private static let transport = HTTPTransport(readTimeout: .seconds(120))

    let clock = SystemClock()
    let shop: ShopIdentity
    let today: Day

    init() {
        let prefix = String(Randomness.system.nonce().prefix(12))
        guard let shop = ShopIdentity("t-\(prefix)") else { preconditionFailure("\(prefix) makes no shop identity") }
        self.shop = shop
        today = clock.now().day(in: .utc)
    }

    static var configuration: TrytonConfiguration {
        TrytonConfiguration(
            url: environment["ORDERSYNC_TEST_TRYTON_URL"] ?? "",
            database: environment["ORDERSYNC_TEST_TRYTON_DATABASE"] ?? "ordersync",
            username: environment["ORDERSYNC_TEST_TRYTON_USER"] ?? "admin",
            password: Secret(environment["ORDERSYNC_TEST_TRYTON_PASSWORD"] ?? "ordersync-test"))
    }

    /// A connection with nothing between it and Tryton but, where a test wants it, something that loses answers.
    func connection(_ wrap: (any Transport) -> any Transport = { $0 }) -> Connection {
        Connection(
            name: "ERP", transport: wrap(Self.transport), clock: clock,
            budget: RateBudget(capacity: 1000, perSecond: 1000, clock: clock))
    }

    /// A process of its own: nothing is at hand yet.
    func connector(_ connection: Connection? = nil) -> TrytonConnector {
        TrytonConnector(Self.configuration, connection: connection ?? self.connection(), clock: clock, shop: shop)
    }

    /// What a person does in Tryton.
    var person: TrytonClient {
        TrytonClient(configuration: Self.configuration, connection: connection(), clock: clock)
    }

    var deadline: Instant { clock.now() + .seconds(120) }

    // MARK: Orders

    func order(_ id: String = "1", _ change: (inout Order) -> Void = { _ in }) -> Order {
        var order = Sample.order(id)
        order.createdAt = clock.now()
        order.paidAt = order.createdAt
        order.customer.email = "buyer-\(id)@\(shop.name).test"
        change(&order)
        return order
    }

    func draft(_ order: Order) throws -> SalesOrderDraft {
        var settings = Sample.settings
        settings.timeZone = .utc
        return try OrderMapper(shop: shop, settings: settings, rules: TrytonBooks.rules).draft(of: order)
    }

    func invoiceDraft(_ draft: SalesOrderDraft, _ order: DocumentID, date: Day? = nil) -> InvoiceDraft {
        InvoiceDraft(
            reference: ExternalReference(shop: shop, record: draft.reference.record, kind: .invoice),
            source: .order(order), content: draft, date: date ?? today)
    }

    // MARK: Steps

    func perform(_ connector: TrytonConnector, _ steps: [Step]) async throws -> [StepOutcome] {
        switch await connector.perform(steps, deadline: deadline) {
        case .each(let outcomes): return outcomes
        case let other: throw Unexpected(what: "\(other)")
        }
    }

    func documents(_ connector: TrytonConnector, _ steps: [Step]) async throws -> [ERPDocument] {
        try await perform(connector, steps).map { outcome in
            switch outcome {
            case .done(let document), .alreadyThere(let document): return document
            case .rejected(let problem), .retry(_, let problem): throw problem
            case .unknown(let text): throw Unexpected(what: text)
            }
        }
    }

    /// Orders confirmed in Tryton.
    func confirmed(_ connector: TrytonConnector, _ drafts: [SalesOrderDraft]) async throws -> [ERPDocument] {
        let customers = try await documents(connector, drafts.map { .ensureCustomer($0.customer) })
        let made = try await documents(
            connector, zip(drafts, customers).map { .createOrder($0, customer: $1.id) })
        return try await documents(connector, zip(drafts, made).map { .confirmOrder($0.reference, $1.id) })
    }

    /// Draft invoices of new orders.
    func invoiced(_ connector: TrytonConnector, _ drafts: [SalesOrderDraft]) async throws -> [ERPDocument] {
        let orders = try await confirmed(connector, drafts)
        return try await documents(
            connector, zip(drafts, orders).map { .createInvoice(invoiceDraft($0, $1.id)) })
    }

    func booking(_ invoice: ERPDocument, _ date: Day? = nil, trueDate: Day? = nil) -> Step {
        let reference = ExternalReference(shop: shop, record: "order-1", kind: .invoice)
        let date = date ?? today
        return .bookInvoice(reference, invoice.id, dated: invoice.date, date: date, trueDate: trueDate ?? date)
    }

    struct Unexpected: Error, CustomStringConvertible {
        let what: String
        var description: String { what }
    }
}
