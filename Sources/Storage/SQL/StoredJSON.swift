import Engine
import Foundation

/// Values that are stored whole, as JSON with sorted keys, so that equal values are equal bytes.
enum StoredJSON {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw StoreError(.conflict, "a \(type(of: value)) cannot be written as JSON")
        }
    }

    /// - Throws: `StoreError` that names the type and not the content, which may be personal.
    static func value<Value: Decodable>(_ type: Value.Type = Value.self, from bytes: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw StoreError(.unavailable, "a stored \(type) cannot be read by this version")
        }
    }
}
