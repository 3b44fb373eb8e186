import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// A world whose provider pays out, with the accounts that its money goes through.
struct ProofScene {
    static let clearing = "1580"
    static let bank = "1930"
    static let fees = "6570"

    let world: World
    let process: Integration

    init(
        _ register: PaymentSettings.Register = .capture, vat: PayoutFeeRule.VAT = .none, orders: [Order] = []
    ) async throws {
        world = try World()
        world.settings.articles.refund = "REFUND"
        world.settings.payments = PaymentSettings(
            register: register, rounding: "3740",
            accounts: [
                PayoutAccounts(
                    provider: "stripe", currency: "SEK", clearing: Self.clearing, bank: Self.bank,
                    fees: [PayoutFeeRule(account: Self.fees, vat: vat)], adjustments: "3740", transfers: Self.bank,
                    suspense: "2999")
            ])
        world.settings.paymentMethods = [PaymentMethodRule(method: "*", provider: "stripe")]
        for order in orders { world.shop.put(order) }
        process = try await world.process()
    }

    func settle() async throws { try await world.settle(process) }

    func proof() async throws -> ClearingProof { try await Self.proof(of: process) }

    static func proof(of process: Integration) async throws -> ClearingProof {
        try await #require(ClearingProver(process, provider: "stripe", Sample.sek)).proof()
    }

    func statement(of payout: String) async throws -> PayoutStatement {
        let reader = PayoutReader(process)
        let entity = try #require(try await reader.payout(payout))
        return try #require(try await reader.statement(of: entity))
    }

    // MARK: What the provider does

    /// Its lines come to what is paid out.
    func payOut(
        _ id: String, _ lines: [PayoutLine], content: Payout.Content = .settled, on day: String = "2026-11-22"
    ) {
        let payout = Payout(
            provider: "stripe", id: id, content: content, net: lines.map(\.net).sum(Sample.sek),
            createdAt: Sample.instant("\(day)T00:00:00Z"), arrivesOn: Sample.day(day))
        world.provider.put(payout, lines)
    }

    /// Of 99.00 that an order was paid with.
    static func charge(_ order: String, _ amount: String = "99.00", on day: String = "2026-11-20") -> PayoutLine {
        line("txn_\(order)", .charge, amount, fee: "2.90", of: "ch_\(order)", on: day)
    }

    static func line(
        _ id: String, _ kind: PayoutLine.Kind, _ amount: String, fee: String = "0.00", of payment: String? = nil,
        on day: String = "2026-11-20"
    ) -> PayoutLine {
        PayoutLine(
            id: id, kind: kind, kindText: kind.rawValue, amount: Sample.money(amount), fee: Sample.money(fee),
            at: Sample.instant("\(day)T10:00:00Z"), keys: PayoutKeys(transactionIDs: [payment].compactMap(\.self)))
    }

    /// An order of 99.00 of which an amount was paid back.
    static func refunded(_ id: String, _ amount: String, on day: String) -> Order {
        var order = Sample.order(id)
        order.refunds = [
            OrderRefund(
                id: "7", amount: Sample.money(amount), reason: "broken",
                createdAt: Sample.instant("\(day)T09:00:00Z"), lines: [])
        ]
        return order
    }
}
