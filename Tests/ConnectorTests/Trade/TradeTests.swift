import ConnectorKit
import Connectors
import Domain
import Sandbox
import TestKit
import Testing

/// A month of made-up trade in a shop, and what the connector and the rules make of it.
@Suite struct TradeTests {
    private static let ending = Sample.instant("2026-11-23T12:00:00Z")

    private static func trade(_ orders: Int, seed: UInt64 = 7) -> Trade {
        let trade = Trade(TradeGenerator(seed: seed), in: WooCommerceSandbox(clock: VirtualClock(ending)))
        trade.month(of: orders, ending: ending)
        return trade
    }

    /// Any order's bytes as the connector would read them.
    private static func order(_ id: Int, of trade: Trade) throws -> Order {
        let connector = WooCommerceConnector(
            WooCommerceConfiguration(url: "http://shop.example", consumerKey: Secret("a"), consumerSecret: Secret("b")),
            transport: StubTransport(statuses: 200), clock: VirtualClock())
        let payload = try #require(trade.shop.payload(of: id))
        return try connector.normalise(
            RawRecord(id: String(id), payload: payload, fetchBegan: .distantPast), previous: nil)
    }

    @Test func theSameSeedGivesTheSameTradeAndAnotherSeedAnother() {
        var (first, second, other) = (TradeGenerator(seed: 1), TradeGenerator(seed: 1), TradeGenerator(seed: 2))
        let events = first.month(of: 200, ending: Self.ending)
        #expect(events == second.month(of: 200, ending: Self.ending))
        #expect(events != other.month(of: 200, ending: Self.ending))
        #expect(first.next(after: Self.ending, perHour: 60) == second.next(after: Self.ending, perHour: 60))
    }

    @Test func everyOrderAddsUpToTheMinorUnit() throws {
        let trade = Self.trade(400)
        for id in trade.shop.orderIDs {
            let wire = try JSONReader.decode(try #require(trade.shop.payload(of: id)))
            let items = ["line_items", "shipping_lines", "fee_lines"].flatMap { wire[$0]?.array ?? [] }
            let net = try items.map { try Self.minor($0["total"]) }.reduce(0, +)
            let tax = try items.map { try Self.minor($0["total_tax"]) }.reduce(0, +)
            let rates = try (wire["tax_lines"]?.array ?? []).map {
                try Self.minor($0["tax_total"]) + Self.minor($0["shipping_tax_total"])
            }
            #expect(try Self.minor(wire["total"]) == net + tax, "order \(id)")
            #expect(try Self.minor(wire["total_tax"]) == tax, "order \(id)")
            #expect(rates.reduce(0, +) == tax, "order \(id)")
        }
    }

    private static func minor(_ value: JSONValue?) throws -> Int {
        let digits = value?.string?.filter { $0 != "." } ?? ""
        return try #require(Int(digits))
    }

    @Test func theConnectorReadsEveryOrderAsTheTruthHasIt() throws {
        let trade = Self.trade(600)
        let truth = trade.truthByNumber
        #expect(truth.count == 600)
        for id in trade.shop.orderIDs {
            let order = try Self.order(id, of: trade)
            let expected = try #require(truth[order.number])
            #expect(order.total.minorUnits == Int64(expected.total), "order \(id)")
            #expect(order.totalTax.minorUnits == Int64(expected.vat.values.map(\.vat).reduce(0, +)), "order \(id)")
            #expect(order.statusText == expected.status, "order \(id)")
            #expect(order.currency.code == expected.currency, "order \(id)")
            #expect(order.paidAt?.iso8601 == expected.paidAt?.iso8601, "order \(id)")
            #expect(order.shippedAt?.iso8601 == expected.shippedAt?.iso8601, "order \(id)")
            #expect(order.refunds.map { Int($0.amount.minorUnits) } == expected.refunds, "order \(id)")
        }
    }

    @Test func theRulesDecideAsTheTruthExpects() throws {
        let trade = Self.trade(600)
        let truth = trade.truthByNumber
        for id in trade.shop.orderIDs {
            let order = try Self.order(id, of: trade)
            let expected = try #require(truth[order.number]).outcome
            let decided = plan(
                order, of: Sample.shop, documents: [], settings: Self.settings, books: Sample.books(at: Self.ending),
                decisions: [], now: Self.ending)
            #expect(Self.says(decided) == Self.says(expected), "order \(id): \(decided)")
        }
    }

    /// A new order is booked first, and credited afterwards.
    private static func says(_ outcome: TradeTruth.Outcome) -> String {
        switch outcome {
        case .booked: "books"
        case .stopped(let code), .excluded(let code): code
        case .waitingForPayment: "payment"
        case .waitingForDelivery: "delivery"
        }
    }

    private static func says(_ plan: Plan) -> String {
        switch plan {
        case .step: "books"
        case .complete: "complete"
        case .hold(let hold): hold.waitingFor
        case .exclusion(let exclusion): exclusion.rule.rawValue
        case .stop(let problem): problem.code.rawValue
        }
    }

    private static var settings: Settings {
        var settings = Sample.settings
        settings.paymentMethods = [
            PaymentMethodRule(method: "cod", ownInvoice: true), PaymentMethodRule(method: "*"),
        ]
        settings.vat.rules += [
            VATRule(percent: Sample.decimal("7"), country: "DE", tax: "DE7"),
            VATRule(percent: Sample.decimal("25"), country: "DK", tax: "DK25"),
            VATRule(percent: Sample.decimal("25.5"), country: "FI", tax: "FI255"),
        ]
        return settings
    }

    @Test func theMonthHasEverythingThatAMerchantMeets() {
        let truth = Self.trade(2000).truth
        let outcomes = truth.orders.values.reduce(into: [:]) { $0[Self.says($1.outcome), default: 0] += 1 }
        for expected in [
            "books", "DRAFT_ORDER", "TRASHED_ORDER", "CANCELLED_ORDER", "FAILED_ORDER", "ZERO_VALUE_ORDER", "payment",
            "delivery", "SKU_MISSING",
        ] {
            #expect(outcomes[expected] != nil, "\(expected) of \(outcomes)")
        }
        #expect(outcomes["books", default: 0] > 1500)
        #expect(
            truth.orders.values.contains { $0.outcome == .booked && !$0.refunds.isEmpty })
        #expect(Set(truth.booked.keys) == ["SEK", "EUR", "NOK"])
        let keys = Set(truth.booked.values.flatMap(\.vat.keys))
        #expect(Set(keys.map(\.reason)) == Set(TradeVAT.Reason.allCases))
        #expect(Set(keys.filter { $0.reason == .oss }.map(\.country)) == ["DE", "DK", "FI"])
        for sum in truth.booked.values {
            #expect(sum.total == sum.vat.values.map { $0.net + $0.vat }.reduce(0, +))
        }
    }

    @Test func twoThousandOrdersAreAllSeenByAWalkAndNoneTwice() async throws {
        try await SandboxBench.open { bench in
            let trade = Trade(TradeGenerator(seed: 3), in: bench.shop)
            trade.month(of: 2000, ending: SandboxBench.start)
            var seen: [String: Int] = [:]
            var cursor: PageCursor?
            repeat {
                let page = try await bench.connector.orders(
                    changedSince: SandboxBench.start - .seconds(40 * 86_400), cursor: cursor)
                #expect(page.unreadable.isEmpty)
                // Pages meet in the last second of the one before: the same order again, with the same bytes.
                for id in Set(page.records.map(\.id)) { seen[id, default: 0] += 1 }
                cursor = page.next
            } while cursor != nil
            #expect(Set(seen.keys) == Set(bench.shop.orderIDs.map { String($0) }))
            let repeated = seen.values.filter { $0 > 1 }.count
            let trashed = trade.truth.orders.values.filter { $0.status == "trash" }.count
            // The trash is walked before and after; other orders only stand twice where pages meet.
            #expect(repeated <= trashed + 25, "\(repeated) of \(seen.count), \(trashed) in the trash")
        }
    }

    @Test func aPageOfAFullShopHoldsAHundredOrdersAndTellsHowManyThereAre() async throws {
        try await SandboxBench.open { bench in
            Trade(TradeGenerator(seed: 4), in: bench.shop).month(of: 10_000, ending: SandboxBench.start)
            let reply = try await bench.send(
                .get,
                "orders?per_page=100&orderby=modified&order=asc&status=any,trash&modified_after=2026-01-01T00:00:00Z")
            let trash = try await bench.send(.get, "orders?per_page=1&status=trash")
            let counts = [reply, trash].compactMap { $0.header("X-WP-Total").flatMap { Int($0) } }
            let dates = try JSONReader.decode(reply.body).array?.compactMap { $0["date_modified_gmt"]?.string } ?? []
            #expect(counts.reduce(0, +) == 10_000)
            #expect(dates.count == 100)
            #expect(dates == dates.sorted())
        }
    }

    @Test func ordersComeAtTheRateAndTheirLivesGoOn() {
        let trade = Self.trade(100)
        let before = trade.shop.orderIDs.count
        var last = Self.ending
        for _ in 1...50 { last = trade.expectOrder(after: last, perHour: 3600) }
        trade.advance(to: last)
        #expect(trade.shop.orderIDs.count == before + 50)
        #expect(last - Self.ending < .seconds(100))

        let events = trade.happened.count
        trade.advance(to: last + .seconds(40 * 86_400))
        #expect(trade.happened.count > events + 50)
        #expect(trade.happened.map(\.at) == trade.happened.map(\.at).sorted())
    }
}
