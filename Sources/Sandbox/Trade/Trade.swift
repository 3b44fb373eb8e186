public import ConnectorKit
public import Domain
import Synchronization

/// Lets made-up trade happen in a shop: a past month at once, or orders as they come.
public final class Trade: Sendable {
    private struct State {
        var generator: TradeGenerator
        /// What comes, in order of time.
        var coming: [TradeEvent] = []
        var happened: [TradeEvent] = []
        /// The shop's id of each order, by the generator's count.
        var ids: [Int: Int] = [:]
    }

    public let shop: WooCommerceSandbox
    private let state: Mutex<State>

    /// Puts the catalogue in the shop's.
    public init(_ generator: TradeGenerator, in shop: WooCommerceSandbox) {
        self.shop = shop
        state = Mutex(State(generator: generator))
        for article in TradeCatalogue.articles + [TradeCatalogue.withoutSKU] { shop.put(article) }
    }

    /// What happened so far, in order.
    public var happened: [TradeEvent] { state.withLock { $0.happened } }

    /// What the books must say of what happened so far.
    public var truth: TradeTruth { TradeTruth(happened) }

    /// The shop's order number for the generator's count of an order.
    public func number(of order: Int) -> String? { state.withLock { $0.ids[order].map { String($0) } } }

    /// What the books must say, by the shop's order number.
    public var truthByNumber: [String: TradeTruth.Order] {
        let ids = state.withLock { $0.ids }
        return truth.orders.reduce(into: [:]) { found, order in
            if let id = ids[order.key] { found[String(id)] = order.value }
        }
    }

    /// The last 30 days, at once; what these orders have before them comes with `advance`.
    public func month(of orders: Int, ending: Instant) {
        state.withLock { state in
            let events = state.generator.month(of: orders, ending: ending)
            state.coming = TradeGenerator.sorted(state.coming + state.generator.upcoming)
            for event in events { apply(event, &state) }
        }
    }

    /// Lets one more order come at a rate, counted from a moment; answers when it comes.
    @discardableResult
    public func expectOrder(after: Instant, perHour: Int) -> Instant {
        state.withLock { state in
            let events = state.generator.next(after: after, perHour: perHour)
            state.coming = TradeGenerator.sorted(state.coming + events)
            return events.first?.at ?? after
        }
    }

    /// Lets everything happen that is due.
    public func advance(to now: Instant) {
        state.withLock { state in
            let due = state.coming.prefix { $0.at <= now }
            state.coming.removeFirst(due.count)
            for event in due { apply(event, &state) }
        }
    }

    /// Trades on until it is cancelled.
    public func run(perHour: Int, clock: any WallClock) async throws {
        var nextOrder = expectOrder(after: clock.now(), perHour: perHour)
        while true {
            let next = state.withLock { $0.coming.first?.at } ?? nextOrder
            let now = clock.now()
            if next > now { try await clock.sleep(for: next - now) }
            advance(to: clock.now())
            if nextOrder <= clock.now() { nextOrder = expectOrder(after: nextOrder, perHour: perHour) }
        }
    }

    // MARK: One event

    private func apply(_ event: TradeEvent, _ state: inout State) {
        state.happened.append(event)
        if case .place(let draft) = event.act {
            state.ids[event.order] = shop.place(draft, at: event.at)
        } else if let id = state.ids[event.order] {
            act(event, on: id)
        }
    }

    private func act(_ event: TradeEvent, on id: Int) {
        switch event.act {
        case .place: break
        case .pay(let transactionID): shop.pay(id, transactionID: transactionID, at: event.at)
        case .complete: shop.complete(id, at: event.at)
        case .cancel: shop.cancel(id, at: event.at)
        case .fail: shop.setStatus(id, "failed", at: event.at)
        case .edit(let lines): shop.editLines(id, lines, at: event.at)
        case .refund(let refund): shop.refund(id, draft(refund, of: id), at: event.at)
        case .refundAll: shop.setStatus(id, "refunded", at: event.at)
        case .trash: shop.trash(id, at: event.at)
        case .note(let text): shop.note(id, text, at: event.at)
        }
    }

    private func draft(_ refund: TradeRefund, of id: Int) -> ShopRefundDraft {
        let ids = shop.lineIDs(of: id)
        let lines = refund.lines.compactMap { line -> ShopRefundDraft.Line? in
            guard ids.indices.contains(line.index) else { return nil }
            return ShopRefundDraft.Line(itemID: ids[line.index], quantity: line.quantity, net: line.net, tax: line.tax)
        }
        return ShopRefundDraft(amount: refund.amount, reason: refund.reason, lines: lines)
    }
}
