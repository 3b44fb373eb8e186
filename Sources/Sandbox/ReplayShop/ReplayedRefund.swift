import ConnectorKit

/// A refund as it was recorded.
struct ReplayedRefund: Sendable {
    let record: WooRecord
    let payload: [UInt8]

    /// The refunds of a recorded list; none of what is no list.
    static func list(_ recorded: [UInt8]) -> [ReplayedRefund] {
        let rows = (try? JSONElements.split(recorded)) ?? []
        return rows.map { row in
            let payload = Array(recorded[row.range])
            return ReplayedRefund(record: WooRecord(order: payload), payload: payload)
        }
    }

    /// Of the refunds that an order names.
    static func ids(in order: [UInt8]) -> Set<Int> {
        guard let refunds = JSONElements.members(of: order).first(where: { $0.name == "refunds" }) else { return [] }
        return Set(list(Array(order[refunds.range])).map(\.record.id))
    }
}
