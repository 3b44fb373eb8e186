import Domain
import Engine

/// A payout's statement as a page to print and file. It needs nothing but itself.
struct StatementPage {
    private let statement: PayoutStatement

    init(_ statement: PayoutStatement) { self.statement = statement }

    private var payout: Payout { statement.payout }

    var beginning: [String] {
        [
            "<!doctype html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<title>\(Self.text("\(payout.provider) payout \(payout.id)"))</title>", Self.style, "</head><body>",
            "<h1>\(Self.text("\(payout.provider) payout \(payout.id)"))</h1>",
            "<p>\(Self.text("\(payout.net), \(payout.dayInWords). "))",
            "\(Self.text(statement.standing.state.rawValue + (statement.standing.reason.isEmpty ? "" : ": ") + statement.standing.reason))</p>",
        ] + sums + entries + [
            "<h2>Lines</h2>",
            "<table><thead><tr><th>Line<th>Time<th>Type<th>Amount<th>Fee kept<th>Net<th>Order</tr></thead><tbody>",
        ]
    }

    var end: [String] { ["</tbody></table></body></html>"] }

    func row(_ kept: KeptLine) -> String {
        let line = kept.line
        let orders = kept.orderNumbers.joined(separator: ", ")
        let match = kept.by == nil ? kept.why ?? (kept.isSettled ? "settled by a person" : "") : orders
        return Self.row(
            [line.id, line.at.iso8601, line.kindText],
            [line.amount, line.fee, line.net].map(\.amountText), [match])
    }

    private var sums: [String] {
        let rows = statement.rows.map { row in
            Self.row(["\(row.count)", row.text], [row.amount, row.fee, row.net].map(\.amountText))
        }
        return [
            "<h2>What it is made up of, in \(payout.currency.code)</h2>",
            "<table><thead><tr><th>Lines<th>Type<th>Amount<th>Fee kept<th>Net</tr></thead><tbody>",
        ] + rows + [
            "</tbody><tfoot>",
            Self.row(["", "In all"], [statement.amounts, statement.kept, statement.net].map(\.amountText)),
        ] + below.map { Self.row(["", $0], ["", "", $1.amountText]) } + ["</tfoot></table>"]
    }

    /// What the columns do not say by themselves.
    private var below: [(text: String, amount: Money)] {
        let vat = statement.vat.sorted { $0.key < $1.key }
            .map { (text: "VAT on fees, account \($0.key)", amount: $0.value) }
        let transfers = statement.transfers.isZero ? [] : [(text: "Transfers in all", amount: statement.transfers)]
        let bank = payout.content == .activity ? [] : [(text: "To the bank", amount: payout.banked)]
        return [(text: "Fees in all", amount: statement.fees)] + vat + transfers + bank
    }

    private var entries: [String] {
        guard !statement.entries.isEmpty else { return [] }
        let rows = statement.entries.flatMap { entry in
            (entry.madeFrom?.entry ?? []).map { row in
                let zero = Money.zero(row.amount.currency)
                let (debit, credit) = row.amount.isNegative ? (zero, -row.amount) : (row.amount, zero)
                return Self.row(
                    [entry.erp.number ?? entry.erp.id.text, entry.erp.date?.description ?? "", row.account, row.text],
                    [debit, credit].map { $0.isZero ? "" : $0.amountText })
            }
        }
        return [
            "<h2>How it was booked</h2>",
            "<table><thead><tr><th>Entry<th>Date<th>Account<th>Text<th>Debit<th>Credit</tr></thead><tbody>",
        ] + rows + ["</tbody></table>"]
    }

    // MARK: Markup

    private static func row(_ texts: [String], _ amounts: [String], _ more: [String] = []) -> String {
        let cells =
            texts.map { "<td>\(text($0))</td>" } + amounts.map { "<td class=\"amount\">\(text($0))</td>" }
            + more.map { "<td>\(text($0))</td>" }
        return "<tr>\(cells.joined())</tr>"
    }

    /// By scalars: what people see as one character may have markup in it.
    static func text(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;".unicodeScalars
            case "<": escaped += "&lt;".unicodeScalars
            case ">": escaped += "&gt;".unicodeScalars
            case "\"": escaped += "&quot;".unicodeScalars
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static let style = """
        <style>
        body { font: 11pt/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; color: #1a1a1a }
        h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem }
        table { border-collapse: collapse; width: 100% } thead { display: table-header-group }
        th { text-align: left; border-bottom: 1px solid #1a1a1a } th, td { padding: .2rem .6rem .2rem 0; vertical-align: top }
        tfoot td { border-top: 1px solid #bbb; font-weight: 600 } tr { break-inside: avoid }
        .amount { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
        </style>
        """
}
