import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// A row of a made-up provider's report.
struct SettlementRow {
    var id: String
    /// Not of ASCII alone, so that its encoding matters.
    var type = "Köp"
    var at = "2026-11-20T10:00:00Z"
    var amount = "99.00"
    var fee = "2.90"
    var payment = ""
    var order = ""
    var payout = "A7"
    var arrival = "2026-11-22"

    /// What a customer paid for an order that the shop has under the same number.
    static func sale(_ order: String, payout: String = "A7", amount: String = "99.00") -> SettlementRow {
        SettlementRow(id: "txn_\(order)", amount: amount, payment: "ch_\(order)", order: order, payout: payout)
    }

    /// What no order is looked for.
    static func correction(_ id: String, _ amount: String, payout: String = "A7") -> SettlementRow {
        SettlementRow(id: id, type: "Rättelse", amount: amount, fee: "0.00", payout: payout)
    }

    /// The payout's own row: what the lines are checked against.
    static func paidOut(_ amount: String, payout: String = "A7") -> SettlementRow {
        SettlementRow(id: "", type: "Utbetalning", amount: "-" + amount, fee: "0.00", payout: payout)
    }

    var net: String { (Sample.money(amount) - Sample.money(fee)).amountText }

    var cells: [String] { [id, type, at, amount, fee, net, "SEK", payment, order, payout, arrival] }
}

/// The report as a file.
struct SettlementText {
    static let columns = [
        "Id", "Typ", "Tid", "Belopp", "Avgift", "Netto", "Valuta", "Betalning", "Beställning", "Utbetalning", "Datum",
    ]

    var rows: [[String]]

    init(_ rows: [SettlementRow]) { self.rows = [Self.columns] + rows.map(\.cells) }

    var text: String { written() }
    var bytes: [UInt8] { Array(text.utf8) }

    func written(end: String = "\n", quoted: Bool = false) -> String {
        rows.map { $0.map { quoted ? "\"\($0)\"" : $0 }.joined(separator: ",") + end }.joined()
    }

    /// The same columns from right to left, and one that nobody asked for.
    var turned: SettlementText {
        var other = self
        other.rows = rows.enumerated().map { index, row in (index == 0 ? ["Ny"] : ["x"]) + row.reversed() }
        return other
    }

    /// Every character in one byte, as older programs save it.
    var latin1: [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

    /// What a person mends, or breaks, in a cell; rows are counted from 1, the header apart.
    func with(_ column: String, of row: Int, _ text: String) -> SettlementText {
        var other = self
        if let place = Self.columns.firstIndex(of: column) { other.rows[row][place] = text }
        return other
    }
}

/// How that report is read.
enum SettlementKind: String, CaseIterable {
    /// Movements have ids, payouts too.
    case withIDs
    /// Movements have none: they are known by what they say.
    case withoutIDs
    /// The file is one payout and does not say which.
    case wholeFile
    /// Movements of a balance, day by day.
    case activity
    /// The same, and they have no ids.
    case activityWithoutIDs

    var isActivity: Bool { self == .activity || self == .activityWithoutIDs }

    func layout(_ encoding: CSVParser.Encoding = .utf8) -> SettlementLayout {
        var layout = SettlementLayout()
        layout.form = SettlementForm(encoding: encoding)
        layout.id = self == .withIDs || self == .activity ? ["Id"] : []
        layout.type = "Typ"
        layout.kinds = [
            .init("Köp", .line(.charge)), .init("Retur", .line(.refund)), .init("Rättelse", .line(.adjustment)),
            .init("Utbetalning", .payout),
        ]
        layout.at = [SettlementDateColumn("Tid", zone: .fixed(.utc))]
        layout.amounts = SettlementAmounts(
            amount: .signed("Belopp"), fees: ["Avgift"], net: .signed("Netto"), currency: .column("Valuta"))
        layout.keys = SettlementKeyColumns(transactionIDs: ["Betalning"], orderNumber: "Beställning")
        layout.payout = self == .wholeFile ? [.wholeFile] : isActivity ? [.day(nil)] : [.column(["Utbetalning"])]
        if isActivity { layout.content = .activity } else { layout.arrival = [SettlementDateColumn("Datum")] }
        return layout
    }
}

extension World {
    /// A world that books what a provider's files tell.
    static func ofFiles(provider: String = "pays") throws -> World {
        let world = try World()
        world.settings.payments = PaymentSettings(
            rounding: "3740",
            accounts: [
                PayoutAccounts(
                    provider: provider, currency: "SEK", clearing: "1580", bank: "1930",
                    fees: [PayoutFeeRule(account: "6570")], disputes: "6352", adjustments: "3999", suspense: "2999",
                    beforeStart: "1589")
            ])
        world.settings.paymentMethods = [PaymentMethodRule(method: "*", provider: provider)]
        return world
    }

    /// Takes a file in, some bytes at a time.
    @discardableResult
    func take(
        _ bytes: [UInt8], _ process: Integration, _ kind: SettlementKind = .withIDs, provider: String = "pays",
        encoding: CSVParser.Encoding = .utf8, pieces: Int = 200
    ) async throws -> SettlementImport.Report {
        try await SettlementImport(process, kind.layout(encoding), provider: provider)
            .run { Self.reading(bytes, pieces: pieces) }
    }

    static func reading(_ bytes: [UInt8], pieces: Int = 200) -> () throws -> [UInt8]? {
        var rest = bytes[...]
        return {
            defer { rest = rest.dropFirst(pieces) }
            return rest.isEmpty ? nil : Array(rest.prefix(pieces))
        }
    }

    /// Every movement that is kept, with the id of its payout, in the payouts' order.
    func movements(_ process: Integration) async throws -> [(payout: String, line: PayoutLine)] {
        var found: [(payout: String, line: PayoutLine)] = []
        for payout in try await process.store.payouts(integration: process.name, after: "", limit: 1000) {
            try await PayoutReader(process).eachLine(of: payout.key) { found.append((payout.snapshot.number, $0.line)) }
        }
        return found
    }

    func standing(ofPayout id: String, _ process: Integration) async throws -> Standing? {
        try await PayoutReader(process).payout(id)?.standing
    }
}

extension SettlementImport.Report {
    /// `A7: 96.10 SEK`, and whether it was there before.
    var told: [String] { payouts.map { "\($0.payout.id): \($0.payout.net)" + ($0.isKnown ? ", known" : "") } }
    var codes: [ProblemCode] { problems.map(\.code) }
    var text: String { problems.map(\.detail).joined(separator: "\n") }
}
