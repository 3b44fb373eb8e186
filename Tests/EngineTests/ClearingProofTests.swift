import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

@testable import Engine

/// What a clearing account is made up of, and whether the ERP has the same on it (R18).
@Suite struct ClearingProofTests {
    private func expectProved(
        _ proof: ClearingProof, _ items: [ClearingProof.Item.Kind: String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(proof.isProved, "\(proof)", sourceLocation: sourceLocation)
        #expect(proof.byOthers?.isZero == true, sourceLocation: sourceLocation)
        #expect(
            Set(proof.items.map(\.kind)).count == proof.items.count, "\(proof.items)", sourceLocation: sourceLocation)
        let found = Dictionary(proof.items.map { ($0.kind, $0.amount.amountText) }) { first, _ in first }
        #expect(found == items, sourceLocation: sourceLocation)
    }

    private func owed(_ proof: ClearingProof) -> [String] {
        proof.ageing(at: Sample.day("2026-11-23")).map(\.amount.amountText)
    }

    // MARK: The ERP's word

    @Test func r18WhatOthersBookOnTheAccountFailsTheProofAndIsTold() async throws {
        let scene = try await ProofScene(orders: [Sample.order("1")])
        scene.payOut("po_1", [ProofScene.charge("1")])
        try await scene.settle()
        expectProved(try await scene.proof(), [:])

        scene.world.erp.book(Sample.money("50.00"), on: ProofScene.clearing, against: "1510")
        let proof = try await scene.proof()
        #expect(!proof.isProved)
        #expect(proof.isExplained)
        #expect(proof.balance.isZero)
        #expect(proof.inERP == Sample.money("50.00"))
        #expect(proof.byOthers == Sample.money("50.00"))
    }

    @Test func anERPThatCannotTellIsNotHeldAgainstTheProof() async throws {
        let scene = try await ProofScene(orders: [Sample.order("1")])
        try await scene.settle()
        for answer in [nil, Sample.money("9.00", Sample.currency("EUR"))] {
            let proof = try await ProofScene.proof(of: asking(scene.process) { () throws(ConnectorError) in answer })
            #expect(proof.isProved)
            #expect(proof.byOthers == nil)
        }
    }

    @Test func anERPThatCannotBeReachedProvesNothing() async throws {
        let scene = try await ProofScene()
        let dead = asking(scene.process) { () throws(ConnectorError) in
            throw ConnectorError(.retry(after: nil), Problem(.unreachable, "nobody answers"))
        }
        let error = try #require(
            await #expect(throws: ConnectorError.self) { try await ProofScene.proof(of: dead) })
        #expect(error.problem.detail == "what the ERP has on account 1580 cannot be told: nobody answers")
    }

    /// The same with an ERP that tells something else.
    private func asking(
        _ process: Integration, _ answer: @escaping @Sendable () throws(ConnectorError) -> Money?
    ) -> Integration {
        Integration(
            name: process.name, shop: process.shop, storefront: process.storefront,
            erp: OtherERP(erp: process.erp, answer: answer), providers: process.providers, settings: process.settings,
            store: process.store, clock: process.clock, epoch: process.epoch, logger: process.logger)
    }

    // MARK: Balances that are taken out by hand

    @Test func anOrderWhoseMoneyWasTakenOutOfTheBalanceIsNotListedAsOwed() async throws {
        let scene = try await ProofScene(orders: [Sample.order("1")])
        try await scene.settle()
        expectProved(try await scene.proof(), [.capturedNotPaidOut: "99.00"])

        scene.payOut("2026-11-20", [ProofScene.charge("1")], content: .activity, on: "2026-11-20")
        try await scene.settle()
        let kept = try await scene.proof()
        expectProved(kept, [.inBalance: "96.10"])
        #expect(kept.items.first?.name == "kept in the balance at stripe")
        #expect(owed(kept) == ["0.00", "0.00", "0.00", "0.00"])

        let withdrawn = ProofScene.line("txn_out", .transfer, "-96.10", on: "2026-11-21")
        scene.payOut("2026-11-21", [withdrawn], content: .activity, on: "2026-11-21")
        try await scene.settle()
        expectProved(try await scene.proof(), [:])
        #expect(scene.world.erp.balance(ProofScene.bank) == 9610)
    }

    // MARK: Refunds

    @Test func aRefundThatTheProviderHasNotTakenIsListedAndLowersWhatItOwes() async throws {
        let refunded = ProofScene.refunded("1", "30.00", on: "2026-11-21")
        let scene = try await ProofScene(orders: [refunded, Sample.order("2")])
        scene.payOut("po_1", [ProofScene.charge("1")])
        try await scene.settle()
        let proof = try await scene.proof()
        expectProved(proof, [.refundedNotPaidOut: "-30.00", .capturedNotPaidOut: "99.00"])
        #expect(proof.items.first { $0.kind == .refundedNotPaidOut }?.since == Sample.day("2026-11-21"))
        #expect(owed(proof) == ["69.00", "0.00", "0.00", "0.00"])

        scene.payOut("po_2", [ProofScene.line("txn_r", .refund, "-30.00", of: "ch_1"), ProofScene.charge("2")])
        try await scene.settle()
        expectProved(try await scene.proof(), [:])
    }

    @Test func whatNothingExplainsIsToBeLookedAtThoughTheSumIsProved() async throws {
        let scene = try await ProofScene(orders: [Sample.order("1")])
        scene.payOut("po_1", [ProofScene.charge("1", "60.00")])
        try await scene.settle()
        let proof = try await scene.proof()
        expectProved(proof, [.other: "39.00"])
        #expect(proof.toLookAt.map(\.name) == ["order 1"])
    }

    @Test func aPayoutThatComesToNothingIsPaidOutWithoutAnEntry() async throws {
        let scene = try await ProofScene(orders: [
            ProofScene.refunded("1", "99.00", on: "2026-11-21"), Sample.order("2"),
        ])
        let lines = [
            ProofScene.line("txn_1", .charge, "99.00", of: "ch_1"),
            ProofScene.line("txn_r", .refund, "-99.00", of: "ch_1"),
        ]
        scene.payOut("po_1", lines)
        try await scene.settle()
        #expect(scene.world.erp.documents(.journalEntry).isEmpty)
        expectProved(try await scene.proof(), [.capturedNotPaidOut: "99.00"])
    }

    // MARK: What is left of an order

    private static let cases: [(moved: [String], left: ClearingProof.Item.Kind?, since: Int)] = [
        (["99", "0", "99", "0"], nil, 0),
        (["99", "0", "0", "0"], .capturedNotPaidOut, 1),
        (["99", "-30", "0", "0"], .capturedNotPaidOut, 1),
        (["99", "-30", "99", "0"], .refundedNotPaidOut, 2),
        (["0", "-30", "0", "0"], .refundedNotPaidOut, 2),
        (["0", "0", "99", "0"], .awaitingDocument, 3),
        (["0", "0", "99", "-30"], .awaitingDocument, 3),
        (["99", "0", "99", "-30"], .awaitingDocument, 4),
        (["0", "0", "0", "-30"], .awaitingDocument, 4),
        (["99", "0", "60", "0"], .other, 1),
        (["60", "0", "99", "0"], .other, 1),
        (["99", "-30", "99", "-10"], .other, 1),
    ]

    @Test(arguments: cases.indices)
    func whatIsLeftOfAnOrderIsNamedByWhatIsMissing(_ index: Int) {
        let (moved, kind, since) = Self.cases[index]
        let amounts = moved.map { Sample.money($0) }
        var order = OrderOnClearing("1", Sample.sek)
        func day(_ number: Int) -> Day { Sample.day("2026-11-0\(number)") }
        if !amounts[0].isZero { order.pay(amounts[0], on: day(1)) }
        if !amounts[1].isZero { order.pay(amounts[1], on: day(2)) }
        if !amounts[2].isZero { order.payOut(amounts[2], on: day(3)) }
        if !amounts[3].isZero { order.payOut(amounts[3], on: day(4)) }
        #expect(order.item?.kind == kind)
        #expect(order.item?.since == (kind == nil ? nil : day(since)))
        let left = amounts[0] + amounts[1] - amounts[2] - amounts[3]
        #expect(order.item?.amount == (kind == nil ? nil : left))
    }

    @Test func whatGoesOverFromACreditedInvoiceToTheNextIsNoRefund() {
        var order = OrderOnClearing("1", Sample.sek)
        order.pay(Sample.money("99.00"), on: Sample.day("2026-11-01"))
        order.adjust(Sample.money("-80.00"), on: Sample.day("2026-11-02"))
        order.adjust(Sample.money("80.00"), on: Sample.day("2026-11-02"))
        order.payOut(Sample.money("99.00"), on: Sample.day("2026-11-03"))
        order.payOut(Sample.money("-19.00"), on: Sample.day("2026-11-04"))
        #expect(order.item?.kind == .awaitingDocument)
    }
}

/// An ERP that tells something else of its accounts.
private struct OtherERP: ERP {
    let erp: any ERP
    let answer: @Sendable () throws(ConnectorError) -> Money?

    var capabilities: ERPCapabilities { erp.capabilities }

    func books() async throws(ConnectorError) -> Books { try await erp.books() }

    func find(
        _ references: [ExternalReference]
    ) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]] { try await erp.find(references) }

    func read(
        _ kind: DocumentKind, _ ids: [DocumentID]
    ) async throws(ConnectorError) -> [DocumentID: ERPDocument] { try await erp.read(kind, ids) }

    func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome {
        await erp.perform(steps, deadline: deadline)
    }

    func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem] { [] }
    func check(_ settings: Settings) async -> [Problem] { [] }
    func balance(of account: String) async throws(ConnectorError) -> Money? { try answer() }
}
