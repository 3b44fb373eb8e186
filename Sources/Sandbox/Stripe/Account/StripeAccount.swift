import Domain

/// Everything that the account holds.
struct StripeAccount: Sendable {
    static let day: Int64 = 24 * 3600

    let settings: StripeSandbox.Settings
    private var sequence = 0
    private var ids = StripeIDs()
    /// The latest time that anything was told to happen at.
    private(set) var now: Int64 = 0
    /// Into the first settlement currency.
    var rates: [String: ExactDecimal]

    var transactions = StripeShelf<StripeTransaction>()
    var intents = StripeShelf<StripeIntent>()
    var charges = StripeShelf<StripeCharge>()
    var refunds = StripeShelf<StripeRefund>()
    var disputes = StripeShelf<StripeDispute>()
    var payouts = StripeShelf<StripePayout>()
    var events = StripeShelf<StripeEvent>()
    /// Top-ups and transfers, written when they are made.
    var others: [String: JSONValue] = [:]

    /// What no payout has taken, by currency, in the order in which it came.
    var unpaid: [String: [String]] = [:]
    /// Payouts that time will still change.
    var moving: [String] = []
    /// The last day, counted from 1970, that the schedule was asked for.
    var scheduledDay: Int64?

    init(_ settings: StripeSandbox.Settings) {
        self.settings = settings
        rates = settings.exchangeRates
    }

    mutating func touch(_ time: Int64) { now = max(now, time) }

    mutating func nextID(_ prefix: String) -> String { ids.next(prefix) }

    mutating func nextSequence() -> Int {
        sequence += 1
        return sequence
    }

    // MARK: The balance

    /// Writes a movement down. One that belongs to no payout yet waits for the next.
    @discardableResult
    mutating func post(_ transaction: StripeTransaction) -> StripeTransaction {
        var transaction = transaction
        transaction.id = nextID("txn")
        transaction.sequence = nextSequence()
        transactions.add(transaction)
        if transaction.payout == nil { unpaid[transaction.currency, default: []].append(transaction.id) }
        touch(transaction.created)
        return transaction
    }

    /// What an amount comes to in the balance that it is settled in; without a rate where nothing is converted.
    func settled(_ amount: Int, _ currency: String) -> (amount: Int, currency: String, rate: ExactDecimal?) {
        if settings.settlementCurrencies.contains(currency) { return (amount, currency, nil) }
        let rate = rates[currency] ?? .one
        return (Self.product(amount, rate), settings.defaultCurrency, rate)
    }

    private static func product(_ amount: Int, _ rate: ExactDecimal) -> Int {
        Int((ExactDecimal(amount) * rate).rounded(decimals: 0).description) ?? 0
    }

    /// What a payout could take now, and what comes later.
    func balance(of currency: String) -> (available: Int, pending: Int) {
        var sums = (available: 0, pending: 0)
        for transaction in transactions.all where transaction.currency == currency {
            if transaction.isAvailable(at: now) {
                sums.available += transaction.net
            } else {
                sums.pending += transaction.net
            }
        }
        return sums
    }

    /// Those of the settings first, then whatever else moved.
    var currencies: [String] {
        let known = settings.settlementCurrencies
        return known + Set(transactions.all.map(\.currency)).subtracting(known).sorted()
    }

    // MARK: Events

    mutating func tell(_ type: String, _ subject: StripeSubject, at time: Int64) {
        events.add(
            StripeEvent(id: nextID("evt"), sequence: nextSequence(), created: time, type: type, subject: subject))
        touch(time)
    }

    mutating func tell(_ type: String, charge id: String, at time: Int64) {
        guard let charge = charges[id] else { return }
        tell(type, .charge(charge, charge.refunds.compactMap { refunds[$0] }), at: time)
    }

    mutating func tell(_ type: String, dispute id: String, at time: Int64) {
        guard let dispute = disputes[id] else { return }
        tell(type, .dispute(dispute, dispute.transactions.compactMap { transactions[$0] }), at: time)
    }
}

extension Instant {
    /// Whole seconds since 1970, as Stripe tells times.
    var unixTime: Int64 { milliseconds / 1000 }

    init(unixTime: Int64) { self.init(milliseconds: unixTime * 1000) }
}
