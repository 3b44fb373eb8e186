import Domain
import Engine
import Synchronization
import TestKit
import Testing

@testable import Storage

/// What a worker does at every turn must cost the same however many orders there are.
@Suite struct QueryPlanTests {
    @Test func noStatementOfATurnWalksThroughATable() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            let listener = ListeningDriver(base: store.driver)
            let heard = SQLStore(driver: listener, clock: subject.clock, process: "heard")
            _ = try await Course(store: heard, clock: subject.clock, count: 3, batch: 2).run()
            _ = try await heard.nextDue(integration: Course.integration)
            try await heard.markDue([heard.key("1")], trigger: .webhook)

            let plans = try await store.driver.read { session in
                try listener.statements.sorted().flatMap { statement in
                    // Plans do not depend on the values.
                    let nulls = statement.filter { $0 == "?" }.map { _ in SQLValue.null }
                    return try session.rows("EXPLAIN QUERY PLAN \(statement)", nulls).map { row in
                        var row = row
                        _ = (try row.int(), try row.int(), try row.int())
                        return (statement: statement, plan: try row.text())
                    }
                }
            }

            #expect(plans.count > 20)
            for (statement, plan) in plans {
                #expect(!plan.hasPrefix("SCAN") || plan == "SCAN CONSTANT ROW", "\(statement)")
                // All records of an integration is as good as all records.
                #expect(!plan.hasSuffix("(integration=?)"), "\(plan): \(statement)")
            }
        }
    }
}

extension SQLStore {
    fileprivate func key(_ id: String) -> EntityKey { EntityKey(integration: Course.integration, type: .order, id: id) }
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
