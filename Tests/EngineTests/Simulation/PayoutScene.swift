import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// Payouts of orders in a `World`.
protocol PayoutScene {}

extension PayoutScene {
    func charge(_ order: String, _ amount: String = "99.00", fee: String = "2.90") -> PayoutLine {
        PayoutLine(
            id: "txn_\(order)", kind: .charge, kindText: "charge", amount: Sample.money(amount),
            fee: Sample.money(fee), at: Sample.instant("2026-11-20T10:00:00Z"),
            keys: PayoutKeys(transactionIDs: ["ch_\(order)"]))
    }

    func payout(_ lines: [PayoutLine], id: String = "po_1", state: Payout.State = .paid) -> Payout {
        Payout(
            provider: "stripe", id: id, state: state, net: lines.map(\.net).sum(Sample.sek),
            createdAt: Sample.instant("2026-11-21T00:00:00Z"), arrivesOn: Sample.day("2026-11-22"))
    }

    func order(_ id: String) -> Order {
        var order = Sample.order(id)
        order.payment.transactionID = "ch_\(id)"
        return order
    }

    func world(
        register: PaymentSettings.Register = .payout, enforcesUniqueness: Bool = true,
        fault: @escaping @Sendable (InProcessERP.Call) -> InProcessERP.Fault = { _ in .none }
    ) throws -> World {
        let world = try World(enforcesUniqueness: enforcesUniqueness, fault: fault)
        world.settings.payments = PaymentSettings(
            register: register, rounding: "3740",
            accounts: [
                PayoutAccounts(
                    provider: "stripe", currency: "SEK", clearing: "1580", bank: "1930",
                    fees: [PayoutFeeRule(account: "6570")], disputes: "6352", suspense: "2999", beforeStart: "1589")
            ])
        world.settings.articles.refund = "REFUND"
        world.settings.paymentMethods = [PaymentMethodRule(method: "*", provider: "stripe")]
        return world
    }

    func expectPaidOut(
        _ world: World, orders: [String] = World.orders, bank: Int64 = 28830,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(world.erp.documents(.payment).count == orders.count, "payments", sourceLocation: sourceLocation)
        #expect(world.erp.documents(.journalEntry).count == 1, "entries", sourceLocation: sourceLocation)
        #expect(world.erp.documents(.attachment).count == 1, "reports", sourceLocation: sourceLocation)
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .paid }, sourceLocation: sourceLocation)
        #expect(world.erp.balance("1580") == 0, "clearing", sourceLocation: sourceLocation)
        #expect(world.erp.balance("1930") == bank, "bank", sourceLocation: sourceLocation)
    }

    func placeAll(_ world: World) {
        for id in World.orders { world.shop.put(order(id)) }
    }

    func payOutAll(_ world: World) {
        let lines = World.orders.map { charge($0) }
        world.provider.put(payout(lines), lines)
    }

    func standing(_ payout: String, _ process: Integration) async throws -> Standing? {
        try await process.store.entity(process.payoutKey("stripe-\(payout)"))?.standing
    }

    /// The order, as the shop shows it after refunds of these amounts.
    func refunded(_ id: String, _ amounts: [String]) -> Order {
        var order = order(id)
        order.refunds = amounts.enumerated().map { index, amount in
            OrderRefund(
                id: "\(id)\(index)", amount: Sample.money(amount), reason: "returned",
                createdAt: Sample.instant("2026-11-21T09:00:00Z"), lines: [])
        }
        order.modifiedAt = Sample.instant("2026-11-23T12:30:00Z")
        return order
    }

    func refund(_ id: String, of order: String, _ amount: String) -> PayoutLine {
        var line = charge(id, "-\(amount)", fee: "0.00")
        (line.kind, line.kindText) = (.refund, "refund")
        line.keys.transactionIDs = ["ch_\(order)"]
        return line
    }
}
