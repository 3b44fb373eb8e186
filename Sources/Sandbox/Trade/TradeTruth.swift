public import Domain

/// What the books must say of a trade, worked out from its events alone in plain whole numbers.
public struct TradeTruth: Sendable {
    /// What becomes of an order under the default rules: invoiced when paid, cash on delivery when shipped.
    public enum Outcome: Hashable, Sendable {
        case booked
        case excluded(code: String)
        case waitingForPayment
        case waitingForDelivery
        /// For a person, before anything is booked.
        case stopped(code: String)

        public var isBooked: Bool { self == .booked }
    }

    public struct Amounts: Hashable, Sendable {
        public var net = 0
        public var vat = 0
    }

    /// In minor units throughout.
    public struct Order: Hashable, Sendable {
        public var status: String
        public let currency: String
        public let placedAt: Instant
        public var paidAt: Instant?
        public var shippedAt: Instant?
        public var vat: [TradeVAT.Key: Amounts]
        /// What each refund gives back, in order: a credit note each, unless it is nothing.
        public var refunds: [Int] = []
        public var outcome = Outcome.waitingForPayment

        public var total: Int { vat.values.map { $0.net + $0.vat }.reduce(0, +) }
    }

    /// The booked orders of one currency.
    public struct Sum: Hashable, Sendable {
        public var count = 0
        public var total = 0
        public var vat: [TradeVAT.Key: Amounts] = [:]
    }

    /// By the generator's count.
    public private(set) var orders: [Int: Order] = [:]
    private var drafts: [Int: ShopOrderDraft] = [:]

    public init(_ events: [TradeEvent]) {
        for event in events { add(event) }
    }

    public var booked: [String: Sum] {
        orders.values.filter(\.outcome.isBooked).reduce(into: [:]) { sums, order in
            var sum = sums[order.currency] ?? Sum()
            sum.count += 1
            sum.total += order.total
            for (key, amounts) in order.vat {
                sum.vat[key, default: Amounts()].net += amounts.net
                sum.vat[key, default: Amounts()].vat += amounts.vat
            }
            sums[order.currency] = sum
        }
    }

    // MARK: What happened

    mutating func add(_ event: TradeEvent) {
        if case .place(let draft) = event.act {
            drafts[event.order] = draft
            orders[event.order] = Order(
                status: draft.status, currency: draft.currency ?? "SEK", placedAt: event.at, vat: Self.amounts(draft))
            // What costs nothing is paid at once.
            if draft.status == "processing", draft.paymentMethod != "cod" { orders[event.order]?.paidAt = event.at }
        }
        guard var order = orders[event.order], var draft = drafts[event.order] else { return }
        switch event.act {
        case .place, .note: break
        case .pay: (order.status, order.paidAt) = ("processing", order.paidAt ?? event.at)
        case .complete:
            (order.status, order.shippedAt, order.paidAt) = ("completed", event.at, order.paidAt ?? event.at)
        case .cancel: order.status = "cancelled"
        case .fail: order.status = "failed"
        case .trash: order.status = "trash"
        case .edit(let lines):
            draft.lines = lines
            order.vat = Self.amounts(draft)
        case .refundAll:
            order.refunds.append(order.total - order.refunds.reduce(0, +))
            order.status = "refunded"
        case .refund(let refund):
            order.refunds.append(refund.amount)
            if order.refunds.reduce(0, +) >= order.total { order.status = "refunded" }
        }
        order.outcome = Self.outcome(order, draft)
        (orders[event.order], drafts[event.order]) = (order, draft)
    }

    private static func amounts(_ draft: ShopOrderDraft) -> [TradeVAT.Key: Amounts] {
        let country = draft.shipping.country
        let isBusiness = draft.fields.contains { $0.key == "vat_number" }
        let reason = TradeVAT.reason(country: country, isBusiness: isBusiness)
        let isFree = reason == .export || reason == .euBusiness
        var amounts: [TradeVAT.Key: Amounts] = [:]
        func add(_ rate: Int, _ net: Int, _ vat: Int) {
            // What costs nothing bears nothing.
            if net == 0 { return }
            let key = TradeVAT.Key(rate: rate, country: country, reason: reason)
            amounts[key, default: Amounts()].net += net
            amounts[key, default: Amounts()].vat += vat
        }
        for line in draft.lines {
            guard case .gross(_, let gross) = line.amount, let article = TradeCatalogue.all[line.productID] else {
                continue
            }
            let rate = isFree ? 0 : TradeVAT.rate(article.taxClass, to: country)
            let vat = TradeVAT.inside(gross, rate: rate)
            add(rate, gross - vat, vat)
        }
        let rate = isFree ? 0 : TradeVAT.rate("", to: country)
        for charge in draft.shippingLines + draft.fees { add(rate, charge.net, TradeVAT.onTop(charge.net, rate: rate)) }
        return amounts
    }

    /// In the order in which the rules ask.
    private static func outcome(_ order: Order, _ draft: ShopOrderDraft) -> Outcome {
        switch order.status {
        case "checkout-draft": return .excluded(code: "DRAFT_ORDER")
        case "trash": return .excluded(code: "TRASHED_ORDER")
        case "cancelled": return .excluded(code: "CANCELLED_ORDER")
        case "failed": return .excluded(code: "FAILED_ORDER")
        default: break
        }
        if order.total == 0 { return .excluded(code: "ZERO_VALUE_ORDER") }
        if draft.paymentMethod == "cod" {
            if order.shippedAt == nil { return .waitingForDelivery }
        } else if order.paidAt == nil {
            return .waitingForPayment
        }
        if draft.lines.contains(where: { TradeCatalogue.all[$0.productID]?.sku.isEmpty ?? true }) {
            return .stopped(code: "SKU_MISSING")
        }
        return .booked
    }
}
