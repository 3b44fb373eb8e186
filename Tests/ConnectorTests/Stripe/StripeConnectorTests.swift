import ConnectorKit
import Connectors
import Domain
import Foundation
import TestKit
import Testing

/// Objects in the shape of Stripe's own samples, of API version 2026-10-28.
enum StripeSamples {
    static let day: Int64 = 1_790_035_200

    static func payout(
        _ id: String = "po_1", amount: Int64 = 11_00, currency: String = "sek", automatic: Bool = true,
        status: String = "paid", reconciliation: String = "completed", created: Int64 = day, failure: String = "null"
    ) -> String {
        #"""
        {"id": "\#(id)", "object": "payout", "amount": \#(amount), "application_fee": null,
         "arrival_date": \#(day + 2 * 86_400), "automatic": \#(automatic), "balance_transaction": "txn_\#(id)",
         "created": \#(created), "currency": "\#(currency)", "description": "STRIPE PAYOUT",
         "failure_balance_transaction": \#(failure), "livemode": false, "metadata": {}, "method": "standard",
         "original_payout": null, "reconciliation_status": "\#(reconciliation)", "reversed_by": null,
         "source_type": "card", "status": "\#(status)", "type": "bank_account"}
        """#
    }

    static func row(
        _ id: String, _ type: String, _ category: String? = nil, amount: Int64, fee: Int64 = 0, net: Int64? = nil,
        currency: String = "sek", rate: String = "null", source: String = "null"
    ) -> String {
        #"""
        {"id": "\#(id)", "object": "balance_transaction", "amount": \#(amount), "available_on": \#(day),
         "balance_type": "payments", "created": \#(day), "currency": "\#(currency)", "description": null,
         "exchange_rate": \#(rate), "fee": \#(fee),
         "fee_details": [{"amount": \#(fee), "currency": "\#(currency)", "type": "stripe_fee"}],
         "net": \#(net ?? amount - fee), "reporting_category": "\#(category ?? type)", "status": "available",
         "source": \#(source), "type": "\#(type)"}
        """#
    }

    static func charge(
        _ id: String = "ch_1", amount: Int64 = 100_00, captured: Int64? = nil, currency: String = "sek",
        metadata: String = ##"{"order_id": "27", "number": "#1027"}"##
    ) -> String {
        #"""
        {"id": "\#(id)", "object": "charge", "amount": \#(amount), "amount_captured": \#(captured ?? amount),
         "currency": "\#(currency)", "metadata": \#(metadata), "payment_intent": "pi_1",
         "refunds": {"object": "list", "data": [], "has_more": false}}
        """#
    }

    static func refund(amount: Int64 = 40_00, currency: String = "sek") -> String {
        #"""
        {"id": "re_1", "object": "refund", "amount": \#(amount), "charge": "ch_1", "currency": "\#(currency)",
         "metadata": null, "payment_intent": {"id": "pi_1", "object": "payment_intent"}, "status": "succeeded"}
        """#
    }

    static let dispute = #"""
        {"id": "dp_1", "object": "dispute", "amount": 10000, "charge": "ch_1", "currency": "sek", "metadata": {},
         "payment_intent": "pi_1", "status": "needs_response"}
        """#

    static func list(_ elements: [String], more: Bool = false) -> HTTPReply {
        let text =
            #"{"object": "list", "data": [\#(elements.joined(separator: ",\n"))], "has_more": \#(more), "url": "/v1"}"#
        return HTTPReply(status: 200, body: Array(text.utf8))
    }

    static func error(_ status: Int, code: String? = nil, message: String = "") -> HTTPReply {
        let code = code.map { #""code": "\#($0)","# } ?? ""
        let text = #"{"error": {\#(code) "message": "\#(message)", "type": "invalid_request_error"}}"#
        return HTTPReply(status: status, body: Array(text.utf8))
    }
}

/// A connector whose transport answers from a list.
struct StripeBench {
    let transport: StubTransport
    let connector: StripeConnector
    let clock = VirtualClock(Instant(milliseconds: StripeSamples.day * 1000), autoAdvance: true)

    init(_ replies: [HTTPReply], _ change: (inout StripeConfiguration) -> Void = { _ in }) {
        self.init(outcomes: replies.map { .success($0) }, change)
    }

    init(
        outcomes: [Result<HTTPReply, TransportFailure>], _ change: (inout StripeConfiguration) -> Void = { _ in }
    ) {
        var configuration = StripeConfiguration(secretKey: Secret("rk_test_hidden"))
        change(&configuration)
        transport = StubTransport(outcomes)
        connector = StripeConnector(configuration, transport: transport, clock: clock)
    }

    func payout(
        _ content: Payout.Content = .settled, _ state: Payout.State = .paid, net: String = "11.00"
    ) -> Payout {
        Payout(
            provider: "stripe", id: "po_1", content: content, state: state, net: Sample.money(net),
            createdAt: clock.now(), arrivesOn: Sample.day("2026-09-24"))
    }

    func queries() -> [[String: String]] {
        transport.sent.map { call in
            let query = URLComponents(string: call.url)?.queryItems ?? []
            return Dictionary(query.map { ($0.name, $0.value ?? "") }) { first, _ in first }
        }
    }

    /// The one line of a row; `nil` where it is none.
    static func line(
        _ row: String, net: String = "11.00", _ change: (inout StripeConfiguration) -> Void = { _ in }
    ) async throws -> PayoutLine? {
        let bench = StripeBench([StripeSamples.list([row])], change)
        let page = try await bench.connector.lines(of: bench.payout(net: net), cursor: nil)
        #expect(page.lines.count <= 1)
        return page.lines.first
    }

    static func problem(ofLine row: String) async -> ConnectorError? {
        let bench = StripeBench([StripeSamples.list([row])])
        do throws(ConnectorError) {
            _ = try await bench.connector.lines(of: bench.payout(), cursor: nil)
            return nil
        } catch {
            return error
        }
    }
}

@Suite struct StripePayoutTests {
    private func normalised(_ payload: String, id: String = "po_1") throws(Problem) -> Payout {
        try StripeBench([]).connector.normalise(
            RawRecord(id: id, payload: Array(payload.utf8), fetchBegan: .distantPast))
    }

    @Test func aWalkGoesFromIdToIdInAnyProcessAndCoversOnlyAtItsEnd() async throws {
        let first = [
            StripeSamples.payout("po_3", created: StripeSamples.day + 30),
            StripeSamples.payout("po_2", created: StripeSamples.day + 20),
        ]
        let bench = StripeBench([
            StripeSamples.list(first, more: true), StripeSamples.list([StripeSamples.payout("po_1")]),
        ])
        let since = bench.clock.now()
        let page = try await bench.connector.payouts(madeSince: since, cursor: nil)
        #expect(page.records.map(\.id) == ["po_3", "po_2"])
        #expect(page.records.map(\.payload) == first.map { Array($0.utf8) })
        #expect(page.records.allSatisfy { $0.fetchBegan == since })
        #expect(page.coveredThrough == nil)
        let cursor = try #require(page.next)
        let last = try await bench.connector.payouts(madeSince: since + .seconds(99), cursor: PageCursor(cursor.text))
        #expect(last.records.map(\.id) == ["po_1"])
        #expect(last.coveredThrough == since + .seconds(30))
        #expect(last.next == nil)
        let queries = bench.queries()
        #expect(queries.map { $0["created[gte]"] } == [String(StripeSamples.day), String(StripeSamples.day)])
        #expect(queries.map { $0["starting_after"] } == [nil, "po_2"])
        #expect(queries.allSatisfy { $0["limit"] == "100" && $0["expand[]"] == "data.failure_balance_transaction" })
    }

    @Test func everyCallHasKeyAndVersionInItsHeadersOnly() async throws {
        let bench = StripeBench([StripeSamples.list([])])
        _ = try await bench.connector.payouts(madeSince: .distantPast, cursor: nil)
        let call = try #require(bench.transport.sent.first)
        #expect(call.url.hasPrefix("https://api.stripe.com/v1/payouts?"))
        #expect(!call.url.contains("hidden"))
        #expect(call.headers.contains { $0.name == "Authorization" && $0.value == "Bearer rk_test_hidden" })
        #expect(call.headers.contains { $0.name == "Stripe-Version" && $0.value == "2026-10-28.endive" })
    }

    @Test func aDamagedPayoutStopsItselfAndOneWithoutAnIdIsTold() async throws {
        let damaged = #"{"id": "po_2", "amount": nonsense, "created": 1}"#
        let bench = StripeBench([
            StripeSamples.list([StripeSamples.payout("po_3"), damaged, #"{"id": null}"#, StripeSamples.payout("po_1")])
        ])
        let page = try await bench.connector.payouts(madeSince: .distantPast, cursor: nil)
        #expect(page.records.map(\.id) == ["po_3", "po_2", "po_1"])
        #expect(page.unreadable.map(\.code) == [.recordUnreadable])
        #expect(page.unreadable.first?.detail.contains("number 3") == true)
        #expect(throws: Problem.self) { try bench.connector.normalise(page.records[1]) }
        #expect(try bench.connector.normalise(page.records[2]).id == "po_1")
    }

    @Test func aListThatDoesNotGoOnIsNoEndlessWalk() async throws {
        let same = StripeSamples.list([StripeSamples.payout("po_1")], more: true)
        let bench = StripeBench([same, same])
        let page = try await bench.connector.payouts(madeSince: .distantPast, cursor: nil)
        await #expect(throws: ConnectorError.self) {
            try await bench.connector.payouts(madeSince: .distantPast, cursor: page.next)
        }
    }

    @Test(arguments: [
        (true, "completed", "paid", Payout.Content.settled, Payout.State.paid),
        (true, "in_progress", "paid", .settled, .pending), (true, "completed", "in_transit", .settled, .pending),
        (true, "completed", "pending", .settled, .pending), (true, "completed", "failed", .settled, .failed),
        (true, "in_progress", "failed", .settled, .pending), (true, "completed", "canceled", .settled, .cancelled),
        (true, "completed", "on the moon", .settled, .pending), (true, "not_applicable", "paid", .unlisted, .paid),
        (false, "not_applicable", "paid", .unlisted, .paid), (false, "not_applicable", "failed", .unlisted, .failed),
        (false, "not_applicable", "in_transit", .unlisted, .pending),
    ])
    func whatIsKnownOfAPayoutDecidesItsState(
        automatic: Bool, reconciliation: String, status: String, content: Payout.Content, state: Payout.State
    ) throws {
        let payout = try normalised(
            StripeSamples.payout(automatic: automatic, status: status, reconciliation: reconciliation))
        #expect(payout.content == content)
        #expect(payout.state == state)
    }

    @Test func aWithdrawalIsNegativeAndArrivesOnItsDayInUTC() throws {
        let payout = try normalised(StripeSamples.payout(amount: -2_50, currency: "eur"))
        #expect(payout.net == Sample.money("-2.50", Sample.currency("EUR")))
        #expect(payout.arrivesOn == Sample.day("2026-09-24"))
        #expect(payout.createdAt == Instant(milliseconds: StripeSamples.day * 1000))
        #expect(payout.returnedOn == nil)
        #expect(payout.record == "stripe-po_1")
    }

    @Test func aFailedPayoutCameBackOnTheDayOfItsBalanceTransaction() throws {
        let back = StripeSamples.day + 4 * 86_400 + 86_399
        let written = #"{"id": "txn_9", "object": "balance_transaction", "created": \#(back)}"#
        #expect(
            try normalised(StripeSamples.payout(status: "failed", failure: written)).returnedOn
                == Sample.day("2026-09-26"))
        #expect(
            try normalised(StripeSamples.payout(status: "failed", failure: #""txn_9""#)).returnedOn
                == Sample.day("2026-09-24"))
    }

    @Test(arguments: [
        ("jpy", 500, "500", "JPY"), ("isk", 500_00, "500", "ISK"), ("mga", 500, "500.00", "MGA"),
        ("kwd", 5120, "5.120", "KWD"), ("usd", 1, "0.01", "USD"),
    ])
    func amountsAreCountedAsStripeCountsThem(code: String, units: Int64, amount: String, currency: String) throws {
        let payout = try normalised(StripeSamples.payout(amount: units, currency: code))
        #expect(payout.net == Sample.money(amount, Sample.currency(currency)))
    }

    @Test(arguments: [
        (StripeSamples.payout(currency: "xyz"), ProblemCode.currencyUnknown),
        (StripeSamples.payout(amount: 501, currency: "isk"), .amountDoesNotFitCurrency),
        (StripeSamples.payout("po_2"), .recordUnreadable), (StripeSamples.charge("po_1"), .recordUnreadable),
        (StripeSamples.payout(amount: 9_000_000_000_000_000), .amountInvalid),
        (StripeSamples.payout().replacing("1100", with: "11.5"), .amountInvalid),
        (StripeSamples.payout().replacing("reconciliation_status", with: "other"), .recordUnreadable),
    ])
    func whatCannotBeReadIsToldByItsField(payload: String, code: ProblemCode) {
        do throws(Problem) {
            _ = try normalised(payload)
            #expect(Bool(false), "it was read")
        } catch {
            #expect(error.code == code)
        }
    }

    @Test func onePayoutIsReadByItsIdAndMissingOnesAreNil() async throws {
        let body = StripeSamples.payout()
        let bench = StripeBench([
            HTTPReply(status: 200, body: Array(body.utf8)), StripeSamples.error(404, code: "resource_missing"),
        ])
        let record = try #require(try await bench.connector.payout(id: "po_1"))
        #expect(record.payload == Array(body.utf8))
        #expect(try bench.connector.normalise(record).state == .paid)
        #expect(bench.transport.sent.first?.url.contains("/v1/payouts/po_1?expand%5B%5D=failure_balance") == true)
        #expect(try await bench.connector.payout(id: "po_9") == nil)
        #expect(try await bench.connector.payout(id: "../charges") == nil)
        #expect(bench.transport.sent.count == 2)
    }
}

@Suite struct StripeLineTests {
    @Test func linesComeToThePayoutAndItsOwnRowIsNone() async throws {
        let bench = StripeBench([
            StripeSamples.list(
                [
                    StripeSamples.row("txn_1", "charge", amount: 100_00, fee: 3_20, source: StripeSamples.charge()),
                    StripeSamples.row("txn_2", "refund", amount: -40_00, source: StripeSamples.refund()),
                ], more: true),
            StripeSamples.list([
                StripeSamples.row(
                    "txn_3", "adjustment", "dispute", amount: -100_00, fee: 150_00, source: StripeSamples.dispute),
                StripeSamples.row(
                    "txn_4", "adjustment", "dispute_reversal", amount: 100_00, fee: -150_00,
                    source: StripeSamples.dispute),
                StripeSamples.row("txn_5", "stripe_fee", "fee", amount: -2_00, fee: 50),
                StripeSamples.row("txn_6", "payout", amount: -54_30, source: StripeSamples.payout(amount: 54_30)),
            ]),
        ])
        let payout = bench.payout(net: "54.30")
        let first = try await bench.connector.lines(of: payout, cursor: nil)
        #expect(first.next == PageCursor("txn_2"))
        let second = try await bench.connector.lines(of: payout, cursor: first.next)
        #expect(second.next == nil)
        let lines = first.lines + second.lines
        #expect(lines.map(\.id) == ["txn_1", "txn_2", "txn_3", "txn_4", "txn_5"])
        #expect(lines.map(\.kind) == [.charge, .refund, .dispute, .disputeWon, .fee])
        #expect(lines.map(\.kindText) == ["charge", "refund", "dispute", "dispute_reversal", "stripe_fee"])
        #expect(lines.map(\.net).sum(Sample.sek) == payout.net)
        #expect(lines[2].fee == Sample.money("150.00"))
        #expect(lines[4].fee == Sample.money("0.50"))
        #expect(lines.allSatisfy { $0.original == nil && $0.at == bench.clock.now() })
        #expect(String(decoding: second.report, as: UTF8.self).contains("txn_6"))
        let queries = bench.queries()
        #expect(queries.map { $0["starting_after"] } == [nil, "txn_2"])
        #expect(queries.allSatisfy { $0["payout"] == "po_1" && $0["expand[]"] == "data.source" })
    }

    @Test(arguments: [
        ("payment", nil, 1, PayoutLine.Kind.charge, "payment"),
        ("payment_refund", "refund", -1, .refund, "payment_refund"),
        ("refund_failure", nil, 1, .refund, "refund_failure"),
        ("adjustment", "refund_failure", 1, .refund, "refund_failure"),
        ("payment_failure_refund", "charge_failure", -1, .refund, "payment_failure_refund"),
        ("refund", "partial_capture_reversal", -1, .charge, "partial_capture_reversal"),
        ("application_fee", "platform_earning", 1, .feeRefund, "application_fee"),
        ("tax_fee", "tax", -1, .fee, "tax_fee"), ("adjustment", "fee", 1, .feeRefund, "fee"),
        ("reserve_transaction", "connect_reserved_funds", -1, .reserve, "reserve_transaction"),
        ("reserved_funds", "risk_reserved_funds", 1, .release, "reserved_funds"),
        ("transfer", nil, -1, .transfer, "transfer"), ("topup", nil, 1, .transfer, "topup"),
        ("adjustment", "other_adjustment", 1, .adjustment, "other_adjustment"),
        ("adjustment", "brand_new", -1, .adjustment, "adjustment"),
        ("brand_new", "network_cost", -1, .fee, "brand_new"), ("brand_new", "brand_new", 1, .unknown, "brand_new"),
        ("issuing_transaction", nil, -1, .unknown, "issuing_transaction"),
    ])
    func stripesWordsMeanOneKindEach(
        type: String, category: String?, amount: Int64, kind: PayoutLine.Kind, text: String
    ) async throws {
        let line = try await StripeBench.line(StripeSamples.row("txn_1", type, category, amount: amount))
        #expect(line?.kind == kind)
        #expect(line?.kindText == text)
    }

    @Test(arguments: ["payout", "payout_failure", "payout_cancel"])
    func anotherPayoutIsCountedAndBookedByItsOwnEntries(type: String) async throws {
        let row = StripeSamples.row("txn_1", type, amount: -5_00, fee: 50, source: StripeSamples.payout("po_0"))
        let line = try #require(try await StripeBench.line(row))
        #expect(line.kind == .returned)
        #expect(line.net == Sample.money("-5.50"))
        let own = StripeSamples.row("txn_1", type, amount: -5_00, source: #""po_1""#)
        #expect(try await StripeBench.line(own) == nil)
    }

    @Test func aFeeForPayingOutIsALine() async throws {
        let row = StripeSamples.row("txn_1", "payout", amount: -11_00, fee: 11, source: #""po_1""#)
        let line = try #require(try await StripeBench.line(row))
        #expect(line.kind == .fee)
        #expect(line.net == Sample.money("-0.11"))
    }

    @Test func aLineNamesItsOrderByAllThatStripeKnows() async throws {
        func keys(_ type: String, _ category: String, _ source: String) async throws -> PayoutKeys? {
            try await StripeBench.line(StripeSamples.row("txn_1", type, category, amount: 1, source: source)) {
                ($0.orderIDMetadata, $0.orderNumberMetadata) = ("order_id", "number")
            }?.keys
        }
        let charge = try await keys("charge", "charge", StripeSamples.charge())
        #expect(charge == PayoutKeys(transactionIDs: ["ch_1", "pi_1"], orderID: "27", orderNumber: "#1027"))
        let refund = try await keys("refund", "refund", StripeSamples.refund())
        #expect(refund == PayoutKeys(transactionIDs: ["ch_1", "pi_1", "re_1"]))
        let dispute = try await keys("adjustment", "dispute", StripeSamples.dispute)
        #expect(dispute == PayoutKeys(transactionIDs: ["ch_1", "pi_1"]))
        #expect(try await keys("charge", "charge", #""ch_2""#) == PayoutKeys(transactionIDs: ["ch_2"]))
        #expect(try await keys("stripe_fee", "fee", "null") == PayoutKeys())
    }

    @Test(arguments: [
        // EUR 10.00 at 11.4321: all of it, what was captured of more, and what was authorised.
        (114_32, "11.4321", StripeSamples.charge(amount: 10_00, currency: "eur"), "10.00", "EUR"),
        (114_32, "11.4321", StripeSamples.charge(amount: 25_00, captured: 10_00, currency: "eur"), "10.00", "EUR"),
        (114_32, "11.4321", StripeSamples.charge(amount: 10_00, captured: 6_00, currency: "eur"), "10.00", "EUR"),
        (114_32, "null", StripeSamples.charge(amount: 25_00, captured: 10_00, currency: "eur"), "10.00", "EUR"),
        // Rates of yen, between smallest units or between whole ones.
        (33_50, "0.067", StripeSamples.charge(amount: 500, currency: "jpy"), "500", "JPY"),
        (33_50, "6.7", StripeSamples.charge(amount: 500, currency: "jpy"), "500", "JPY"),
        (-114_32, "11.4321", StripeSamples.refund(amount: 10_00, currency: "eur"), "-10.00", "EUR"),
    ])
    func theCustomersCurrencyIsThatOfTheSource(
        amount: Int64, rate: String, source: String, original: String, currency: String
    ) async throws {
        let type = amount < 0 ? "refund" : "charge"
        let row = StripeSamples.row("txn_1", type, amount: amount, rate: rate, source: source)
        let line = try #require(try await StripeBench.line(row))
        #expect(line.original == Sample.money(original, Sample.currency(currency)))
        #expect(line.paid == line.original)
        #expect(line.amount.currency == Sample.sek)
    }

    @Test(arguments: [
        // One of several captures: the source states only what they come to.
        (
            StripeSamples.row(
                "txn_7", "charge", amount: 114_32, rate: "11.4321",
                source: StripeSamples.charge(amount: 30_00, captured: 25_00, currency: "eur")),
            ProblemCode.payoutDoesNotAddUp
        ),
        (StripeSamples.row("txn_7", "charge", amount: 114_32, rate: "11.4321", source: #""ch_1""#), .recordUnreadable),
        (StripeSamples.row("txn_7", "charge", amount: 100_00, fee: 3_00, net: 96_00), .payoutDoesNotAddUp),
        (StripeSamples.row("txn_7", "charge", amount: 100_00, currency: "eur"), .payoutCurrency),
        (#"{"id": "txn_7", "object": "balance_transaction"}"#, .recordUnreadable),
    ])
    func aRowThatCannotBeBookedStopsItsPayoutAndIsNamed(row: String, code: ProblemCode) async {
        let error = await StripeBench.problem(ofLine: row)
        #expect(error?.decision == .stop)
        #expect(error?.problem.code == code)
        #expect(error?.problem.detail.contains("txn_7") == true)
        #expect(error?.problem.detail.contains("po_1") == true)
    }

    @Test func aPayoutWithoutLinesIsNotAskedFor() async {
        let bench = StripeBench([StripeSamples.list([])])
        for (payout, decision) in [
            (bench.payout(.unlisted), ConnectorError.Decision.stop),
            (bench.payout(.settled, .pending), .retry(after: nil)),
        ] {
            do throws(ConnectorError) {
                _ = try await bench.connector.lines(of: payout, cursor: nil)
                #expect(Bool(false), "it was asked for")
            } catch {
                #expect(error.decision == decision)
            }
        }
        #expect(bench.transport.sent.isEmpty)
    }
}

@Suite struct StripeFailureTests {
    private func failure(_ outcome: Result<HTTPReply, TransportFailure>) async -> (ConnectorError?, calls: Int) {
        let bench = StripeBench(outcomes: [outcome])
        do throws(ConnectorError) {
            _ = try await bench.connector.payouts(madeSince: .distantPast, cursor: nil)
            return (nil, bench.transport.sent.count)
        } catch {
            return (error, bench.transport.sent.count)
        }
    }

    @Test(arguments: [
        (StripeSamples.error(401), ConnectorError.Decision.pauseConnection, ProblemCode.unauthorised, 1),
        (StripeSamples.error(403), .pauseConnection, .permissionMissing, 1),
        (HTTPReply(status: 403, body: Array("<html>".utf8)), .retry(after: nil), .answerUnreadable, 1),
        (StripeSamples.error(400, code: "parameter_invalid_integer"), .stop, .answerUnreadable, 1),
        (StripeSamples.error(400, message: "Invalid Stripe API version: x"), .stop, .answerUnreadable, 1),
        (HTTPReply(status: 404, body: Array("<html>".utf8)), .stop, .answerUnreadable, 1),
        (HTTPReply(status: 301), .stop, .answerUnreadable, 1),
        (StripeSamples.error(429, code: "rate_limit"), .retry(after: nil), .unreachable, 1),
        (StripeSamples.error(500), .retry(after: nil), .unreachable, 4),
        (HTTPReply(status: 503, headers: [("Retry-After", "900")]), .retry(after: .seconds(900)), .unreachable, 1),
        (HTTPReply(status: 200, body: Array("<html>".utf8)), .retry(after: nil), .answerUnreadable, 1),
        (HTTPReply(status: 200, body: Array(#"{"data": [{}"#.utf8)), .retry(after: nil), .answerUnreadable, 1),
        (HTTPReply(status: 200, body: Array(#"{"data": []}"#.utf8)), .retry(after: nil), .answerUnreadable, 1),
    ])
    func whatStripeSaysDecidesWhatIsDone(
        reply: HTTPReply, decision: ConnectorError.Decision, code: ProblemCode, calls: Int
    ) async {
        let (error, sent) = await failure(.success(reply))
        #expect(error?.decision == decision)
        #expect(error?.problem.code == code)
        #expect(sent == calls)
    }

    @Test func aConnectionThatIsRefusedIsUnreachable() async {
        let (error, _) = await failure(.failure(.notSent("connection refused")))
        #expect(error?.problem.code == .unreachable)
    }

    @Test(arguments: [200, 301, 400, 401, 403, 404, 429, 500])
    func noFailureShowsTheKeyWhateverIsEchoed(status: Int) async {
        let (error, _) = await failure(
            .success(StripeSamples.error(status, code: "x rk_test_hidden", message: "rk_test_hidden, acct_hidden")))
        #expect(error != nil)
        #expect(!"\(String(describing: error))".contains("hidden"))
    }

    @Test func theCheckTellsEveryPermissionThatIsMissing() async {
        let missing = StripeSamples.error(
            403,
            message: "The provided key 'rk_test_*' may not. Having the 'rak_charge_read' permission would allow this.")
        let bench = StripeBench([missing])
        let problems = await bench.connector.check()
        #expect(problems.map(\.code) == Array(repeating: .permissionMissing, count: 4))
        #expect(problems.allSatisfy { $0.detail.contains("rak_charge_read") })
        let fine = StripeBench([StripeSamples.list([])])
        #expect(await fine.connector.check().isEmpty)
        #expect(
            fine.transport.sent.compactMap { URLComponents(string: $0.url)?.path } == [
                "/v1/payouts", "/v1/balance_transactions", "/v1/charges", "/v1/disputes",
            ])
    }

    @Test func theCheckTellsAWrongKeyAndAStripeThatIsAwayOnce() async {
        #expect(await StripeBench([StripeSamples.error(401)]).connector.check().map(\.code) == [.unauthorised])
        let away = StripeBench(outcomes: [.failure(.notSent("no route"))])
        #expect(await away.connector.check().map(\.code) == [.unreachable])
    }
}

@Suite struct StripeConfigurationTests {
    @Test func keysAreReadAndTheUsualOnesNeedNotBeGiven() {
        let reader = FieldReader(["secretKey": "rk_live_1", "webhookSecret": "whsec_a, whsec_b"])
        let configuration = StripeConfiguration(reader)
        reader.refuseUnknownKeys()
        #expect(reader.problems.isEmpty)
        #expect(configuration.url == "https://api.stripe.com")
        #expect(configuration.webhookSecrets == [Secret("whsec_a"), Secret("whsec_b")])
        #expect(configuration.orderIDMetadata == nil)
        #expect(configuration.orderNumberMetadata == "order_id")
        #expect(configuration.apiVersion == "2026-10-28.endive")
        #expect(configuration.callsPerSecond == 20)
    }

    @Test func allProblemsAreToldAtOnceAndWithoutTheKeys() {
        let reader = FieldReader([
            "url": "stripe", "secretKey": "pk_hidden å", "webhookSecret": "whsec_ö", "orderIDMetadata": "",
            "callsPerSecond": "many", "apiVersion": "new est",
        ])
        let configuration = StripeConfiguration(reader)
        #expect(
            Set(reader.problems.map(\.path)) == [
                "url", "secretKey", "webhookSecret", "orderIDMetadata", "callsPerSecond", "apiVersion",
            ])
        #expect(!"\(reader.problems) \(configuration)".contains("hidden"))
    }

    @Test func aMissingKeyIsToldOnce() {
        let reader = FieldReader([:])
        _ = StripeConfiguration(reader)
        #expect(reader.problems.map(\.path) == ["secretKey"])
    }

    @Test func integrationsOfOneAccountShareItsBudget() {
        let shared = SharedParts()
        func connector(_ key: String) -> StripeConnector {
            StripeConnector(
                StripeConfiguration(secretKey: Secret(key)),
                ConnectorTools(
                    transport: StubTransport([]), clock: VirtualClock(), shop: Sample.shop, timeZone: Sample.stockholm,
                    shared: shared))
        }
        #expect(connector("rk_1").connection === connector("rk_1").connection)
        #expect(connector("rk_1").connection !== connector("rk_2").connection)
    }
}
