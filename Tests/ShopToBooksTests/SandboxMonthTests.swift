import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage
import Synchronization
import TestKit
import Testing

@testable import App

/// A made-up month through the real connectors into a simulated Fortnox, compared with what the trade comes to by arithmetic of
/// its own.
@Suite struct SandboxMonthTests {
    private static let seeds: [UInt64] = {
        let count = ProcessInfo.processInfo.environment["ORDERSYNC_TEST_SEEDS"].flatMap { UInt64($0) } ?? 1
        return Array(1...max(1, count))
    }()

    @Test(arguments: seeds)
    func everyOrderOfAMonthIsAnsweredAndTheBooksEqualTheTrade(_ seed: UInt64) async throws {
        try await SandboxMonth.open(seed: seed, orders: 300) { month in
            try await month.sync()
            try await month.expectAnsweredAndEqual(seed)
            #expect(month.world.fortnox.refusedForRate == 0)

            // Payments arrive, parcels leave, refunds are given: the days after the month.
            for _ in 0..<6 {
                month.clock.advance(by: .seconds(12 * 3600))
                month.world.trade.advance(to: month.clock.now())
                try await month.sync()
            }
            try await month.expectAnsweredAndEqual(seed)
        }
    }

    @Test(arguments: seeds)
    func whateverIsLostOnTheWayEveryOrderIsInvoicedOnceAndToTheCent(_ seed: UInt64) async throws {
        try await SandboxMonth.open(seed: seed, orders: 120, searchLag: .milliseconds(900)) { month in
            month.breakSomeCalls(seed)
            try await month.sync()
            month.world.fortnox.onRequest(nil)
            month.world.shop.onRequest(nil)
            // What a person does with orders that failed too often.
            _ = try await month.integration.store.markDue(
                integration: month.integration.name, states: [.stopped], code: nil, trigger: .retry)
            try await month.sync()
            // A run ends while an earlier call may still arrive; the next one finds that it did not.
            month.clock.advance(by: .seconds(120))
            try await month.sync()

            try await month.expectAnsweredAndEqual(seed)
            #expect(month.broken > 20)
        }
    }

    @Test func anotherRunWritesNothing() async throws {
        try await SandboxMonth.open(seed: 4, orders: 60) { month in
            try await month.sync()
            let written = month.writes
            try await month.integration.store.moveTimeHistory(
                TimeHistory(
                    integration: month.integration.name, type: .order, loadedThrough: .distantPast,
                    movedAt: month.clock.now(), movedBy: "Eva", reason: "test"))
            try await month.sync()
            #expect(month.writes == written)
        }
    }

    @Test func aStoreThatWasLostMakesNoSecondInvoice() async throws {
        try await SandboxMonth.open(seed: 5, orders: 60) { month in
            try await month.sync()
            let written = month.writes
            try await month.loseTheStore()
            try await month.sync()
            #expect(month.writes == written)
            try await month.expectAnsweredAndEqual(5)
        }
    }
}

/// The demo's world on a virtual clock, with an integration that works in it.
final class SandboxMonth {
    let clock: VirtualClock
    let world: DemoWorld
    private(set) var integration: Integration
    private let configuration: AppConfiguration
    private let transport = HTTPTransport()
    private let memory = VolatileMemory()
    private let faults = FaultCounter()

    static func open(
        seed: UInt64, orders: Int, searchLag: Duration = .zero, _ body: (SandboxMonth) async throws -> Void
    ) async throws {
        let clock = VirtualClock(Sample.instant("2026-11-23T12:00:00Z"), autoAdvance: true)
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "ordersync-month-\(seed)-\(orders)-\(SystemClock().now().milliseconds)", directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        let world = try await DemoWorld.start(
            .init(seed: seed, orders: orders, limitsRate: true, folder: folder, searchLag: searchLag), clock: clock)
        // What stood there before is found.
        clock.advance(by: .seconds(10))
        do {
            let month = try await SandboxMonth(world, clock)
            try await body(month)
            try await month.transport.shutdown()
        } catch {
            await world.stop()
            throw error
        }
        await world.stop()
    }

    private init(_ world: DemoWorld, _ clock: VirtualClock) async throws {
        self.world = world
        self.clock = clock
        configuration = try AppConfiguration(ConfigurationFile(path: world.configurationFile, environment: [:]))
        integration = try await Self.integration(configuration, "first", clock, transport, memory)
    }

    private static func integration(
        _ configuration: AppConfiguration, _ process: String, _ clock: VirtualClock, _ transport: HTTPTransport,
        _ memory: VolatileMemory
    ) async throws -> Integration {
        let configured = configuration.integrations[0]
        let store = try await SQLStore.open(url: configuration.store, clock: clock, process: process)
        let epoch = CurrentEpoch(try await store.start())
        let tools = ConnectorTools(
            transport: transport, clock: clock, shop: configured.shop, timeZone: configured.settings.timeZone,
            memory: memory)
        return Integration(
            name: configured.name, shop: configured.shop, storefront: configured.storefront.make(tools),
            erp: configured.erp.make(tools),
            providers: configured.providers.reduce(into: [:]) { $0[$1.key] = $1.value.make(tools, $1.key) },
            settings: try await store.adopt(configured.settings, integration: configured.name, by: "test"),
            store: store, clock: clock, epoch: epoch, logger: Logger(label: "month") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The store is gone and begins anew; the ERP and the tokens are what they were.
    func loseTheStore() async throws {
        let file = String(configuration.store.dropFirst("sqlite:".count))
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) }
        integration = try await Self.integration(configuration, "second", clock, transport, memory)
    }

    func sync() async throws {
        for attempt in 1...5 {
            do {
                _ = try await FlowRun(integration).toTheEnd()
                return
            } catch  where attempt < 5 {
                // The shop could not be read; the next pick-up comes.
                clock.advance(by: .seconds(60))
            }
        }
    }

    func expectAnsweredAndEqual(_ seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let open = try await DemoAnswers(integration, world).open
        #expect(open == [], "seed \(seed)", sourceLocation: sourceLocation)
        let reckoning = DemoReckoning(
            world.fortnox.books, world.trade.truthByNumber, integration: integration.shop.name)
        #expect(reckoning.differences == [], "seed \(seed)", sourceLocation: sourceLocation)
        let areEqual = reckoning.lines.allSatisfy(\.isEqual)
        #expect(
            areEqual, "seed \(seed): \(reckoning.lines)", sourceLocation: sourceLocation)
        #expect(reckoning.lines.map(\.count).reduce(0, +) > 20, sourceLocation: sourceLocation)
        for (number, order) in world.trade.truthByNumber {
            let entity = try await integration.store.entities(integration: integration.name, matching: number)
                .first { $0.snapshot.number == number }
            let standing = entity?.standing
            #expect(
                standing.map { Self.agrees($0, order.outcome) } == true,
                "seed \(seed), order \(number): \(standing as Any) instead of \(order.outcome)",
                sourceLocation: sourceLocation)
        }
    }

    private static func agrees(_ standing: Standing, _ outcome: TradeTruth.Outcome) -> Bool {
        switch outcome {
        case .booked: standing.state == .completed
        case .excluded(let code): standing.state == .excluded && standing.code == code
        case .waitingForPayment: standing.state == .waiting && standing.reason.contains("payment")
        case .waitingForDelivery: standing.state == .waiting && standing.reason.contains("delivery")
        case .stopped(let code): standing.state == .stopped && standing.code == code
        }
    }

    /// Calls that changed something in Fortnox.
    var writes: Int {
        world.fortnox.requestsByRoute.filter { !$0.key.hasPrefix("GET") && $0.key != "POST token" }.values.reduce(0, +)
    }

    var broken: Int { faults.count }

    /// One call of ten, of either system, is lost, refused or cut. Tokens are left alone: losing one is a person's business.
    func breakSomeCalls(_ seed: UInt64) {
        let faults = faults
        let rule: SandboxFaultRule = { request in
            guard !request.path.contains("oauth") else { return nil }
            return faults.next(seed)
        }
        world.fortnox.onRequest(rule)
        world.shop.onRequest(rule)
        world.stripe.onRequest(rule)
    }
}

/// Deals faults by a seed.
final class FaultCounter: Sendable {
    private let state = Mutex((dealt: 0, seen: UInt64(0)))

    var count: Int { state.withLock { $0.dealt } }

    func next(_ seed: UInt64) -> SandboxFault? {
        state.withLock { state in
            state.seen += 1
            var generator = SeededGenerator(seed: seed &* 1_000_003 &+ state.seen)
            let roll = generator.next() % 100
            guard roll < 10 else { return nil }
            state.dealt += 1
            switch roll / 2 {
            case 0: return .loseBefore
            case 1: return .loseAfter
            case 2: return .answer(HTTPReply(status: 503))
            case 3: return .answer(HTTPReply(status: 429))
            default: return .cutBody(after: 10)
            }
        }
    }
}
