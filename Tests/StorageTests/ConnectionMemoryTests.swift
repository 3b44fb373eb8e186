import ConnectorKit
import Crypto
import Engine
import Foundation
@testable import Storage
import TestKit
import Testing

/// What connections remember: by version, durably, and sealed.
@Suite struct ConnectionMemoryTests {
    private let key = SymmetricKey(data: Data(repeating: 7, count: 32))

    private func sealed(_ subject: SQLiteSubject, key: SymmetricKey? = nil) async throws -> SealedMemory {
        let key = key ?? self.key
        return SealedMemory(try await subject.store()) { key }
    }

    private func expectContract(_ memory: any ConnectionMemory) async throws {
        #expect(try await memory.recall("token") == nil)
        let first = try await memory.remember(Secret("one"), under: "token", replacing: 0)
        #expect(first == 1)
        #expect(try await memory.recall("token")?.value == Secret("one"))
        #expect(try await memory.remember(Secret("two"), under: "token", replacing: 1) == 2)
        #expect(try await memory.remember(Secret("late"), under: "token", replacing: 1) == nil)
        #expect(try await memory.remember(Secret("first"), under: "token", replacing: 0) == nil)
        #expect(try await memory.recall("token") == KeptValue(value: Secret("two"), version: 2))
        #expect(try await memory.recall("other") == nil)
    }

    @Test func whoKnowsTheNewestVersionReplacesItAndNobodyElse() async throws {
        try await expectContract(VolatileMemory())
        try await SQLiteSubject.run { try await expectContract(try await sealed($0)) }
    }

    @Test func aValueSurvivesTheProcess() async throws {
        try await SQLiteSubject.run { subject in
            _ = try await sealed(subject).remember(Secret("kept"), under: "token", replacing: 0)
            #expect(try await sealed(subject).recall("token")?.value == Secret("kept"))
        }
    }

    @Test func aCopyOfTheStoreGivesNoTokenAway() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            let key = key
            _ = try await SealedMemory(store) { key }.remember(
                Secret("very-secret-token"), under: "token", replacing: 0)
            try store.close()
            for suffix in ["", "-wal"] {
                let bytes = FileManager.default.contents(atPath: subject.file + suffix) ?? Data()
                #expect(bytes.range(of: Data("very-secret-token".utf8)) == nil)
            }
            let other = SymmetricKey(data: Data(repeating: 8, count: 32))
            let stranger = try await sealed(subject, key: other)
            await #expect(throws: StoreError.self) { try await stranger.recall("token") }
        }
    }

    @Test func aSealedValueIsGoodUnderItsOwnNameOnly() async throws {
        try await SQLiteSubject.run { subject in
            let memory = try await sealed(subject)
            _ = try await memory.remember(Secret("mine"), under: "mine", replacing: 0)
            let driver = try SQLiteDriver(path: subject.file)
            _ = try await driver.write { try $0.run("UPDATE connections SET name = 'yours'", []) }
            await #expect(throws: StoreError.self) { try await memory.recall("yours") }
        }
    }

    @Test func theKeyFileIsMadeOnceAndOnlyItsOwnerReadsIt() async throws {
        try await SQLiteSubject.run { subject in
            let file = KeyFile(path: subject.file + ".key")
            let first = try file.key()
            #expect(try file.key() == first)
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let folder = (subject.file as NSString).deletingLastPathComponent
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.hasSuffix(".new") })
        }
    }

    @Test func aDamagedKeyFileIsToldAndNotReplaced() async throws {
        try await SQLiteSubject.run { subject in
            let file = KeyFile(path: subject.file + ".key")
            try "no key".write(toFile: file.path, atomically: true, encoding: .utf8)
            #expect(throws: StoreError.self) { try file.key() }
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "no key")
        }
    }
}
