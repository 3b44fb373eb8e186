public import ConnectorKit
import Crypto
public import Domain
import Foundation

/// Takes source records in: normalises them, stores them as snapshots, and makes what changed due.
public struct Intake: Sendable {
    let integration: Integration

    public init(_ integration: Integration) { self.integration = integration }

    /// Stores raw records; answers the keys that became due. With `force` even unchanged ones do.
    @discardableResult
    public func take(
        _ records: [RawRecord], trigger: Trigger, force: Bool = false, moving history: TimeHistory? = nil
    ) async throws -> [EntityKey] {
        var snapshots: [Snapshot] = []
        for record in records { snapshots.append(try await snapshot(of: record)) }
        return try await integration.store.record(snapshots, trigger: trigger, force: force, moving: history)
    }

    func snapshot(of record: RawRecord) async throws -> Snapshot {
        let key = integration.orderKey(record.id)
        let stored = try await integration.store.entity(key)
        let content = content(of: record, previous: stored?.order)
        let order = content.order
        return Snapshot(
            key: key,
            number: order?.number ?? stored?.snapshot.number ?? "",
            payload: record.payload,
            content: content,
            hash: Snapshot.hash(of: record.payload),
            createdAt: order?.createdAt ?? stored?.snapshot.createdAt ?? record.fetchBegan,
            modifiedAt: order?.modifiedAt ?? record.fetchBegan,
            fetchBegan: record.fetchBegan
        )
    }

    private func content(of record: RawRecord, previous: Order?) -> Snapshot.Content {
        do throws(Problem) {
            return .order(try integration.storefront.normalise(record, previous: previous))
        } catch {
            return .unreadable(error)
        }
    }
}

extension Snapshot {
    /// Of what tells whether a record changed.
    static func hash(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String($0, radix: 16) }.joined(separator: ".")
    }
}

extension Payout {
    /// Equal payouts are equal bytes.
    var canonicalBytes: [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { [UInt8]($0) }
    }
}

extension Entity {
    /// The canonical order; `nil` while the record cannot be read.
    public var order: Order? { snapshot.content.order }
}

extension Snapshot.Content {
    var order: Order? { if case .order(let order) = self { order } else { nil } }
    public var payout: Payout? { if case .payout(let payout) = self { payout } else { nil } }
}
