import ConnectorKit
@testable import Connectors
import Domain
import Foundation
import Synchronization
import TestKit

/// A Tryton that answers by method from a script, in order; what the script does not name answers `null`. Logging in is
/// part of it.
final class ScriptedTryton: Transport {
    enum Answer {
        case result(JSONValue)
        case userError(String)
        case warning(String, String)
        case http(Int, String = "", headers: [(name: String, value: String)] = [])
        case lost
        case unreachable
    }

    struct Request {
        let method: String
        let params: [JSONValue]
        let body: String
        let headers: [(name: String, value: String)]
        let deadline: Duration
    }

    fileprivate struct State {
        var script: [String: [Answer]]
        var requests: [Request] = []
        var logins = 0
    }

    private let state: Mutex<State>
    /// Called before each answer: time may pass in it.
    let passing: @Sendable (String) -> Void

    init(_ script: [String: [Answer]] = [:], passing: @escaping @Sendable (String) -> Void = { _ in }) {
        state = Mutex(State(script: script))
        self.passing = passing
    }

    var requests: [Request] { state.withLock { $0.requests } }

    /// Methods called, without logging in.
    var methods: [String] {
        requests.map(\.method).filter { $0 != "common.db.login" && !$0.contains("get_preferences") }
    }
    var logins: Int { state.withLock { $0.logins } }

    func params(_ method: String, _ number: Int = 0) -> [JSONValue] {
        let found = requests.filter { $0.method == method }
        return found.indices.contains(number) ? found[number].params : []
    }

    func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        guard let request = Self.read(call) else { return HTTPReply(status: 400) }
        passing(request.method)
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answer(request.method)
        }
        switch answer {
        case .result(let value): return Self.reply(["id": 1, "result": value])
        case .userError(let text): return Self.reply(["id": 1, "error": ["UserError", [.string(text), "", nil]]])
        case .warning(let name, let text):
            return Self.reply(["id": 1, "error": ["UserWarning", [.string(name), .string(text), ""]]])
        case .http(let status, let text, let headers):
            return HTTPReply(status: status, headers: headers, body: Array(text.utf8))
        case .lost: throw .noAnswer("connection reset")
        case .unreachable: throw .notSent("connection refused")
        }
    }

    /// As Tryton sends long answers: called compressed, and not.
    private static func reply(_ value: JSONValue) -> HTTPReply {
        let body = (try? JSONEncoder().encode(value)).map { [UInt8]($0) } ?? []
        return HTTPReply(
            status: 200, headers: [("Content-Type", "application/json"), ("Content-Encoding", "gzip")], body: body)
    }

    private static func read(_ call: HTTPCall) -> Request? {
        let body = call.body ?? []
        guard let value = try? JSONReader.decode(body), let method = value["method"]?.string else { return nil }
        let name = method.hasPrefix("model.") ? String(method.dropFirst(6)) : method
        return Request(
            method: name, params: value["params"]?.array ?? [], body: String(decoding: body, as: UTF8.self),
            headers: call.headers, deadline: call.deadline)
    }
}

extension ScriptedTryton.State {
    fileprivate mutating func answer(_ method: String) -> ScriptedTryton.Answer {
        if var answers = script[method], !answers.isEmpty {
            let first = answers.removeFirst()
            script[method] = answers
            if method == "common.db.login" { logins += 1 }
            return first
        }
        switch method {
        case "common.db.login":
            logins += 1
            return .result([3, .string("token\(logins)"), nil])
        case "res.user.get_preferences":
            return .result(["company": 1, "language": "sv"])
        default:
            return method.hasSuffix(".search_read") ? .result([]) : .result(nil)
        }
    }
}

/// A connector over a scripted Tryton on a clock that moves by itself.
struct ScriptedScene {
    let clock = VirtualClock(autoAdvance: true)
    let tryton: ScriptedTryton
    let connection: Connection
    let client: TrytonClient
    let connector: TrytonConnector

    init(_ script: [String: [ScriptedTryton.Answer]] = [:]) { self.init(ScriptedTryton(script)) }

    init(_ tryton: ScriptedTryton) {
        self.tryton = tryton
        connection = Connection(
            name: "ERP", transport: tryton, clock: clock, breaker: CircuitBreaker(threshold: 100),
            randomness: Randomness { 0 })
        let configuration = TrytonConfiguration(
            url: "http://tryton.test/", database: "books", username: "ordersync", password: Secret("hunter2"))
        client = TrytonClient(
            configuration: configuration, connection: connection, clock: clock, randomness: Randomness { 0 })
        connector = TrytonConnector(client, shop: Sample.shop)
    }

    var deadline: Instant { clock.now() + .seconds(60) }

    func draft(_ id: String = "1") throws -> SalesOrderDraft {
        try OrderMapper(shop: Sample.shop, settings: Sample.settings, rules: TrytonBooks.rules)
            .draft(of: Sample.order(id))
    }

    func invoiceDraft(_ draft: SalesOrderDraft, _ order: Int) -> InvoiceDraft {
        InvoiceDraft(
            reference: ExternalReference(shop: Sample.shop, record: draft.reference.record, kind: .invoice),
            source: .order(DocumentID(String(order))), content: draft, date: draft.date)
    }

    // MARK: What Tryton answers

    static func decimal(_ text: String) -> JSONValue { ["__class__": "Decimal", "decimal": .string(text)] }
    static let date: JSONValue = ["__class__": "date", "year": 2026, "month": 11, "day": 20]

    static func party(_ id: Int, code: String = "", email: String = "", number: String = "", active: Bool = true)
        -> JSONValue
    {
        [
            "id": .number(ExactDecimal(id)), "name": "Anna Svensson", "code": .string(code), "active": .bool(active),
            "replaced_by": nil,
            "contact_mechanisms.": email.isEmpty ? [] : [["id": 1, "type": "email", "value": .string(email)]],
            "identifiers.": number.isEmpty ? [] : [["id": 1, "code": .string(number)]], "addresses.": [],
        ]
    }

    static func sale(_ id: Int, _ state: String, webID: String = "order-1", invoices: [JSONValue] = []) -> JSONValue {
        [
            "id": .number(ExactDecimal(id)), "number": "7", "state": .string(state), "sale_date": date, "party": 5,
            "currency.": ["id": 2, "code": "SEK"], "total_amount": decimal("99.00"), "web_id": .string(webID),
            "web_shop.": ["id": 1, "name": "nordic-shop", "type": nil], "invoices.": .array(invoices),
        ]
    }

    static func invoice(
        _ id: Int, _ state: String, total: String = "99.00", tax: String = "19.80", reference: String = "1"
    ) -> JSONValue {
        [
            "id": .number(ExactDecimal(id)), "number": state == "draft" ? nil : "INV-1", "state": .string(state),
            "reference": .string(reference), "invoice_date": date, "party": 5,
            "currency.": ["id": 2, "code": "SEK"], "total_amount": decimal(total),
            "taxes.": [["id": 11, "amount": decimal(tax), "tax.": ["id": 1, "name": "VAT25"]]],
        ]
    }

    /// Enough master data for `Sample.order`, a party, and the sales that are read back.
    static func masterData(_ more: [String: [ScriptedTryton.Answer]] = [:]) -> [String: [ScriptedTryton.Answer]] {
        let script: [String: [ScriptedTryton.Answer]] = [
            "account.tax.search_read": [.result([["id": 1, "name": "VAT25"]])],
            "currency.currency.search_read": [.result([["id": 2, "code": "SEK", "rate": decimal("11")]])],
            "country.country.search_read": [.result([["id": 1, "code": "SE"]])],
            "product.product.search_read": [
                .result([["id": 9, "code": "MUG-001", "sale_uom": 1, "salable": true]])
            ],
            "party.party.search_read": [.result([party(5)])],
            "party.address.create": [.result([21])],
            "web.shop.search_read": [.result([["id": 1, "name": "nordic-shop", "type": nil]])],
        ]
        return script.merging(more) { _, new in new }
    }
}
