import ConnectorKit
import Foundation
import Sandbox
import Synchronization

/// A replayed shop that holds new orders, made from a recorded one by giving it another id and another customer.
enum OneOrderShop {
    private static let lastID = Mutex(Int(Date().timeIntervalSince1970) % 1_000_000 * 100)

    static func nextID() -> Int {
        lastID.withLock { id in
            id += 1
            return id
        }
    }

    static func payload(id: Int) throws -> [UInt8] {
        let recorded = String(decoding: try Recordings.order("guest_simple.json"), as: UTF8.self)
        let changed =
            recorded
            .replacingOccurrences(of: "\"id\": 26,", with: "\"id\": \(id),")
            .replacingOccurrences(of: "\"number\": \"26\"", with: "\"number\": \"\(id)\"")
            .replacingOccurrences(of: "anna@example.test", with: "buyer\(id)@example.test")
        return [UInt8](changed.utf8)
    }

    /// Started, with this many orders; answers their ids.
    static func start(orders count: Int = 1) async throws -> (shop: ReplayShop, ids: [Int]) {
        let ids = (0..<count).map { _ in nextID() }
        let shop = ReplayShop(timeline: try ids.map(payload))
        shop.advanceAll()
        try await shop.start()
        return (shop, ids)
    }
}
