/// A database as the store needs it. The store speaks one portable SQL (`ON CONFLICT`, `RETURNING`, `?` placeholders);
/// a driver turns it into what its database understands, and its failures into `StoreError`.
///
/// The SQL must be safe under READ COMMITTED: it relies on constraints and versioned updates. Where rows have to be held
/// until the transaction ends, it adds the words of the dialect.
protocol SQLDriver: Sendable {
    var dialect: SQLDialect { get }

    /// One transaction that may write. It is carried through even if the calling task is cancelled.
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T
    /// One transaction that only reads, and sees one state of the database.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Whether another process that uses this database still lives; `nil` when only its heartbeat can tell.
    func isAlive(pid: Int64) -> Bool?
    func close() throws
}

/// What databases say differently.
struct SQLDialect: Sendable {
    /// The type of a column of bytes.
    let bytes: String
    /// The type of a primary key that numbers its rows.
    let identity: String
    /// Ends the definition of a table of small rows that are only ever found by their key.
    let clustered: String
    /// Ends a SELECT whose rows nobody may change until the transaction ends. Empty where a writer is alone anyway.
    let lockingRows: String
    /// The same, passing over rows that another transaction holds.
    let skippingLockedRows: String
    /// Makes migrations wait for each other; `nil` where a writer is alone anyway.
    let migrationLock: String?
}

/// An open transaction.
protocol SQLSession {
    var dialect: SQLDialect { get }

    /// Runs a statement; answers how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int
    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
    /// Runs a statement that changes the schema.
    func define(_ sql: String) throws
}

extension SQLSession {
    func first(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? { try rows(sql, arguments).first }

    /// Whether a statement answered any row: for `… RETURNING 1`.
    func answers(_ sql: String, _ arguments: [SQLValue]) throws -> Bool { try !rows(sql, arguments).isEmpty }
}
