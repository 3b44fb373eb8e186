import Engine
import Foundation
import GRDB

/// SQLite in one file, with a write-ahead log: one writer at a time, readers beside it, other processes welcome.
struct SQLiteDriver: SQLDriver {
    private let pool: DatabasePool

    var dialect: SQLDialect { .sqlite }

    /// How long a write waits for another process. Writes take milliseconds; only a backup or a stuck process takes longer.
    private static let busyTimeout: TimeInterval = 5

    init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Self.busyTimeout)
        pool = try Self.translating(path) {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL when it turns the write-ahead log on, after `prepareDatabase`. With NORMAL a power cut
            // takes back the last commits: an intent that was committed before a call would be forgotten.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        let pool = pool
        // GRDB rolls a write back when the task that awaits it is cancelled. What a call to the ERP came to must be kept
        // whatever happens to the caller, so the write has a task of its own that nobody cancels.
        let write = Task { try await pool.write { try body(SQLiteSession(database: $0)) } }
        do {
            return try await write.value
        } catch {
            throw Self.translated(error)
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        do {
            return try await pool.read { try body(SQLiteSession(database: $0)) }
        } catch {
            throw Self.translated(error)
        }
    }

    /// A file is used by processes of one machine: signal 0 asks whether one is there without disturbing it.
    func isAlive(pid: Int64) -> Bool? {
        guard let pid = pid_t(exactly: pid), pid > 0 else { return nil }
        return kill(pid, 0) == 0 || errno != ESRCH
    }

    func close() throws { try Self.translating { try pool.close() } }

    // MARK: Errors

    private static func translating<T>(_ file: String? = nil, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            guard let file, let found = translated(error) as? StoreError else { throw translated(error) }
            throw StoreError(found.kind, "\(file): \(found.detail)")
        }
    }

    private static func translated(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let kind: StoreError.Kind = error.resultCode == .SQLITE_CONSTRAINT ? .conflict : .unavailable
        // The message names tables and columns; the values, which may be personal, stay out.
        return StoreError(kind, "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")")
    }
}

extension SQLDialect {
    fileprivate static let sqlite = SQLDialect(
        bytes: "BLOB", identity: "INTEGER PRIMARY KEY", clustered: " WITHOUT ROWID", lockingRows: "",
        skippingLockedRows: "", migrationLock: nil)
}

private struct SQLiteSession: SQLSession {
    let database: Database
    var dialect: SQLDialect { .sqlite }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try database.cachedStatement(sql: sql).execute(arguments: Self.bound(arguments))
        return database.changesCount
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        let statement = try database.cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: Self.bound(arguments))
        var found: [SQLRow] = []
        while let row = try cursor.next() {
            found.append(SQLRow(row.databaseValues.map(Self.value)))
        }
        return found
    }

    func define(_ sql: String) throws { try database.execute(sql: sql) }

    private static func bound(_ arguments: [SQLValue]) -> StatementArguments {
        StatementArguments(
            arguments.map { argument -> DatabaseValue in
                switch argument {
                case .null: .null
                case .int(let number): number.databaseValue
                // SQLite keeps what follows a NUL but answers only what precedes it.
                case .text(let text):
                    (text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text).databaseValue
                case .blob(let bytes): Data(bytes).databaseValue
                }
            })
    }

    private static func value(_ value: DatabaseValue) -> SQLValue {
        switch value.storage {
        case .null: .null
        case .int64(let number): .int(number)
        // No column of ours holds one; as text it fails where it is read.
        case .double(let number): .text("\(number)")
        case .string(let text): .text(text)
        case .blob(let data): .blob(Array(data))
        }
    }
}
