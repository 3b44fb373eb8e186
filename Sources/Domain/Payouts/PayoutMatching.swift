/// A sale that lines of payouts may belong to.
public struct PayoutCandidate: Hashable, Sendable {
    /// Two shops may be paid out together, and both may have an order 7.
    public let shop: ShopIdentity
    public let order: Order
    /// Numbers of its booked invoices.
    public let invoiceNumbers: [String]

    public init(shop: ShopIdentity, order: Order, invoiceNumbers: [String]) {
        self.shop = shop
        self.order = order
        self.invoiceNumbers = invoiceNumbers
    }
}

/// What a line of a payout belongs to.
public enum PayoutMatch: Hashable, Sendable {
    /// Which key made it is kept for people.
    public enum Key: String, Hashable, Sendable, Codable, CaseIterable {
        case transaction, orderID, orderNumber, invoiceNumber

        public var title: String {
            switch self {
            case .transaction: "transaction id"
            case .orderID: "order id"
            case .orderNumber: "order number"
            case .invoiceNumber: "invoice number"
            }
        }
    }

    case order(PayoutCandidate, by: Key)
    /// Of kinds that belong to no order.
    case none
    /// Why not, in words, with the candidates that come nearest.
    case unmatched(String)
}

/// Finds the order of each line by reference through a cascade of keys; never by amount alone (R21).
public struct PayoutMatcher: Sendable {
    private var byKey: [PayoutMatch.Key: [String: [PayoutCandidate]]] = [:]
    private let candidates: [PayoutCandidate]

    public init(_ candidates: [PayoutCandidate]) {
        self.candidates = candidates
        for candidate in candidates {
            let order = candidate.order
            let keys: [(PayoutMatch.Key, [String])] = [
                (.transaction, [order.payment.transactionID].compactMap(\.self)), (.orderID, [order.id]),
                (.orderNumber, [order.number]), (.invoiceNumber, candidate.invoiceNumbers),
            ]
            for (key, values) in keys {
                for value in Set(values.map(Self.plain)) where !value.isEmpty {
                    byKey[key, default: [:]][value, default: []].append(candidate)
                }
            }
        }
    }

    public func match(_ line: PayoutLine) -> PayoutMatch {
        switch line.kind {
        case .fee, .feeRefund, .reserve, .release, .adjustment, .transfer, .unknown: return .none
        case .charge, .refund, .dispute, .disputeWon: break
        }
        let tries: [(PayoutMatch.Key, [String])] = [
            (.transaction, line.keys.transactionIDs), (.orderID, [line.keys.orderID].compactMap(\.self)),
            (.orderNumber, [line.keys.orderNumber].compactMap(\.self)),
            (.invoiceNumber, [line.keys.invoiceNumber].compactMap(\.self)),
        ]
        var said: [String] = []
        for (key, values) in tries {
            for value in values.map(Self.plain) where !value.isEmpty {
                let found = byKey[key]?[value] ?? []
                if found.count == 1 { return .order(found[0], by: key) }
                said.append("\(key.title) \(value) is of \(found.isEmpty ? "no order" : Self.text(found))")
                // A key that several orders share says nothing, and a weaker one may say the wrong thing.
                if found.count > 1 { return unmatched(line, said) }
            }
        }
        return unmatched(line, said)
    }

    private func unmatched(_ line: PayoutLine, _ said: [String]) -> PayoutMatch {
        let why = said.isEmpty ? "the line names neither transaction, order nor invoice" : said.joined(separator: "; ")
        let near = nearest(line)
        return .unmatched(near.isEmpty ? why : "\(why); of this amount: \(Self.text(near))")
    }

    /// For a person's eye only: orders of this amount, those paid about then first.
    private func nearest(_ line: PayoutLine) -> [PayoutCandidate] {
        let amount = Money(minorUnits: line.amount.magnitude, line.amount.currency)
        func distance(_ candidate: PayoutCandidate) -> Duration {
            let paidAt = candidate.order.paidAt ?? candidate.order.createdAt
            return max(paidAt - line.at, line.at - paidAt)
        }
        let equal = candidates.filter { candidate in
            candidate.order.total == amount || candidate.order.refunds.contains { $0.amount == amount }
        }
        return Array(equal.sorted { (distance($0), $0.order.id) < (distance($1), $1.order.id) }.prefix(3))
    }

    private static func text(_ candidates: [PayoutCandidate]) -> String {
        candidates.map { "order \($0.order.number) of \($0.shop.name)" }.joined(separator: ", ")
    }

    /// Shops write their order numbers with a mark before them, providers as they like.
    private static func plain(_ text: String) -> String {
        let trimmed = text.drop { $0 == " " || $0 == "#" }
        return String(trimmed.reversed().drop { $0 == " " }.reversed())
    }
}
