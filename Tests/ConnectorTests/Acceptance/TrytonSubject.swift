import ConnectorKit
import Domain
import TestKit
import Testing

@testable import Connectors

extension LiveTests {
    @Suite struct Acceptance {
        @Test func `Tryton stands every check of an ERP`() async throws {
            try await AcceptanceTable.run(ERPCheck.all, "tryton", waivers: []) { check in
                try await check.run(on: TrytonSubject())
            }
        }
    }
}

/// A shop of its own in the real Tryton for each check.
struct TrytonSubject: ERPSubject {
    private let tryton = LiveTryton()

    var clock: any WallClock { tryton.clock }
    var shop: ShopIdentity { tryton.shop }
    var secrets: [String] { [LiveTryton.configuration.password.revealed, Self.wrongPassword] }
    private static let wrongPassword = "not-the-password"

    var settings: Settings {
        var settings = Sample.settings
        settings.timeZone = .utc
        settings.articles.refund = "FEE"
        return settings
    }

    func order(_ id: String) -> Order { tryton.order(id) }

    func connector(_ fault: ERPFault?) async throws -> any ERP {
        tryton.connector(
            tryton.connection { transport in
                guard let fault else { return transport }
                return FaultyTransport(transport, fault) { Self.performs($0, fault) }
            })
    }

    func connectorWithWrongCredentials() async throws -> any ERP {
        var configuration = LiveTryton.configuration
        configuration.password = Secret(Self.wrongPassword)
        return TrytonConnector(configuration, connection: tryton.connection(), clock: tryton.clock, shop: tryton.shop)
    }

    private static func performs(_ call: HTTPCall, _ fault: ERPFault) -> Bool {
        let body = String(decoding: call.body ?? [], as: UTF8.self)
        let methods =
            switch fault.kind {
            case .ensureCustomer: ["party.party.create"]
            case .createOrder: ["sale.sale.create"]
            case .updateOrder: ["sale.sale.write"]
            case .withdraw: ["account.invoice.cancel", "sale.sale.cancel"]
            case .offset: ["account.move.reconcile_lines.execute"]
            case .confirmOrder: ["sale.sale.quote", "sale.sale.confirm"]
            // Tryton makes the invoice first and is told its date and VAT then; a fault between the two is the worse one.
            case .createInvoice: fault.isProvablyNothing ? ["sale.sale.process"] : ["account.invoice.write"]
            case .createCreditNote: ["account.invoice.create"]
            case .bookInvoice, .bookCreditNote: ["account.invoice.post"]
            case .updateInvoice, .registerPayment, .createJournalEntry: []
            }
        return methods.contains { body.contains(".\($0)\"") }
    }

    // MARK: Past the connector

    func held(_ reference: ExternalReference) async throws -> Int {
        switch reference.kind {
        case .customer:
            return try await count("party.party", [["code", "=", .string(TrytonMatching.code(reference))]])
        case .order:
            return try await count("sale.sale", sale(reference))
        case .creditNote:
            return try await count("account.invoice", [["reference", "=", .string(reference.key)]])
        default:
            let sales = try await tryton.person.rows("sale.sale", sale(reference), ["invoices"], by: tryton.deadline)
            return sales.reduce(0) { $0 + ($1.members["invoices"]?.array?.count ?? 0) }
        }
    }

    private func sale(_ reference: ExternalReference) -> JSONValue {
        [
            ["web_shop.name", "=", .string(tryton.shop.name)],
            ["web_id", "=", .string(TrytonOrderValues.webID(reference))],
        ]
    }

    func heldInAll() async throws -> Int {
        var sum = 0
        for model in ["party.party", "sale.sale", "account.invoice", "account.move"] {
            sum += try await count(model, [])
        }
        return sum
    }

    private func count(_ model: String, _ domain: JSONValue) async throws -> Int {
        try await tryton.person.rows(model, domain, [], by: tryton.deadline).count
    }

    /// Closing a period closes its journals, and opening it again does not open them.
    private func reopenJournals(of period: Int) async throws {
        let journals = try await tryton.person.rows(
            "account.journal.period", [["period", "=", TrytonWire.id(period)], ["state", "=", "closed"]], [],
            by: tryton.deadline)
        try await tryton.person.press(
            "account.journal.period.reopen", journals.compactMap { $0.link("id") }, by: tryton.deadline)
    }

    /// A whole period is closed or opened: the one that holds the day.
    func lock(through day: Day?) async throws {
        let day = day ?? tryton.today
        let periods = try await tryton.person.rows(
            "account.period",
            [["start_date", "<=", TrytonWire.date(day)], ["end_date", ">=", TrytonWire.date(day)]],
            ["state"], by: tryton.deadline)
        for period in periods {
            guard let id = period.link("id") else { continue }
            if period.text("state") == "open" {
                try await tryton.person.press("account.period.close", [id], by: tryton.deadline)
            } else {
                try await tryton.person.press("account.period.reopen", [id], by: tryton.deadline)
                try await reopenJournals(of: id)
            }
        }
    }
}

extension ERPFault {
    fileprivate var isProvablyNothing: Bool {
        switch manner {
        case .tooManyCalls, .unreachable: true
        case .lostBefore, .lostAfter, .serverError: false
        }
    }
}
