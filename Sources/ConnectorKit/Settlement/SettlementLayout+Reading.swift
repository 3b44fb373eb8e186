public import Domain

extension SettlementLayout {
    /// Reads a layout that a merchant wrote. `like` starts from one of `known`: only what differs has to be said then. Problems are
    /// left in the reader, all of them at once.
    public init(_ reader: FieldReader, like known: [String: SettlementLayout] = [:]) {
        self.init()
        if let name = reader.string("like") {
            if let layout = known[name] {
                self = layout
            } else {
                reader.report("like", "knows \(known.keys.sorted().joined(separator: ", ")), not \"\(name)\"")
            }
        }
        form.read(reader)
        if let columns = reader.columns("id") { id = columns }
        if let column = reader.column("identity") { identity = column }
        if let column = reader.column("type") { type = column }
        let rules = reader.list("kinds", SettlementKindRule.init)
        // A merchant's word about a kind goes before the layout's own.
        kinds = rules.compactMap(\.self) + kinds
        readDates(reader)
        amounts.read(reader)
        keys.read(reader)
        readGrouping(reader)
        let rows = reader.list("rows", SettlementFilter.init)
        if !rows.isEmpty { filters = rows }
        let group = reader.group("totals")
        if group.isPresent { totals = SettlementTotals(group) }
        content = reader.choice("content", default: Content.of(content)).content
        reader.refuseUnknownKeys()
        for flaw in flaws { reader.report(flaw.key, flaw.text) }
    }

    private enum Content: String, CaseIterable {
        case settled, activity

        static func of(_ content: Payout.Content) -> Content { content == .activity ? .activity : .settled }
        var content: Payout.Content { self == .activity ? .activity : .settled }
    }

    private mutating func readDates(_ reader: FieldReader) {
        let zone = SettlementDateColumn.Zone(reader)
        let time = reader.column("time")
        if let date = reader.column("date") {
            at = [SettlementDateColumn(date, time: time, zone: zone ?? .merchant)]
        } else {
            for index in at.indices {
                if let zone { at[index].zone = zone }
                if let time { at[index].time = time }
            }
        }
        if let column = reader.column("arrival") { arrival = [SettlementDateColumn(column)] }
    }

    private mutating func readGrouping(_ reader: FieldReader) {
        enum Group: String, CaseIterable { case day, file, totals }
        var options: [SettlementGrouping] = []
        if let columns = reader.columns("payout") { options.append(.column(columns)) }
        if let column = reader.column("payoutDay") { options.append(.day(column)) }
        let group: Group? = reader.choice("groupBy")
        switch group {
        case .day: options.append(.day(nil))
        case .file: options.append(.wholeFile)
        case .totals: options.append(.totals)
        case nil: break
        }
        if !options.isEmpty { payout = options }
        isPayoutNeeded = reader.bool("payoutRequired", default: isPayoutNeeded)
    }
}

extension SettlementForm {
    fileprivate mutating func read(_ reader: FieldReader) {
        separator = reader.choice("separator", default: separator)
        encoding = reader.choice("encoding", default: encoding)
        decimalMark = reader.choice("decimalMark", default: decimalMark)
        thousands = reader.choice("thousands", default: thousands)
        let patterns = "one of yyyy-MM-dd, dd.MM.yyyy, MM/dd/yyyy, epochSeconds, epochMilliseconds"
        if let dates = reader.parsed("dates", patterns, { Dates(pattern: $0) }) { self.dates = dates }
        headerWithin = reader.int("headerWithin", default: headerWithin, in: 1...100)
    }
}

extension SettlementForm.Dates {
    /// What stands between the parts does not matter: `dd/MM/yyyy` is `dd.MM.yyyy`.
    init?(pattern: String) {
        let plain = pattern.map { "/-".contains($0) ? "." : $0 }
        guard let found = Self.allCases.first(where: { $0.rawValue.map { "/-".contains($0) ? "." : $0 } == plain })
        else { return nil }
        self = found
    }
}

extension SettlementDateColumn.Zone {
    fileprivate init?(_ reader: FieldReader) {
        let fixed = reader.parsed("timeZone", "a time zone like Europe/Stockholm") { TimeZoneName($0) }
        let column = reader.column("timeZoneColumn")
        if fixed != nil, column != nil {
            reader.report("timeZone", "is there beside timeZoneColumn; leave one of them")
        }
        if let column { self = .column(column) } else if let fixed { self = .fixed(fixed) } else { return nil }
    }
}

extension SettlementKindRule {
    /// `nil` where the reader has a problem with it.
    fileprivate init?(_ reader: FieldReader) {
        let kinds = PayoutLine.Kind.allCases.map(\.rawValue) + ["payout", "ignored"]
        let word = reader.requiredString("type")
        let sign: Sign? = reader.choice("sign")
        let use = reader.parsed("kind", "one of " + kinds.joined(separator: ", ")) { text -> Use? in
            switch text {
            case "payout": .payout
            case "ignored": .ignored
            default: PayoutLine.Kind(rawValue: text).map { .line($0) }
            }
        }
        guard let use, !word.isEmpty else {
            if reader.string("kind") == nil { reader.report("kind", "is required") }
            return nil
        }
        self.init(word, sign: sign, use)
    }
}

extension SettlementFilter {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            reader.requiredColumn("column"),
            only: reader.strings("only", default: []),
            except: reader.strings("except", default: []),
            isOptional: reader.bool("optional", default: false)
        )
    }
}

extension SettlementAmounts {
    fileprivate mutating func read(_ reader: FieldReader) {
        if let source = Source(reader, "amount", debit: "debit", credit: "credit") { amount = source }
        if let column = reader.column("amountCurrency") { amountCurrency = column }
        outgoing = reader.strings("outgoing", default: outgoing)
        if let columns = reader.columns("fees") { fees = columns }
        feeSign = reader.choice("feeSign", default: feeSign)
        if let source = Source(reader, "net", debit: "netDebit", credit: "netCredit") { net = source }
        let fixed = reader.parsed("fixedCurrency", "a currency code like EUR") { Currency(code: $0) }
        if let fixed { currency = .fixed(fixed) }
        if let column = reader.column("currency") {
            currency = .column(column)
            if fixed != nil { reader.report("fixedCurrency", "is there beside currency; leave one of them") }
        }
        switch (reader.column("originalAmount"), reader.column("originalCurrency")) {
        case (let amount?, let currency?): original = Original(amount, currency: currency)
        case (nil, nil): break
        case (_, nil): reader.report("originalCurrency", "is required beside originalAmount")
        case (nil, _): reader.report("originalAmount", "is required beside originalCurrency")
        }
    }
}

extension SettlementAmounts.Source {
    fileprivate init?(_ reader: FieldReader, _ signed: String, debit: String, credit: String) {
        let column = reader.column(signed)
        let pair = (reader.column(debit), reader.column(credit))
        switch (column, pair.0, pair.1) {
        case (let column?, nil, nil): self = .signed(column)
        case (nil, let debit?, let credit?): self = .pair(debit: debit, credit: credit)
        case (nil, nil, nil): return nil
        case (_?, _, _):
            reader.report(signed, "is there beside \(debit) or \(credit); leave one column with a sign, or two without")
            return nil
        case (nil, nil, _), (nil, _, nil):
            reader.report(
                pair.0 == nil ? debit : credit, "is required: there are two columns without signs, or one with")
            return nil
        }
    }
}

extension SettlementKeyColumns {
    fileprivate mutating func read(_ reader: FieldReader) {
        if let columns = reader.columns("transactionIDs") { transactionIDs = columns }
        if let column = reader.column("orderID") { orderID = column }
        if let column = reader.column("orderNumber") { orderNumber = column }
        if let column = reader.column("invoiceNumber") { invoiceNumber = column }
        prefixes = reader.strings("orderNumberPrefixes", default: prefixes)
    }
}

extension SettlementTotals {
    fileprivate init(_ reader: FieldReader) {
        let zone = SettlementDateColumn.Zone(reader)
        self.init(
            net: reader.requiredColumn("net"), payoutID: reader.requiredColumn("payout"),
            currency: reader.requiredColumn("currency"),
            at: SettlementDateColumn(
                reader.requiredColumn("date"), time: reader.column("time"), zone: zone ?? .merchant),
            rests: reader.list("rests", Rest.init)
        )
        reader.refuseUnknownKeys()
    }
}

extension SettlementTotals.Rest {
    fileprivate init(_ reader: FieldReader) {
        let sign: Sign? = reader.choice("sign")
        if sign == nil, reader.string("sign") == nil { reader.report("sign", "is required: added or deducted") }
        self.init(
            reader.requiredColumn("column"), sign ?? .deducted, words: reader.strings("types", default: []),
            reader.choice("kind", default: PayoutLine.Kind.unknown))
    }
}

extension FieldReader {
    /// A column's name, or several that it may have: `Datum | Buchungsdatum`.
    fileprivate func column(_ key: String) -> SettlementColumn? {
        guard let text = string(key) else { return nil }
        let column = SettlementColumn(text)
        if column.names.isEmpty { report(key, "must be the name of a column, not an empty text") }
        return column.names.isEmpty ? nil : column
    }

    fileprivate func requiredColumn(_ key: String) -> SettlementColumn {
        if string(key) == nil { report(key, "is required: the name of a column") }
        return column(key) ?? SettlementColumn([])
    }

    /// `nil` when the key is left out.
    fileprivate func columns(_ key: String) -> [SettlementColumn]? {
        let texts = strings(key, default: [])
        return texts.isEmpty ? nil : texts.map { SettlementColumn($0) }
    }
}

extension SettlementColumn {
    fileprivate init(_ text: String) {
        self.init(text.split(separator: "|").map { SettlementCells.trimmed(String($0)) }.filter { !$0.isEmpty })
    }
}
