import Domain

/// What happens at a payment provider besides payments and refunds, once in every thirty days each: a dispute that is lost, one
/// that is won, a fee that stands alone, a reserve and its release, and a line of a type that nobody knows.
struct TradePaymentLife: Sendable {
    private enum Act: Sendable {
        /// The next month begins. It stands among the others, so that the dice fall the same however often it is looked.
        case plan
        case dispute(isWon: Bool)
        case close(String, isWon: Bool)
        case fee(Int)
        case hold(Int)
        case release(Int)
        case unknown(Int)
    }

    private struct Planned: Sendable {
        let at: Instant
        let act: Act
    }

    private static let month = Duration.seconds(30 * 24 * 3600)
    /// Trade gives nothing back later than that, so a disputed charge is not refunded besides.
    private static let refundable = Duration.seconds(17 * 24 * 3600)

    private var dice: TradeDice
    /// In order of time.
    private var planned: [Planned] = []
    private var hasBegun = false
    /// Charges that may be disputed, in order of time.
    private var charges: [(id: String, at: Instant)] = []

    init(seed: UInt64) { dice = TradeDice(seed: seed) }

    mutating func charged(_ id: String, at time: Instant) { charges.append((id, time)) }

    mutating func refunded(_ id: String) { charges.removeAll { $0.id == id } }

    /// Lets everything happen that is due. The first month begins with the first call.
    mutating func run(until now: Instant, in stripe: StripeSandbox) {
        if !hasBegun { add(now, .plan) }
        hasBegun = true
        while let next = planned.first, next.at <= now {
            planned.removeFirst()
            perform(next, in: stripe)
        }
    }

    private mutating func plan(from start: Instant) {
        func after(_ days: ClosedRange<Int>) -> Instant {
            start + .seconds(dice.roll(days.lowerBound * 86_400...days.upperBound * 86_400))
        }
        let held = dice.roll(50...500) * 100
        let hold = after(2...6)
        add(hold, .hold(held))
        add(hold + .seconds(dice.roll(5 * 86_400...9 * 86_400)), .release(held))
        add(after(3...25), .fee(dice.roll(5...120) * 10))
        add(after(3...25), .unknown(dice.roll(-300...300) * 10))
        add(after(18...21), .dispute(isWon: false))
        add(after(18...21), .dispute(isWon: true))
        add(start + Self.month, .plan)
    }

    private mutating func add(_ time: Instant, _ act: Act) {
        let place = planned.firstIndex { $0.at > time } ?? planned.count
        planned.insert(Planned(at: time, act: act), at: place)
    }

    private mutating func perform(_ planned: Planned, in stripe: StripeSandbox) {
        let time = planned.at
        switch planned.act {
        case .plan: plan(from: time)
        case .dispute(let isWon):
            guard let charge = disputable(at: time), let dispute = stripe.dispute(charge, at: time) else {
                // Perhaps there is one later.
                return add(time + .seconds(2 * 86_400), planned.act)
            }
            add(time + .seconds(dice.roll(3 * 86_400...7 * 86_400)), .close(dispute, isWon: isWon))
        case .close(let dispute, let isWon):
            _ = isWon ? stripe.win(dispute, at: time) : stripe.lose(dispute, at: time)
        case .fee(let amount): stripe.chargeFee("Radar for Fraud Teams", amount, at: time)
        case .hold(let amount): stripe.holdReserve(amount, at: time)
        case .release(let amount): stripe.releaseReserve(amount, at: time)
        case .unknown(let amount):
            guard amount != 0 else { return }
            stripe.move(
                "balance_harmonisation", category: "balance_harmonisation", amount,
                description: "Balance harmonisation", at: time)
        }
    }

    /// Any charge that will not be refunded any more; it is disputed once only.
    private mutating func disputable(at time: Instant) -> String? {
        let old = charges.prefix { $0.at + Self.refundable <= time }
        guard !old.isEmpty else { return nil }
        return charges.remove(at: dice.roll(0...old.count - 1)).id
    }
}
