import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

@testable import App

/// A made-up month with its payouts through the real connectors into a simulated Fortnox, compared with what the payment provider's
/// account comes to in plain whole numbers.
@Suite struct SandboxPayoutTests {
    @Test func everyPayoutOfAMonthClosesAndTheClearingAccountIsProvedLineByLine() async throws {
        try await SandboxMonth.open(seed: 11, orders: 100) { month in
            try await month.payOut(days: 8)
            try await expectClosed(month)

            // Once more from the beginning: nothing is written.
            let writes = month.writes
            for key in try await month.payouts().map(\.key) {
                try await month.integration.store.markDue([key], trigger: .retry)
            }
            try await month.payOut(days: 0)
            #expect(month.writes == writes)
        }
    }

    @Test func whateverIsLostOnTheWayEveryPayoutIsBookedOnce() async throws {
        try await SandboxMonth.open(seed: 12, orders: 40, searchLag: .milliseconds(900)) { month in
            month.breakSomeCalls(12)
            try await month.payOut(days: 4)
            month.world.fortnox.onRequest(nil)
            month.world.shop.onRequest(nil)
            month.world.stripe.onRequest(nil)
            _ = try await month.integration.store.markDue(
                integration: month.integration.name, states: [.stopped], code: nil, trigger: .retry)
            try await month.payOut(days: 2)
            try await expectClosed(month)
            #expect(month.broken > 20)
        }
    }

    // MARK: What must be

    private func expectClosed(_ month: SandboxMonth, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let books = month.world.stripe.books
        let today = month.clock.now()
        let payouts = try await month.payouts()
        let booked = books.payouts.filter {
            $0.isAutomatic && $0.isReconciled && $0.status == "paid" && $0.arrives <= today
        }
        #expect(booked.count > 3, sourceLocation: sourceLocation)
        for payout in booked {
            let standing = payouts.first { $0.snapshot.number == payout.id }?.standing
            let isDone =
                standing?.state == .completed || standing?.code == ProblemCode.payoutLineForPerson.rawValue
            #expect(isDone, "\(payout.id): \(standing as Any)", sourceLocation: sourceLocation)
        }
        let content = booked.flatMap { books.content(of: $0.id) }
        try expectAccounts(month, booked, content, sourceLocation)
        try await expectProof(month, sourceLocation)
        try await expectPaid(month, content, sourceLocation)
        expectReports(month, booked, sourceLocation)
    }

    /// Fees, bank and suspense by plain sums of the provider's account.
    private func expectAccounts(
        _ month: SandboxMonth, _ payouts: [StripeSandbox.Books.Payout],
        _ content: [StripeSandbox.Books.Transaction], _ sourceLocation: SourceLocation
    ) throws {
        let fortnox = month.world.fortnox.books
        #expect(fortnox.areBalanced, sourceLocation: sourceLocation)
        func isEqual(_ account: Int, _ expected: Int, _ what: String) {
            let found = fortnox.balances[account] ?? .zero
            #expect(
                found == ExactDecimal(units: Int64(expected), decimals: 2), "\(what): \(found) instead of \(expected)",
                sourceLocation: sourceLocation)
        }
        let standing = content.filter { $0.type == "stripe_fee" }.map(\.amount).reduce(0, +)
        isEqual(6064, content.map(\.fee).reduce(0, +) - standing, "fees")
        let transfers = fortnox.vouchers.filter { $0.description.contains("payout") }.flatMap(\.rows)
            .filter { $0.account == 1930 }
        let banked = transfers.map { $0.debit - $0.credit }.reduce(.zero, +)
        #expect(
            banked == ExactDecimal(units: Int64(payouts.map(\.net).reduce(0, +)), decimals: 2),
            sourceLocation: sourceLocation)
        #expect(
            (fortnox.balances[2645] ?? .zero) + (fortnox.balances[2614] ?? .zero) == .zero,
            sourceLocation: sourceLocation)
    }

    /// The provider's report lies with every entry of a payout, once.
    private func expectReports(
        _ month: SandboxMonth, _ payouts: [StripeSandbox.Books.Payout], _ sourceLocation: SourceLocation
    ) {
        let fortnox = month.world.fortnox.books
        for payout in payouts {
            let entries = fortnox.vouchers.filter { $0.comments.contains("/payout-stripe-\(payout.id)/journalEntry/") }
            #expect(!entries.isEmpty, "\(payout.id)", sourceLocation: sourceLocation)
            for entry in entries {
                let files = fortnox.files.filter { $0.voucher == "\(entry.year)/\(entry.series)/\(entry.number)" }
                let isOwn = files.allSatisfy { String(decoding: $0.content, as: UTF8.self).contains(payout.id) }
                #expect(files.count == 1 && isOwn, "\(payout.id): \(files.map(\.name))", sourceLocation: sourceLocation)
            }
        }
    }

    private func expectProof(_ month: SandboxMonth, _ sourceLocation: SourceLocation) async throws {
        let prover = try #require(ClearingProver(month.integration, provider: "stripe", Sample.sek))
        let proof = try await prover.proof()
        #expect(proof.isProved, "\(proof.balance) beside \(proof.explained)", sourceLocation: sourceLocation)
        #expect(
            proof.balance.decimal == month.world.fortnox.books.balances[1580] ?? .zero,
            "the proof says \(proof.balance)", sourceLocation: sourceLocation)
    }

    /// The invoice of every charge that was paid out is paid, with the day of the charge.
    private func expectPaid(
        _ month: SandboxMonth, _ content: [StripeSandbox.Books.Transaction], _ sourceLocation: SourceLocation
    ) async throws {
        let fortnox = month.world.fortnox.books
        let truth = month.world.trade.truthByNumber
        for charge in content where charge.type == "charge" {
            let number = charge.sale?.metadata["order_id"] ?? ""
            guard truth[number]?.outcome.isBooked == true else { continue }
            let reference = "\(month.integration.shop.name)/order-\(number)/invoice/1"
            let invoice = fortnox.invoices.first { $0.reference == reference && !$0.isCredit }
            #expect(
                invoice?.balance.isZero == true, "order \(number): \(invoice as Any)", sourceLocation: sourceLocation)
        }
    }
}

extension SandboxMonth {
    func payouts() async throws -> [Entity] {
        try await integration.store.entities(
            integration: integration.name, type: .payout, states: SyncState.allCases, limit: 1000)
    }

    /// Lets days pass, the provider pay out, and the payouts be booked.
    func payOut(days: Int) async throws {
        for _ in 0...days {
            try await sync()
            for attempt in 1...5 {
                do {
                    _ = try await FlowRun(integration).payoutsToTheEnd()
                    break
                } catch  where attempt < 5 {
                    clock.advance(by: .seconds(60))
                }
            }
            if days == 0 { return }
            clock.advance(by: .seconds(24 * 3600))
            world.trade.advance(to: clock.now())
            world.payments.catchUp(with: world.trade.happened)
            world.payments.advance(to: clock.now())
        }
        clock.advance(by: .seconds(120))
        try await sync()
        _ = try await FlowRun(integration).payoutsToTheEnd()
    }
}
