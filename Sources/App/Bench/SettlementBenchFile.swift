import Domain
import Foundation

/// A settlement file of one payout, as the bench makes it: a charge a row, all of one amount, so that nothing but references can
/// tell them apart. One row in fifty is of no order.
struct SettlementBenchFile {
    static let rowsForEachStranger = 50
    private static let rowsAtOnce = 10_000
    /// Minor units: an order's total, and the fee of its charge.
    private static let (gross, fee) = (132_625, 2_101)

    let rows: Int
    let path: String

    func hasOrder(_ number: Int) -> Bool { !number.isMultiple(of: Self.rowsForEachStranger) }
    var strangers: Int { rows / Self.rowsForEachStranger }

    func write() throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw UsageError("the file \(path) cannot be written") }
        defer { try? file.close() }
        let header =
            "balance_transaction_id,created_utc,reporting_category,gross,fee,net,currency,charge_id,"
            + "automatic_payout_id,automatic_payout_effective_at_utc\n"
        try file.write(contentsOf: Data(header.utf8))
        for first in stride(from: 1, through: rows, by: Self.rowsAtOnce) {
            let text = (first...min(rows, first + Self.rowsAtOnce - 1)).map(row).joined()
            try file.write(contentsOf: Data(text.utf8))
        }
    }

    private func row(_ number: Int) -> String {
        let minute = number % (28 * 24 * 60)
        let day = 1 + minute / 1440
        let at = "2026-02-\(Self.two(day)) \(Self.two(minute / 60 % 24)):\(Self.two(minute % 60)):00"
        let amounts = [Self.gross, Self.fee, Self.gross - Self.fee].map { "\($0 / 100).\(Self.two($0 % 100))" }
        let charge = hasOrder(number) ? "ch_bench-\(number)" : "ch_stranger-\(number)"
        return
            "txn_\(number),\(at),charge,\(amounts.joined(separator: ",")),sek,\(charge),po_bench,2026-03-03 00:00:00\n"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
