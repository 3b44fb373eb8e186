import Domain
import Engine
import Foundation
import Sandbox
import Testing

/// Every recorded order snapshot, replayed one after the other against a real Tryton.
@Suite(.serialized, .enabled(if: RealTryton.isThere))
struct RecordedOrdersTests {
    @Test func everySnapshotComesToWhatWasWorkedOutByHand() async throws {
        try #require(try RealTryton.invoices().isEmpty, "the books must be empty: scripts/tryton/tryton.sh fresh")
        let outcomes = try Recordings.outcomes()
        let shop = ReplayShop(
            timeline: try outcomes.map { try Recordings.order($0.file) }, refunds: try Recordings.refunds())
        try await shop.start()
        let setup = try Setup(shop: shop, erp: RealTryton.url ?? "", identity: "recorded")
        let product = try await InProcess(setup)

        for outcome in outcomes {
            shop.advance()
            try await product.sync()
            let standing = try #require(try await product.standing(of: outcome.order), "\(outcome.file)")
            #expect(standing.state.rawValue == outcome.state, "\(outcome.file): \(standing)")
            #expect(standing.code == outcome.code, "\(outcome.file): \(standing)")
            if let waitingFor = outcome.waitingFor { #expect(standing.reason == waitingFor, "\(outcome.file)") }
        }

        try expectInvoices(outcomes)
        try expectCreditNotes(outcomes)
        try expectLedger()
        try await expectAnswers(outcomes, product)
        try await expectNothingWrittenAgain(product, shop)
        try await product.stop()
        await shop.stop()
    }

    /// Total, date and VAT per rate of each invoice, as the ERP holds them, against the figures worked out by hand.
    private func expectInvoices(_ outcomes: [Recordings.Outcome]) throws {
        let found = try RealTryton.invoices()
        let last = Dictionary(outcomes.map { ($0.number, $0) }) { _, last in last }
        for (number, outcome) in last {
            let invoices = found[number] ?? []
            guard let expected = outcome.invoice else {
                #expect(invoices.isEmpty, "order \(number)")
                continue
            }
            let invoice = try #require(invoices.first, "order \(number)")
            #expect(invoices.count == 1, "order \(number)")
            #expect(invoice.state == "posted", "order \(number)")
            #expect(invoice.total == expected.total, "order \(number)")
            #expect(invoice.currency == expected.currency, "order \(number)")
            #expect(invoice.date == expected.date, "order \(number)")
            #expect(invoice.taxes.mapValues(\.amount) == expected.taxes, "order \(number)")
        }
        let notes = outcomes.flatMap { outcome in outcome.creditNotes?.map { $0.reference(outcome.order) } ?? [] }
        #expect(Set(found.keys).isSubset(of: Set(last.keys).union(notes)))
    }

    /// The same of each credit note. What it takes back is negative in the ERP's books.
    private func expectCreditNotes(_ outcomes: [Recordings.Outcome]) throws {
        let found = try RealTryton.invoices()
        for outcome in outcomes {
            for expected in outcome.creditNotes ?? [] {
                let reference = expected.reference(outcome.order)
                let notes = found[reference] ?? []
                let note = try #require(notes.first, "\(reference)")
                #expect(notes.count == 1, "\(reference)")
                #expect(note.state == "posted", "\(reference)")
                #expect(note.number?.hasPrefix("CN-2026-") == true, "\(reference): \(note.number ?? "none")")
                #expect(note.total == "-\(expected.total)", "\(reference)")
                #expect(note.currency == expected.currency, "\(reference)")
                #expect(note.date == expected.date, "\(reference)")
                #expect(note.taxes.mapValues(\.amount) == expected.taxes.mapValues { "-\($0)" }, "\(reference)")
                #expect(note.taxes.mapValues(\.base) == expected.net.mapValues { "-\($0)" }, "\(reference)")
            }
        }
    }

    /// The account balances, against sums that a script works out from the recordings alone.
    private func expectLedger() throws {
        let folder = try TemporaryFolder()
        let ledger = folder.url.appending(path: "ledger.json")
        try RealTryton.books().write(to: ledger)
        let result = try Command.run(
            "/usr/bin/env",
            [
                "python3", RealTryton.root.appending(path: "scripts/truth/expected_books.py").path,
                Recordings.folder.path, "--check", "--ledger", ledger.path,
            ])
        #expect(result.status == 0, "\(result.output)\(result.error)")
    }

    /// `ordersync status`, run as its users run it, has one state and a reason for every order.
    private func expectAnswers(_ outcomes: [Recordings.Outcome], _ product: InProcess) async throws {
        let last = Dictionary(outcomes.map { ($0.number, $0) }) { _, last in last }
        for (number, outcome) in last {
            let status = try product.setup.status(of: number)
            #expect(status.state == outcome.state, "order \(number)")
            #expect(!status.reason.isEmpty, "order \(number)")
        }
    }

    private func expectNothingWrittenAgain(_ product: InProcess, _ shop: ReplayShop) async throws {
        let before = try RealTryton.books()
        let calls = product.writes
        #expect(calls > 100)
        try await product.rewindTimeHistory()
        try await product.sync()
        #expect(product.writes == calls)
        let after = try RealTryton.books()
        #expect(after == before)
    }
}
