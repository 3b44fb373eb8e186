import Domain
import Engine

/// A payout's statement for the terminal.
struct StatementText {
    let lines: [String]

    init(_ statement: PayoutStatement) {
        let payout = statement.payout
        var lines = [
            "\(payout.provider) payout \(payout.id): \(payout.net), \(payout.dayInWords)",
            "  "
                + [statement.standing.state.rawValue, statement.standing.code, statement.standing.reason]
                .compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  "),
        ]
        for row in statement.rows {
            lines.append("  \(row.count) \(row.text): \(row.amount), fee kept \(row.fee), net \(row.net)")
        }
        let transfers = statement.transfers.isZero ? "" : " transfers \(statement.transfers),"
        lines.append("  in all: gross \(statement.gross), fees \(statement.fees),\(transfers) net \(statement.net)")
        if statement.net != payout.net, payout.content != .unlisted {
            lines.append("  the payout is of \(payout.net): they differ by \(payout.net - statement.net)")
        }
        for entry in statement.entries {
            lines.append("  booked: \(entry.title), \(entry.erp.date?.description ?? "")")
            for row in entry.madeFrom?.entry ?? [] {
                lines.append("    \(row.account)  \(row.amount)  \(row.text)")
            }
        }
        self.lines = lines
    }

    static func line(_ kept: KeptLine) -> String {
        let line = kept.line
        let orders = kept.orderNumbers.joined(separator: ", ")
        let match =
            kept.by.map { "order \(orders) by \($0.title)" } ?? (kept.isSettled ? "settled by a person" : kept.why)
        return [
            line.id, line.at.iso8601, line.kindText, line.amount.description, "fee \(line.fee)",
            kept.place.flatMap { $0 == .clearing ? nil : "on \($0.rawValue)" }, match,
        ].compactMap(\.self).joined(separator: "  ")
    }
}

extension Payout {
    /// When its money comes to the bank; of a balance's movements, which nothing brings there, the day they are of.
    var dayInWords: String {
        content == .activity ? "movements of \(arrivesOn)" : "arrives at the bank on \(arrivesOn)"
    }
}

/// The same for programs.
struct StatementJSON: Encodable {
    struct Row: Encodable {
        let kind: String
        let type: String
        let count: Int
        let amount: String
        let fee: String
        let net: String
    }

    struct Entry: Encodable {
        struct Row: Encodable {
            let account: String
            let amount: String
            let text: String
        }

        let number: String?
        let date: String?
        let rows: [Row]
    }

    struct Line: Encodable {
        let id: String
        let at: String
        let kind: String
        let type: String
        let amount: String
        let fee: String
        let net: String
        let original: String?
        let orders: [String]
        let matchedBy: String?
        let place: String?
        let why: String?

        init(_ kept: KeptLine) {
            id = kept.line.id
            at = kept.line.at.iso8601
            kind = kept.line.kind.rawValue
            type = kept.line.kindText
            amount = kept.line.amount.amountText
            fee = kept.line.fee.amountText
            net = kept.line.net.amountText
            original = kept.line.original?.description
            orders = kept.orderNumbers
            matchedBy = kept.by?.title
            place = kept.place?.rawValue
            why = kept.why
        }
    }

    let provider: String
    let payout: String
    let currency: String
    let net: String
    let arrivesOn: String
    let state: String
    let code: String?
    let reason: String
    let sums: [Row]
    let gross: String
    let fees: String
    let transfers: String
    let vat: [String: String]
    let bank: String
    let entries: [Entry]
    let lines: [Line]

    init(_ statement: PayoutStatement, _ lines: [Line]) {
        let payout = statement.payout
        provider = payout.provider
        self.payout = payout.id
        currency = payout.currency.code
        net = payout.net.amountText
        arrivesOn = payout.arrivesOn.description
        state = statement.standing.state.rawValue
        code = statement.standing.code
        reason = statement.standing.reason
        sums = statement.rows.map {
            Row(
                kind: $0.kind.rawValue, type: $0.text, count: $0.count, amount: $0.amount.amountText,
                fee: $0.fee.amountText, net: $0.net.amountText)
        }
        gross = statement.gross.amountText
        fees = statement.fees.amountText
        transfers = statement.transfers.amountText
        vat = statement.vat.mapValues(\.amountText)
        bank = payout.banked.amountText
        entries = statement.entries.map { entry in
            Entry(
                number: entry.erp.number, date: entry.erp.date?.description,
                rows: (entry.madeFrom?.entry ?? []).map {
                    Entry.Row(account: $0.account, amount: $0.amount.amountText, text: $0.text)
                })
        }
        self.lines = lines
    }
}

/// The lines for a spreadsheet.
enum StatementCSV {
    static let header = "id,at,kind,type,amount,fee,net,currency,orders,matched by,place,why not matched"

    static func row(_ kept: KeptLine) -> String {
        let line = kept.line
        return [
            line.id, line.at.iso8601, line.kind.rawValue, line.kindText, line.amount.amountText, line.fee.amountText,
            line.net.amountText, line.amount.currency.code, kept.orderNumbers.joined(separator: " "),
            kept.by?.title ?? "", kept.place?.rawValue ?? "", kept.why ?? "",
        ].map(field).joined(separator: ",")
    }

    /// Quoted where it must be, by bytes: a line break of two is one character. A text that a spreadsheet would take for a formula is shown as text; amounts are none.
    static func field(_ text: String) -> String {
        var bytes = Array(text.utf8)
        if let first = bytes.first, "=+@\t\r".utf8.contains(first) || (first == 0x2D && ExactDecimal(text) == nil) {
            bytes.insert(UInt8(ascii: "'"), at: 0)
        }
        guard bytes.contains(where: { ",\"\n\r".utf8.contains($0) }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        let quote = UInt8(ascii: "\"")
        let doubled = bytes.flatMap { $0 == quote ? [quote, quote] : [$0] }
        return String(decoding: [quote] + doubled + [quote], as: UTF8.self)
    }
}
