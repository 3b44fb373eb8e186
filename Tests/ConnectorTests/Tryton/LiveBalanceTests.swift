import ConnectorKit
import Domain
import TestKit
import Testing

@testable import Connectors

/// What a real Tryton has on an account.
extension LiveTests {
    @Suite struct Balance {
        private let tryton = LiveTryton()

        private func entry(_ record: String, on day: Day) -> JournalEntryDraft {
            JournalEntryDraft(
                reference: ExternalReference(shop: tryton.shop, record: record, kind: .journalEntry), date: day,
                text: "Payout",
                rows: [
                    .init(account: "1933", amount: Sample.money("12.34"), text: "clearing"),
                    .init(account: "1930", amount: Sample.money("-12.34"), text: "bank"),
                ])
        }

        private func balance() async throws -> Money {
            try #require(try await tryton.connector().balance(of: "1933"))
        }

        @Test func isWhatWasPostedInEveryYearAndNoDraft() async throws {
            let before = try await balance()
            let (person, chart) = (tryton.person, TrytonChart(tryton.person))
            let moves = TrytonMoves(client: person, chart: chart)
            for day in [tryton.today, Sample.day("2024-06-01")] {
                guard case .done = try await moves.create(entry("payout-\(day)", on: day), by: tryton.deadline) else {
                    return #expect(Bool(false), "an entry of \(day) was not made")
                }
            }
            let accounts = try await chart.ids(["1933", "1930"], by: tryton.deadline)
            let draft = entry("payout-draft", on: tryton.today)
            let id = try await moves.make(
                draft.reference, draft.text, draft.date,
                try await chart.journal(nil, orType: "general", by: tryton.deadline),
                draft.rows.map { TrytonMoves.line(accounts[$0.account] ?? 0, $0.amount) }, by: tryton.deadline)
            #expect(try await moves.read([id], by: tryton.deadline)[id]?.isPosted == false)
            #expect(try await balance() - before == Sample.money("24.68"))
            try await person.call("account.move.delete", [TrytonWire.ids([id])], .write, by: tryton.deadline)
        }

        @Test func anAccountThatIsMissingIsNamed() async throws {
            let error = try #require(
                await #expect(throws: ConnectorError.self) { try await tryton.connector().balance(of: "9999") })
            #expect(error.problem.code == .accountNotInERP)
        }
    }
}
