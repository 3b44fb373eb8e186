import Domain

/// What moved on a clearing account for one order. What came and what went back are kept apart, each by documents and by payouts:
/// which of the four is missing says what is left is.
struct OrderOnClearing {
    /// An amount with the day the oldest of it moved.
    struct Sum {
        var amount: Money
        var since: Day?

        var isNothing: Bool { amount.isZero }

        mutating func add(_ more: Money, _ day: Day) {
            amount += more
            since = min(since ?? day, day)
        }
    }

    private let number: String
    private var paid: Sum
    private var paidBack: Sum
    private var charged: Sum
    private var refunded: Sum

    init(_ number: String, _ currency: Currency) {
        self.number = number
        let nothing = Sum(amount: .zero(currency))
        (paid, paidBack, charged, refunded) = (nothing, nothing, nothing, nothing)
    }

    /// A payment on an invoice, or back on a credit note.
    mutating func pay(_ amount: Money, on day: Day) {
        if amount.isNegative { paidBack.add(amount, day) } else { paid.add(amount, day) }
    }

    /// What makes payments come to what they should: neither customer nor provider moved anything.
    mutating func adjust(_ amount: Money, on day: Day) { paid.add(amount, day) }

    /// A part of a payout: a charge or a refund.
    mutating func payOut(_ amount: Money, on day: Day) {
        if amount.isNegative { refunded.add(amount, day) } else { charged.add(amount, day) }
    }

    /// What is left of it; `nil` where nothing is.
    var item: ClearingProof.Item? {
        let left = paid.amount + paidBack.amount - charged.amount - refunded.amount
        let all = [paid, paidBack, charged, refunded]
        guard !left.isZero, let oldest = all.compactMap(\.since).min() else { return nil }
        let (kind, sum) = left.isNegative ? tooMuchPaidOut : tooLittlePaidOut
        return .init(kind: kind, name: "order \(number)", amount: left, since: sum?.since ?? oldest)
    }

    private typealias Reason = (kind: ClearingProof.Item.Kind, of: Sum?)

    private var tooLittlePaidOut: Reason {
        if !paid.isNothing, charged.isNothing { return (.capturedNotPaidOut, paid) }
        if paidBack.isNothing, !refunded.isNothing { return (.awaitingDocument, refunded) }
        return (.other, nil)
    }

    private var tooMuchPaidOut: Reason {
        if paid.isNothing, !charged.isNothing { return (.awaitingDocument, charged) }
        if !paidBack.isNothing, refunded.isNothing { return (.refundedNotPaidOut, paidBack) }
        return (.other, nil)
    }
}
