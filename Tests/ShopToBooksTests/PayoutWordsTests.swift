import Domain
import TestKit
import Testing

@testable import App
@testable import Engine

/// What people read of payouts and of their proof.
@Suite struct PayoutWordsTests {
    private func statement(
        _ lines: [(kind: PayoutLine.Kind, amount: String, fee: String)], content: Payout.Content = .settled
    ) -> PayoutStatement {
        let at = Sample.instant("2026-11-20T10:00:00Z")
        let lines = lines.enumerated().map { number, line in
            PayoutLine(
                id: "\(number)", kind: line.kind, kindText: line.kind.rawValue.uppercased(),
                amount: Sample.money(line.amount), fee: Sample.money(line.fee), at: at)
        }
        let payout = Payout(
            provider: "klarna", id: "1", content: content, net: lines.map(\.net).sum(Sample.sek), createdAt: at,
            arrivesOn: Sample.day("2026-11-22"))
        var statement = PayoutStatement(payout, Standing(.completed), [])
        for line in lines { statement.add(line) }
        return statement
    }

    private func row(_ statement: PayoutStatement, _ text: String) -> [String]? {
        let row = StatementPage(statement).beginning.first { $0.contains("<td>\(text)</td>") }
        return row?.split(separator: "<td class=\"amount\">").dropFirst()
            .map { String($0.prefix { $0 != "<" }) }
    }

    // MARK: Statements

    @Test func feesThatAreLinesOfTheirOwnAreFees() {
        let sold = statement([(.charge, "1000.00", "0.00"), (.fee, "-30.00", "0.00")])
        #expect(StatementText(sold).lines.contains("  in all: gross 1000.00 SEK, fees 30.00 SEK, net 970.00 SEK"))
        #expect(row(sold, "In all") == ["970.00", "0.00", "970.00"])
        #expect(row(sold, "Fees in all") == ["", "", "30.00"])
        #expect(row(sold, "To the bank") == ["", "", "970.00"])
        #expect(row(sold, "Transfers in all") == nil)
        #expect(StatementPage(sold).beginning.contains { $0.contains("arrives at the bank on 2026-11-22") })
    }

    @Test func movementsOfABalanceArriveNowhere() {
        let moved = statement(
            [(.charge, "99.00", "2.90"), (.transfer, "-50.00", "0.00")], content: .activity)
        #expect(StatementText(moved).lines.first == "klarna payout 1: 46.10 SEK, movements of 2026-11-22")
        #expect(
            StatementText(moved).lines.contains(
                "  in all: gross 99.00 SEK, fees 2.90 SEK, transfers -50.00 SEK, net 46.10 SEK"))
        #expect(row(moved, "To the bank") == nil)
        #expect(row(moved, "Transfers in all") != nil)
        #expect(!StatementPage(moved).beginning.contains { $0.contains("bank") })
    }

    // MARK: Proofs

    private func report(_ change: (inout ClearingProof) -> Void) -> ProofReport {
        var proof = ClearingProof("1580", Sample.sek)
        proof.balance = Sample.money("99.00")
        proof.items = [
            .init(
                kind: .capturedNotPaidOut, name: "order 1", amount: Sample.money("99.00"),
                since: Sample.day("2026-11-20"))
        ]
        change(&proof)
        return ProofReport(proof, at: Sample.day("2026-11-23"))
    }

    @Test func aProofTellsWhatOthersBooked() {
        let proved = report { $0.inERP = Sample.money("99.00") }
        #expect(!proved.needsAttention)
        #expect(proved.lines.contains("proved: the items come to the balance"))

        let failed = report { $0.inERP = Sample.money("149.00") }
        #expect(failed.needsAttention)
        #expect(failed.lines[0] == "account 1580, by OrderSync's documents: 99.00 SEK")
        #expect(failed.lines[1] == "in the ERP: 149.00 SEK")
        #expect(failed.lines[2] == "booked by others, not by OrderSync: 50.00 SEK")
        #expect(failed.lines.contains { $0.hasPrefix("NOT PROVED") })

        let untold = report { _ in }
        #expect(!untold.needsAttention)
        #expect(untold.lines[1] == "in the ERP: it cannot tell")
    }

    @Test func aProofWithItemsThatNothingExplainsNeedsALook() {
        let proved = report { proof in
            proof.inERP = Sample.money("60.00")
            proof.balance = Sample.money("60.00")
            proof.items.append(
                .init(
                    kind: .other, name: "order 2", amount: Sample.money("-39.00"), since: Sample.day("2026-10-20")))
        }
        #expect(proved.isProved)
        #expect(proved.needsAttention)
        #expect(proved.lines.contains("1 item needs a look"))
        #expect(
            proved.lines.suffix(4) == ["  0-7 days: 99.00", "  8-30 days: 0.00", "  31-90 days: 0.00", "  older: 0.00"])
    }
}
