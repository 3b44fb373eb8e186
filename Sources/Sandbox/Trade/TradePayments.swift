public import ConnectorKit
public import Domain
import Synchronization

/// Lets the card payments of made-up trade arrive at a payment provider, and gives the provider a life of its own.
///
/// Who paid by card in the shop is charged here under the id that the shop's order bears; what the shop gives back is given
/// back here. Everything depends on the events and the seed alone, whether they come one by one or all at once.
public final class TradePayments: Sendable {
    private struct State {
        var truth = TradeTruth([])
        var seen = 0
        /// Orders that are paid by card, as they were placed.
        var orders: [Int: ShopOrderDraft] = [:]
        /// The charge of each order that was paid.
        var charges: [Int: String] = [:]
        var life: TradePaymentLife?
    }

    public let stripe: StripeSandbox
    private let number: @Sendable (Int) -> String?
    private let state: Mutex<State>

    /// `number` gives the shop's order number for the generator's count of an order. With a seed there are disputes, fees,
    /// reserves and a line of an unknown type besides.
    public init(in stripe: StripeSandbox, seed: UInt64? = nil, number: @escaping @Sendable (Int) -> String?) {
        self.stripe = stripe
        self.number = number
        state = Mutex(State(life: seed.map { TradePaymentLife(seed: $0) }))
    }

    /// Those of a shop's trade.
    public convenience init(in stripe: StripeSandbox, of trade: Trade, seed: UInt64? = nil) {
        self.init(in: stripe, seed: seed) { trade.number(of: $0) }
    }

    /// The charge of an order by the generator's count.
    public func charge(of order: Int) -> String? { state.withLock { $0.charges[order] } }

    /// Takes what happened since, in order of time.
    public func take(_ events: [TradeEvent]) {
        state.withLock { state in
            for event in events { take(event, &state) }
        }
    }

    /// Takes what is new in a whole history, such as `Trade.happened`.
    public func catchUp(with happened: [TradeEvent]) {
        state.withLock { state in
            for event in happened.dropFirst(state.seen) { take(event, &state) }
        }
    }

    /// Lets the provider's own life go on until then, and its payouts.
    public func advance(to now: Instant) {
        state.withLock { $0.life?.run(until: now, in: stripe) }
        stripe.advance(to: now)
    }

    /// Follows a trade until it is cancelled.
    public func run(following trade: Trade, every interval: Duration, clock: any WallClock) async throws {
        while true {
            catchUp(with: trade.happened)
            advance(to: clock.now())
            try await clock.sleep(for: interval)
        }
    }

    // MARK: One event

    private func take(_ event: TradeEvent, _ state: inout State) {
        state.seen += 1
        state.life?.run(until: event.at, in: stripe)
        state.truth.add(event)
        if case .place(let draft) = event.act, draft.paymentMethod == "stripe" { state.orders[event.order] = draft }
        guard let draft = state.orders[event.order], let truth = state.truth.orders[event.order] else { return }
        switch event.act {
        case .pay(let transactionID):
            // What costs nothing was paid without a card.
            guard truth.total > 0 else { return }
            let charge = stripe.charge(
                truth.total, draft.currency ?? "SEK", order: number(event.order),
                id: transactionID.isEmpty ? nil : transactionID, metadata: Self.metadata(draft), at: event.at)
            state.charges[event.order] = charge
            state.life?.charged(charge, at: event.at)
        case .refund, .refundAll:
            guard let charge = state.charges[event.order], let amount = truth.refunds.last else { return }
            state.life?.refunded(charge)
            stripe.refund(charge, amount, at: event.at)
        case .place, .complete, .cancel, .fail, .edit, .trash, .note: break
        }
    }

    /// What WooCommerce's gateway writes besides the order's number.
    private static func metadata(_ draft: ShopOrderDraft) -> [String: String] {
        [
            "customer_name": "\(draft.billing.firstName) \(draft.billing.lastName)",
            "customer_email": draft.billing.email, "site_url": "https://shop.example.test",
        ]
    }
}
