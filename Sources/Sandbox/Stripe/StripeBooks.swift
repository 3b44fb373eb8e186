public import Domain

extension StripeSandbox {
    /// What the account's balances saw, in plain whole numbers, for working out what must be booked.
    public struct Books: Sendable {
        /// A movement of a balance, in its currency's minor units.
        public struct Transaction: Sendable, Hashable {
            public let id: String
            public let type: String
            /// `reporting_category`.
            public let category: String
            public let currency: String
            public let amount: Int
            /// Negative when it is given back.
            public let fee: Int
            public let created: Instant
            public let availableOn: Instant
            /// The charge, refund, dispute or payout that it is of.
            public let source: String?
            /// The automatic payout that it was paid out with.
            public let payout: String?
            public let description: String?
            public let sale: Sale?

            public var net: Int { amount - fee }
        }

        /// The charge that a charge, refund, dispute or what undoes them belongs to.
        public struct Sale: Sendable, Hashable {
            public let charge: String
            public let intent: String
            public let metadata: [String: String]
            /// What the customer paid, got back or disputes, in the currency of the charge, with the sign of the movement.
            public let paid: Int
            public let currency: String
        }

        public struct Payout: Sendable, Hashable {
            public let id: String
            public let currency: String
            /// What the bank account gets; negative where it is withdrawn.
            public let net: Int
            public let isAutomatic: Bool
            /// `pending`, `in_transit`, `paid`, `failed` or `canceled`.
            public let status: String
            public let isReconciled: Bool
            public let created: Instant
            /// The beginning of a day, UTC.
            public let arrives: Instant
            /// When it failed or was cancelled.
            public let ended: Instant?
            /// The balance transaction of the payout itself.
            public let transaction: String
            /// The one that brought the money back.
            public let failureTransaction: String?
        }

        /// In the order of their time, the oldest first.
        public let transactions: [Transaction]
        public let payouts: [Payout]

        init(_ account: StripeAccount) {
            transactions = account.transactions.all.map { Transaction($0, account) }
            payouts = account.payouts.all.map(Payout.init)
        }

        /// Settlement currencies that anything moved in.
        public var currencies: Set<String> { Set(transactions.map(\.currency)) }

        public func transactions(in currency: String) -> [Transaction] {
            transactions.filter { $0.currency == currency }
        }

        /// What an automatic payout is made up of, without its own row.
        public func content(of payout: String) -> [Transaction] {
            transactions.filter { $0.payout == payout && $0.source != payout }
        }

        /// What no payout has taken, whether it is available or not.
        public func unpaid(in currency: String) -> Int {
            transactions(in: currency).filter { $0.payout == nil }.reduce(0) { $0 + $1.net }
        }

        /// What Stripe owes the merchant: everything that moved.
        public func balance(in currency: String) -> Int { transactions(in: currency).reduce(0) { $0 + $1.net } }

        public func payouts(in currency: String) -> [Payout] { payouts.filter { $0.currency == currency } }
    }
}

extension StripeSandbox.Books.Transaction {
    init(_ transaction: StripeTransaction, _ account: StripeAccount) {
        self.init(
            id: transaction.id, type: transaction.type, category: transaction.category,
            currency: transaction.currency, amount: transaction.amount, fee: transaction.fee,
            created: Instant(unixTime: transaction.created), availableOn: Instant(unixTime: transaction.availableOn),
            source: transaction.source, payout: transaction.payout, description: transaction.description,
            sale: transaction.source.flatMap { StripeSandbox.Books.Sale($0, transaction.amount, account) })
    }
}

extension StripeSandbox.Books.Sale {
    /// `moved` gives the sign.
    init?(_ source: String, _ moved: Int, _ account: StripeAccount) {
        let found: (charge: String, amount: Int)? =
            if let charge = account.charges[source] {
                (charge.id, charge.amount)
            } else if let refund = account.refunds[source] {
                (refund.charge, refund.amount)
            } else if let dispute = account.disputes[source] {
                (dispute.charge, dispute.amount)
            } else {
                nil
            }
        guard let found, let charge = account.charges[found.charge] else { return nil }
        self.init(
            charge: charge.id, intent: charge.intent, metadata: charge.metadata,
            paid: moved < 0 ? -found.amount : found.amount, currency: charge.currency)
    }
}

extension StripeSandbox.Books.Payout {
    init(_ payout: StripePayout) {
        self.init(
            id: payout.id, currency: payout.currency, net: payout.amount, isAutomatic: payout.isAutomatic,
            status: payout.status, isReconciled: payout.isReconciled, created: Instant(unixTime: payout.created),
            arrives: Instant(unixTime: payout.arrival), ended: payout.endedAt.map { Instant(unixTime: $0) },
            transaction: payout.transaction, failureTransaction: payout.failureTransaction)
    }
}
