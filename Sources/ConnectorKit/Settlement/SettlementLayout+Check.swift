extension SettlementLayout {
    /// What keeps the layout from being used, by the configuration's key; empty when nothing does.
    public var flaws: [(key: String, text: String)] {
        var flaws: [(key: String, text: String)] = []
        if type == nil { flaws.append(("type", "is required: the column that says what a row is")) }
        if kinds.isEmpty { flaws.append(("kinds", "needs at least one rule")) }
        if at.isEmpty { flaws.append(("date", "is required: the column that says when the money moved")) }
        if payout.isEmpty {
            flaws.append(("payout", "is required: the column of the payout's id; or payoutDay, or groupBy"))
        }
        return flaws + amounts.flaws(hasTotals: totals != nil) + form.flaws + groupingFlaws + filterFlaws
    }

    private var groupingFlaws: [(key: String, text: String)] {
        guard payout.contains(.totals), totals == nil else { return [] }
        return [("groupBy", "is totals, and there is no group totals")]
    }

    private var filterFlaws: [(key: String, text: String)] {
        filters.indices.filter { filters[$0].only.isEmpty && filters[$0].except.isEmpty }.map {
            ("rows[\($0)]", "needs only or except: which words count")
        }
    }
}

extension SettlementAmounts {
    fileprivate func flaws(hasTotals: Bool) -> [(key: String, text: String)] {
        var flaws: [(key: String, text: String)] = []
        if amount == nil, net == nil {
            flaws.append(("amount", "is required; or debit and credit, or net"))
        }
        if amountCurrency != nil, net == nil {
            flaws.append(("net", "is required where amountCurrency is set: only it is in the payout's currency"))
        }
        if currency == nil, !hasTotals {
            flaws.append(("currency", "is required: the column of the currency; or fixedCurrency"))
        }
        return flaws
    }
}

extension SettlementForm {
    fileprivate var flaws: [(key: String, text: String)] {
        let isBoth =
            (decimalMark == .dot && thousands == .dot) || (decimalMark == .comma && thousands == .comma)
        return isBoth ? [("thousands", "is the decimal mark too; it can have one meaning only")] : []
    }
}
