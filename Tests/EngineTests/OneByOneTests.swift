import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// An ERP that takes one record at a time, makes invoices without orders and refuses no duplicates.
@Suite struct OneByOneTests {
    private let orders = World.orders

    @Test func invoicesWithoutOrdersAreMadeAndBookedOnceWhereverTheProcessDies() async throws {
        let rehearsal = try World(enforcesUniqueness: false, manner: .oneByOne)
        rehearsal.placeOrders()
        let whole = CrashPoint()
        try await rehearsal.settle(try await rehearsal.process(crash: whole))
        #expect(whole.passed.count > 12)

        for (number, boundary) in whole.passed.enumerated() {
            let world = try World(enforcesUniqueness: false, manner: .oneByOne)
            world.placeOrders()
            let crash = CrashPoint(at: number)
            try? await world.settle(try await world.process(crash: crash))
            #expect(crash.isDead, "boundary \(number) \(boundary) was not reached")
            world.clock.advance(by: .seconds(3))

            let restarted = try await world.process()
            try await world.settle(restarted)

            try await world.expectEachBookedOnce(restarted, orders: 0)
        }
    }

    @Test(
        arguments: [Step.Kind.ensureCustomer, .createInvoice, .bookInvoice],
        ["lost before", "lost after", "late", "busy", "refused"])
    func aFaultInTheMiddleOfABatchConcernsNobodyElseOfIt(_ kind: Step.Kind, _ fault: String) async throws {
        let first = FirstOnly()
        let world = try World(enforcesUniqueness: false, manner: .oneByOne) { call in
            guard call.kind == kind, first.take() else { return .none }
            return switch fault {
            case "lost before": .loseBefore
            case "lost after": .loseAfter
            case "late": .late
            case "refused": .refuse(Problem(.refusedByERP, "no"))
            default: .busy
            }
        }
        world.placeOrders()
        let process = try await world.process()

        try await world.settle(process)
        world.erp.deliverLate()

        guard fault == "refused" else { return try await world.expectEachBookedOnce(process, orders: 0) }
        var stopped: [String] = []
        for id in orders where try await world.standing(of: id, process)?.state == .stopped { stopped.append(id) }
        // The one customer is everybody's; of the other steps only the second order's was refused.
        #expect(stopped == (kind == .ensureCustomer ? orders : ["2"]))
    }
}
