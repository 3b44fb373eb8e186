import ConnectorKit
import Foundation
import GRDB
import Sandbox
import Synchronization
import Testing

/// One document each time, with the real ERP, the real process, and everything that goes wrong between them.
@Suite(.serialized, .enabled(if: RealTryton.isThere))
struct DuplicateTests {
    /// One setup with a proxy before the ERP.
    private struct Bench {
        let shop: ReplayShop
        let ids: [Int]
        let proxy: FaultProxy
        let setup: Setup

        init(orders: Int = 1) async throws {
            (shop, ids) = try await OneOrderShop.start(orders: orders)
            proxy = FaultProxy(upstream: RealTryton.url ?? "")
            try await proxy.start()
            setup = try Setup(shop: shop, erp: proxy.address, identity: "dup-\(ids[0])")
        }

        func stop() async {
            await proxy.stop()
            await shop.stop()
        }

        /// Exactly one posted invoice for each order, and the product says so.
        func expectOneInvoiceEach(_ comment: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let invoices = try RealTryton.invoices()
            for id in ids {
                let found = invoices[String(id)] ?? []
                #expect(found.map(\.state) == ["posted"], "\(comment), order \(id)", sourceLocation: sourceLocation)
                #expect(found.first?.total == "148.00", "\(comment), order \(id)", sourceLocation: sourceLocation)
                let status = try setup.status(of: String(id))
                #expect(
                    status.state == "completed", "\(comment), order \(id): \(status)", sourceLocation: sourceLocation)
            }
        }
    }

    /// The calls of one order from pick-up to booked invoice: the boundaries at which a process can be killed.
    private func rehearsal() async throws -> [String] {
        let bench = try await Bench()
        let result = try bench.setup.ordersync("sync", "orders")
        #expect(result.status == 0, "\(result.error)\(result.output)")
        try bench.expectOneInvoiceEach("rehearsal")
        await bench.stop()
        return bench.proxy.log.map { $0.rpcMethod ?? "?" }
    }

    @Test func aProcessKilledBeforeOrAfterAnyCallMakesOneInvoiceAfterItsRestart() async throws {
        let calls = try await rehearsal()
        for number in 1...calls.count {
            for phase in ["before", "after"] {
                let bench = try await Bench()
                let victim = Mutex<Process?>(nil)
                let kill: @Sendable () async -> Void = {
                    victim.withLock { process in
                        if let process { Foundation.kill(process.processIdentifier, SIGKILL) }
                    }
                }
                bench.proxy.decide { request in
                    guard request.number == number else { return .pass }
                    if phase == "after" { return .callThen(after: kill) }
                    await kill()
                    return .loseBefore
                }
                let process = try victim.withLock { victim in
                    let process = try bench.setup.start("sync", "orders")
                    victim = process
                    return process
                }
                process.waitUntilExit()
                let comment = "killed \(phase) call \(number), \(calls[number - 1])"
                #expect(process.terminationReason == .uncaughtSignal, "\(comment): it was not killed")

                bench.proxy.decide { _ in .pass }
                _ = try bench.setup.ordersync("sync", "orders")

                try bench.expectOneInvoiceEach(comment)
                await bench.stop()
            }
        }
    }

    @Test func anAnswerLostBeforeOrAfterTheEffectMakesOneInvoice() async throws {
        let calls = try await rehearsal()
        for (index, call) in calls.enumerated() where !call.contains("read") && !call.contains("search") {
            for phase in ["before", "after"] {
                let bench = try await Bench()
                let number = index + 1
                bench.proxy.decide { request in
                    guard request.number == number else { return .pass }
                    return phase == "before" ? .loseBefore : .loseAfter
                }

                _ = try bench.setup.ordersync("sync", "orders")

                try bench.expectOneInvoiceEach("answer lost \(phase) call \(number), \(call)")
                await bench.stop()
            }
        }
    }

    @Test func aRequestThatArrivesAfterEverythingWasDoneAgainMakesNoSecondOrder() async throws {
        let bench = try await Bench()
        let gate = Gate()
        let victim = Mutex<Process?>(nil)
        bench.proxy.decide { request in
            guard request.rpcMethod == "model.sale.sale.create", !gate.wasReached else { return .pass }
            gate.reach()
            victim.withLock { process in
                if let process { Foundation.kill(process.processIdentifier, SIGKILL) }
            }
            return .hold(until: { await gate.wait() })
        }
        let process = try victim.withLock { victim in
            let process = try bench.setup.start("sync", "orders")
            victim = process
            return process
        }
        process.waitUntilExit()

        _ = try bench.setup.ordersync("sync", "orders")
        gate.open()
        // Waits until what was held has been forwarded and answered.
        await bench.proxy.stop()

        try bench.expectOneInvoiceEach("late request")
        await bench.shop.stop()
    }

    @Test func twoProcessesOnOneStoreMakeOneInvoiceEach() async throws {
        let bench = try await Bench(orders: 12)
        let both = try (0..<2).map { _ in try bench.setup.start("sync", "orders") }
        both.forEach { $0.waitUntilExit() }
        _ = try bench.setup.ordersync("sync", "orders")
        try bench.expectOneInvoiceEach("two processes")
        await bench.stop()
    }

    @Test func aStoreRestoredFromAnOlderCopyMakesNothingAgain() async throws {
        let bench = try await Bench(orders: 3)
        let empty = ReplayShop()
        try await empty.start()
        let before = try Setup(shop: empty, erp: bench.proxy.address, identity: bench.setup.identity)
        _ = try before.ordersync("sync", "orders")
        let copy = try Data(contentsOf: URL(filePath: before.storeFile))
        _ = try bench.setup.ordersync("sync", "orders")
        try bench.expectOneInvoiceEach("first time")

        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: bench.setup.storeFile + suffix) }
        try copy.write(to: URL(filePath: bench.setup.storeFile))
        let again = try bench.setup.ordersync("sync", "orders")

        #expect(again.status == 0, "\(again.error)\(again.output)")
        try bench.expectOneInvoiceEach("restored")
        await empty.stop()
        await bench.stop()
    }

    @Test func referencesDeletedByHandInTheStoreAreFoundAgain() async throws {
        let bench = try await Bench(orders: 3)
        _ = try bench.setup.ordersync("sync", "orders")
        try await DatabaseQueue(path: bench.setup.storeFile).write { database in
            try database.execute(sql: "DELETE FROM links")
            try database.execute(sql: "UPDATE entities SET due = due + 1")
        }

        let again = try bench.setup.ordersync("sync", "orders")

        #expect(again.status == 0, "\(again.error)\(again.output)")
        try bench.expectOneInvoiceEach("references deleted")
        await bench.stop()
    }
}

/// Opens once.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var reached = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    var wasReached: Bool { state.withLock { $0.reached } }
    func reach() { state.withLock { $0.reached = true } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let resume = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if resume { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }
}
