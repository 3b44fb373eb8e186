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
        isBeforeStart(line.at) ? .beforeStart : .clearing
    }

    private func isBeforeStart(_ time: Instant) -> Bool {
        let settings = integration.settings.settings
        return time.day(in: settings.timeZone) < settings.orders.excludeBefore
    }

    /// By what never changes of an order, so that all its lines lie in one place whenever they are looked at.
    private func place(of line: PayoutLine, _ orders: [FoundOrder]) async throws -> PayoutPlace {
        guard line.kind.isPayment, let order = orders.first else { return .clearing }
        if isBeforeStart(order.createdAt) { return .beforeStart }
        guard order.hasDecisions else { return .clearing }
        return isExcludedByPerson(try await integration.store.decisions(about: order.key)) ? .suspense : .clearing
    }

    // MARK: People

    /// Which of these lines, by position, lie on clearing and nobody will take from there unless a person does: refunds that the
    /// shop does not show, and money of sales that it called off.
    func forPerson(_ lines: [KeptLine]) async throws -> Set<Int> {
        var found: Set<Int> = []
        for line in lines where line.line.kind.isPayment && line.place == .clearing && !line.isSettled {
            for share in line.shares where try await isLeftOver(line.line, share.order) {
                found.insert(line.position)
            }
        }
        return found
    }

    private func isLeftOver(_ line: PayoutLine, _ key: EntityKey) async throws -> Bool {
        guard let order = try await integration.store.entity(key)?.order, order.currency == line.paid.currency,
            line.kind == .refund || order.status.isUndone
        else { return false }
        let moved = try await integration.store.settlements(of: key).filter(\.kind.isPayment)
        // What came and went came to nothing.
        guard !moved.map(\.paid).sum(order.currency).isZero else { return false }
        guard line.kind == .refund else { return try await integration.store.documents(of: key).isEmpty }
        let back = moved.filter { $0.kind == .refund }.map(\.paid).sum(order.currency)
        return -back.minorUnits > order.refunds.map(\.amount).sum(order.currency).minorUnits
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
