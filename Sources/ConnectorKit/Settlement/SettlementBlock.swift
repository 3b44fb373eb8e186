import Domain

/// The totals of a payout, read from the header and the row that stand before its rows.
struct SettlementBlock: Sendable {
    let line: Int
    let payoutID: String
    let currency: Currency
    let at: Instant
    let arrivesOn: Day?
    let net: Money
    /// What each total that need not have rows adds to the payout, by its place in the layout.
    private(set) var rests: [(rest: SettlementTotals.Rest, left: Money, title: String)] = []

    /// A row of one of these words is a part of its total.
    mutating func take(_ line: PayoutLine) {
        for index in rests.indices
        where rests[index].rest.words.contains(where: { $0.lowercased() == line.kindText.lowercased() })
            && line.amount.currency == currency
        {
            rests[index].left = rests[index].left - line.net
        }
    }

    /// What the totals have beyond the rows.
    func lines() -> [PayoutLine] {
        rests.filter { !$0.left.isZero }.map { rest, left, title in
            PayoutLine(
                id: "\(payoutID)-\(title)", kind: rest.kind, kindText: title, amount: left,
                fee: .zero(currency), at: at)
        }
    }
}

/// Finds the totals' columns once, and reads their row.
struct SettlementTotalsReader: Sendable {
    private let totals: SettlementTotals
    private let net: Int
    private let payoutID: Int
    private let currency: Int
    private let at: SettlementPlaces.Date
    private let rests: [(rest: SettlementTotals.Rest, place: Int)]
    private let first: String
    private var cells: SettlementCells

    init(
        _ totals: SettlementTotals, _ row: CSVParser.Row, _ form: SettlementForm, timeZone: TimeZoneName
    ) throws(SettlementProblem) {
        self.totals = totals
        var finder = SettlementColumnFinder(SettlementHeader(row))
        net = finder.needed(totals.net) ?? 0
        payoutID = finder.needed(totals.payoutID) ?? 0
        currency = finder.needed(totals.currency) ?? 0
        at = SettlementPlaces.place(of: totals.at, &finder)
        rests = totals.rests.compactMap { rest in finder.optional(rest.column).map { (rest, $0) } }
        first = SettlementHeader.plain(row.fields.first ?? "")
        cells = SettlementCells(finder.header, form, timeZone: timeZone)
        if let problem = finder.problem { throw problem }
    }

    /// Whether the row is such a header again: the next block begins.
    func isHeader(_ row: CSVParser.Row) -> Bool {
        row.fields.first.map { SettlementHeader.plain($0) == first } ?? false
            && row.fields.count > net
            && SettlementHeader.plain(row.fields[net]) == SettlementHeader.plain(cells.header.names[net])
    }

    mutating func read(_ row: CSVParser.Row) throws(SettlementProblem) -> SettlementBlock {
        guard row.fields.count >= cells.header.names.count else {
            throw cells.problem(
                row, nil, "the row of totals has fewer cells than its header; export the file again, whole")
        }
        guard let id = try cells.reference(row, payoutID) else {
            throw cells.problem(row, payoutID, "the totals name no payout; export the file again")
        }
        guard let currency = try cells.currency(row, currency) else {
            throw cells.problem(row, self.currency, "the totals have no currency; export the file again")
        }
        guard let moment = try cells.instant(row, at) else {
            throw cells.problem(row, at.date, "the totals have no date; export the file again")
        }
        guard let paid = try cells.amount(row, net, currency) else {
            throw cells.problem(row, net, "the totals do not say what is paid out; export the file again")
        }
        var block = SettlementBlock(
            line: row.line, payoutID: id, currency: currency, at: moment.instant,
            arrivesOn: Day(moment.time.text),
            net: try cells.money(paid, currency, row, net))
        for (rest, place) in rests {
            let exact = try cells.amount(row, place, currency) ?? .zero
            let stated = try cells.money(exact, currency, row, place)
            // Reports disagree whether what is deducted has a sign.
            let left = rest.sign == .added ? stated : Money(minorUnits: -stated.magnitude, currency)
            block.add(rest, left, title: cells.header.names[place])
        }
        return block
    }
}

extension SettlementBlock {
    fileprivate mutating func add(_ rest: SettlementTotals.Rest, _ left: Money, title: String) {
        rests.append((rest, left, title))
    }
}
