import ConnectorKit
import Domain

/// Something that every payment provider's connector must do. Run it on a subject of its own.
public struct ProviderCheck: Sendable, CustomStringConvertible {
    /// A sentence: the behaviour, or the hazard that must not come true.
    public let name: String
    let body: @Sendable (any ProviderSubject) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (any ProviderSubject) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// - Throws: `AcceptanceFailure` when the connector does not behave, or what it threw.
    public func run(on subject: any ProviderSubject) async throws { try await body(subject) }

    public var description: String { name }

    public static let all: [ProviderCheck] = walking + payouts + lines + kinds + failing + saying + webhooks
}

/// One walk over the pages of payouts.
struct PayoutWalk {
    var ids: [String] = []
    var records: [RawRecord] = []
    /// Each cursor with the number of records before it.
    var cursors: [(cursor: PageCursor, before: Int)] = []
    var unreadable: [Problem] = []

    /// Walks to the end, or fails after far more pages than there can be.
    init(
        _ provider: any PaymentProvider, since: Instant = .distantPast, from start: PageCursor? = nil,
        afterPage: (PayoutWalk) async throws -> Void = { _ in }
    ) async throws {
        var cursor = start
        for _ in 0..<1000 {
            let page = try await provider.payouts(madeSince: since, cursor: cursor)
            records += page.records
            ids += page.records.map(\.id)
            unreadable += page.unreadable
            try await afterPage(self)
            guard let next = page.next else { return }
            cursors.append((next, ids.count))
            cursor = next
        }
        throw AcceptanceFailure("the walk over payouts comes to no end")
    }
}

/// One walk over the pages of a payout's lines.
struct LineWalk {
    var lines: [PayoutLine] = []
    /// Each cursor with the number of lines before it.
    var cursors: [(cursor: PageCursor, before: Int)] = []
    var reports: [[UInt8]] = []

    /// Walks to the end, or fails after far more pages than there can be.
    init(_ provider: any PaymentProvider, _ payout: Payout, from start: PageCursor? = nil) async throws {
        var cursor = start
        for _ in 0..<1000 {
            let page = try await provider.lines(of: payout, cursor: cursor)
            lines += page.lines
            reports.append(page.report)
            guard let next = page.next else { return }
            cursors.append((next, lines.count))
            cursor = next
        }
        throw AcceptanceFailure("the walk over lines comes to no end")
    }
}

extension PageCursor {
    /// Written down and read by another process.
    var again: PageCursor { PageCursor(String(decoding: Array(text.utf8), as: UTF8.self)) }
}

extension ProviderSubject {
    func money(_ units: Int64) -> Money { Money(minorUnits: units, currency) }

    func pass(_ duration: Duration) async throws { try await clock.sleep(for: duration) }

    /// A payment of 100.00 with a fee of 3.00; answers its id.
    func sell(_ number: String) async throws -> String {
        try await sell(number, money(100_00), fee: money(3_00), at: clock.now())
    }

    /// A payout of one payment; answers its id.
    func payOutOne(_ number: String = "27") async throws -> String {
        _ = try await sell(number)
        return try await payOut(currency, at: clock.now())
    }

    /// So many payouts of one payment each, two in each second; answers their ids.
    func payOut(_ count: Int) async throws -> [String] {
        var made: [String] = []
        for number in 0..<count {
            if number.isMultiple(of: 2) { try await pass(.seconds(1)) }
            made.append(try await payOutOne("\(number)"))
        }
        return made
    }

    /// A payout as a process of its own reads it.
    func payout(_ id: String) async throws -> Payout {
        let provider = try await connector(nil)
        guard let record = try await provider.payout(id: id) else {
            throw AcceptanceFailure("payout \(id) is not found by its id")
        }
        return try provider.normalise(record)
    }

    /// Its lines as a process of its own reads them.
    func lines(of payout: Payout) async throws -> [PayoutLine] {
        try await LineWalk(try await connector(nil), payout).lines
    }

    /// Pays out all that moved and waits until it is complete. Its lines come to its net, and are what was counted past the
    /// connector.
    func paidOut(_ currency: Currency? = nil) async throws -> (payout: Payout, lines: [PayoutLine]) {
        let id = try await payOut(currency ?? self.currency, at: clock.now())
        try await finish(id)
        let payout = try await payout(id)
        let lines = try await lines(of: payout)
        try await truth(id).mustBe(payout, lines)
        return (payout, lines)
    }
}

extension PayoutTruth {
    /// Whether a payout and its lines are what was counted: all amounts and times, no line more or less.
    func mustBe(_ payout: Payout, _ read: [PayoutLine]) throws(AcceptanceFailure) {
        try require(payout.net, is: net, "net of payout \(payout.id)")
        let foreign = read.first { $0.amount.currency != payout.currency || $0.fee.currency != payout.currency }
        try require(foreign == nil, "line \(foreign?.id ?? "") is not in the currency of the payout")
        try require(read.map(\.net).sum(payout.currency), is: net, "what lines come to")
        try require(read.count, is: lines.count, "lines")
        let wrong = read.map { Line(amount: $0.amount, fee: $0.fee, at: $0.at) }.first(notIn: lines)
        try require(wrong == nil, "a line that nobody counted: \(wrong.map { "\($0)" } ?? "")")
    }
}

extension [PayoutTruth.Line] {
    /// The first that the other list does not have as often.
    fileprivate func first(notIn other: [PayoutTruth.Line]) -> PayoutTruth.Line? {
        var left = other.reduce(into: [PayoutTruth.Line: Int]()) { $0[$1, default: 0] += 1 }
        return first { line in
            left[line, default: 0] -= 1
            return left[line, default: 0] < 0
        }
    }
}

extension [PayoutLine] {
    /// The one line of a gross amount.
    func only(_ amount: Money) throws(AcceptanceFailure) -> PayoutLine {
        let found = filter { $0.amount == amount }
        guard let line = found.first, found.count == 1 else {
            throw AcceptanceFailure("\(found.count) lines of \(amount) among \(map(\.amount))")
        }
        return line
    }
}
