import ConnectorKit
import Domain

/// An order states of its refunds only what each comes to. What they give back is asked for and put into the record, as a
/// member of ours.
struct WooCommerceRefunds: Sendable {
    static let member = "ordersync_refunds"

    let client: WooCommerceClient

    func complete(_ records: [RawRecord]) async throws(ConnectorError) -> [RawRecord] {
        var complete: [RawRecord] = []
        for record in records {
            guard Self.hasRefunds(record.payload), let details = try await client.refunds(of: record.id) else {
                complete.append(record)
                continue
            }
            var record = record
            record.payload = Self.adding(details, to: record.payload)
            complete.append(record)
        }
        return complete
    }

    static func hasRefunds(_ payload: [UInt8]) -> Bool {
        guard let refunds = JSONElements.members(of: payload).first(where: { $0.name == "refunds" }) else {
            return false
        }
        return payload[refunds.range].contains(UInt8(ascii: "{"))
    }

    /// Before the brace that ends the order.
    static func adding(_ details: [UInt8], to payload: [UInt8]) -> [UInt8] {
        guard let end = payload.lastIndex(of: UInt8(ascii: "}")) else { return payload }
        return payload[..<end] + Array(",\"\(member)\":".utf8) + details + payload[end...]
    }
}
