public import ConnectorKit
public import Crypto
import Domain
import Engine
import Foundation

/// What connections remember, sealed with a key that is not in the database: a stolen copy of the store gives no token away.
public struct SealedMemory: ConnectionMemory {
    private let store: SQLStore
    private let key: @Sendable () throws -> SymmetricKey

    /// `key` is asked for when something is kept or recalled, so that who keeps nothing needs none.
    public init(_ store: SQLStore, key: @escaping @Sendable () throws -> SymmetricKey) {
        self.store = store
        self.key = key
    }

    /// - Throws: `StoreError` when the value was sealed with another key.
    public func recall(_ name: String) async throws -> KeptValue? {
        let row = try await store.driver.read { session in
            try session.first("SELECT version, sealed FROM connections WHERE name = ?", [.text(name)])
        }
        guard var row else { return nil }
        let version = try row.int64()
        return KeptValue(value: try opened(try row.bytes(), name), version: version)
    }

    public func remember(_ value: Secret, under name: String, replacing version: Int64) async throws -> Int64? {
        let sealed = try ChaChaPoly.seal(Data(value.revealed.utf8), using: key(), authenticating: Data(name.utf8))
        let (bytes, now) = (Array(sealed.combined), store.now())
        let kept = try await store.driver.write { session in
            try session.run(
                """
                INSERT INTO connections (name, version, sealed, kept_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET version = excluded.version, sealed = excluded.sealed,
                    kept_at = excluded.kept_at
                WHERE connections.version = ?
                """, [.text(name), .int(version + 1), .blob(bytes), .time(now), .int(version)])
        }
        return kept > 0 ? version + 1 : nil
    }

    private func opened(_ bytes: [UInt8], _ name: String) throws -> Secret {
        let key = try key()
        do {
            let box = try ChaChaPoly.SealedBox(combined: Data(bytes))
            let data = try ChaChaPoly.open(box, using: key, authenticating: Data(name.utf8))
            return Secret(String(decoding: data, as: UTF8.self))
        } catch {
            throw StoreError(
                .unavailable,
                "what the store keeps of the connection \(name) was sealed with another key: bring that key back")
        }
    }
}
