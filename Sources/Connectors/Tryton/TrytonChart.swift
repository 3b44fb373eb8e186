import ConnectorKit
import Domain

/// The accounts and journals of the ledger by the names that people use, asked for once.
actor TrytonChart {
    private let client: TrytonClient
    private var accounts: [String: [Int]] = [:]
    private var journals: [String: Int] = [:]
    private var ownCurrency: Currency?

    init(_ client: TrytonClient) { self.client = client }

    /// The accounts of these codes.
    func ids(_ codes: [String], by deadline: Instant) async throws(TrytonFailure) -> [String: Int] {
        let unknown = Set(codes).filter { (accounts[$0] ?? []).isEmpty }
        if !unknown.isEmpty {
            let company = try await client.session(by: deadline).company
            let rows = try await client.rows(
                "account.account",
                [
                    ["company", "=", TrytonWire.id(company)], ["type", "!=", .null],
                    ["code", "in", .array(unknown.sorted().map { .string($0) })],
                ], ["code"], by: deadline)
            for code in unknown {
                accounts[code] = try rows.filter { $0.text("code") == code }.map { row throws(TrytonFailure) in
                    try row.id()
                }
            }
        }
        var ids: [String: Int] = [:]
        for code in codes {
            let found = accounts[code] ?? []
            guard let id = found.first, found.count == 1 else {
                let text = found.isEmpty ? "Tryton has no account \(code)" : "Tryton has several accounts \(code)"
                throw .refused(TrytonRefusal(Problem(.accountNotInERP, text)))
            }
            ids[code] = id
        }
        return ids
    }

    /// What all posted lines of an account come to; Tryton sums them up itself. Without a date it takes the open fiscal years and
    /// what the last closed one left, and tells nothing where none is open: from a day before them all it takes every line there
    /// is. `flat_balance` leaves out the accounts below this one.
    func balance(_ code: String, by deadline: Instant) async throws(TrytonFailure) -> Money {
        let own = try await currency(by: deadline)
        let id = try await ids([code], by: deadline)[code]
        let beginning = TrytonWire.date(Instant.distantPast.day(in: .utc))
        let rows = try await client.rows(
            "account.account", [["id", "=", TrytonWire.optional(id)]], ["balance"],
            context: ["posted": true, "flat_balance": true, "from_date": beginning], by: deadline)
        guard let balance = rows.first?.money("balance", own) else { throw .unreadable("an account without a balance") }
        return balance
    }

    /// The journal of a name or code; without one, the first of a type.
    func journal(_ name: String?, orType type: String, by deadline: Instant) async throws(TrytonFailure) -> Int {
        let wanted = name ?? "type \(type)"
        if let known = journals[wanted] { return known }
        let domain: JSONValue =
            name.map { ["OR", [["name", "=", .string($0)]], [["code", "=", .string($0)]]] }
            ?? [["type", "=", .string(type)]]
        let rows = try await client.rows("account.journal", domain, ["name"], order: [["id", "ASC"]], by: deadline)
        guard let id = rows.first?.link("id") else {
            throw .refused(TrytonRefusal(Problem(.accountNotInERP, "Tryton has no journal of \(wanted)")))
        }
        journals[wanted] = id
        return id
    }

    /// What the company keeps its books in.
    func currency(by deadline: Instant) async throws(TrytonFailure) -> Currency {
        if let ownCurrency { return ownCurrency }
        let company = try await client.session(by: deadline).company
        let rows = try await client.rows(
            "company.company", [["id", "=", TrytonWire.id(company)]], ["currency.code"], by: deadline)
        guard let currency = rows.first?.row("currency")?.text("code").flatMap({ Currency(code: $0) }) else {
            throw .unreadable("a company without currency")
        }
        ownCurrency = currency
        return currency
    }

    /// The open period of a day.
    func period(_ day: Day, by deadline: Instant) async throws(TrytonFailure) -> Int {
        let company = try await client.session(by: deadline).company
        let rows = try await client.rows(
            "account.period",
            [
                ["company", "=", TrytonWire.id(company)], ["type", "=", "standard"],
                ["start_date", "<=", TrytonWire.date(day)], ["end_date", ">=", TrytonWire.date(day)],
            ], ["state"], by: deadline)
        guard let period = rows.first, let id = period.link("id") else {
            throw .refused(TrytonRefusal(Problem(.periodMissing, "Tryton has no period for \(day)")))
        }
        guard period.text("state") == "open" else {
            throw .refused(TrytonRefusal(Problem(.periodClosed, "Tryton's period of \(day) is closed")))
        }
        return id
    }
}
