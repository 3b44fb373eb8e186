public import ConnectorKit
import Domain
public import Engine
import Foundation

/// The store on a database, by one set of SQL for every driver.
///
/// Each method is one transaction; JSON is written before it begins and read after it has ended, because on SQLite only
/// one transaction writes at a time.
public struct SQLStore: Store {
    let driver: any SQLDriver
    let clock: any WallClock
    /// Who holds our leases: the name and the process id, so that two processes of one name never free each other's.
    let process: String
    let memory = StoredMemory()

    init(driver: any SQLDriver, clock: any WallClock, process: String) {
        self.driver = driver
        self.clock = clock
        self.process = "\(process)#\(Self.pid)"
    }

    /// Opens the store at an address such as `sqlite:ordersync.db` and brings its schema up to date.
    ///
    /// `process` is the name of this process among those that share the store. Opening again under the same name in the
    /// same process, then `start()`, is taken as a restart after a crash: leases from before are void.
    public static func open(url: String, clock: any WallClock, process: String) async throws -> SQLStore {
        let store = SQLStore(driver: try driver(for: url), clock: clock, process: process)
        let now = store.now()
        try await store.driver.write { try Migrator.current.run($0, now: now) }
        return store
    }

    func now() -> Instant { clock.now() }

    /// Closes the database. Leases stay as they are, as after a crash.
    public func close() throws { try driver.close() }

    private static func driver(for url: String) throws -> any SQLDriver {
        let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else {
            throw StoreError(.unavailable, "the store's address should look like sqlite:ordersync.db")
        }
        switch parts[0] {
        case "sqlite": return try SQLiteDriver(path: String(parts[1]))
        case "postgresql", "postgres":
            throw StoreError(.unavailable, "this version has no PostgreSQL driver; use sqlite:PATH")
        default: throw StoreError(.unavailable, "no kind of store is called \(parts[0]); use sqlite:PATH")
        }
    }

    static var pid: Int64 { Int64(ProcessInfo.processInfo.processIdentifier) }
}

extension EntityKey {
    /// For `(integration, type, id)` in a statement.
    var columns: [SQLValue] { [.text(integration), .word(type), .text(id)] }
    var leaseName: String { description }
}
