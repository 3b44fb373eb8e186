import Engine
import Foundation
import TestKit

@testable import Storage

/// The SQLite store on an empty file.
struct SQLiteSubject: StoreSubject {
    let clock = VirtualClock()
    let file: String

    /// Runs a test on a database in a directory of its own, which is removed afterwards.
    static func run<T>(_ test: (SQLiteSubject) async throws -> T) async throws -> T {
        let pattern = FileManager.default.temporaryDirectory.appendingPathComponent("ordersync-store-XXXXXX").path
        var template = pattern.utf8CString.map { $0 }
        guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
        let directory = String(cString: made)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await test(SQLiteSubject(file: directory + "/store.db"))
    }

    func store(process: String = "first") async throws -> SQLStore {
        try await SQLStore.open(url: "sqlite:\(file)", clock: clock, process: process)
    }

    func open(process: String) async throws -> any Store { try await store(process: process) }
}
