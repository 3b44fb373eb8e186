import Domain
import Engine

/// One numbered, forward-only change of the schema.
struct Migration: Sendable {
    let version: Int
    /// May use the dialect's `{bytes}`, `{identity}` and `{clustered}`.
    let statements: [String]
}

/// Brings a database's schema up to date, in one transaction.
struct Migrator {
    let migrations: [Migration]

    static let current = Migrator(migrations: [.first, .second, .third, .fourth])

    private var newest: Int { migrations.map(\.version).max() ?? 0 }

    /// - Throws: `StoreError` of kind `newerSchema`, having changed nothing.
    func run(_ session: any SQLSession, now: Instant) throws {
        if let lock = session.dialect.migrationLock { try session.run(lock, []) }
        try session.define(
            "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)")
        let applied = try appliedVersion(session)
        guard applied <= newest else {
            throw StoreError(
                .newerSchema,
                "the store has schema \(applied), this version of OrderSync knows \(newest): use the newer OrderSync")
        }
        for migration in migrations.sorted(by: { $0.version < $1.version }) where migration.version > applied {
            for statement in migration.statements { try session.define(text(statement, session.dialect)) }
            try session.run(
                "INSERT INTO schema_versions (version, applied_at) VALUES (?, ?)",
                [.int(migration.version), .time(now)])
        }
    }

    private func appliedVersion(_ session: any SQLSession) throws -> Int {
        var row = try session.first("SELECT COALESCE(MAX(version), 0) FROM schema_versions", [])
        return try row?.int() ?? 0
    }

    private func text(_ statement: String, _ dialect: SQLDialect) -> String {
        statement.replacing("{bytes}", with: dialect.bytes)
            .replacing("{identity}", with: dialect.identity)
            .replacing("{clustered}", with: dialect.clustered)
    }
}
