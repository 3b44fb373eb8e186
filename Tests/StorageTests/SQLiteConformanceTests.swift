import TestKit
import Testing

@Suite struct SQLiteConformanceTests {
    @Test(arguments: StoreCheck.all)
    func sqlite(_ check: StoreCheck) async throws {
        try await SQLiteSubject.run { try await check.run(on: $0) }
    }

    @Test func everyCheckHasANameOfItsOwn() {
        #expect(Set(StoreCheck.all.map(\.name)).count == StoreCheck.all.count)
    }
}
