import Domain
import Sandbox
import TestKit
import Testing

/// Card payments of made-up trade, and the life of a provider.
@Suite struct TradePaymentsTests {
    private static let ending = Sample.instant("2026-11-23T12:00:00Z")

    private static func trade(_ orders: Int) -> Trade {
        let trade = Trade(TradeGenerator(seed: 7), in: WooCommerceSandbox(clock: VirtualClock(ending)))
        trade.month(of: orders, ending: ending)
        return trade
    }

    private static func stripe(_ currencies: [String] = ["sek", "eur"]) -> StripeSandbox {
        var settings = StripeSandbox.Settings()
        settings.settlementCurrencies = currencies
        return StripeSandbox(settings: settings, clock: VirtualClock(ending))
    }

    @Test func whatWasPaidByCardIsChargedUnderTheIDThatTheOrderBears() throws {
        let trade = Self.trade(300)
        let stripe = Self.stripe()
        TradePayments(in: stripe, of: trade).catchUp(with: trade.happened)

        var (charged, refunded) = ([String: Int](), [String: Int]())
        for event in trade.happened {
            guard case .pay(let id) = event.act, id.hasPrefix("ch_") else { continue }
            let order = try #require(trade.truth.orders[event.order])
            charged[id] = order.total
            refunded[id] = order.refunds.reduce(0, +)
        }
        var (ours, back) = ([String: Int](), [String: Int]())
        for transaction in stripe.books.transactions {
            let sale = try #require(transaction.sale)
            if transaction.type == "charge" { ours[sale.charge] = sale.paid }
            if transaction.type == "refund" { back[sale.charge, default: 0] -= sale.paid }
            let order = try #require(sale.charge.split(separator: "_").last.flatMap { Int($0) })
            #expect(sale.metadata["order_id"] == trade.number(of: order))
        }
        #expect(charged.count > 100)
        #expect(ours == charged)
        #expect(back == refunded.filter { $0.value > 0 })
        #expect(!back.isEmpty)
    }

    @Test func theLifeOfAProviderIsTheSameEventByEventAndAtOnce() {
        let trade = Self.trade(400)
        let (once, slowly) = (Self.stripe(), Self.stripe())
        let payments = TradePayments(in: once, of: trade, seed: 5)
        payments.catchUp(with: trade.happened)
        payments.catchUp(with: trade.happened)
        payments.advance(to: Self.ending + .seconds(20 * 86_400))

        let others = TradePayments(in: slowly, of: trade, seed: 5)
        for event in trade.happened {
            others.take([event])
            others.advance(to: event.at)
        }
        others.advance(to: Self.ending + .seconds(20 * 86_400))

        func lines(_ stripe: StripeSandbox) -> [String] {
            stripe.books.transactions.map { "\($0.type) \($0.currency) \($0.amount) \($0.fee) \($0.created)" }.sorted()
        }
        #expect(lines(once) == lines(slowly))
        #expect(once.books.payouts.map(\.net) == slowly.books.payouts.map(\.net))
        let categories = Set(once.books.transactions.map(\.category))
        #expect(
            categories.isSuperset(of: [
                "charge", "refund", "dispute", "dispute_reversal", "fee", "risk_reserved_funds", "payout",
                "balance_harmonisation",
            ]), "\(categories)")
    }

    @Test func everyPayoutComesToTheSumOfItsMovements() {
        let trade = Self.trade(400)
        let stripe = Self.stripe(["sek"])
        let payments = TradePayments(in: stripe, of: trade, seed: 9)
        payments.catchUp(with: trade.happened)
        payments.advance(to: Self.ending + .seconds(20 * 86_400))
        let books = stripe.books
        #expect(books.currencies == ["sek"])
        #expect(books.payouts.count > 20)
        for payout in books.payouts {
            #expect(books.content(of: payout.id).reduce(0) { $0 + $1.net } == payout.net)
        }
        let paidOut = books.payouts.reduce(0) { $0 + $1.net }
        let moved = books.transactions.filter { $0.type != "payout" }.reduce(0) { $0 + $1.net }
        #expect(paidOut + books.unpaid(in: "sek") == moved)
    }

    @Test func anotherSeedMakesAnotherLife() {
        let trade = Self.trade(200)
        let nets = [UInt64(1), 2].map { seed in
            let stripe = Self.stripe()
            let payments = TradePayments(in: stripe, of: trade, seed: seed)
            payments.catchUp(with: trade.happened)
            payments.advance(to: Self.ending)
            return stripe.books.transactions.filter { $0.sale == nil && $0.type != "payout" }.map(\.net)
        }
        #expect(nets[0] != nets[1])
    }
}
