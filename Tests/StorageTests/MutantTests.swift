import Engine
import TestKit
import Testing

/// A check that no broken store fails proves nothing.
@Suite struct MutantTests {
    struct Mutant: Sendable, CustomStringConvertible {
        let description: String
        /// A part of the name of the check that must notice it.
        let check: String
        let broken: @Sendable (any Store) -> any Store

        init(_ description: String, fails check: String, _ broken: @escaping @Sendable (any Store) -> any Store) {
            self.description = description
            self.check = check
            self.broken = broken
        }
    }

    static let mutants =
        [
            Mutant("no fencing", fails: "a suspended worker's commits") { UnfencedStore($0) },
            Mutant("no fencing, batch", fails: "of a batch of outcomes") { UnfencedStore($0) },
            Mutant("the last writer wins", fails: "an older fetch never replaces") { LastWriterWinsStore(base: $0) },
            Mutant("cancelling takes back", fails: "a caller that is cancelled") { CancellableStore(base: $0) },
            Mutant("due is a flag", fails: "a change that comes while") { DueFlagStore(base: $0) },
            Mutant("two transactions", fails: "when a snapshot cannot be stored") { TwoTransactionsStore(base: $0) },
            Mutant("intents forgotten", fails: "an intent without an outcome") { ForgetfulStore(base: $0) },
            Mutant("intents of removed references forgotten", fails: "a removed reference") {
                ForgetfulStore(base: $0)
            },
            Mutant("claims are shared", fails: "workers that claim at the same time") { ReadThenLeaseStore($0) },
        ] + payoutMutants

    struct BrokenSubject: StoreSubject {
        let sound: SQLiteSubject
        let broken: @Sendable (any Store) -> any Store

        var clock: VirtualClock { sound.clock }
        func open(process: String) async throws -> any Store { broken(try await sound.open(process: process)) }
    }

    @Test(arguments: mutants)
    func isNoticed(_ mutant: Mutant) async throws {
        let check = try #require(StoreCheck.all.first { $0.name.contains(mutant.check) })

        try await SQLiteSubject.run { sound in
            let failure = await #expect(throws: (any Error).self) {
                try await check.run(on: BrokenSubject(sound: sound, broken: mutant.broken))
            }
            // Noticed by what the check looks at, not by an accident in the database.
            #expect(!(failure is StoreError), "\(mutant): \(String(describing: failure))")
        }
    }
}
