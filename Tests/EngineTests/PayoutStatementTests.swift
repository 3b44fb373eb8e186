import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// The statement of a payout says what was booked of it.
@Suite struct PayoutStatementTests {
    /// A sale, and fees in each way that providers tell them: kept of the sale, as lines of their own, one of them given back.
    private static let lines = [
        ProofScene.charge("1"), ProofScene.line("txn_fee", .fee, "-30.00"),
        ProofScene.line("txn_back", .feeRefund, "1.25"), ProofScene.line("txn_out", .transfer, "-5.00"),
        ProofScene.line("txn_chargeback", .adjustment, "-4.00"),
    ]

    private static let rules: [PayoutFeeRule.VAT] = [
        .none, .domestic(percent: Sample.decimal("25"), input: "2641"),
        .reverseCharge(percent: Sample.decimal("25"), input: "2645", output: "2614"),
    ]

    @Test(arguments: rules)
    func itsFeesAreWhatIsBookedOnFeeAccountsWithTheirVAT(vat: PayoutFeeRule.VAT) async throws {
        let scene = try await ProofScene(vat: vat, orders: [Sample.order("1")])
        scene.payOut("po_1", Self.lines)
        try await scene.settle()

        let statement = try await scene.statement(of: "po_1")
        #expect(statement.gross == Sample.money("95.00"))
        #expect(statement.fees == Sample.money("31.65"))
        #expect(statement.transfers == Sample.money("-5.00"))
        #expect(statement.net == statement.payout.net)
        let booked = scene.world.erp.balance(ProofScene.fees) + statement.vat.values.map(\.minorUnits).reduce(0, +)
        #expect(booked == statement.fees.minorUnits)
        for (account, amount) in statement.vat { #expect(scene.world.erp.balance(account) == amount.minorUnits) }
        #expect(statement.vat.isEmpty == (vat == .none))
    }

    @Test func itsColumnsAddUp() async throws {
        let scene = try await ProofScene(orders: [Sample.order("1")])
        scene.payOut("po_1", Self.lines)
        try await scene.settle()
        let statement = try await scene.statement(of: "po_1")
        #expect(statement.amounts == Sample.money("61.25"))
        #expect(statement.kept == Sample.money("2.90"))
        #expect(statement.amounts - statement.kept == statement.net)
        #expect(statement.rows.map(\.net).sum(Sample.sek) == statement.net)
    }
}
