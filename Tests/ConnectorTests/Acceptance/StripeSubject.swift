import ConnectorKit
import Connectors
import Domain
import Foundation
import Sandbox
import Synchronization
import TestKit

/// A sandbox account of its own for each check.
final class StripeSubject: ProviderSubject {
    private let stripe: StripeSandbox
    private let virtualClock = VirtualClock(StripeSandboxBench.start, autoAdvance: true)
    private let transport = HTTPTransport()
    /// How often money was held back, and how often set free.
    private let reserves = Mutex((held: 0, freed: 0))

    static func open(_ body: (StripeSubject) async throws -> Void) async throws {
        let subject = StripeSubject()
        try await subject.stripe.start()
        do {
            try await body(subject)
        } catch {
            await subject.close()
            throw error
        }
        await subject.close()
    }

    private init() {
        var settings = StripeSandbox.Settings()
        settings.settlementCurrencies = ["sek", "jpy"]
        // Payouts are made by the checks, of what moved until then.
        settings.delayDays = 0
        settings.payoutEveryDays = nil
        stripe = StripeSandbox(settings: settings, clock: virtualClock)
    }

    private func close() async {
        await stripe.stop()
        try? await transport.shutdown()
    }

    var clock: any WallClock { virtualClock }
    let provider = "stripe"
    let currency = Sample.sek
    let foreignCurrency: Currency? = Sample.currency("EUR")
    let currencyWithoutDecimals: Currency? = Sample.currency("JPY")
    let pageSize = 100
    let webhookLife = Duration.seconds(300)
    let secrets = ["sk_test_sandbox", "rk_test_sandbox", "sk_test_of_somebody", "whsec_sandbox", "whsec_stranger"]

    // MARK: Connectors

    func connector(_ fault: CallFault?) async throws -> any PaymentProvider {
        connector(fault.map { TamperedTransport(transport, $0) } ?? transport, key: "sk_test_sandbox")
    }

    func connectorWithWrongCredentials() async throws -> any PaymentProvider {
        connector(transport, key: "sk_test_of_somebody")
    }

    /// The sandbox's restricted key may read payouts and balance transactions, and not what these come from.
    func connectorWithoutPermission() async throws -> (connector: any PaymentProvider, named: [String]) {
        (connector(transport, key: "rk_test_sandbox"), ["charges", "disputes"])
    }

    private func connector(_ transport: any Transport, key: String) -> StripeConnector {
        StripeConnector(
            StripeConfiguration(
                url: stripe.address, secretKey: Secret(key), webhookSecrets: [Secret("whsec_sandbox")],
                callsPerSecond: 0),
            transport: transport, clock: virtualClock)
    }

    func problemsOfBadSettings() -> (keys: Set<String>, problems: [SettingsProblem]) {
        let reader = FieldReader([
            "url": "no address", "secretKey": "sk_test_sandbox with a space", "webhookSecret": "whsec_sandbox_ö",
            "callsPerSecond": "many", "timeoutSeconds": "soon", "apiVersion": "the new one",
        ])
        _ = StripeConfiguration(reader)
        return (
            ["url", "secretKey", "webhookSecret", "callsPerSecond", "timeoutSeconds", "apiVersion"], reader.problems
        )
    }

    // MARK: Acts

    func sell(_ number: String, _ amount: Money, fee: Money, at time: Instant) async throws -> String {
        stripe.charge(units(amount), code(amount.currency), order: number, fee: units(fee), at: time)
    }

    func refund(_ transaction: String, _ amount: Money, at time: Instant) async throws {
        try demand(stripe.refund(transaction, units(amount), at: time), "refund")
    }

    func dispute(_ transaction: String, fee: Money, at time: Instant) async throws -> String {
        try demand(stripe.dispute(transaction, fee: units(fee), at: time), "dispute")
    }

    func win(_ dispute: String, at time: Instant) async throws {
        try demand(stripe.win(dispute, at: time) ? dispute : nil, "end of a dispute")
    }

    func keepFee(_ amount: Money, at time: Instant) async throws {
        stripe.chargeFee("Radar for Fraud Teams", units(amount), code(amount.currency), at: time)
    }

    func reserve(_ amount: Money, at time: Instant) async throws {
        let count = reserves.withLock { reserves in
            reserves.held += 1
            return reserves.held
        }
        stripe.holdReserve(units(amount), code(amount.currency), style: style(count), at: time)
    }

    func release(_ amount: Money, at time: Instant) async throws {
        let count = reserves.withLock { reserves in
            reserves.freed += 1
            return reserves.freed
        }
        stripe.releaseReserve(units(amount), code(amount.currency), style: style(count), at: time)
    }

    private func style(_ count: Int) -> StripeSandbox.ReserveStyle {
        StripeSandbox.ReserveStyle.allCases[count % StripeSandbox.ReserveStyle.allCases.count]
    }

    func moveByUnknownWord(_ amount: Money, at time: Instant) async throws -> String {
        stripe.move("hyperdrive", category: "hyperdrive", units(amount), code(amount.currency), at: time)
        return "hyperdrive"
    }

    func payOut(_ currency: Currency, at time: Instant) async throws -> String {
        try demand(stripe.payOut(code(currency), at: time), "payout")
    }

    func payOutByHand(_ amount: Money, at time: Instant) async throws -> String {
        try demand(
            stripe.payOut(code(amount.currency), automatic: false, amount: units(amount), at: time), "payout by hand")
    }

    /// The settings complete a payout four hours later.
    func arrive(_ payout: String) async throws { wait(until: try books(payout).arrives) }

    func finish(_ payout: String) async throws { wait(until: try books(payout).arrives + .seconds(4 * 3600)) }

    private func wait(until time: Instant) {
        if virtualClock.now() < time { virtualClock.set(time) }
        stripe.advance(to: virtualClock.now())
    }

    func fail(_ payout: String, at time: Instant) async throws {
        try demand(stripe.fail(payout, at: time) ? payout : nil, "failure")
    }

    func truth(_ payout: String) async throws -> PayoutTruth {
        let books = stripe.books
        let found = try demand(books.payouts.first { $0.id == payout }, "payout \(payout)")
        let currency = Sample.currency(found.currency.uppercased())
        func money(_ units: Int) -> Money { Money(minorUnits: Int64(units), currency) }
        return PayoutTruth(
            net: money(found.net), createdAt: found.created, arrivesOn: found.arrives.day(in: .utc),
            lines: books.content(of: payout).map {
                PayoutTruth.Line(amount: money($0.amount), fee: money($0.fee), at: $0.created)
            })
    }

    private func books(_ payout: String) throws -> StripeSandbox.Books.Payout {
        try demand(stripe.books.payouts.first { $0.id == payout }, "payout \(payout)")
    }

    private func units(_ amount: Money) -> Int { Int(amount.minorUnits) }
    private func code(_ currency: Currency) -> String { currency.code.lowercased() }

    @discardableResult
    private func demand<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else { throw SandboxRefusal(what: what) }
        return value
    }

    // MARK: Answers and records

    func damaged(_ reply: HTTPReply, _ id: String, _ damage: RecordDamage) -> HTTPReply {
        changed(reply) { rows in
            for index in rows.indices where rows[index].text("id") == id {
                switch damage {
                case .amount: rows[index] = rows[index].with("amount", "a lot")
                case .id: rows[index] = rows[index].with("id", .null)
                }
            }
        }
    }

    func withFalseNet(_ reply: HTTPReply) -> HTTPReply {
        changed(reply) { rows in
            guard let index = rows.firstIndex(where: { $0.text("type") == "charge" }) else { return }
            rows[index] = rows[index].with("net", 1)
        }
    }

    func withUnknownField(_ record: RawRecord) -> RawRecord {
        changed(record) { $0.with("hyperdrive", ["engaged": true, "charge": "12.5"]) }
    }

    func withUnknownState(_ record: RawRecord, _ word: String) -> RawRecord {
        changed(record) { $0.with("status", .string(word)) }
    }

    /// The rows of a list; an answer without any stays as it is.
    private func changed(_ reply: HTTPReply, _ change: (inout [JSONValue]) -> Void) -> HTTPReply {
        guard let list = try? JSONReader.decode(reply.body), var rows = list["data"]?.array else { return reply }
        change(&rows)
        return HTTPReply(status: reply.status, headers: reply.headers, body: bytes(list.with("data", .array(rows))))
    }

    private func changed(_ record: RawRecord, _ change: (JSONValue) -> JSONValue) -> RawRecord {
        guard let value = try? JSONReader.decode(record.payload) else { return record }
        return RawRecord(id: record.id, payload: bytes(change(value)), fetchBegan: record.fetchBegan)
    }

    private func bytes(_ value: JSONValue) -> [UInt8] { (try? JSONEncoder().encode(value)).map { [UInt8]($0) } ?? [] }

    // MARK: Webhooks

    func webhook(_ kind: WebhookKind) async throws -> Webhook {
        let now = virtualClock.now()
        switch kind {
        case .payout(let id): return try webhook(of: "payout.", id, at: now)
        case .somethingElse: return try webhook(of: "charge.", nil, at: now)
        case .ofStranger(let id):
            var settings = StripeSandbox.Settings()
            settings.webhookSecret = "whsec_stranger"
            let body = try webhook(of: "payout.", id, at: now).body
            let signature = StripeSandbox(settings: settings, clock: virtualClock).signature(of: body, at: now)
            return Webhook(headers: [("Stripe-Signature", signature)], body: body)
        case .redated(let id):
            let old = now - webhookLife - .seconds(24 * 3600)
            let webhook = try webhook(of: "payout.", id, at: old)
            let signature = webhook.header("Stripe-Signature") ?? ""
            let redated = signature.replacing("t=\(seconds(old))", with: "t=\(seconds(now))")
            return Webhook(headers: [("Stripe-Signature", redated)], body: webhook.body)
        }
    }

    private func seconds(_ time: Instant) -> Int64 { time.milliseconds / 1000 }

    /// The newest event of a type, signed at a time.
    private func webhook(of type: String, _ subject: String?, at time: Instant) throws -> Webhook {
        let event = stripe.events.last { $0.type.hasPrefix(type) && (subject == nil || $0.subject == subject) }
        let id = try demand(event, "event of \(type)").id
        let call = try demand(stripe.webhook(for: id, at: time), "webhook")
        return Webhook(headers: call.headers, body: call.body)
    }
}

/// An act that the sandbox does not take: the check or the subject is wrong, and not the connector.
private struct SandboxRefusal: Error { let what: String }

extension JSONValue {
    /// With a member set.
    fileprivate func with(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }
}
