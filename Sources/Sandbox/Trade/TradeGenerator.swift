public import Domain

/// Makes believable trade from a seed: who buys what, how they pay, and what becomes of each order.
public struct TradeGenerator: Sendable {
    private var dice: TradeDice
    private var people: TradePeople
    private var orders = 0
    /// What the orders of the last month have still before them, in order of time.
    public private(set) var upcoming: [TradeEvent] = []

    public init(seed: UInt64) {
        var dice = TradeDice(seed: seed)
        people = TradePeople(dice: dice.fork())
        self.dice = dice
    }

    /// A timeline of 30 days up to a moment, with this many orders. What would happen later is left in `upcoming`.
    public mutating func month(of orders: Int, ending: Instant) -> [TradeEvent] {
        let minutes = 30 * 24 * 60
        var events: [TradeEvent] = []
        for _ in 0..<orders {
            events += life(placedAt: ending - .seconds(60 * dice.roll(0...minutes) + dice.roll(0...59)))
        }
        events = Self.sorted(events)
        upcoming = events.filter { $0.at > ending }
        return events.filter { $0.at <= ending }
    }

    /// The next order at a rate, with all that becomes of it.
    public mutating func next(after: Instant, perHour: Int) -> [TradeEvent] {
        // Evenly random between nothing and twice the mean.
        let mean = 3_600_000 / max(1, perHour)
        return life(placedAt: after + .milliseconds(dice.roll(1...(2 * mean + 1))))
    }

    /// By time; what happens in one second stays in its order.
    static func sorted(_ events: [TradeEvent]) -> [TradeEvent] {
        events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    // MARK: One order

    private mutating func life(placedAt: Instant) -> [TradeEvent] {
        orders += 1
        var life = TradeLife(order: orders, placedAt: placedAt, customer: people.next(), dice: dice.fork())
        return life.events()
    }
}

/// One order from basket to end.
struct TradeLife {
    let order: Int
    let placedAt: Instant
    let customer: TradeCustomer
    var dice: TradeDice

    private var now: Instant
    private var told: [TradeEvent] = []

    init(order: Int, placedAt: Instant, customer: TradeCustomer, dice: TradeDice) {
        self.order = order
        self.placedAt = placedAt
        self.customer = customer
        self.dice = dice
        now = placedAt
    }

    mutating func events() -> [TradeEvent] {
        var draft = basket()
        let special = dice.roll(1...1000)
        if special <= 12 {
            draft.status = "checkout-draft"
            tell(.place(draft))
            return told
        }
        if special <= 24, customer.country == "SE" {
            tell(.place(free(draft)))
            wait(hours: 4...60)
            tell(.complete)
            return told
        }
        switch draft.paymentMethod {
        case "bacs": bankTransfer(draft)
        case "cod": cashOnDelivery(draft)
        default: card(draft)
        }
        if dice.chance(40) { tell(.note("Kunden ringde: ställ paketet vid dörren")) }
        return told
    }

    private mutating func tell(_ act: TradeEvent.Act) { told.append(TradeEvent(at: now, order: order, act: act)) }

    private mutating func wait(hours: ClosedRange<Int>) {
        now = now + .seconds(dice.roll(hours.lowerBound * 3600 + 1...hours.upperBound * 3600 + 1))
    }

    // MARK: The basket

    private mutating func basket() -> ShopOrderDraft {
        let currency: String =
            switch customer.country {
            case "NO": dice.chance(700) ? "NOK" : "SEK"
            case "SE": "SEK"
            default: dice.chance(700) ? "EUR" : "SEK"
            }
        var basket = TradeBasket(customer: customer, currency: currency)
        let hasCoupon = dice.chance(120)
        var draft = ShopOrderDraft()
        draft.currency = currency
        draft.customerID = customer.customerID
        draft.billing = customer.address
        draft.shipping = customer.address
        draft.shipping.email = ""
        draft.fields = customer.fields
        draft.isVATExempt = customer.isExempt
        draft.lines = basket.lines(&dice, discount: hasCoupon ? 10 : 0, hasMissingSKU: dice.chance(12))
        draft.coupons = hasCoupon ? [dice.pick(["TIO", "VÄLKOMMEN"])] : []
        draft.shippingLines = [basket.shipping(draft.lines, &dice)]
        choosePayment(&draft)
        if draft.paymentMethod == "klarna", currency == "SEK", customer.kind == .swedishCompany {
            draft.fees = [.init(name: "Fakturaavgift", net: 2_320)]
        }
        return draft
    }

    private mutating func choosePayment(_ draft: inout ShopOrderDraft) {
        let methods: [(String, Int)] =
            switch customer.kind {
            case .swedishCompany: [("klarna", 45), ("bacs", 40), ("stripe", 15)]
            case .euBusiness: [("stripe", 60), ("bacs", 40)]
            case .person:
                customer.country == "SE"
                    ? [("stripe", 45), ("klarna", 35), ("cod", 12), ("bacs", 8)] : [("stripe", 80), ("klarna", 20)]
            }
        draft.paymentMethod = dice.pick(weighted: methods)
        let titles = [
            "stripe": "Kort", "klarna": "Klarna", "bacs": "Banköverföring", "cod": "Postförskott",
        ]
        draft.paymentTitle = titles[draft.paymentMethod] ?? ""
    }

    /// A gift: everything is taken off, and shipping is free.
    private func free(_ draft: ShopOrderDraft) -> ShopOrderDraft {
        var draft = draft
        for index in draft.lines.indices {
            if case .gross(let subtotal, _) = draft.lines[index].amount {
                draft.lines[index].amount = .gross(subtotal: subtotal, total: 0)
            }
        }
        draft.shippingLines = [.init(methodID: "free_shipping", name: "Fri frakt", net: 0)]
        draft.fees = []
        draft.coupons = ["GRATIS"]
        (draft.paymentMethod, draft.paymentTitle) = ("", "")
        draft.status = "processing"
        return draft
    }

    // MARK: Paying

    private mutating func card(_ draft: ShopOrderDraft) {
        tell(.place(draft))
        let fate = dice.roll(1...100)
        now = now + .seconds(dice.roll(20...300))
        if fate <= 4 {
            tell(.fail)
        } else if fate <= 8 {
            wait(hours: 1...2)
            tell(.cancel)
        } else if fate == 9 {
            wait(hours: 5...50)
            tell(.trash)
        } else {
            tell(.pay(transactionID: "\(draft.paymentMethod == "stripe" ? "ch" : "kl")_\(order)"))
            deliver(draft)
        }
    }

    private mutating func bankTransfer(_ draft: ShopOrderDraft) {
        var draft = draft
        draft.status = "on-hold"
        tell(.place(draft))
        if dice.chance(250) {
            wait(hours: 1...12)
            var basket = TradeBasket(customer: customer, currency: draft.currency ?? "SEK")
            draft.lines = basket.lines(&dice, discount: draft.coupons.isEmpty ? 0 : 10, hasMissingSKU: false)
            tell(.edit(draft.lines))
        }
        let fate = dice.roll(1...100)
        if fate <= 80 {
            wait(hours: 14...110)
            tell(.pay(transactionID: ""))
            deliver(draft)
        } else if fate <= 90 {
            wait(hours: 190...210)
            tell(.cancel)
        } else if fate <= 94 {
            wait(hours: 20...100)
            tell(.trash)
        }
    }

    private mutating func cashOnDelivery(_ draft: ShopOrderDraft) {
        var draft = draft
        draft.status = "processing"
        tell(.place(draft))
        if dice.chance(60) {
            wait(hours: 1...10)
            tell(.cancel)
        } else {
            deliver(draft)
        }
    }

    // MARK: Delivery and returns

    private mutating func deliver(_ draft: ShopOrderDraft) {
        if draft.paymentMethod != "cod", dice.chance(40) { return }
        wait(hours: 4...72)
        tell(.complete)
        guard dice.chance(80) else { return }
        wait(hours: 24...300)
        switch dice.roll(1...3) {
        case 1: tell(.refundAll)
        case 2: tell(.refund(compensation(draft)))
        default: tell(.refund(lineBack(draft)))
        }
    }

    /// Money only, and never more than half of the first line.
    private mutating func compensation(_ draft: ShopOrderDraft) -> TradeRefund {
        let first = draft.lines.first.map { Self.gross($0) } ?? 0
        return TradeRefund(amount: min(dice.roll(1...20) * 100, max(1, first / 2)), reason: "Kompensation", lines: [])
    }

    /// One whole line comes back.
    private mutating func lineBack(_ draft: ShopOrderDraft) -> TradeRefund {
        let index = dice.roll(0...draft.lines.count - 1)
        let line = draft.lines[index]
        let total = Self.gross(line)
        let rate = TradeCatalogue.all[line.productID].map { TradeBasket.rate(of: $0, for: customer) } ?? 0
        let tax = TradeVAT.inside(total, rate: rate)
        let back = TradeRefund.Line(index: index, quantity: line.quantity, net: total - tax, tax: tax)
        return TradeRefund(amount: total, reason: "Retur", lines: [back])
    }

    private static func gross(_ line: ShopOrderDraft.Line) -> Int {
        if case .gross(_, let total) = line.amount { total } else { 0 }
    }
}
