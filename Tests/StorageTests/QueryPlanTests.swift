import Domain
import Engine
import Synchronization
import TestKit
import Testing

@testable import Storage

/// What a worker does at every turn must cost the same however many orders there are.
@Suite struct QueryPlanTests {
    @Test func noStatementOfATurnWalksThroughATable() async throws {
        try await expectNoWalks(atLeast: 20) { heard, clock in
            _ = try await Course(store: heard, clock: clock, count: 3, batch: 2).run()
            _ = try await heard.nextDue(integration: Course.integration)
            try await heard.markDue([heard.key("1")], trigger: .webhook)
        }
    }

    /// Nor may a line cost more in a payout of a million lines.
    @Test func noStatementOfAPayoutWalksThroughATable() async throws {
        try await expectNoWalks(atLeast: 60) { heard, clock in
            _ = try await Course(store: heard, clock: clock, count: 3, batch: 2).run()
            try await PayoutCourse(store: heard).run()
        }
    }

    private func expectNoWalks(
        atLeast count: Int, in work: (SQLStore, VirtualClock) async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            let listener = ListeningDriver(base: store.driver)
            try await work(SQLStore(driver: listener, clock: subject.clock, process: "heard"), subject.clock)

            let plans = try await store.driver.read { session in
                try listener.statements.sorted().flatMap { try session.plans(of: $0) }
            }

            #expect(plans.count > count, sourceLocation: sourceLocation)
            for (statement, plan) in plans {
                #expect(
                    !plan.hasPrefix("SCAN") || plan == "SCAN CONSTANT ROW", "\(plan): \(statement)",
                    sourceLocation: sourceLocation)
                // All records of an integration are as good as all records, and so are all of a payout's lines.
                for walk in ["(integration=?)", "(integration=? AND type=?)", "(integration=? AND payout=?)"] {
                    #expect(!plan.hasSuffix(walk), "\(plan): \(statement)", sourceLocation: sourceLocation)
                }
            }
        }
    }
}

/// All that is asked of the store about a payout, from the first part to the proof.
private struct PayoutCourse {
    let store: SQLStore

    private let payout = EntityKey(integration: Course.integration, type: .payout, id: "pay-1")
    private let head = Payout(
        provider: "pay", id: "1", net: Sample.money("96.10"), createdAt: Sample.instant("2026-11-23T00:00:00Z"),
        arrivesOn: Sample.day("2026-11-24"))

    func run() async throws {
        try await takeIn()
        try await match()
        try await read()
    }

    private func takeIn() async throws {
        let snapshot = Snapshot(
            key: payout, number: "1", payload: [], content: .payout(head), hash: "a", createdAt: head.createdAt,
            modifiedAt: head.createdAt, fetchBegan: head.createdAt)
        for _ in 1...2 {
            _ = try await store.record([snapshot], trigger: .schedule, force: false, moving: nil)
            // The second time every line is known.
            try await store.keep(part(.own([1]), isLast: false))
        }
        try await store.keepReport("file", integration: payout.integration, piece: 1, [1])
        try await store.keep(part(.shared("file"), isLast: true))
    }

    private func part(_ report: PayoutPart.Report, isLast: Bool) -> PayoutPart {
        let line = PayoutLine(
            id: "a", kind: .charge, kindText: "charge", amount: Sample.money("99.00"), fee: Sample.money("2.90"),
            at: head.createdAt)
        return PayoutPart(payout: payout, head: head, lines: [line], report: report, isLast: isLast)
    }

    private func match() async throws {
        let keys = PayoutMatch.Key.allCases.map { ($0, Set(["1"])) }
        _ = try await store.candidates(Dictionary(keys) { first, _ in first }, in: [payout.integration])
        _ = try await store.nearest(
            Sample.money("99.00"), to: head.createdAt, in: [payout.integration], limit: 3)
        let share = LineMatch.Share(order: store.key("1"), paid: Sample.money("99.00"), settled: Sample.money("99.00"))
        try await store.keep(
            [LineMatch(line: "a", place: .clearing, by: .orderID, why: nil, shares: [share])], of: payout)
        // Taken from its order, and back again.
        for shares in [[], [share]] {
            try await store.settle("a", of: payout, as: LineWord(shares: shares, by: "anna", reason: "a test of ours"))
        }
        _ = try await store.settlements(of: share.order)
        _ = try await store.claim(
            ClaimRequest(
                integration: payout.integration, lane: .payouts, worker: "w", limit: 2, leaseFor: .seconds(60)))
    }

    private func read() async throws {
        try await store.verify(part(.own([]), isLast: true))
        _ = try await store.contents(of: payout)
        _ = try await store.lines(of: payout, after: 0, limit: 10)
        _ = try await store.knownLines(["a"], provider: head.provider, integration: payout.integration)
        _ = try await store.report(of: payout, piece: 1)
        _ = try await store.payouts(integration: payout.integration, after: "", limit: 10)
        _ = try await store.documents(integration: payout.integration, kind: .payment, after: nil, limit: 10)
    }
}

extension SQLStore {
    fileprivate func key(_ id: String) -> EntityKey { EntityKey(integration: Course.integration, type: .order, id: id) }
}

extension SQLSession {
    fileprivate func plans(of statement: String) throws -> [(statement: String, plan: String)] {
        // Plans do not depend on the values.
        let nulls = statement.filter { $0 == "?" }.map { _ in SQLValue.null }
        return try rows("EXPLAIN QUERY PLAN \(statement)", nulls).map { row in
            var row = row
            _ = (try row.int(), try row.int(), try row.int())
            return (statement: statement, plan: try row.text())
        }
    }
}

/// Remembers every statement that it hands on.
private final class ListeningDriver: SQLDriver {
    let base: any SQLDriver
    private let heard = Mutex<Set<String>>([])

    init(base: any SQLDriver) { self.base = base }

    var dialect: SQLDialect { base.dialect }
    var statements: Set<String> { heard.withLock { $0 } }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await base.write { try body(ListeningSession(base: $0, driver: self)) }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await base.read { try body(ListeningSession(base: $0, driver: self)) }
    }

    func isAlive(pid: Int64) -> Bool? { base.isAlive(pid: pid) }
    func close() throws { try base.close() }

    func hear(_ sql: String) { heard.withLock { _ = $0.insert(sql) } }
}

private struct ListeningSession: SQLSession {
    let base: any SQLSession
    let driver: ListeningDriver

    var dialect: SQLDialect { base.dialect }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        driver.hear(sql)
        return try base.run(sql, arguments)
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        driver.hear(sql)
        return try base.rows(sql, arguments)
    }

    func define(_ sql: String) throws { try base.define(sql) }
}
