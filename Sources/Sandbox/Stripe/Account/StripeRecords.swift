import Domain

/// Where a record stands in lists: by time, then by when it came into being here.
struct StripePlace: Comparable, Sendable {
    let created: Int64
    let sequence: Int

    static func < (left: Self, right: Self) -> Bool {
        (left.created, left.sequence) < (right.created, right.sequence)
    }
}

/// Something with an id that lists show. Times are seconds since 1970.
protocol StripeRecord: Sendable {
    var id: String { get }
    var sequence: Int { get }
    var created: Int64 { get }
}

extension StripeRecord {
    var place: StripePlace { StripePlace(created: created, sequence: sequence) }
}

/// One movement of the balance.
struct StripeTransaction: StripeRecord {
    struct Fee: Sendable {
        /// Negative when it is given back.
        var amount: Int
        var type = "stripe_fee"
        var description: String
    }

    var id = ""
    var sequence = 0
    var type: String
    /// `reporting_category`.
    var category: String
    var amount: Int
    var fees: [Fee] = []
    var currency: String
    var exchangeRate: ExactDecimal?
    var created: Int64
    var availableOn: Int64
    var source: String?
    var description: String?
    /// The automatic payout that it was paid out with.
    var payout: String?

    var fee: Int { fees.reduce(0) { $0 + $1.amount } }
    var net: Int { amount - fee }

    /// Whether it may be paid out. What a payout takes is gone at once, whatever its date says.
    func isAvailable(at time: Int64) -> Bool { created <= time && (availableOn <= time || type == "payout") }
}

/// A customer's consent to pay, and what was taken of it.
struct StripeIntent: StripeRecord {
    let id: String
    let sequence: Int
    let created: Int64
    let amount: Int
    let currency: String
    let description: String?
    let metadata: [String: String]
    /// Whether it is captured later, perhaps in parts.
    let isManual: Bool
    let method: String
    var received = 0
    /// The last is the latest.
    var charges: [String] = []
}

struct StripeCharge: StripeRecord {
    let id: String
    let sequence: Int
    let created: Int64
    let amount: Int
    let currency: String
    let description: String?
    let metadata: [String: String]
    let intent: String
    let method: String
    var transaction = ""
    /// Without refunds that failed.
    var refunded = 0
    var refunds: [String] = []
    var dispute: String?
}

struct StripeRefund: StripeRecord {
    let id: String
    let sequence: Int
    let created: Int64
    let amount: Int
    let currency: String
    let charge: String
    let intent: String
    let method: String
    let metadata: [String: String]
    var transaction = ""
    var status = "succeeded"
    var failureTransaction: String?
}

struct StripeDispute: StripeRecord {
    let id: String
    let sequence: Int
    let created: Int64
    let amount: Int
    let currency: String
    let charge: String
    let intent: String
    let reason: String
    /// The bank only asks; no money moves.
    let isInquiry: Bool
    /// What was withdrawn and what came back.
    var transactions: [String] = []
    var status: String

    var isOpen: Bool { status == "needs_response" || status == "warning_needs_response" }
}

struct StripePayout: StripeRecord {
    let id: String
    let sequence: Int
    let created: Int64
    /// Negative where money is withdrawn from the bank account.
    let amount: Int
    let currency: String
    let isAutomatic: Bool
    /// `arrival_date`, the beginning of a day.
    let arrival: Int64
    let submittedAt: Int64
    let paidAt: Int64
    /// When its content is complete; `nil` until it is told.
    let reconciledAt: Int64?
    let destination: String
    var transaction = ""
    var status = "pending"
    var isReconciled = false
    var failureTransaction: String?
    var failureCode: String?
    var failureMessage: String?
    var endedAt: Int64?
    /// What it is made up of, its own row among them; nothing for one made by hand.
    var rows = StripeTimeline()

    var isOnItsWay: Bool { status == "pending" || status == "in_transit" }

    /// Whether time alone will complete what it is made up of.
    var waitsForContent: Bool { isAutomatic && !isReconciled && reconciledAt != nil }

    var reconciliationStatus: String {
        isAutomatic ? (isReconciled ? "completed" : "in_progress") : "not_applicable"
    }

    /// What a list by payout shows of it. Before reconciliation is complete that is only its own row and the older half of
    /// the others: who reads then books half a payout.
    var shownRows: StripeTimeline {
        guard !isReconciled else { return rows }
        var shown = rows.without(transaction)
        shown.keepOldest(shown.count / 2)
        if let own = rows.entry(of: transaction) { shown.insert(own) }
        return shown
    }
}

/// A record as it was when something happened to it.
enum StripeSubject: Sendable {
    case charge(StripeCharge, [StripeRefund])
    case refund(StripeRefund)
    case dispute(StripeDispute, [StripeTransaction])
    case payout(StripePayout)

    var id: String {
        switch self {
        case .charge(let charge, _): charge.id
        case .refund(let refund): refund.id
        case .dispute(let dispute, _): dispute.id
        case .payout(let payout): payout.id
        }
    }
}

struct StripeEvent: StripeRecord {
    let id: String
    let sequence: Int
    let created: Int64
    /// `payout.paid`.
    let type: String
    let subject: StripeSubject
}
