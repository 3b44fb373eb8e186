/// A sale that lines of payouts may belong to.
public struct PayoutCandidate: Hashable, Sendable {
    /// Two shops may be paid out together, and both may have an order 7.
    public let shop: ShopIdentity
    public let orderID: String
    public let number: String
    public let transactionID: String?
    /// Numbers of its booked invoices.
    public let invoiceNumbers: [String]
    public let total: Money

    public init(
        shop: ShopIdentity, orderID: String, number: String, transactionID: String?, invoiceNumbers: [String],
        total: Money
    ) {
        self.shop = shop
        self.orderID = orderID
        self.number = number
        self.transactionID = transactionID
        self.invoiceNumbers = invoiceNumbers
        self.total = total
    }
}

/// What a line of a payout belongs to.
public enum PayoutMatch: Hashable, Sendable {
    /// Which key made it is kept for people.
    public enum Key: String, Hashable, Sendable, Codable, CaseIterable {
        case transaction, orderID, orderNumber, invoiceNumber
        /// A person said so.
        case person

        public var title: String {
            switch self {
            case .transaction: "transaction id"
            case .orderID: "order id"
            case .orderNumber: "order number"
            case .invoiceNumber: "invoice number"
            case .person: "a person"
            }
        }
    }

    /// An order's part of a line.
    public struct Share: Hashable, Sendable {
        public let order: PayoutCandidate
        /// In the order's currency.
        public let paid: Money
        /// In the payout's currency.
        public let settled: Money

        public init(order: PayoutCandidate, paid: Money, settled: Money) {
            self.order = order
            self.paid = paid
            self.settled = settled
        }
    }

    case orders([Share], by: Key)
    /// Of kinds that belong to no order.
    case none
    /// Why not, in words.
    case unmatched(String)
}

/// Finds the orders of each line by reference through a cascade of keys; never by amount alone (R21).
public struct PayoutMatcher: Sendable {
    private var byKey: [PayoutMatch.Key: [String: [PayoutCandidate]]] = [:]

    public init(_ candidates: [PayoutCandidate]) {
        for candidate in candidates {
            let keys: [(PayoutMatch.Key, [String])] = [
                (.transaction, [candidate.transactionID].compactMap(\.self)), (.orderID, [candidate.orderID]),
                (.orderNumber, [candidate.number]), (.invoiceNumber, candidate.invoiceNumbers),
            ]
            for (key, values) in keys {
                for value in Set(values.map(Self.plain)) where !value.isEmpty {
                    byKey[key, default: [:]][value, default: []].append(candidate)
                }
            }
        }
    }

    public func match(_ line: PayoutLine) -> PayoutMatch {
        guard line.kind.isOfOrder else { return .none }
        var said: [String] = []
        for (key, values) in Self.keys(of: line) {
            for value in values {
                let found = byKey[key]?[value] ?? []
                if found.count == 1 {
                    if key != .transaction, let other = Self.transaction(of: found[0], contradicting: line) {
                        said.append(
                            "\(key.title) \(value) is of \(Self.text(found)), which was paid by another transaction, \(other)"
                        )
                        return .unmatched(said.joined(separator: "; "))
                    }
                    return .orders([.init(order: found[0], paid: line.paid, settled: line.amount)], by: key)
                }
                if key == .transaction, let shares = Self.split(line, over: found) { return .orders(shares, by: key) }
                said.append("\(key.title) \(value) is of \(found.isEmpty ? "no order" : Self.text(found))")
                // A key that several orders share says nothing, and a weaker one may say the wrong thing.
                if found.count > 1 { return .unmatched(said.joined(separator: "; ")) }
            }
        }
        return .unmatched(
            said.isEmpty ? "the line names neither transaction, order nor invoice" : said.joined(separator: "; "))
    }

    /// The order's transaction, where a charge is of another of the same form: `ch_1` and `ch_2`. Two shops may be paid through one
    /// account and both have an order 7, and one of them may be a stranger here.
    private static func transaction(of order: PayoutCandidate, contradicting line: PayoutLine) -> String? {
        func form(_ id: String) -> Substring? { id.firstIndex(of: "_").map { id[..<$0] } }
        guard line.kind == .charge, let own = order.transactionID.map(plain), let ownForm = form(own) else {
            return nil
        }
        let ofItsForm = line.keys.transactionIDs.map(plain).filter { form($0) == ownForm }
        return ofItsForm.isEmpty || ofItsForm.contains(own) ? nil : own
    }

    /// What a line can be looked for by, strongest first.
    public static func keys(of line: PayoutLine) -> [(key: PayoutMatch.Key, values: [String])] {
        let keys: [(key: PayoutMatch.Key, values: [String])] = [
            (.transaction, line.keys.transactionIDs), (.orderID, [line.keys.orderID].compactMap(\.self)),
            (.orderNumber, [line.keys.orderNumber].compactMap(\.self)),
            (.invoiceNumber, [line.keys.invoiceNumber].compactMap(\.self)),
        ]
        return keys.map { ($0.key, $0.values.map(plain).filter { !$0.isEmpty }) }
    }

    /// Several orders that were paid by one transaction, if what they come to is exactly what it came to.
    private static func split(_ line: PayoutLine, over orders: [PayoutCandidate]) -> [PayoutMatch.Share]? {
        guard line.kind == .charge, orders.count > 1,
            orders.allSatisfy({ $0.total.currency == line.paid.currency && !$0.total.isNegative }),
            orders.map(\.total).sum(line.paid.currency) == line.paid, !line.paid.isZero
        else { return nil }
        var left = line.amount
        return orders.sorted { ($0.shop.name, $0.orderID) < ($1.shop.name, $1.orderID) }.enumerated().map {
            index, order in
            let settled = index == orders.count - 1 ? left : line.amount.part(order.total, of: line.paid)
            left = left - settled
            return PayoutMatch.Share(order: order, paid: order.total, settled: settled)
        }
    }

    /// For a person's eye only.
    public static func text(_ candidates: [PayoutCandidate]) -> String {
        candidates.sorted { ($0.shop.name, $0.number) < ($1.shop.name, $1.number) }
            .map { "order \($0.number) of \($0.shop.name)" }.joined(separator: ", ")
    }

    /// Shops write their order numbers with a mark before them, providers as they like.
    public static func plain(_ text: String) -> String {
        var plain = Substring(text)
        while let first = plain.first, first.isWhitespace || first == "#" { plain.removeFirst() }
        while let last = plain.last, last.isWhitespace { plain.removeLast() }
        return String(plain)
    }
}
