import Domain
import Engine
import Synchronization

extension PayoutPart {
    fileprivate func with(_ lines: [PayoutLine], provider: String? = nil) -> PayoutPart {
        var head = head
        head.provider = provider ?? head.provider
        return PayoutPart(payout: payout, head: head, lines: lines, report: report, isLast: isLast)
    }

    fileprivate func with(_ report: Report) -> PayoutPart {
        PayoutPart(payout: payout, head: head, lines: lines, report: report, isLast: isLast)
    }
}

// MARK: Records

/// Keeps of a payout what it needs itself, and not the day its money came back.
struct LossyPayoutStore: ForwardingStore {
    let base: any Store

    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        let kept = snapshots.map { snapshot in
            guard var payout = snapshot.content.payout else { return snapshot }
            payout.returnedOn = nil
            return Snapshot(
                key: snapshot.key, number: snapshot.number, payload: snapshot.payload, content: .payout(payout),
                hash: snapshot.hash, createdAt: snapshot.createdAt, modifiedAt: snapshot.modifiedAt,
                fetchBegan: snapshot.fetchBegan)
        }
        return try await base.record(kept, trigger: trigger, force: force, moving: moving)
    }
}

/// Takes whatever is read for changed.
struct EverythingIsNewStore: ForwardingStore {
    let base: any Store

    func record(
        _ snapshots: [Snapshot], trigger: Trigger, force: Bool, moving: TimeHistory?
    ) async throws -> [EntityKey] {
        try await base.record(snapshots, trigger: trigger, force: true, moving: moving)
    }
}

/// Lets payouts wait among orders.
struct OneLaneStore: ForwardingStore {
    let base: any Store

    func claim(_ request: ClaimRequest) async throws -> [Claim] {
        let claims = try await base.claim(request)
        guard request.lane == .general else { return claims }
        return try await claims
            + base.claim(
                ClaimRequest(
                    integration: request.integration, lane: .payouts, worker: request.worker, limit: request.limit,
                    leaseFor: request.leaseFor))
    }
}

/// Never says when it is to be asked again.
struct SleepyStore: ForwardingStore {
    let base: any Store

    func nextDue(integration: String) async throws -> Instant? { nil }
}

// MARK: Lines

/// Keeps amounts in the payout's currency only.
struct OneCurrencyStore: ForwardingStore {
    let base: any Store

    func keep(_ part: PayoutPart) async throws {
        let lines = part.lines.map { line in
            var line = line
            line.original = nil
            return line
        }
        try await base.keep(part.with(lines))
    }
}

/// Goes on after a moment instead of a place: what else moved in that moment is lost.
struct PagesByTimeStore: ForwardingStore {
    let base: any Store

    func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine] {
        let last = try await base.lines(of: payout, after: position - 1, limit: 1).first
        let lines = try await base.lines(of: payout, after: position, limit: limit)
        guard position > 0, let last else { return lines }
        return lines.filter { $0.line.at > last.line.at }
    }
}

/// Takes the last part's word for whether all is there.
final class LastPartSaysStore: ForwardingStore {
    let base: any Store
    private let said = Mutex<[EntityKey: Bool]>([:])

    init(_ base: any Store) { self.base = base }

    func keep(_ part: PayoutPart) async throws {
        try await base.keep(part)
        said.withLock { $0[part.payout] = part.isLast }
    }

    func contents(of payout: EntityKey) async throws -> PayoutContents? {
        try await base.contents(of: payout).map { contents in
            PayoutContents(count: contents.count, isComplete: said.withLock { $0[payout] } ?? contents.isComplete)
        }
    }
}

/// Forgets that the provider keeps a fee.
struct GrossStore: ForwardingStore {
    let base: any Store

    func net(of payout: EntityKey) async throws -> Money? {
        guard let net = try await base.net(of: payout) else { return nil }
        return try await base.lines(of: payout, after: 0, limit: 1000).map(\.line.amount).sum(net.currency)
    }
}

/// Keeps nothing where there is no line.
struct LinesOnlyStore: ForwardingStore {
    let base: any Store

    func keep(_ part: PayoutPart) async throws {
        if !part.lines.isEmpty { try await base.keep(part) }
    }
}

/// Writes what comes again over what became of it.
final class AfreshStore: ForwardingStore {
    let base: any Store
    private let again = Mutex<Set<EntityKey>>([])

    init(_ base: any Store) { self.base = base }

    func keep(_ part: PayoutPart) async throws {
        if try await base.contents(of: part.payout) != nil { again.withLock { _ = $0.insert(part.payout) } }
        try await base.keep(part)
    }

    func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine] {
        let lines = try await base.lines(of: payout, after: position, limit: limit)
        guard again.withLock({ $0.contains(payout) }) else { return lines }
        return lines.map {
            KeptLine(
                position: $0.position, line: $0.line, place: nil, why: nil, by: nil, isSettled: false, shares: [],
                orderNumbers: [])
        }
    }
}

/// Takes what was begun before its start for done.
final class BegunIsDoneStore: ForwardingStore {
    let base: any Store
    private let mine = Mutex<Set<EntityKey>>([])

    init(_ base: any Store) { self.base = base }

    func keep(_ part: PayoutPart) async throws {
        let isMine = mine.withLock { $0.contains(part.payout) }
        if !isMine, try await base.contents(of: part.payout) != nil { return }
        mine.withLock { _ = $0.insert(part.payout) }
        try await base.keep(part)
    }
}

/// Looks at nothing before it keeps.
struct BlindStore: ForwardingStore {
    let base: any Store

    func verify(_ part: PayoutPart) async throws {}
}

/// Keeps each line in a transaction of its own.
struct LineByLineStore: ForwardingStore {
    let base: any Store

    func keep(_ part: PayoutPart) async throws {
        for line in part.lines { try await base.keep(part.with([line])) }
    }
}

/// Passes over lines that it knows, whatever payout they are of.
struct PassingOverStore: ForwardingStore {
    let base: any Store

    func keep(_ part: PayoutPart) async throws {
        let known = try await base.knownLines(
            part.lines.map(\.id), provider: part.head.provider, integration: part.payout.integration)
        try await base.keep(part.with(part.lines.filter { !known.contains($0.id) }))
    }
}

/// Says nothing when a complete payout is to get more.
struct SilentlyCompleteStore: ForwardingStore {
    let base: any Store

    func keep(_ part: PayoutPart) async throws {
        if try await base.contents(of: part.payout)?.isComplete != true { try await base.keep(part) }
    }
}

/// Knows lines whoever the provider is.
struct OneProviderStore: ForwardingStore {
    let base: any Store

    func knownLines(_ ids: [String], provider: String, integration: String) async throws -> Set<String> {
        try await base.knownLines(ids, provider: "pay", integration: integration)
    }
}

/// Knows lines of its own process only.
final class OwnLinesStore: ForwardingStore {
    let base: any Store
    private let mark = Mutex("")

    init(_ base: any Store) { self.base = base }

    func start() async throws -> Epoch {
        let epoch = try await base.start()
        mark.withLock { $0 = "@\(epoch.number)" }
        return epoch
    }

    func keep(_ part: PayoutPart) async throws {
        let mark = mark.withLock { $0 }
        let lines = part.lines.map { line in
            var line = line
            line.id += mark
            return line
        }
        try await base.keep(part.with(lines))
    }

    func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine] {
        try await base.lines(of: payout, after: position, limit: limit).map { kept in
            var line = kept.line
            line.id = line.id.split(separator: "@").first.map(String.init) ?? line.id
            return KeptLine(
                position: kept.position, line: line, place: kept.place, why: kept.why, by: kept.by,
                isSettled: kept.isSettled, shares: kept.shares, orderNumbers: kept.orderNumbers)
        }
    }
}

/// Drops lines when its caller is cancelled.
struct CancellableIntakeStore: ForwardingStore {
    let base: any Store

    func keep(_ part: PayoutPart) async throws {
        try Task.checkCancellation()
        try await base.keep(part)
    }
}

// MARK: Reports

/// Answers every integration's report from one shelf.
struct OneShelfStore: ForwardingStore {
    let base: any Store

    func report(of payout: EntityKey, piece: Int) async throws -> [UInt8]? {
        try await base.report(
            of: EntityKey(integration: "nordic", type: payout.type, id: payout.id), piece: piece)
    }
}

/// Takes reports for texts.
struct TextReportStore: ForwardingStore {
    let base: any Store

    func keep(_ part: PayoutPart) async throws {
        guard case .own(let bytes) = part.report else { return try await base.keep(part) }
        try await base.keep(part.with(.own(Array(String(decoding: bytes, as: UTF8.self).utf8))))
    }
}

/// Keeps a piece that comes again behind the others.
final class AppendingReportStore: ForwardingStore {
    let base: any Store
    private let pieces = Mutex<[String: Int]>([:])

    init(_ base: any Store) { self.base = base }

    func keepReport(_ id: String, integration: String, piece: Int, _ bytes: [UInt8]) async throws {
        let next = pieces.withLock { pieces in
            pieces["\(integration)/\(id)", default: 0] += 1
            return pieces["\(integration)/\(id)"] ?? piece
        }
        try await base.keepReport(id, integration: integration, piece: next, bytes)
    }
}

/// Stays with the report that a payout was first seen in, whatever that was worth.
final class FirstReportStore: ForwardingStore {
    let base: any Store
    private let first = Mutex<[EntityKey: PayoutPart.Report]>([:])

    init(_ base: any Store) { self.base = base }

    func keep(_ part: PayoutPart) async throws {
        let report = first.withLock { first in
            first[part.payout] = first[part.payout] ?? part.report
            return first[part.payout] ?? part.report
        }
        try await base.keep(part.with(report))
    }
}

/// Keeps in memory how far payouts have come.
final class ForgettingContentsStore: ForwardingStore {
    let base: any Store
    private let known = Mutex<[EntityKey: PayoutContents]>([:])

    init(_ base: any Store) { self.base = base }

    func keep(_ part: PayoutPart) async throws {
        try await base.keep(part)
        let contents = try await base.contents(of: part.payout)
        known.withLock { $0[part.payout] = contents }
    }

    func contents(of payout: EntityKey) async throws -> PayoutContents? { known.withLock { $0[payout] } }
}
