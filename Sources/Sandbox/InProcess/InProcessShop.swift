public import ConnectorKit
public import Domain
import Foundation
import Synchronization

/// A shop in memory whose payloads are canonical orders, for tests and for measuring the engine without a network.
public final class InProcessShop: Storefront {
    private struct Shelf {
        var orders: [String: Order] = [:]
        /// Ids in the order of their last change.
        var changes: [String] = []
        var reads = 0
    }

    private let clock: any WallClock
    private let pageSize: Int
    private let shelf = Mutex(Shelf())

    public init(clock: any WallClock, pageSize: Int = 100) {
        self.clock = clock
        self.pageSize = pageSize
    }

    /// Places or changes an order.
    public func put(_ order: Order) {
        shelf.withLock { shelf in
            shelf.orders[order.id] = order
            shelf.changes.removeAll { $0 == order.id }
            shelf.changes.append(order.id)
        }
    }

    /// Places many new orders at once.
    public func put(_ orders: [Order]) {
        shelf.withLock { shelf in
            for order in orders where shelf.orders[order.id] == nil {
                shelf.orders[order.id] = order
                shelf.changes.append(order.id)
            }
        }
    }

    public func remove(_ id: String) {
        shelf.withLock { shelf in
            shelf.orders[id] = nil
            shelf.changes.removeAll { $0 == id }
        }
    }

    public var reads: Int { shelf.withLock { $0.reads } }

    // MARK: Storefront

    public func orders(
        changedSince since: Instant, cursor: PageCursor?
    ) async throws(ConnectorError) -> RecordPage {
        let began = clock.now()
        let start = cursor.flatMap { Int($0.text) } ?? 0
        let (page, total) = shelf.withLock { shelf in
            shelf.reads += 1
            let changed = shelf.changes.compactMap { shelf.orders[$0] }.filter { $0.modifiedAt >= since }
            return (Array(changed.dropFirst(start).prefix(pageSize)), changed.count)
        }
        let end = start + page.count
        return RecordPage(
            records: page.map { Self.record($0, began) },
            coveredThrough: page.map(\.modifiedAt).max(),
            next: end < total ? PageCursor(String(end)) : nil
        )
    }

    public func orders(ids: [String]) async throws(ConnectorError) -> RecordsByID {
        let began = clock.now()
        let found = shelf.withLock { shelf in
            shelf.reads += 1
            return ids.compactMap { shelf.orders[$0] }
        }
        let foundIDs = Set(found.map(\.id))
        return RecordsByID(found: found.map { Self.record($0, began) }, gone: ids.filter { !foundIDs.contains($0) })
    }

    public func order(number: String) async throws(ConnectorError) -> RawRecord? {
        let began = clock.now()
        return shelf.withLock { shelf in shelf.orders.values.first { $0.number == number } }
            .map { Self.record($0, began) }
    }

    public func normalise(_ record: RawRecord, previous: Order?) throws(Problem) -> Order {
        do {
            return try JSONDecoder().decode(Order.self, from: Data(record.payload))
        } catch {
            throw Problem(.recordUnreadable, "\(error)")
        }
    }

    public func check() async -> [Problem] { [] }

    private static func record(_ order: Order, _ began: Instant) -> RawRecord {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let payload = (try? encoder.encode(order)).map { [UInt8]($0) } ?? []
        return RawRecord(id: order.id, payload: payload, fetchBegan: began)
    }
}
