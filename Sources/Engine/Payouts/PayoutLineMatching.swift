import ConnectorKit
public import Domain

/// Finds the orders of a payout's lines, some at a time, and says where each charge and refund lies.
struct PayoutLineMatching {
    let integration: Integration
    let payout: EntityKey

    private var names: [String] { integration.shops.keys.sorted() }

    /// What each of these lines would be matched to, keeping nothing.
    func matches(_ lines: [KeptLine]) async throws -> [LineMatch] {
        let found = try await candidates(of: lines)
        let matcher = PayoutMatcher(found.values.map(\.candidate))
        var matches: [LineMatch] = []
        for line in lines { matches.append(try await match(line, matcher, found)) }
        return matches
    }

    /// Looks for the orders of lines that have none; answers all of them as they stand afterwards.
    func matched(_ lines: [KeptLine]) async throws -> [KeptLine] {
        let open = lines.filter { $0.line.kind.isOfOrder && $0.by == nil && !$0.isSettled }
        guard !open.isEmpty else { return lines }
        let found = try await self.matches(open)
        try await integration.store.keep(found, of: payout)
        let matches = Dictionary(zip(open.map(\.position), found)) { first, _ in first }
        return lines.map { line in matches[line.position].map(line.after) ?? line }
    }

    private struct Found {
        let order: FoundOrder
        let candidate: PayoutCandidate
    }

    private func candidates(of lines: [KeptLine]) async throws -> [OrderName: Found] {
        var keys: [PayoutMatch.Key: Set<String>] = [:]
        for line in lines {
            for (key, values) in PayoutMatcher.keys(of: line.line) { keys[key, default: []].formUnion(values) }
        }
        let orders = try await integration.store.candidates(keys, in: names)
        return orders.reduce(into: [:]) { found, order in
            guard let shop = integration.shops[order.key.integration] else { return }
            found[OrderName(shop: shop, id: order.key.id)] = Found(
                order: order,
                candidate: PayoutCandidate(
                    shop: shop, orderID: order.key.id, number: order.number, transactionID: order.transactionID,
                    invoiceNumbers: order.invoiceNumbers, total: order.total))
        }
    }

    private struct OrderName: Hashable {
        let shop: ShopIdentity
        let id: String
    }

    private func match(
        _ kept: KeptLine, _ matcher: PayoutMatcher, _ found: [OrderName: Found]
    ) async throws -> LineMatch {
        let line = kept.line
        switch matcher.match(line) {
        case .none: return LineMatch(line: line.id, place: .clearing, by: nil, why: nil, shares: [])
        case .unmatched(let why):
            let place = place(ofUnmatched: line)
            let text = place == .beforeStart ? "from before the exclusion date" : try await explained(why, line)
            return LineMatch(line: line.id, place: place, by: nil, why: text, shares: [])
        case .orders(let shares, let key):
            let orders = shares.compactMap { found[OrderName(shop: $0.order.shop, id: $0.order.orderID)]?.order }
            let parts = zip(shares, orders).map {
                LineMatch.Share(order: $1.key, paid: $0.paid, settled: $0.settled)
            }
            let place = try await place(of: line, orders)
            return LineMatch(line: line.id, place: place, by: key, why: nil, shares: parts)
        }
    }

    private func explained(_ why: String, _ line: PayoutLine) async throws -> String {
        let amount = Money(minorUnits: line.paid.magnitude, line.paid.currency)
        let near = try await integration.store.nearest(amount, to: line.at, in: names, limit: 3)
        let orders = near.map { "order \($0.number) of \($0.key.integration)" }
        return orders.isEmpty ? why : "\(why); of this amount: \(orders.joined(separator: ", "))"
    }

    // MARK: Places

    /// What moved before the exclusion date is of an order that is never synced.
    private func place(ofUnmatched line: PayoutLine) -> PayoutPlace {
        let settings = integration.settings.settings
        if line.at.day(in: settings.timeZone) < settings.orders.excludeBefore { return .beforeStart }
        return line.kind == .refund ? .suspense : .clearing
    }

    private func place(of line: PayoutLine, _ orders: [FoundOrder]) async throws -> PayoutPlace {
        guard line.kind.isPayment, let order = orders.first else { return .clearing }
        switch order.standing.code.flatMap(Exclusion.Rule.init) {
        case .beforeExclusionDate: return .beforeStart
        // A person made its documents, and will say which of them is paid.
        case .bookedByHand, nil: break
        default: return .suspense
        }
        guard line.kind == .refund, try await !isInShop(line, order.key) else { return .clearing }
        return .suspense
    }

    /// Whether the shop shows refunds that come to this and all earlier ones.
    private func isInShop(_ line: PayoutLine, _ key: EntityKey) async throws -> Bool {
        guard let order = try await integration.store.entity(key)?.order, order.currency == line.paid.currency
        else { return true }
        let before = try await integration.store.settlements(of: key).filter {
            $0.kind == .refund && $0.line != line.id
        }
        let back = (before.map(\.paid) + [line.paid]).sum(order.currency)
        return -back.minorUnits <= order.refunds.map(\.amount).sum(order.currency).minorUnits
    }
}

/// Tries the matching on lines that were matched before, for people who choose keys.
public struct MatchingTrial: Sendable {
    public struct Result: Hashable, Sendable {
        public var lines = 0
        public var byKey: [PayoutMatch.Key: Int] = [:]
        /// The line and why.
        public var unmatched: [String] = []
    }

    let integration: Integration

    public init(_ integration: Integration) { self.integration = integration }

    public func run(_ payout: EntityKey) async throws -> Result {
        let matching = PayoutLineMatching(integration: integration, payout: payout)
        var (result, position) = (Result(), 0)
        while true {
            let lines = try await integration.store.lines(of: payout, after: position, limit: 1000)
            guard let last = lines.last else { return result }
            let payments = lines.filter(\.line.kind.isPayment)
            for match in try await matching.matches(payments) {
                result.lines += 1
                if let key = match.by {
                    result.byKey[key, default: 0] += 1
                } else {
                    result.unmatched.append("\(match.line): \(match.why ?? "")")
                }
            }
            position = last.position
        }
    }
}

extension KeptLine {
    fileprivate func after(_ match: LineMatch) -> KeptLine {
        KeptLine(
            position: position, line: line, place: place ?? match.place, why: match.why, by: match.by,
            isSettled: isSettled, shares: match.shares, orderNumbers: orderNumbers)
    }
}
