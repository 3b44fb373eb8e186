public import Domain

/// What a clearing account comes to by all that was booked on it, and what that is made up of, line by line (R18); beside it what
/// the ERP has on it.
public struct ClearingProof: Sendable {
    public struct Item: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Paid on an invoice, and not paid out yet.
            case capturedNotPaidOut
            /// Paid back on a credit note, and not taken by the provider yet.
            case refundedNotPaidOut
            /// Paid out, and no document takes it yet.
            case awaitingDocument
            /// Paid out, and not matched to an order.
            case notMatched
            /// Of a payout that came back, or its money in a later one.
            case cameBack
            /// What lies in the balance of a provider that pays nothing out by itself.
            case inBalance
            /// None of these: look at it.
            case other

            /// Whether it is what the provider owes by the documents of orders, less what it will take back.
            var isOwed: Bool { self == .capturedNotPaidOut || self == .refundedNotPaidOut }
        }

        public let kind: Kind
        /// An order's number, or a line's id.
        public let name: String
        /// Debit positive: what the provider owes.
        public let amount: Money
        /// When the oldest of it moved, for ageing.
        public let since: Day
    }

    public let account: String
    public let currency: Currency
    /// By the documents: every payment and every entry of ours on the account.
    public internal(set) var balance: Money
    /// By the ERP, whoever booked it; `nil` where it cannot tell.
    public internal(set) var inERP: Money?
    public internal(set) var items: [Item] = []

    init(_ account: String, _ currency: Currency) {
        self.account = account
        self.currency = currency
        balance = .zero(currency)
    }

    /// What the items come to.
    public var explained: Money { items.map(\.amount).sum(currency) }

    /// Whether the items come to the balance of the documents, whatever others booked.
    public var isExplained: Bool { explained == balance }

    /// What is on the account and in no document of ours; `nil` where the ERP cannot tell.
    public var byOthers: Money? { inERP.map { $0 - balance } }

    public var isProved: Bool { isExplained && byOthers?.isZero ?? true }

    /// What nothing explains but that it is there, proved or not.
    public var toLookAt: [Item] { items.filter { $0.kind == .other } }

    /// What the provider owes by documents, by how old it is: up to 7 days, 30, 90, and older.
    public func ageing(at day: Day) -> [(label: String, amount: Money)] {
        let open = items.filter(\.kind.isOwed)
        let bounds = [("0-7 days", 7), ("8-30 days", 30), ("31-90 days", 90), ("older", Int.max)]
        var lower = -1
        return bounds.map { label, upper in
            defer { lower = upper }
            let within = open.filter { item in
                let age = max(0, item.since.days(until: day))
                return age > lower && age <= upper
            }
            return (label, within.map(\.amount).sum(currency))
        }
    }
}
