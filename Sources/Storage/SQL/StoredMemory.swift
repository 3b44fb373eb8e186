import Domain
import Engine
import Synchronization

/// What was last written or read of the records at work, so that their JSON is not made and read over and over: an order is
/// stored once and claimed twice, and what its documents were made from is the same for all of them.
///
/// The database stays the truth: a remembered value counts only for exactly the bytes that were read from it.
final class StoredMemory: Sendable {
    let orders = Remembered<Order>()
    let madeFrom = Remembered<MadeFrom>()
}

/// The last value of each record, with its JSON.
final class Remembered<Value: Codable & Equatable & Sendable>: Sendable {
    private let values = Mutex<[EntityKey: (value: Value, bytes: [UInt8])]>([:])
    /// A few batches of each lane; at some ten kilobytes each.
    private let limit = 500

    /// With `reusing` equal values are equal bytes, as for everything that is only ever compared as a value.
    func bytes(_ value: Value, of key: EntityKey, reusing: Bool) throws -> [UInt8] {
        if reusing, let known = values.withLock({ $0[key] }), known.value == value { return known.bytes }
        let bytes = try StoredJSON.bytes(value)
        remember(value, bytes, of: key)
        return bytes
    }

    func value(from bytes: [UInt8], of key: EntityKey) throws -> Value {
        if let known = values.withLock({ $0[key] }), known.bytes == bytes { return known.value }
        let value = try StoredJSON.value(Value.self, from: bytes)
        remember(value, bytes, of: key)
        return value
    }

    private func remember(_ value: Value, _ bytes: [UInt8], of key: EntityKey) {
        values.withLock { values in
            if values.count >= limit { values.removeAll(keepingCapacity: true) }
            values[key] = (value, bytes)
        }
    }
}
