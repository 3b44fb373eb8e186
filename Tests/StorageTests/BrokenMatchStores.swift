import Domain
import Engine
import Synchronization

extension LineMatch {
    fileprivate func with(_ shares: [Share]) -> LineMatch {
        LineMatch(line: line, place: place, by: by, why: why, shares: shares)
    }
}

extension LineWord {
    fileprivate func with(_ shares: [LineMatch.Share]) -> LineWord { LineWord(shares: shares, by: by, reason: reason) }
}

extension KeptLine {
    fileprivate func with(place: PayoutPlace?, shares: [LineMatch.Share]) -> KeptLine {
        KeptLine(
            position: position, line: line, place: place, why: why, by: by, isSettled: isSettled, shares: shares,
            orderNumbers: orderNumbers)
    }
}

extension ForwardingStore {
    /// Works off what became due among these orders, as if nothing had woken them.
    fileprivate func putToSleep(_ orders: [EntityKey]) async throws {
        for integration in Set(orders.map(\.integration)) {
            let claims = try await base.claim(
                ClaimRequest(integration: integration, lane: .general, worker: "w", limit: 50, leaseFor: .seconds(1)))
            try await base.finish(
                claims.map { claim in
                    let next: Finish.Next =
                        orders.contains(claim.entity.key)
                        ? .rest : .again(at: claim.entity.firstSeenAt, isFailure: false)
                    return Finish(
                        claim: claim, standing: Standing(.queued), next: next, doubtResolved: false,
                        at: claim.entity.firstSeenAt)
                })
        }
    }
}

// MARK: Matches

/// Has room for one order beside a line.
struct OneOrderStore: ForwardingStore {
    let base: any Store

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        try await base.keep(matches.map { $0.with(Array($0.shares.prefix(1))) }, of: payout)
    }
}

/// Tells no order that a line was matched to it.
struct QuietMatchStore: ForwardingStore {
    let base: any Store

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        try await base.keep(matches, of: payout)
        try await putToSleep(matches.flatMap { $0.shares.map(\.order) })
    }
}

/// Matches lines to orders only that it has.
struct KnownOrdersStore: ForwardingStore {
    let base: any Store

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        var kept: [LineMatch] = []
        for match in matches {
            var shares: [LineMatch.Share] = []
            for share in match.shares where try await base.entity(share.order) != nil { shares.append(share) }
            kept.append(match.with(shares))
        }
        try await base.keep(kept, of: payout)
    }
}

/// Stays with the first reason that it was told.
final class FirstReasonStore: ForwardingStore {
    let base: any Store
    private let reasons = Mutex<[String: String]>([:])

    init(_ base: any Store) { self.base = base }

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        let kept = reasons.withLock { reasons in
            matches.map { match in
                reasons[match.line] = reasons[match.line] ?? match.why
                return LineMatch(
                    line: match.line, place: match.place, by: match.by, why: reasons[match.line], shares: match.shares)
            }
        }
        try await base.keep(kept, of: payout)
    }
}

/// Puts a line where the last match says that it lies.
final class MovingPlaceStore: ForwardingStore {
    let base: any Store
    private let places = Mutex<[String: PayoutPlace]>([:])

    init(_ base: any Store) { self.base = base }

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        try await base.keep(matches, of: payout)
        places.withLock { places in
            for match in matches { places[match.line] = match.place }
        }
    }

    func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine] {
        let places = places.withLock { $0 }
        return try await base.lines(of: payout, after: position, limit: limit).map {
            $0.with(place: places[$0.line.id] ?? $0.place, shares: $0.shares)
        }
    }
}

/// Adds what is found later to what was found before.
final class AddingMatchStore: ForwardingStore {
    let base: any Store
    private let shares = Mutex<[String: [LineMatch.Share]]>([:])

    init(_ base: any Store) { self.base = base }

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        try await base.keep(matches, of: payout)
        shares.withLock { shares in
            for match in matches { shares[match.line, default: []] += match.shares }
        }
    }

    func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine] {
        let shares = shares.withLock { $0 }
        return try await base.lines(of: payout, after: position, limit: limit).map {
            $0.with(place: $0.place, shares: shares[$0.line.id] ?? $0.shares)
        }
    }
}

/// Passes over lines that it has not.
struct ForgivingStore: ForwardingStore {
    let base: any Store

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        let lines = try await base.lines(of: payout, after: 0, limit: 1000).map(\.line.id)
        try await base.keep(matches.filter { lines.contains($0.line) }, of: payout)
    }
}

/// Keeps the first of two parts of one order.
struct OnePartEachStore: ForwardingStore {
    let base: any Store

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        let kept = matches.map { match in
            match.with(
                match.shares.enumerated().filter { index, share in
                    !match.shares[..<index].contains { $0.order == share.order }
                }.map(\.element))
        }
        try await base.keep(kept, of: payout)
    }
}

/// Tells an order's lines as it finds them.
struct UnsortedSettlementsStore: ForwardingStore {
    let base: any Store

    func settlements(of order: EntityKey) async throws -> [Settlement] {
        try await base.settlements(of: order).reversed()
    }
}

// MARK: People

/// Adds a person's order to those that were found.
struct AddingWordStore: ForwardingStore {
    let base: any Store

    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        let kept = try await base.lines(of: payout, after: 0, limit: 1000).first { $0.line.id == line }
        let others = (kept?.shares ?? []).filter { share in !word.shares.contains { $0.order == share.order } }
        try await base.settle(line, of: payout, as: word.with(others + word.shares))
    }
}

/// Takes what is found for better than what a person says.
struct MachineKnowsBetterStore: ForwardingStore {
    let base: any Store

    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        for match in matches {
            try await base.settle(
                match.line, of: payout, as: LineWord(shares: match.shares, by: "system", reason: "found"))
        }
    }
}

/// Takes a word without an order for no word.
struct OrderNeededStore: ForwardingStore {
    let base: any Store

    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        if !word.shares.isEmpty { try await base.settle(line, of: payout, as: word) }
    }
}

/// Does not tell orders that a line was taken from them.
struct QuietTakingStore: ForwardingStore {
    let base: any Store

    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        let before = try await base.lines(of: payout, after: 0, limit: 1000).first { $0.line.id == line }
        try await base.settle(line, of: payout, as: word)
        try await putToSleep(before?.shares.map(\.order) ?? [])
    }
}

/// Leaves payments behind that nobody took back.
struct LeavingBehindStore: ForwardingStore {
    let base: any Store

    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        let word = LineWord(shares: word.shares, by: word.by, reason: word.reason, isTakenBack: true)
        try await base.settle(line, of: payout, as: word)
    }
}

/// Says nothing when a person's word cannot be kept.
struct SilentlyRefusingStore: ForwardingStore {
    let base: any Store

    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        do { try await base.settle(line, of: payout, as: word) } catch is StoreError {}
    }
}

/// Forgets what was before it keeps what is said.
struct ForgetFirstStore: ForwardingStore {
    let base: any Store

    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        try await base.settle(
            line, of: payout, as: LineWord(shares: [], by: word.by, reason: word.reason, isTakenBack: true))
        try await base.settle(line, of: payout, as: word)
    }
}

/// Does not say who said it.
struct AnonymousStore: ForwardingStore {
    let base: any Store

    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        try await base.settle(
            line, of: payout, as: LineWord(shares: word.shares, by: "somebody", reason: word.reason))
    }
}

// MARK: Finding

/// Does not look among invoices.
struct NoInvoicesStore: ForwardingStore {
    let base: any Store

    func candidates(
        _ keys: [PayoutMatch.Key: Set<String>], in integrations: [String]
    ) async throws -> [FoundOrder] {
        try await base.candidates(keys.filter { $0.key != .invoiceNumber }, in: integrations)
    }
}

/// Stops at the first order that it finds: what a key shares is not seen to be shared.
struct FirstFoundStore: ForwardingStore {
    let base: any Store

    func candidates(
        _ keys: [PayoutMatch.Key: Set<String>], in integrations: [String]
    ) async throws -> [FoundOrder] {
        Array(try await base.candidates(keys, in: integrations).prefix(1))
    }
}

/// Looks in every integration that it knows.
struct EverywhereStore: ForwardingStore {
    let base: any Store

    func candidates(
        _ keys: [PayoutMatch.Key: Set<String>], in integrations: [String]
    ) async throws -> [FoundOrder] {
        try await base.candidates(keys, in: ["nordic", "alpine"])
    }
}

/// Compares keys letter by letter with what the shop writes.
struct LiteralStore: ForwardingStore {
    let base: any Store

    func candidates(
        _ keys: [PayoutMatch.Key: Set<String>], in integrations: [String]
    ) async throws -> [FoundOrder] {
        var found: [FoundOrder] = []
        for order in try await base.candidates(keys, in: integrations) {
            let transaction = try await base.entity(order.key)?.order?.payment.transactionID
            let isFound =
                keys[.orderNumber]?.contains(order.number) == true || keys[.orderID]?.contains(order.key.id) == true
                || transaction.map { keys[.transaction]?.contains($0) == true } == true
            if isFound { found.append(order) }
        }
        return found
    }
}

/// Finds orders by what they said first.
final class FirstKeysStore: ForwardingStore {
    let base: any Store
    private let first = Mutex<[EntityKey: Snapshot]>([:])

    init(_ base: any Store) { self.base = base }

    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        let kept = first.withLock { first in
            snapshots.map { snapshot in
                let known = first[snapshot.key] ?? snapshot
                first[snapshot.key] = known
                return Snapshot(
                    key: snapshot.key, number: snapshot.number, payload: snapshot.payload, content: known.content,
                    hash: snapshot.hash, createdAt: snapshot.createdAt, modifiedAt: snapshot.modifiedAt,
                    fetchBegan: snapshot.fetchBegan)
            }
        }
        return try await base.record(kept, trigger: trigger, force: force, moving: moving)
    }
}

/// Answers what is farthest away first.
struct FarthestFirstStore: ForwardingStore {
    let base: any Store

    func nearest(
        _ amount: Money, to time: Instant, in integrations: [String], limit: Int
    ) async throws -> [FoundOrder] {
        try await base.nearest(amount, to: time, in: integrations, limit: limit).reversed()
    }
}

/// Loses what stands where two pages meet.
struct TornPagesStore: ForwardingStore {
    let base: any Store

    func documents(
        integration: String, kind: DocumentKind, after reference: ExternalReference?, limit: Int
    ) async throws -> [Reference] {
        let page = try await base.documents(integration: integration, kind: kind, after: reference, limit: limit)
        return Array(page.dropFirst(reference == nil ? 0 : 1))
    }

    func payouts(integration: String, after id: String, limit: Int) async throws -> [Entity] {
        let page = try await base.payouts(integration: integration, after: id, limit: limit)
        return Array(page.dropFirst(id.isEmpty ? 0 : 1))
    }
}
