import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage

/// Takes a settlement file in, matches its rows to orders, books the payout and states it; says how fast each went, and in how
/// much memory.
struct SettlementBench {
    struct Part: Encodable {
        let name: String
        let seconds: Double
        let rowsPerSecond: Double
        /// The process's peak until then.
        let peakMegabytes: Double
    }

    struct Result: Encodable {
        let rows: Int
        let fileMegabytes: Double
        let file: String
        var parts: [Part] = []
        var unmatched = 0
        /// One of them, as people are told of it.
        var example = ""
    }

    private static let ordersAtOnce = 1000

    let rows: Int
    /// Where the file and the store are kept.
    let folder: URL

    func run() async throws -> Result {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = SettlementBenchFile(rows: rows, path: folder.appending(path: "settlement.csv").path)
        try file.write()
        let integration = try await integration()
        let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
        var result = Result(rows: rows, fileMegabytes: Double(size) / 1_000_000, file: file.path)

        result.parts.append(try await part("orders stored") { try await store(integration, file) })
        result.parts.append(try await part("file taken in") { try await take(file, integration) })
        result.parts.append(
            try await part("matched and booked") {
                while try await Worker(integration, name: "bench").turn(in: .payouts) > 0 {}
            })
        let reader = PayoutReader(integration)
        guard let payout = try await reader.payout("po_bench") else { throw UsageError("the payout is not there") }
        let statement = try await part("statement made") {
            guard let statement = try await reader.statement(of: payout), statement.net == statement.payout.net,
                !statement.entries.isEmpty
            else { throw UsageError("the payout was not booked: \(payout.standing.reason)") }
        }
        result.parts.append(statement)
        try await reader.eachLine(of: payout.key) { line in
            guard line.by == nil else { return }
            result.unmatched += 1
            if result.example.isEmpty { result.example = "\(line.line.id): \(line.why ?? "no reason is kept")" }
        }
        guard result.unmatched == file.strangers else {
            throw UsageError("\(result.unmatched) rows are not matched, \(file.strangers) are of no order")
        }
        return result
    }

    private func part(_ name: String, _ body: () async throws -> Void) async throws -> Part {
        let began = ContinuousClock.now
        try await body()
        let seconds = Double((ContinuousClock.now - began).milliseconds) / 1000
        return Part(
            name: name, seconds: seconds, rowsPerSecond: Double(rows) / seconds, peakMegabytes: PeakMemory.megabytes)
    }

    private func store(_ integration: Integration, _ file: SettlementBenchFile) async throws {
        let orders = BenchOrders(prefix: "bench", at: Instant(iso8601: "2026-02-01T00:00:00Z") ?? .distantPast)
        for first in stride(from: 1, through: rows, by: Self.ordersAtOnce) {
            let numbers = (first...min(rows, first + Self.ordersAtOnce - 1)).filter(file.hasOrder)
            let snapshots = try numbers.map { number in
                let order = try orders.order(number)
                return Snapshot(
                    key: EntityKey(integration: integration.name, type: .order, id: order.id), number: order.number,
                    payload: Array(order.id.utf8), content: .order(order), hash: order.id, createdAt: order.createdAt,
                    modifiedAt: order.modifiedAt, fetchBegan: order.modifiedAt)
            }
            _ = try await integration.store.record(snapshots, trigger: .schedule, force: false, moving: nil)
        }
    }

    private func take(_ file: SettlementBenchFile, _ integration: Integration) async throws {
        guard let layout = SettlementLayouts.all["stripe"] else { throw UsageError("no layout stripe") }
        let report = try await SettlementImport(integration, layout, provider: "stripe").run(FilePieces(file.path).open)
        guard report.problems.isEmpty, report.lines == rows else {
            throw UsageError("the file was not taken: \(report.problems)")
        }
    }

    private func integration() async throws -> Integration {
        guard let shop = ShopIdentity("bench"), let sek = Currency(code: "SEK") else { throw UsageError("no shop") }
        let clock = SystemClock()
        let store = try await SQLStore.open(
            url: "sqlite:\(folder.appending(path: "bench.db").path)", clock: clock, process: "bench")
        let epoch = CurrentEpoch(try await store.start())
        var settings = BenchOrders.settings(timeZone: .utc)
        settings.payments = PaymentSettings(accounts: [
            PayoutAccounts(
                provider: "stripe", currency: sek.code, clearing: "1580", bank: "1930",
                fees: [PayoutFeeRule(account: "6570")], suspense: "2999")
        ])
        return Integration(
            name: "bench", shop: shop, storefront: InProcessShop(clock: clock), erp: InProcessERP(clock: clock),
            settings: try await store.adopt(settings, integration: "bench", by: "bench"), store: store, clock: clock,
            epoch: epoch, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// The most memory that this process has had, by the system's account.
enum PeakMemory {
    static var megabytes: Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (Double(line.split(separator: " ").dropFirst().first ?? "") ?? .nan) / 1024
    }
}
