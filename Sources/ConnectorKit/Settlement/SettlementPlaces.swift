import Domain

/// Where in its rows a file has what its layout asks for: resolved once, by the header.
struct SettlementPlaces: Sendable {
    enum Amount: Sendable {
        case signed(Int)
        case pair(debit: Int, credit: Int)
    }

    struct Date: Sendable {
        enum Zone: Sendable {
            case merchant
            case fixed(TimeZoneName)
            case column(Int)
        }

        var date: Int
        var time: Int?
        var zone: Zone
    }

    enum Grouping: Sendable {
        case column([Int])
        case day(Int?)
        case totals
        case wholeFile
    }

    struct Filter: Sendable {
        var column: Int
        var only: Set<String>
        var except: Set<String>
    }

    let header: SettlementHeader
    var id: [Int] = []
    var identity: Int?
    var type = 0
    var at = Date(date: 0, time: nil, zone: .merchant)
    var amount: Amount?
    var amountCurrency: Int?
    var fees: [Int] = []
    var net: Amount?
    var currency: Int?
    var original: (amount: Int, currency: Int)?
    var grouping = Grouping.wholeFile
    var arrival: Int?
    var filters: [Filter] = []
    var transactionIDs: [Int] = []
    var orderID: Int?
    var orderNumber: Int?
    var invoiceNumber: Int?

    /// - Throws: what the header lacks, all of it at once.
    init(_ header: SettlementHeader, _ layout: SettlementLayout) throws(SettlementProblem) {
        self.header = header
        var finder = SettlementColumnFinder(header)
        id = layout.id.compactMap { finder.needed($0) }
        if let column = layout.identity ?? layout.keys.transactionIDs.first ?? layout.keys.orderNumber {
            identity = layout.id.isEmpty ? finder.needed(column) : finder.optional(column)
        }
        if let column = layout.type { type = finder.needed(column) ?? 0 }
        findAmounts(layout, &finder)
        findDates(layout, &finder)
        findGrouping(layout, &finder)
        for filter in layout.filters {
            let column = filter.isOptional ? finder.optional(filter.column) : finder.needed(filter.column)
            if let column {
                filters.append(
                    Filter(
                        column: column, only: Set(filter.only.map { $0.lowercased() }),
                        except: Set(filter.except.map { $0.lowercased() })))
            }
        }
        transactionIDs = layout.keys.transactionIDs.compactMap { finder.optional($0) }
        orderID = finder.optional(layout.keys.orderID)
        orderNumber = finder.optional(layout.keys.orderNumber)
        invoiceNumber = finder.optional(layout.keys.invoiceNumber)
        if let problem = finder.problem { throw problem }
    }

    private mutating func findAmounts(
        _ layout: SettlementLayout, _ finder: inout SettlementColumnFinder
    ) {
        let amounts = layout.amounts
        amount = Self.place(of: amounts.amount, isNeeded: true, &finder)
        amountCurrency = amounts.amountCurrency.flatMap { finder.needed($0) }
        // Without the net, nothing tells what a fee column that is missing held.
        let needsNet = amounts.amount == nil || amounts.amountCurrency != nil
        net = Self.place(of: amounts.net, isNeeded: needsNet, &finder)
        fees = amounts.fees.compactMap { net == nil ? finder.needed($0) : finder.optional($0) }
        if case .column(let column) = amounts.currency {
            currency = layout.totals == nil ? finder.needed(column) : finder.optional(column)
        }
        if let original = amounts.original, let amount = finder.optional(original.amount),
            let currency = finder.optional(original.currency)
        {
            self.original = (amount, currency)
        }
    }

    private static func place(
        of source: SettlementAmounts.Source?, isNeeded: Bool, _ finder: inout SettlementColumnFinder
    ) -> Amount? {
        switch source {
        case nil: return nil
        case .signed(let column):
            return (isNeeded ? finder.needed(column) : finder.optional(column)).map { .signed($0) }
        case .pair(let debit, let credit):
            let places =
                isNeeded
                ? (finder.needed(debit), finder.needed(credit))
                : (finder.optional(debit), finder.optional(credit))
            guard let debit = places.0, let credit = places.1 else { return nil }
            return .pair(debit: debit, credit: credit)
        }
    }

    private mutating func findDates(
        _ layout: SettlementLayout, _ finder: inout SettlementColumnFinder
    ) {
        if let column = layout.at.first(where: { finder.header.place(of: $0.date) != nil })
            ?? layout.at.first
        {
            at = Self.place(of: column, &finder)
        }
        arrival = layout.arrival.compactMap { finder.header.place(of: $0.date) }.first
    }

    static func place(of column: SettlementDateColumn, _ finder: inout SettlementColumnFinder) -> Date {
        let zone: Date.Zone =
            switch column.zone {
            case .merchant: .merchant
            case .fixed(let name): .fixed(name)
            case .column(let column): finder.needed(column).map { .column($0) } ?? .merchant
            }
        return Date(
            date: finder.needed(column.date) ?? 0, time: column.time.flatMap { finder.needed($0) },
            zone: zone)
    }

    private mutating func findGrouping(
        _ layout: SettlementLayout, _ finder: inout SettlementColumnFinder
    ) {
        for option in layout.payout {
            switch option {
            case .column(let columns):
                let places = columns.compactMap { finder.header.place(of: $0) }
                guard places.count == columns.count else { continue }
                grouping = .column(columns.compactMap { finder.optional($0) })
            case .day(let column?):
                guard let place = finder.optional(column) else { continue }
                grouping = .day(place)
            case .day(nil): grouping = .day(nil)
            case .totals: grouping = .totals
            case .wholeFile: grouping = .wholeFile
            }
            return
        }
        for case .column(let columns) in layout.payout.prefix(1) {
            for column in columns where header.place(of: column) == nil { finder.note(missing: column) }
        }
        for case .day(let column?) in layout.payout.prefix(1) { finder.note(missing: column) }
    }
}
