import Engine
import Foundation
import TestKit
import Testing

@testable import Storage

@Suite struct SQLiteDriverTests {
    private func pragma(_ name: String, column: String? = nil, _ driver: any SQLDriver) async throws -> String? {
        try await driver.write { session in
            var row = try session.first("SELECT CAST(p.\(column ?? name) AS TEXT) FROM pragma_\(name) p", [])
            return try row?.text()
        }
    }

    @Test func aCommitIsOnTheDiskBeforeItIsAnswered() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()

            // 2 is FULL. GRDB sets 1, NORMAL, with which a power cut takes back the last commits.
            #expect(try await pragma("synchronous", store.driver) == "2")
            #expect(try await pragma("journal_mode", store.driver) == "wal")
            #expect(try await pragma("foreign_keys", store.driver) == "1")
            #expect(try await pragma("busy_timeout", column: "timeout", store.driver) == "5000")
        }
    }

    @Test func aWriteWaitsForAnotherConnectionThatIsWriting() async throws {
        try await SQLiteSubject.run { subject in
            let (one, other) = (try await subject.store(), try await subject.store(process: "second"))
            let (isWriting, writes) = AsyncStream.makeStream(of: Void.self)

            let slow = Task {
                try await one.driver.write { session in
                    try session.run("INSERT INTO epochs (number, started_at, beat_at) VALUES (1, 0, 0)", [])
                    writes.finish()
                    // Holds the file, as a backup or a slow process does. The other one is already on its way.
                    usleep(300_000)
                }
            }
            for await _ in isWriting {}
            let epoch = try await other.start()
            try await slow.value

            // It waited, and then saw what the first had written.
            #expect(epoch.number == 2)
        }
    }

    @Test func aWriteThatFailsLeavesNothingAndSaysNothingPersonal() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()

            let failure = await #expect(throws: StoreError.self) {
                try await store.driver.write { session in
                    try session.run("INSERT INTO epochs (number, started_at, beat_at) VALUES (?, 0, 0)", [.int(7)])
                    try session.run(
                        "INSERT INTO epochs (number, started_at, beat_at) VALUES (7, ?, 0)", [.text("anna")])
                }
            }

            #expect(failure?.kind == .conflict)
            #expect(failure?.detail.contains("anna") == false)
            let epochs = try await store.driver.read { try $0.rows("SELECT number FROM epochs", []) }
            #expect(epochs.isEmpty)
        }
    }

    @Test func aProcessThatIsGoneIsKnownToBeDead() async throws {
        try await SQLiteSubject.run { subject in
            let driver = try SQLiteDriver(path: subject.file)
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/bin/sh")
            child.arguments = ["-c", "exit 0"]
            try child.run()
            child.waitUntilExit()

            #expect(driver.isAlive(pid: SQLStore.pid) == true)
            #expect(driver.isAlive(pid: Int64(child.processIdentifier)) == false)
        }
    }

    @Test(arguments: [
        "postgresql://localhost/ordersync", "mysql://x", "store.db", "sqlite:", "sqlite:/no/such/dir/s.db",
    ])
    func anAddressThatCannotBeUsedIsRefusedWithWords(_ url: String) async throws {
        let failure = await #expect(throws: StoreError.self) {
            _ = try await SQLStore.open(url: url, clock: VirtualClock(), process: "first")
        }

        #expect(failure?.kind == .unavailable)
    }
}
