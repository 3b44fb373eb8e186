import ArgumentParser
import ConnectorKit
import Connectors
import Domain
import Foundation
import Sandbox

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Orders per second, from the shop's answer to the booked invoice.",
        discussion: """
            Without --bare: the engine with its store on disk, against an ERP in the same process. With --bare and a \
            configuration: against the configured ERP, in turns with a bare client that the command names; it gets \
            BENCH_ORDERS and BENCH_PREFIX and prints JSON with orders_per_second. Books real documents: use a test database.
            """,
        subcommands: [SettlementBenchCommand.self])

    @Option(name: .long, help: "Orders in one run.")
    var orders = 2000

    @Option(name: .long, help: "Orders worked off together.")
    var batch = 50

    @Option(name: .long, help: "Runs; with --bare, pairs.")
    var runs = 3

    @Option(name: .long, help: "The bare client's shell command.")
    var bare: String?

    @OptionGroup var common: CommonOptions

    struct Pair: Encodable {
        let ordersync: Double
        let bare: Double
        var ratio: Double { ordersync / bare }
    }

    struct Report: Encodable {
        let orders: Int
        let batch: Int
        let engine: [Double]
        let pairs: [Pair]
        let medianRatio: Double?
        let callsPerOrder: [String: Double]
    }

    func run() async throws {
        let report =
            if let bare { try await paired(BareClient(command: bare)) } else { try await alone() }
        if common.json { return try Output.json(report) }
        for rate in report.engine { Output.line("engine, ERP in process: \(Self.rounded(rate)) orders/s") }
        for pair in report.pairs {
            Output.line(
                "ordersync \(Self.rounded(pair.ordersync)) orders/s, bare client \(Self.rounded(pair.bare)) orders/s, "
                    + "ratio \(Self.rounded(pair.ratio))")
        }
        if let ratio = report.medianRatio { Output.line("median ratio \(Self.rounded(ratio))") }
        for (kind, calls) in report.callsPerOrder.sorted(by: { $0.key < $1.key }) {
            Output.line("  \(kind)  \(Self.rounded(calls)) calls per order")
        }
    }

    private func alone() async throws -> Report {
        guard let shop = ShopIdentity("bench") else { throw UsageError("no shop identity") }
        var rates: [Double] = []
        var calls: [String: Double] = [:]
        for number in 1...max(1, runs) {
            let erp = InProcessERP(clock: SystemClock(), batchLimit: batch)
            let run = BenchRun(orders: orders, batch: batch, prefix: prefix(number))
            rates.append(try await run.run(against: erp, shop: shop).ordersPerSecond)
            for (kind, count) in erp.callsByKind { calls[kind.title] = Double(count) / Double(orders) }
        }
        return Report(
            orders: orders, batch: batch, engine: rates, pairs: [], medianRatio: nil, callsPerOrder: calls)
    }

    private func paired(_ client: BareClient) async throws -> Report {
        let configuration = try common.read()
        let chosen = try common.chosen(configuration)
        let wiring = try await Wiring.start(configuration, logger: common.logger)
        let tools = wiring.tools(for: chosen)
        let erp = chosen.erp.make(tools)
        var pairs: [Pair] = []
        for number in 1...max(1, runs) {
            let prefix = prefix(number)
            // Whoever goes first finds colder caches: they take turns.
            let bareFirst = number.isMultiple(of: 2)
            let before = bareFirst ? try await client.ordersPerSecond(orders: orders, prefix: "bare-" + prefix) : nil
            let ours = try await BenchRun(orders: orders, batch: batch, prefix: prefix)
                .run(against: erp, shop: chosen.shop)
            let after = bareFirst ? nil : try await client.ordersPerSecond(orders: orders, prefix: "bare-" + prefix)
            pairs.append(Pair(ordersync: ours.ordersPerSecond, bare: before ?? after ?? .nan))
        }
        let calls = tools.callCounts().mapValues { Double($0) / Double(orders * pairs.count) }
        try await wiring.stop()
        return Report(
            orders: orders, batch: batch, engine: [], pairs: pairs,
            medianRatio: pairs.map(\.ratio).sorted()[pairs.count / 2], callsPerOrder: calls)
    }

    private func prefix(_ number: Int) -> String { "b\(SystemClock().now().milliseconds)-\(number)" }

    private static func rounded(_ number: Double) -> String { String(format: "%.2f", number) }
}
