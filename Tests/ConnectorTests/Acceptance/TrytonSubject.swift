import ConnectorKit
import Domain
import Foundation
import TestKit
import Testing

@testable import Connectors

extension LiveTests {
    private static let isWhole = ProcessInfo.processInfo.environment["ORDERSYNC_TEST_ALL_TRYTON"] != nil

    @Suite(.enabled(if: LiveTests.isWhole, "takes a quarter of an hour: make test-tryton runs it"))
    struct Acceptance {
        private static let ledger = Set(ERPCheck.ledger.map(\.name))

        @Test func `Tryton stands every check of an ERP's documents`() async throws {
            let checks = ERPCheck.all.filter { !Self.ledger.contains($0.name) }
            try await AcceptanceTable.run(checks, "tryton", waivers: []) { check in
                try await check.run(on: TrytonSubject())
            }
        }

        @Test func `Tryton stands every check of an ERP's ledger`() async throws {
            try await AcceptanceTable.run(ERPCheck.ledger, "tryton", waivers: []) { check in
                try await check.run(on: TrytonSubject())
            }
        }
    }
}

/// A shop of its own in the real Tryton for each check.
struct TrytonSubject: ERPSubject {
    private let tryton = LiveTryton()
    /// One who stays logged in.
    private let person: TrytonClient

    init() { person = tryton.person }

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
            case .registerPayment: [paymentCalls[fault.call]]
            case .createJournalEntry: [entryCalls[fault.call]]
            case .attach: ["ir.attachment.create"]
            case .updateInvoice: []
            }
        return methods.contains { body.contains(".\($0)\"") }
    }

    /// A payment that pays the last of an invoice takes them all.
    private static let paymentCalls = [
        "account.move.create", "account.move.post", "account.invoice.write", "account.move.reconcile_lines.execute",
        "account.invoice.process",
    ]
    private static let entryCalls = ["account.move.create", "account.move.post"]

    func calls(of kind: Step.Kind) -> Int {
        switch kind {
        case .registerPayment: Self.paymentCalls.count
        case .createJournalEntry: Self.entryCalls.count
        default: 1
        }
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
            let sales = try await person.rows("sale.sale", sale(reference), ["invoices"], by: tryton.deadline)
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
        try await person.rows(model, domain, [], by: tryton.deadline).count
    }

    /// Closing a period closes its journals, and opening it again does not open them.
    private func reopenJournals(of period: Int) async throws {
        let journals = try await person.rows(
            "account.journal.period", [["period", "=", TrytonWire.id(period)], ["state", "=", "closed"]], [],
            by: tryton.deadline)
        try await person.press(
            "account.journal.period.reopen", journals.compactMap { $0.link("id") }, by: tryton.deadline)
    }

    /// A whole period is closed or opened: the one that holds the day.
    func lock(through day: Day?) async throws {
        let day = day ?? tryton.today
        let periods = try await person.rows(
            "account.period",
            [["start_date", "<=", TrytonWire.date(day)], ["end_date", ">=", TrytonWire.date(day)]],
            ["state"], by: tryton.deadline)
        for period in periods {
            guard let id = period.link("id") else { continue }
            if period.text("state") == "open" {
                try await person.press("account.period.close", [id], by: tryton.deadline)
            } else {
                try await person.press("account.period.reopen", [id], by: tryton.deadline)
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

/// The ledger of the company, as far as the shop moved it.
extension TrytonSubject {
    var accounts: LedgerAccounts {
        LedgerAccounts(
            clearing: "1931", bank: "1930", fee: "6570", rounding: "3740", gain: "3960", loss: "7960", vat: "2610",
            missing: "9999")
    }

    func balance(_ account: String) async throws -> Money {
        let ours: JSONValue = [
            "OR", [["move.description", "like", .string("%[\(tryton.shop.name)/%")]],
            [["move.lines.party.code", "like", .string("\(tryton.shop.name)/%")]],
        ]
        return try await person.rows(
            "account.move.line", [["account.code", "=", .string(account)], ours], ["debit", "credit"],
            by: tryton.deadline
        ).map(\.moved).sum(Sample.sek)
    }

    /// What moved the customer's debt, whether it is tied to the document or not, and is not of another document.
    func payments(of document: DocumentID) async throws -> [LedgerEntry] {
        let invoice = try await person.rows(
            "account.invoice", [["id", "=", TrytonWire.optional(Int(document.text))]], ["party", "account"],
            by: tryton.deadline
        ).first
        let all = try await person.rows(
            "account.invoice", [["party", "=", TrytonWire.optional(invoice?.link("party"))]],
            ["move", "payment_lines.move"], by: tryton.deadline)
        let others = all.flatMap { row in
            let payments = row.rows("payment_lines").map { $0.link("move") }
            return [row.link("move")] + (row.link("id").map { "\($0)" } == document.text ? [] : payments)
        }
        return try await moves([
            ["lines.party", "=", TrytonWire.optional(invoice?.link("party"))],
            ["lines.account", "=", TrytonWire.optional(invoice?.link("account"))],
            ["id", "not in", TrytonWire.ids(others.compactMap(\.self))],
        ])
    }

    func entries(_ reference: ExternalReference) async throws -> [LedgerEntry] {
        try await moves([["description", "like", .string("%\(reference.key)%")]])
            .filter { $0.text.hasSuffix("[\(reference.key)]") }
    }

    func files(of entry: DocumentID) async throws -> [(name: String, content: [UInt8])] {
        try await person.rows(
            "ir.attachment", [["resource", "=", .string("account.move,\(entry.text)")]], ["name", "data"],
            by: tryton.deadline
        ).map { row in
            let base64 = row.members["data"]?["base64"]?.string ?? ""
            return (
                row.text("name") ?? "", Array(Data(base64Encoded: base64, options: .ignoreUnknownCharacters) ?? Data())
            )
        }
    }

    private func moves(_ domain: JSONValue) async throws -> [LedgerEntry] {
        try await person.rows(
            "account.move", domain,
            ["state", "date", "description", "lines.debit", "lines.credit", "lines.account.code"], by: tryton.deadline
        ).map { row in
            LedgerEntry(
                isBooked: row.text("state") == "posted", date: row.day("date"), text: row.text("description") ?? "",
                rows: row.rows("lines").map { ($0.row("account")?.text("code") ?? "", $0.moved) })
        }
    }
}

extension TrytonRow {
    /// Of a line in the ledger, debit positive.
    fileprivate var moved: Money {
        (money("debit", Sample.sek) ?? .zero(Sample.sek)) - (money("credit", Sample.sek) ?? .zero(Sample.sek))
    }
}
