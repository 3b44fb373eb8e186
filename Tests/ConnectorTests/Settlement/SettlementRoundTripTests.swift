import ConnectorKit
import Domain
import TestKit
import Testing

@Suite struct SettlementRoundTripTests {
    /// A file that was made of payouts comes back as these payouts, whatever its form, and short of a row it never adds up.
    @Test(arguments: 1...150)
    func whatIsWrittenIsReadBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let form = Self.form(&random)
        let layout = Self.layout(form)
        let written = try Self.rows(&random)
        let shuffled = written.shuffled(using: &random)
        let text = Self.text(shuffled, form)
        let pieces = Int.random(in: 1...50, using: &random)
        let bytes = form.encoding == .latin1 ? text.unicodeScalars.map { UInt8($0.value) } : Array(text.utf8)
        let file = SettlementFile(bytes, layout, pieces: pieces)

        #expect(file.failure == nil && file.bad.isEmpty, "seed \(seed)")
        let sums = Dictionary(grouping: written, by: \.payout).mapValues { $0.map { $0.amount - $0.fee }.reduce(0, +) }
        #expect(
            Dictionary(uniqueKeysWithValues: file.result.payouts.map { ($0.id, Int($0.net.minorUnits)) }) == sums,
            "seed \(seed)")
        #expect(
            file.lines.map { [Int($0.amount.minorUnits), Int($0.fee.minorUnits)] }
                == shuffled.map { [$0.amount, $0.fee] })
        #expect(Set(file.lines.map(\.id)).count == written.count)

        guard let lost = shuffled.first(where: { $0.amount != $0.fee }) else { return }
        let short = shuffled.filter { $0.number != lost.number }
        let stated = Self.text(short, form, stating: sums.sorted { $0.key < $1.key })
        let cut = form.encoding == .latin1 ? stated.unicodeScalars.map { UInt8($0.value) } : Array(stated.utf8)
        #expect(SettlementFile(cut, layout).result.refused.map(\.payoutID) == [lost.payout], "seed \(seed)")
    }

    private struct Row {
        var number: Int
        var payout: String
        var amount: Int
        var fee: Int
    }

    private static func rows(_ random: inout SeededGenerator) throws -> [Row] {
        (0..<Int.random(in: 1...30, using: &random)).map { number in
            Row(
                number: number, payout: "p\(Int.random(in: 1...4, using: &random))",
                amount: Int.random(in: -2_000_000...2_000_000, using: &random),
                fee: Int.random(in: -500...500, using: &random))
        }
    }

    private static func form(_ random: inout SeededGenerator) -> SettlementForm {
        let comma = Bool.random(using: &random)
        return SettlementForm(
            separator: SettlementForm.Separator.allCases.randomElement(using: &random) ?? .comma,
            encoding: Bool.random(using: &random) ? .utf8 : .latin1, decimalMark: comma ? .comma : .dot,
            thousands: [.none, .space, .apostrophe, comma ? .dot : .comma].randomElement(using: &random) ?? .none,
            dates: [.yearFirst, .dayFirst, .monthFirst].randomElement(using: &random) ?? .yearFirst,
            headerWithin: 3)
    }

    private static func layout(_ form: SettlementForm) -> SettlementLayout {
        var layout = SettlementLayout()
        layout.form = form
        layout.type = "Type"
        layout.kinds = [.init("sale", .line(.charge)), .init("payout", .payout)]
        layout.at = [SettlementDateColumn("Måndag")]
        layout.amounts = SettlementAmounts(
            amount: .pair(debit: "Debit", credit: "Credit"), fees: ["Fee"], net: .signed("Net"),
            currency: .column("Currency"))
        layout.payout = [.column(["Payout"])]
        return layout
    }

    private static func text(_ rows: [Row], _ form: SettlementForm, stating payouts: [(key: String, value: Int)] = [])
        -> String
    {
        let date =
            switch form.dates {
            case .dayFirst: "23.11.2026"
            case .monthFirst: "11/23/2026"
            case .yearFirst, .epochSeconds, .epochMilliseconds: "2026-11-23"
            }
        var table = [["Some notes"], ["Payout", "Type", "Måndag", "Debit", "Credit", "Fee", "Net", "Currency"]]
        for row in rows {
            let net = row.amount - row.fee
            table.append([
                row.payout, "SALE", date, row.amount < 0 ? number(-row.amount, form) : "",
                row.amount < 0 ? "" : number(row.amount, form), number(row.fee, form), number(net, form), "sek",
            ])
        }
        for (payout, net) in payouts {
            table.append([
                payout, "Payout", date, net > 0 ? number(net, form) : "", net > 0 ? "" : number(-net, form), "",
                number(-net, form), "SEK",
            ])
        }
        let separators: [SettlementForm.Separator: String] = [.comma: ",", .semicolon: ";", .tab: "\t", .pipe: "|"]
        return table.map { $0.map { "\"\($0)\"" }.joined(separator: separators[form.separator] ?? ",") }
            .joined(separator: "\r\n")
    }

    private static func number(_ minorUnits: Int, _ form: SettlementForm) -> String {
        let marks: [SettlementForm.Thousands: String] = [.dot: ".", .comma: ",", .space: " ", .apostrophe: "'"]
        var whole = String(abs(minorUnits) / 100)
        var groups: [String] = []
        while whole.count > 3, form.thousands != .none {
            groups.insert(String(whole.suffix(3)), at: 0)
            whole.removeLast(3)
        }
        let digits = ([whole] + groups).joined(separator: marks[form.thousands] ?? "")
        let cents = String(abs(minorUnits) % 100 + 100).dropFirst()
        return (minorUnits < 0 ? "-" : "") + digits + (form.decimalMark == .comma ? "," : ".") + cents
    }
}
