import Domain
import Engine
import Foundation
import Sandbox
import Testing

/// Order 44 as the recorded shop had it between the recordings: two amounts paid back one after the other, the second one
/// deleted again.
@Suite(.serialized, .enabled(if: RealTryton.isThere))
struct DeletedRefundTests {
    private static let first = #"{"id":55,"reason":"Kompensation","total":"-50.00"}"#
    private static let second = #"{"id":56,"reason":"","total":"-248.00"}"#

    @Test func theLastRefundTakesTheRestOfEachRateAndItsDeletionStopsTheOrder() async throws {
        let shop = ReplayShop(
            timeline: [
                try Recordings.order("to_refund_amount.json"),
                try snapshot("processing", Self.first), try snapshot("refunded", "\(Self.second),\(Self.first)"),
                try Recordings.order("final_to_refund_amount.json"),
            ], refunds: [44: try bothRefunds()])
        try await shop.start()
        let identity = "deleted-\(OneOrderShop.nextID())"
        let product = try await InProcess(try Setup(shop: shop, erp: RealTryton.url ?? "", identity: identity))

        // 1: paid. 2: 50.00 is spread over 99.00 at 25 % and 199.00 at 6 %: 16.61 and 33.39.
        try await advance(shop, product, to: .completed)
        #expect(try notes(of: identity).isEmpty)
        try await advance(shop, product, to: .completed)
        let fifty = "-50.00: VAT25 -13.29 -3.32, VAT6 -31.50 -1.89"
        #expect(try notes(of: identity) == ["refund-55": fifty])
        // 3: what is left, to the cent: 79.20 - 13.29 and 19.80 - 3.32; 187.74 - 31.50 and 11.26 - 1.89.
        try await advance(shop, product, to: .completed)
        let both = ["refund-55": fifty, "refund-56": "-248.00: VAT25 -65.91 -16.48, VAT6 -156.24 -9.37"]
        #expect(try notes(of: identity) == both)
        // 4: deleting does not move the date of change, so it is found when the order is read again.
        try await advance(shop, product, to: .stopped)
        #expect(try await product.standing(of: "44")?.code == "REFUND_WITHDRAWN")
        #expect(try notes(of: identity) == both)
        try await product.stop()
        await shop.stop()
    }

    private func advance(_ shop: ReplayShop, _ product: InProcess, to state: SyncState) async throws {
        #expect(shop.advance())
        try await product.rewindTimeHistory()
        try await product.sync()
        let standing = try #require(try await product.standing(of: "44"))
        #expect(standing.state == state, "\(standing)")
    }

    /// The last recording with other refunds and another status.
    private func snapshot(_ status: String, _ refunds: String) throws -> [UInt8] {
        let recorded = String(decoding: try Recordings.order("final_to_refund_amount.json"), as: UTF8.self)
        let changed =
            recorded
            .replacingOccurrences(of: "\"refunds\":[\(Self.first)]", with: "\"refunds\":[\(refunds)]")
            .replacingOccurrences(of: "\"status\":\"refunded\"", with: "\"status\":\"\(status)\"")
        try #require(changed != recorded)
        return [UInt8](changed.utf8)
    }

    /// The list as it was recorded, and before it the refund that was deleted, as it was recorded when it was made.
    private func bothRefunds() throws -> [UInt8] {
        let deleted = try Data(contentsOf: Recordings.folder.appending(path: "refunds/deleted_56.json"))
        let list = try #require(try Recordings.refunds()[44])
        return [UInt8]("[".utf8) + [UInt8](deleted) + [UInt8](",".utf8) + list.dropFirst()
    }

    /// Total, and base and VAT of each tax, by the refund.
    private func notes(of identity: String) throws -> [String: String] {
        try RealTryton.invoices().reduce(into: [:]) { notes, found in
            guard let note = found.value.first, found.key.hasPrefix(identity + "/refund-") else { return }
            #expect(found.value.count == 1 && note.state == "posted", "\(found.key)")
            let taxes = note.taxes.sorted { $0.key < $1.key }
            let text = taxes.map { "\($0.key) \($0.value.base) \($0.value.amount)" }.joined(separator: ", ")
            notes[String(found.key.dropFirst(identity.count + 1).prefix { $0 != "/" })] = "\(note.total): \(text)"
        }
    }
}
