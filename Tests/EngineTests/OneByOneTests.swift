import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// An ERP that takes one record at a time, makes invoices without orders and refuses no duplicates.
@Suite struct OneByOneTests {
    private let orders = ["1", "2", "3"]

    private func placeOrders(in world: World) {
        for id in orders { world.shop.put(Sample.order(id)) }
    }

    private func expectEachInvoicedOnce(
        _ world: World, _ integration: Integration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for id in orders {
            #expect(world.count(.order, of: id) == 0, "orders of \(id)", sourceLocation: sourceLocation)
            #expect(world.count(.invoice, of: id) == 1, "invoices of \(id)", sourceLocation: sourceLocation)
            let standing = try await world.standing(of: id, integration)
            #expect(standing?.state == .completed, "\(id): \(standing as Any)", sourceLocation: sourceLocation)
        }
        #expect(world.erp.documents(.customer).count == 1, sourceLocation: sourceLocation)
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .booked }, sourceLocation: sourceLocation)
    }

    @Test func invoicesWithoutOrdersAreMadeAndBookedOnceWhereverTheProcessDies() async throws {
        let rehearsal = try World(enforcesUniqueness: false, manner: .oneByOne)
        placeOrders(in: rehearsal)
        let whole = CrashPoint()
        try await rehearsal.settle(try await rehearsal.process(crash: whole))
        #expect(whole.passed.count > 12)

        for (number, boundary) in whole.passed.enumerated() {
            let world = try World(enforcesUniqueness: false, manner: .oneByOne)
            placeOrders(in: world)
            let crash = CrashPoint(at: number)
            try? await world.settle(try await world.process(crash: crash))
            #expect(crash.isDead, "boundary \(number) \(boundary) was not reached")
            world.clock.advance(by: .seconds(3))

            let restarted = try await world.process()
            try await world.settle(restarted)

            try await expectEachInvoicedOnce(world, restarted)
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
        placeOrders(in: world)
        let process = try await world.process()

        try await world.settle(process)
        world.erp.deliverLate()

        guard fault == "refused" else { return try await expectEachInvoicedOnce(world, process) }
        var stopped: [String] = []
        for id in orders where try await world.standing(of: id, process)?.state == .stopped { stopped.append(id) }
        // The one customer is everybody's; of the other steps only the second order's was refused.
        #expect(stopped == (kind == .ensureCustomer ? orders : ["2"]))
    }
}
