import Domain

/// What a row of a settlement file is.
enum SettlementRow {
    case line(SettlementMovement)
    /// The payout itself, and the fee that was kept for it.
    case payout(payoutID: String, net: Money, at: Instant, arrivesOn: Day?, fee: SettlementMovement?)
    case skipped(SettlementSkip)
}

/// A movement as its row tells it.
struct SettlementMovement {
    let payoutID: String
    /// Its id is empty where the row gives it none.
    let line: PayoutLine
    /// What tells it from others then.
    let identity: String
    let arrivesOn: Day?
}

/// Reads rows by the layout. One row at a time; what it keeps between rows are cells that repeat.
struct SettlementRowReader: Sendable {
    private let layout: SettlementLayout
    private let places: SettlementPlaces
    private let fileID: String
    private let outgoing: Set<String>
    private var cells: SettlementCells
    private var rules: [String: [SettlementKindRule]] = [:]
    private let rulesByWord: [String: [SettlementKindRule]]
    /// The payout of the row in hand, as far as it is known: a bad row spoils its own payout only.
    private(set) var payoutID: String?
    /// The totals that stand before the rows in hand.
    var block: SettlementBlock?

    init(
        _ layout: SettlementLayout, _ header: CSVParser.Row, timeZone: TimeZoneName, fileID: String
    ) throws(SettlementProblem) {
        self.layout = layout
        self.fileID = fileID
        places = try SettlementPlaces(SettlementHeader(header), layout)
        cells = SettlementCells(places.header, layout.form, timeZone: timeZone)
        outgoing = Set(layout.amounts.outgoing.map { $0.lowercased() })
        rulesByWord = Dictionary(grouping: layout.kinds) { $0.word.lowercased() }
    }

    mutating func read(_ row: CSVParser.Row) throws(SettlementProblem) -> SettlementRow {
        payoutID = nil
        try checkLength(row)
        if let skip = filtered(row) { return .skipped(skip) }
        let word = cells.text(row, places.type)
        guard !word.isEmpty else {
            throw cells.problem(
                row, places.type, "the row does not say what it is; correct the cell, or remove the row")
        }
        let rules = rules(for: word)
        if rules.contains(where: { $0.use == .ignored && $0.sign == nil }) {
            return .skipped(.ignored(word: word))
        }
        payoutID = try statedPayout(row)
        let currency = try currency(row)
        let (at, time) = try moment(row)
        if payoutID == nil { payoutID = try dayPayout(row, time, currency) }
        guard let payoutID else {
            guard !layout.isPayoutNeeded else {
                throw cells.problem(row, nil, "the row counts and names no payout; export the file again")
            }
            return .skipped(.noPayout(layout.words.noPayout))
        }
        let amounts = try amounts(row, currency, isOutgoing: !outgoing.isEmpty && outgoing.contains(word.lowercased()))
        let stated = try places.arrival.flatMap { place throws(SettlementProblem) in
            try cells.day(row, place)
        }
        let day = stated ?? block?.arrivesOn
        let sign: SettlementKindRule.Sign = amounts.amount.isNegative ? .negative : .positive
        switch rules.first(where: { $0.sign == nil || $0.sign == sign })?.use ?? .line(.unknown) {
        case .ignored: return .skipped(.ignored(word: word))
        case .payout:
            // What was kept for paying out does not reach the bank: it is a line of the payout.
            let kept = amounts.fee
            let fee = PayoutLine(
                id: "", kind: kept.isNegative ? .feeRefund : .fee, kindText: word, amount: -kept,
                fee: .zero(currency), at: at)
            return .payout(
                payoutID: payoutID, net: -amounts.amount, at: at, arrivesOn: day,
                fee: kept.isZero ? nil : try movement(row, fee, of: payoutID, day))
        case .line(let kind):
            let line = PayoutLine(
                id: "", kind: kind, kindText: word, amount: amounts.amount, fee: amounts.fee,
                original: amounts.original, at: at, keys: try keys(row))
            return .line(try movement(row, line, of: payoutID, day))
        }
    }

    private func movement(
        _ row: CSVParser.Row, _ line: PayoutLine, of payoutID: String, _ day: Day?
    ) throws(SettlementProblem) -> SettlementMovement {
        var line = line
        var identity = ""
        if let id = try cells.reference(row, joining: places.id) {
            line.id = id
        } else {
            identity = try cells.reference(row, places.identity) ?? ""
        }
        return SettlementMovement(payoutID: payoutID, line: line, identity: identity, arrivesOn: day)
    }

    /// A file that was cut off ends in a short row. More cells than columns are no harm while they are empty.
    private func checkLength(_ row: CSVParser.Row) throws(SettlementProblem) {
        let columns = places.header.names.count
        guard row.fields.count < columns || row.fields[columns...].contains(where: { !$0.isEmpty })
        else { return }
        throw cells.problem(
            row, nil,
            "the row has \(row.fields.count) cells, the header \(columns); export the file again, whole")
    }

    private func filtered(_ row: CSVParser.Row) -> SettlementSkip? {
        for filter in places.filters {
            let word = cells.text(row, filter.column)
            let plain = word.lowercased()
            if filter.except.contains(plain) || !(filter.only.isEmpty || filter.only.contains(plain)) {
                return .filtered(column: places.header.names[filter.column], word: String(word.prefix(40)))
            }
        }
        return nil
    }

    private mutating func rules(for word: String) -> [SettlementKindRule] {
        if let known = rules[word] { return known }
        let found = rulesByWord[word.lowercased()] ?? []
        // Words that nobody knows are not kept: a column of ids would fill the memory.
        if !found.isEmpty { rules[word] = found }
        return found
    }

    // MARK: The payout

    private func statedPayout(_ row: CSVParser.Row) throws(SettlementProblem) -> String? {
        switch places.grouping {
        case .column(let places): try cells.reference(row, joining: places)
        case .totals: block?.payoutID
        case .wholeFile: fileID
        case .day: nil
        }
    }

    private mutating func dayPayout(
        _ row: CSVParser.Row, _ time: WallTime?, _ currency: Currency
    ) throws(SettlementProblem) -> String? {
        guard case .day(let place) = places.grouping else { return nil }
        let day: String?
        if let place { day = try cells.day(row, place)?.description } else { day = time?.text }
        return day.map { "\($0)-\(currency.code)" }
    }

    // MARK: Currency and date

    private mutating func currency(_ row: CSVParser.Row) throws(SettlementProblem) -> Currency {
        if case .fixed(let currency) = layout.amounts.currency { return currency }
        if let place = places.currency, let currency = try cells.currency(row, place) {
            return currency
        }
        if let block { return block.currency }
        throw cells.problem(row, places.currency, "the row has no currency; correct the cell")
    }

    private mutating func moment(_ row: CSVParser.Row) throws(SettlementProblem) -> (
        Instant, WallTime?
    ) {
        if let found = try cells.instant(row, places.at) { return (found.instant, found.time) }
        if let block { return (block.at, nil) }
        throw cells.problem(row, places.at.date, "the row has no date; correct the cell")
    }

    // MARK: Keys

    private func keys(_ row: CSVParser.Row) throws(SettlementProblem) -> PayoutKeys {
        var transactions: [String] = []
        for place in places.transactionIDs {
            if let id = try cells.reference(row, place), !transactions.contains(id) { transactions.append(id) }
        }
        return PayoutKeys(
            transactionIDs: transactions, orderID: try number(row, places.orderID),
            orderNumber: try number(row, places.orderNumber).map(withoutPrefix),
            invoiceNumber: try number(row, places.invoiceNumber))
    }

    private func number(_ row: CSVParser.Row, _ place: Int?) throws(SettlementProblem) -> String? {
        guard let text = try cells.reference(row, place) else { return nil }
        guard text.hasPrefix("#") else { return text }
        let plain = text.drop { $0 == "#" || $0 == " " }
        return plain.isEmpty ? nil : String(plain)
    }

    private func withoutPrefix(_ number: String) -> String {
        for prefix in layout.keys.prefixes where number.hasPrefix(prefix) && number.count > prefix.count {
            return String(number.dropFirst(prefix.count))
        }
        return number
    }
}

// MARK: - Amounts

extension SettlementRowReader {
    struct Amounts {
        var amount: Money
        var fee: Money
        var original: Money?
    }

    private mutating func amounts(
        _ row: CSVParser.Row, _ currency: Currency, isOutgoing: Bool
    ) throws(SettlementProblem) -> Amounts {
        let foreign = try foreignCurrency(row, currency)
        var stated = try exact(row, places.amount, foreign ?? currency)
        if isOutgoing, let amount = stated, amount.millionths > 0 { stated = -amount }
        let net = try exact(row, places.net, currency)
        let kept = try fees(row, currency)
        let whole: ExactAmount
        let fee: ExactAmount
        if let stated, foreign == nil {
            whole = stated
            if let kept { fee = kept } else { fee = try left(of: stated, by: net, row) }
            if let net, try sum(whole, -fee, row) != net {
                throw doesNotAddUp(row, whole, fee, net, currency)
            }
        } else if let net, stated == nil || foreign != nil,
            places.amount == nil || places.amountCurrency != nil
        {
            fee = kept ?? .zero
            whole = try sum(net, fee, row)
        } else {
            throw cells.problem(
                row, places.amount?.place ?? places.net?.place, "the row has no amount; correct the cell")
        }
        let amount = try cells.money(whole, currency, row, places.amount?.place ?? places.net?.place)
        return Amounts(
            amount: amount,
            fee: try cells.money(fee, currency, row, places.fees.first ?? places.net?.place),
            original: try original(row, amount, stated, foreign))
    }

    /// `nil` where the row states none.
    private func exact(
        _ row: CSVParser.Row, _ place: SettlementPlaces.Amount?, _ currency: Currency
    ) throws(SettlementProblem) -> ExactAmount? {
        switch place {
        case nil: return nil
        case .signed(let place): return try cells.amount(row, place, currency)
        case .pair(let debit, let credit):
            let (out, into) = (try cells.amount(row, debit, currency), try cells.amount(row, credit, currency))
            if let out, let into, !out.isZero, !into.isZero {
                throw cells.problem(row, debit, "debit and credit are both filled; correct one of them")
            }
            guard out != nil || into != nil else { return nil }
            return try sum(into ?? .zero, -(out ?? .zero), row)
        }
    }

    private func fees(_ row: CSVParser.Row, _ currency: Currency) throws(SettlementProblem) -> ExactAmount? {
        var total: ExactAmount?
        for place in places.fees {
            if let fee = try cells.amount(row, place, currency) { total = try sum(total ?? .zero, fee, row) }
        }
        return layout.amounts.feeSign == .negative ? total.map { -$0 } : total
    }

    private func sum(
        _ left: ExactAmount, _ right: ExactAmount, _ row: CSVParser.Row
    ) throws(SettlementProblem) -> ExactAmount {
        do throws(ExactAmount.Flaw) {
            return try left.adding(right)
        } catch {
            throw cells.problem(error, row, places.amount?.place)
        }
    }

    private func left(
        of amount: ExactAmount, by net: ExactAmount?, _ row: CSVParser.Row
    ) throws(SettlementProblem) -> ExactAmount {
        if let net { try sum(amount, -net, row) } else { .zero }
    }

    private func doesNotAddUp(
        _ row: CSVParser.Row, _ amount: ExactAmount, _ fee: ExactAmount, _ net: ExactAmount,
        _ currency: Currency
    ) -> SettlementProblem {
        func shown(_ exact: ExactAmount) -> String {
            let number = ExactDecimal(units: exact.millionths, decimals: ExactAmount.decimals)
            return (try? exact.money(currency).amountText) ?? number.description
        }
        return cells.problem(
            row, places.net?.place,
            "an amount of \(shown(amount)) less a fee of \(shown(fee)) is not a net of \(shown(net)); export the file again, "
                + "or correct the fee columns and their sign in the layout")
    }

    /// The customer's currency where the row gives its amount in another than the payout's.
    private mutating func foreignCurrency(
        _ row: CSVParser.Row, _ currency: Currency
    ) throws(SettlementProblem) -> Currency? {
        guard let place = places.amountCurrency, let found = try cells.currency(row, place) else {
            return nil
        }
        return found == currency ? nil : found
    }

    private mutating func original(
        _ row: CSVParser.Row, _ amount: Money, _ stated: ExactAmount?, _ foreign: Currency?
    ) throws(SettlementProblem) -> Money? {
        if let foreign {
            return try stated.map { stated throws(SettlementProblem) in
                try cells.money(stated, foreign, row, places.amount?.place)
            }
        }
        guard let places = places.original, let currency = try cells.currency(row, places.currency),
            currency != amount.currency, let exact = try cells.amount(row, places.amount, currency)
        else { return nil }
        let paid = try cells.money(exact, currency, row, places.amount)
        return paid.isNegative == amount.isNegative ? paid : -paid
    }
}

extension SettlementPlaces.Amount {
    /// For people: the column to look at.
    var place: Int {
        switch self {
        case .signed(let place): place
        case .pair(let debit, _): debit
        }
    }
}
