import ConnectorKit
import Domain
import Foundation
import Sandbox
import TestKit
import Testing

@testable import App

/// A small trade that has ended, settlement files of it, and commands that are run on them as a process of their own.
struct PayoutDesk {
    let world: DemoWorld
    let folder: URL

    static func open(orders: Int = 4, _ body: (PayoutDesk) async throws -> Void) async throws {
        let home = try TemporaryFolder()
        let world = try await DemoWorld.start(
            .init(seed: 11, orders: orders, limitsRate: false, folder: home.url.appending(path: "desk")),
            clock: SystemClock())
        do { try await body(PayoutDesk(world: world, folder: home.url)) } catch {
            await world.stop()
            throw error
        }
        await world.stop()
    }

    enum Ending: Int32 { case success = 0, attention = 1, usage = 2, unreachable = 3 }

    @discardableResult
    func run(
        _ arguments: String..., expecting ending: Ending = .success, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Command.Result {
        let result = try await Command.finished(Setup.executable, arguments + ["--config", world.configurationFile])
        #expect(
            result.status == ending.rawValue, "\(arguments): \(result.output)\(result.error)",
            sourceLocation: sourceLocation)
        return result
    }

    func json<Value: Decodable>(
        _ type: Value.Type, _ arguments: String..., expecting ending: Ending = .success,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Value {
        let result = try await Command.finished(
            Setup.executable, arguments + ["--json", "--config", world.configurationFile])
        #expect(
            result.status == ending.rawValue, "\(arguments): \(result.output)\(result.error)",
            sourceLocation: sourceLocation)
        return try JSONDecoder().decode(type, from: Data(result.output.utf8))
    }

    /// Changes the configuration that the commands run with.
    func configure(_ change: (String) -> String) throws {
        let text = try String(contentsOfFile: world.configurationFile, encoding: .utf8)
        try change(text).write(toFile: world.configurationFile, atomically: true, encoding: .utf8)
    }

    func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// Takes the shop's orders in; some of them are for a person, which is no matter here.
    func syncOrders() async throws {
        let result = try await Command.finished(
            Setup.executable, ["sync", "orders", "--config", world.configurationFile])
        #expect([0, 1].contains(result.status), "\(result.output)\(result.error)")
    }

    /// The ids of a payout's lines, in its order.
    func lines(of payout: String, in integration: String = DemoConfiguration.integration) async throws -> [String] {
        struct Shown: Decodable {
            struct Line: Decodable { let id: String }
            let lines: [Line]
        }
        return try await json(Shown.self, "payouts", "show", payout, "--integration", integration).lines.map(\.id)
    }

    // MARK: Orders

    /// Numbers and totals of booked orders in kronor that one pays later for, and nothing was given back of; by number.
    func klarnaOrders() -> [(number: String, total: Money)] {
        let later = world.trade.happened.compactMap { event -> String? in
            guard case .place(let draft) = event.act, draft.paymentMethod == "klarna" else { return nil }
            return world.trade.number(of: event.order)
        }
        return world.trade.truthByNumber.filter { number, order in
            later.contains(number) && order.outcome == .booked && order.refunds.isEmpty && order.currency == "SEK"
        }.map { ($0.key, Money(minorUnits: Int64($0.value.total), Sample.sek)) }.sorted { $0.number < $1.number }
    }

    /// What is open of an order's invoice in the ERP.
    func open(_ number: String) -> ExactDecimal? {
        let reference = "\(DemoConfiguration.integration)/order-\(number)/invoice/1"
        return world.fortnox.books.invoices.first { $0.reference == reference && !$0.isCredit }?.balance
    }
}

/// A payout of Klarna's as its report has it: the totals, then the rows.
struct KlarnaReport {
    struct Row {
        let type: String
        let order: String
        let amount: String
        var note = ""
    }

    /// Some days ago at noon, so that it has arrived and all of it is in one month.
    static let moment = (SystemClock().now() - .seconds(2 * 24 * 3600)).day(in: .utc).description + "T10:00:00Z"

    let rows: [Row]
    var payout = "XISA93DJ"

    private var net: Money {
        rows.filter { $0.type != "FEE" && $0.type != "RETURN" }.map { Sample.money($0.amount) }.sum(Sample.sek)
            - rows.filter { $0.type == "FEE" || $0.type == "RETURN" }.map { Sample.money($0.amount) }.sum(Sample.sek)
    }

    var text: String { written(net: net.amountText) }

    func written(net: String, end: String = "\n") -> String {
        let totals = [
            "total_settlement_amount;payment_reference;settlement_currency;payout_date",
            "\(net);\(payout);SEK;\(Self.moment)",
            "type;capture_date;order_id;merchant_reference1;amount;posting_currency;note",
        ]
        let lines = rows.enumerated().map { index, row in
            "\(row.type);\(Self.moment);kp-\(index);\(row.order);\(row.amount);SEK;\(row.note)"
        }
        return (totals + lines).map { $0 + end }.joined()
    }
}
