import Crypto
import Domain

/// Ids for rows that have none of their own: when, what and how much, and one column of the file as it is written, as a digest;
/// then which of its equals it is. Nothing of it changes with other columns, the payout's name, the zone that times are written in
/// or what is read into keys, so that the same money has the same id in every export. Needs a counter for each such row: 50 MB for
/// a million.
struct SettlementLineIDs: Sendable {
    /// The first sixteen bytes of a SHA-256.
    private struct Digest: Hashable {
        private var high: UInt64 = 0
        private var low: UInt64 = 0

        init(of bytes: [UInt8]) {
            for (index, byte) in SHA256.hash(data: bytes).enumerated() where index < 16 {
                if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
            }
        }

        /// Adds it in hexadecimal.
        func write(to text: inout [UInt8]) {
            for half in [high, low] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    text.append(SettlementLineIDs.digits[Int(half >> UInt64(shift) & 15)])
                }
            }
        }
    }

    private var seen: [Digest: Int32] = [:]
    /// Of ids that rows have of their own.
    private var given: Set<Digest> = []
    private var bytes: [UInt8] = []

    /// `identity` is the text of the layout's identity column.
    mutating func id(for line: PayoutLine, identity: String) -> String {
        bytes.removeAll(keepingCapacity: true)
        add(line.at.milliseconds)
        add(line.kindText)
        add(line.amount)
        add(line.fee)
        add(identity)
        let digest = Digest(of: bytes)
        var id = Self.start
        digest.write(to: &id)
        let count = (seen[digest] ?? 0) + 1
        seen[digest] = count
        if count > 1 { id.append(contentsOf: "-\(count)".utf8) }
        return String(decoding: id, as: UTF8.self)
    }

    /// Whether an id that a row has of its own comes for the first time: of two rows with one id the second would be lost.
    mutating func isFirst(_ id: String) -> Bool { given.insert(Digest(of: Array(id.utf8))).inserted }

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
