import Domain
import Engine
import TestKit
import Testing

@testable import Storage

/// Orders that were stored by a version that kept no keys to find them by.
@Suite struct OrderKeysTests {
    private let key = EntityKey(integration: "nordic", type: .order, id: "1")

    private func snapshot(fetched: Instant) -> Snapshot {
        let order = Sample.order("1")
        return Snapshot(
            key: key, number: "1001", payload: [], content: .order(order), hash: "a", createdAt: order.createdAt,
            modifiedAt: order.modifiedAt, fetchBegan: fetched)
    }

    private func storeOfAnOldOrder(_ subject: SQLiteSubject) async throws -> SQLStore {
        let store = try await subject.store()
        _ = try await store.record(
            [snapshot(fetched: subject.clock.now())], trigger: .schedule, force: false, moving: nil)
        try await store.driver.write { _ = try $0.run("DELETE FROM order_keys", []) }
        return store
    }

    private func found(_ keys: [PayoutMatch.Key: Set<String>], _ store: SQLStore) async throws -> [FoundOrder] {
        try await store.candidates(keys, in: [key.integration])
    }

    @Test func theyAreFoundByNumberAndID() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await storeOfAnOldOrder(subject)

            for keys in [[.orderNumber: ["1001"]], [.orderID: ["1"]]] as [[PayoutMatch.Key: Set<String>]] {
                let orders = try await found(keys, store)
                #expect(orders.map(\.key) == [key], "\(keys)")
                #expect(orders.map(\.total) == [Sample.money("99.00")], "\(keys)")
            }
            #expect(try await found([.transaction: ["ch_1"]], store) == [])
        }
    }

    @Test func theyAreFoundByTransactionOnceTheyWereReadAgainUnchanged() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await storeOfAnOldOrder(subject)
            subject.clock.advance(by: .seconds(60))

            let due = try await store.record(
                [snapshot(fetched: subject.clock.now())], trigger: .schedule, force: false, moving: nil)

            #expect(due == [])
            #expect(try await found([.transaction: ["ch_1"]], store).map(\.key) == [key])
        }
    }
}
