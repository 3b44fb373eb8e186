import ConnectorKit
import Connectors
import Domain
import Sandbox
import TestKit
import Testing

/// Refunds as a real shop recorded them, odd ones too, through the connector and the planner.
@Suite struct RecordedRefundTests {
    private static let now = Sample.instant("2026-11-25T12:00:00Z")

    /// Fetched from the replayed shop, normalised.
    private func order(_ payload: [UInt8], refunds: [UInt8]) async throws -> Order {
        let id = try #require(JSONElements.text(of: "id", in: payload[...]))
        var order: Order?
        try await ShopBench.open(timeline: [payload], refunds: [Int(id) ?? 0: refunds]) { bench in
            bench.shop.advanceAll()
            let record = try #require(try await bench.connector.orders(ids: [id]).found.first)
            order = try bench.connector.normalise(record, previous: nil)
        }
        return try #require(order)
    }

    private func summary(_ refund: OrderRefund) -> String {
        let lines = refund.lines?.map { line in
            let taxes = line.taxes.map { "\($0.taxID): \($0.amount)" }.joined(separator: ", ")
            return "\(line.quantity) of \(line.lineID) \(line.total) [\(taxes)]"
        }
        return "\(refund.id) \(refund.amount): " + (lines?.joined(separator: "; ") ?? "not read")
    }

    @Test func refundsOfARealShopAreReadByIdWithWhatTheyGiveBackOfEachLine() async throws {
        let partial = try Recordings.order("final_to_refund_partial.json").payload
        let read = try await order(partial, refunds: try Recordings.refunds(of: 42)).refunds.map(summary)
        #expect(
            read == [
                "49 99.00 SEK: 1 of 67 79.20 SEK [1: 19.8]",
                "50 120.80 SEK: 2 of 69 64.11 SEK [2: 7.69]; 1 of 70 39.20 SEK [1: 9.8]",
                "52 1.01 SEK: ",
            ])
        let odd = try Recordings.order("final_refund_odd.json").payload
        let others = try await order(odd, refunds: try Recordings.refunds(of: 322)).refunds.map(summary)
        #expect(
            others == [
                "323 60.00 SEK: 1 of 1911 20.00 SEK [1: 5]", "324 10.00 SEK: 1 of 1911 100.00 SEK [1: 25]",
                "325 5.00 SEK: 1 of 1911 0.00 SEK []", "326 7.50 SEK: 1 of 1911 7.50 SEK []",
                "327 1.00 SEK: 99 of 1911 1.00 SEK []",
                "328 0.00 SEK: ", "329 0.00 SEK: ",
            ])
    }

    /// Each odd refund of order 322 as if it were its only one, its invoice being booked.
    @Test(arguments: [
        (323, "stop REFUND_DOES_NOT_ADD_UP"), (324, "stop REFUND_DOES_NOT_ADD_UP"),
        (325, "credit 5.00 SEK, VAT25 1.00 SEK"),
        (326, "stop VAT_REASON_MISSING"), (327, "stop VAT_REASON_MISSING"), (328, "complete"), (329, "complete"),
    ])
    func anOddRefundOfARealShopIsCreditedOnlyIfItCanBeExplained(_ refund: Int, _ expected: String) async throws {
        let odd = try Recordings.order("final_refund_odd.json").payload
        var order = try await order(odd, refunds: try Recordings.refunds(of: 322))
        let invoice = document(of: order)
        order.refunds.removeAll { $0.id != String(refund) }
        #expect(outcome(order, invoice) == expected)
    }

    @Test func anOrderIsRefundedInFullButItsRefundsAreNotSoAPersonDecides() async throws {
        let payload = try Recordings.order("final_to_refund_amount.json").payload
        let order = try await order(payload, refunds: try Recordings.refunds(of: 44))
        #expect(order.refunds.map(summary) == ["55 50.00 SEK: "])
        #expect(outcome(order, document(of: order)) == "stop REFUND_DOES_NOT_ADD_UP")
    }

    private func document(of order: Order) -> Document {
        Document(
            reference: ExternalReference(shop: Sample.shop, record: "order-\(order.id)", kind: .invoice),
            erp: ERPDocument(
                id: DocumentID("9"), number: "INV-1", state: .booked, customer: DocumentID("3"), total: order.total),
            madeFrom: nil)
    }

    private func outcome(_ order: Order, _ invoice: Document) -> String {
        var settings = Sample.settings
        settings.articles.refund = "REFUND"
        var books = Sample.books(at: Self.now)
        books.rules.creditNotes = true
        let plan = Domain.plan(
            order, of: Sample.shop, documents: [invoice], settings: settings, books: books, decisions: [],
            now: Self.now)
        switch plan {
        case .complete: return "complete"
        case .stop(let problem): return "stop \(problem.code.rawValue)"
        case .step(.createCreditNote(let draft)):
            let taxes = draft.taxes.map { "\($0.code) \($0.amount)" }.joined(separator: ", ")
            return "credit \(draft.total), \(taxes)"
        default: return "\(plan)"
        }
    }
}
