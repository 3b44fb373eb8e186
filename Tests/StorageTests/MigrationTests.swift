import Domain
import Engine
import TestKit
import Testing

@testable import Storage

@Suite struct MigrationTests {
    private func schema(_ driver: any SQLDriver) async throws -> [String] {
        try await driver.read { session in
            try session.rows("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name", []).map {
                var row = $0
                return try row.text()
            }
        }
    }

    @Test func aFreshFileGetsTheWholeSchemaAndMigratingAgainChangesNothing() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            let first = try await schema(store.driver)

            try await store.driver.write { try Migrator.current.run($0, now: .distantPast) }
            let reopened = try await subject.store()

            #expect(first.contains("entities"))
            #expect(try await schema(reopened.driver) == first)
            let versions = try await reopened.driver.read { try $0.rows("SELECT version FROM schema_versions", []) }
            #expect(versions.count == Migrator.current.migrations.count)
        }
    }

    @Test func aStoreOfANewerVersionIsRefusedUntouched() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            try await store.driver.write { session in
                _ = try session.run("INSERT INTO schema_versions (version, applied_at) VALUES (9999, 0)", [])
            }

            let opening = await #expect(throws: StoreError.self) { _ = try await subject.store() }
            let starting = await #expect(throws: StoreError.self) { _ = try await store.start() }

            #expect(opening?.kind == .newerSchema)
            #expect(starting?.kind == .newerSchema)
        }
    }

    @Test func aMigrationThatFailsLeavesTheSchemaBeforeIt() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            let before = try await schema(store.driver)
            let broken = Migrator(
                migrations: Migrator.current.migrations + [
                    Migration(version: 9000, statements: ["CREATE TABLE half (id BIGINT)", "CREATE NONSENSE"])
                ])

            await #expect(throws: StoreError.self) {
                try await store.driver.write { try broken.run($0, now: .distantPast) }
            }

            #expect(try await schema(store.driver) == before)
        }
    }

    @Test func laterMigrationsAreAppliedInOrderToWhatIsThere() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            let later = Migrator(
                migrations: [
                    Migration(version: 9001, statements: ["ALTER TABLE extra ADD COLUMN more {bytes}"]),
                    Migration(version: 9000, statements: ["CREATE TABLE extra (id {identity})"]),
                ] + Migrator.current.migrations)

            for _ in 1...2 { try await store.driver.write { try later.run($0, now: .distantPast) } }

            try await store.driver.write { session in
                _ = try session.run("INSERT INTO extra (more) VALUES (?)", [.blob([1])])
            }
        }
    }

    @Test func twoProcessesMayOpenAFreshFileAtOnce() async throws {
        try await SQLiteSubject.run { subject in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...6 {
                    group.addTask {
                        let store = try await subject.store(process: "process \(number)")
                        _ = try await store.start()
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
