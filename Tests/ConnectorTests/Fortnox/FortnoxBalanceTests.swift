import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

@testable import Connectors

/// What an account comes to, over financial years that each have a chart of their own.
@Suite struct FortnoxBalanceTests {
    private typealias Scene = FortnoxScene

    private func post(_ scene: FortnoxScene, _ amount: String, on day: String) async throws {
        let draft = JournalEntryDraft(
            reference: ExternalReference(shop: Sample.shop, record: "payout-\(day)", kind: .journalEntry),
            date: Sample.day(day), text: "Payout",
            rows: [
                .init(account: "1580", amount: Sample.money(amount), text: "clearing"),
                .init(account: "1930", amount: -Sample.money(amount), text: "bank"),
            ])
        _ = try scene.made(await scene.perform(.createJournalEntry(draft)))
    }

    private static func settings(_ change: (inout FortnoxSandbox.Settings) -> Void) -> FortnoxSandbox.Settings {
        var settings = Scene.companySettings
        change(&settings)
        return settings
    }

    @Test(arguments: [true, false])
    func isWhatAllYearsMovedWhetherAPersonTakesItOverOrNot(takesOver: Bool) async throws {
        try await Scene.open(Self.settings { $0.takesBalancesOver = takesOver }) { scene in
            try await post(scene, "100.00", on: "2025-12-31")
            try await post(scene, "20.50", on: "2026-01-01")
            try await post(scene, "-3.25", on: "2026-11-20")
            #expect(try await scene.connector.balance(of: "1580") == Sample.money("117.25"))
            #expect(try await scene.connector.balance(of: "1930") == Sample.money("-117.25"))
            #expect(try await scene.connector.balance(of: "1910") == Sample.money("0.00"))
        }
    }

    @Test func beginsWithWhatTheFirstYearBeganWith() async throws {
        try await Scene.open { scene in
            _ = scene.company.perform("PUT", "accounts/1580", ["Account": ["BalanceBroughtForward": 40]])
            try await post(scene, "2.00", on: "2026-11-20")
            #expect(try await scene.connector.balance(of: "1580") == Sample.money("42.00"))
        }
    }

    /// Before a gap there are books of somebody else's, or none: what the year after it began with was entered.
    @Test func beginsAnewAfterAYearThatIsMissing() async throws {
        let years = [2026, 2024].flatMap { FortnoxSandbox.FinancialYear.calendarYears($0...$0) }
        try await Scene.open(Self.settings { $0.financialYears = years }) { scene in
            _ = scene.company.perform("PUT", "accounts/1580", ["Account": ["BalanceBroughtForward": 40]])
            try await post(scene, "7.00", on: "2024-11-20")
            try await post(scene, "2.00", on: "2026-11-20")
            #expect(try await scene.connector.balance(of: "1580") == Sample.money("42.00"))
        }
    }

    @Test func costsACallForEachYearAndOneForTheirList() async throws {
        try await Scene.open { scene in
            let calls = try await scene.calls { _ = try await scene.connector.balance(of: "1580") }
            #expect(calls.filter { $0.key.contains("accounts") }.map(\.value) == [3])
            #expect(calls.filter { $0.key.contains("financialyears") }.map(\.value) == [1])
        }
    }

    @Test func anAccountThatIsInNoYearIsNamed() async throws {
        try await Scene.open { scene in
            let error = try #require(
                await #expect(throws: ConnectorError.self) { try await scene.connector.balance(of: "9999") })
            #expect(error.problem.code == .accountNotInERP)
            #expect(error.decision == .stop)
        }
    }

    @Test func aYearThatWasNotAskedForIsNotBelieved() async throws {
        try await Scene.open { scene in
            let other = #"{"Account":{"BalanceBroughtForward":0,"BalanceCarriedForward":5,"Year":9}}"#
            scene.company.onRequest { request in
                request.path.contains("accounts/1580") ? .answer(HTTPReply(status: 200, body: Array(other.utf8))) : nil
            }
            await #expect(throws: ConnectorError.self) { try await scene.connector.balance(of: "1580") }
        }
    }
}
