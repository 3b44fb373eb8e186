import Crypto
import Domain

/// Ids for rows that have none of their own: what the row says, as a digest, and which of its equals it is, so that the same file
/// gives the same ids each time and columns that are added or moved change none. Needs a counter for each such row: 50 MB for a
/// million.
struct SettlementLineIDs: Sendable {
    private struct Digest: Hashable {
        var high: UInt64
        var low: UInt64
    }

    private var seen: [Digest: Int32] = [:]
    private var bytes: [UInt8] = []

    mutating func id(for line: PayoutLine, payoutID: String) -> String {
        bytes.removeAll(keepingCapacity: true)
        add(payoutID)
        add(line.kindText)
        add(line.amount)
        add(line.fee)
        add(line.original ?? line.amount)
        add(line.at.milliseconds)
        for id in line.keys.transactionIDs { add(id) }
        for key in [line.keys.orderID, line.keys.orderNumber, line.keys.invoiceNumber] {
            add(key ?? "")
        }
        var digest = Digest(high: 0, low: 0)
        var id = Self.start
        for (index, byte) in SHA256.hash(data: bytes).enumerated() where index < 16 {
            if index < 8 {
                digest.high = digest.high << 8 | UInt64(byte)
            } else {
                digest.low = digest.low << 8 | UInt64(byte)
            }
            id.append(Self.digits[Int(byte >> 4)])
            id.append(Self.digits[Int(byte & 15)])
        }
        let count = (seen[digest] ?? 0) + 1
        seen[digest] = count
        if count > 1 { id.append(contentsOf: "-\(count)".utf8) }
        return String(decoding: id, as: UTF8.self)
    }

    private static let start = Array("row-".utf8)
    private static let digits = Array("0123456789abcdef".utf8)

    private mutating func add(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        // No text has this byte, so no two rows run into one another.
        bytes.append(0xFF)
    }

    private mutating func add(_ money: Money) {
        add(money.currency.code)
        add(money.minorUnits)
    }

    private mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
