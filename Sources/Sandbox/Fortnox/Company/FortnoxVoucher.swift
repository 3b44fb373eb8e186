import Domain

/// A voucher is known by all three: each series is numbered anew in every financial year.
struct FortnoxVoucherID: Hashable {
    let series: String
    let number: Int
    let year: Int

    var key: String { "\(year)/\(series)/\(number)" }
}

/// Something in the books.
struct FortnoxVoucher: FortnoxListed {
    struct Row {
        let account: Int
        let debit: ExactDecimal
        let credit: ExactDecimal
        var fields: [String: JSONValue] = [:]
    }

    let id: FortnoxVoucherID
    let date: Day
    var description: String
    var comments = ""
    let referenceType: String
    let referenceNumber: String
    let rows: [Row]

    var texts: [String: String] { [:] }
    var day: Day? { date }

    var summary: [String: JSONValue] {
        [
            "ApprovalState": 0, "Comments": .string(comments), "Description": .string(description),
            "ReferenceNumber": .string(referenceNumber), "ReferenceType": .string(referenceType),
            "TransactionDate": JSONValue(date), "VoucherNumber": JSONValue(id.number),
            "VoucherSeries": .string(id.series), "Year": JSONValue(id.year),
        ]
    }

    func url(_ moment: FortnoxMoment) -> JSONValue {
        .string("\(moment.url("vouchers", id.series))/\(id.number)?financialyear=\(id.year)")
    }

    func json(_ moment: FortnoxMoment) -> JSONValue {
        var json = summary
        json["@url"] = url(moment)
        json["CostCenter"] = ""
        json["Project"] = ""
        json["VoucherRows"] = .array(
            rows.map { row in
                var fields = Self.row.fallbacks
                fields.take(row.fields)
                fields["Account"] = JSONValue(row.account)
                fields["Debit"] = JSONValue(row.debit)
                fields["Credit"] = JSONValue(row.credit)
                return .object(fields)
            })
        return .object(json)
    }

    static let searchable = FortnoxSearchable(others: "financialyear financialyeardate costcenter", isDated: true)

    static let header = FortnoxFields([
        .text("Comments", 1000), .text("CostCenter", 20), .text("Description", 200), .text("Project", 20),
        .day("TransactionDate"), .text("VoucherSeries", 10), .anything("VoucherRows", .array([])),
    ])

    static let row = FortnoxFields([
        .whole("Account"), .text("CostCenter", 20), .number("Credit"), .number("Debit"), .text("Description", 200),
        .text("Project", 20), .number("Quantity"), .flag("Removed"), .text("TransactionInformation", 100),
    ])
}

/// Rows of a voucher while they are put together: debit is more than zero, credit less.
struct FortnoxEntry {
    private(set) var rows: [(account: Int, amount: ExactDecimal)] = []

    mutating func debit(_ account: Int, _ amount: ExactDecimal) {
        guard !amount.isZero else { return }
        if let index = rows.firstIndex(where: { $0.account == account }) {
            rows[index].amount = rows[index].amount + amount
        } else {
            rows.append((account, amount))
        }
    }

    mutating func credit(_ account: Int, _ amount: ExactDecimal) { debit(account, -amount) }

    /// Debit less credit.
    var balance: ExactDecimal { rows.map(\.amount).reduce(.zero, +) }

    var voucherRows: [FortnoxVoucher.Row] {
        rows.filter { !$0.amount.isZero }.map { row in
            FortnoxVoucher.Row(
                account: row.account, debit: row.amount.isNegative ? .zero : row.amount,
                credit: row.amount.isNegative ? -row.amount : .zero)
        }
    }
}
