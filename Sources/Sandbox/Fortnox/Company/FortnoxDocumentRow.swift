import Domain

/// A row of an order or an invoice.
struct FortnoxDocumentRow {
    /// What was written, with what Fortnox filled in.
    var fields: [String: JSONValue]
    var id = 0

    var account: Int { fields["AccountNumber"]?.int ?? 0 }
    var vat: ExactDecimal { fields.decimal("VAT") }
    var price: ExactDecimal { fields.decimal("Price") }
    /// What is invoiced; an order's row that was only ordered comes to nothing, as recorded.
    var quantity: ExactDecimal { fields.decimal("DeliveredQuantity") }

    /// Without the discount.
    var worth: ExactDecimal { quantity * price }

    /// In the prices of the document, with or without VAT.
    var total: ExactDecimal {
        let discount = fields.decimal("Discount")
        if discount.isZero { return worth.rounded(decimals: 2) }
        let off =
            fields.text("DiscountType") == "AMOUNT" ? discount : worth * discount * ExactDecimal(units: 1, decimals: 2)
        return (worth - off).rounded(decimals: 2)
    }

    func net(_ amount: ExactDecimal, vatIncluded: Bool) -> ExactDecimal {
        guard vatIncluded, !vat.isZero else { return amount }
        return (amount * ExactDecimal(100)).divided(by: ExactDecimal(100) + vat, decimals: 2) ?? amount
    }

    func json(_ kind: FortnoxKind, vatIncluded: Bool) -> JSONValue {
        let total = self.total
        let share = net(total, vatIncluded: vatIncluded)
        var row = fields
        row["RowId"] = JSONValue(id)
        row["Total"] = JSONValue(total)
        row["Cost"] = 0
        row["ContributionPercent"] = share.isZero ? "0" : "100"
        row["ContributionValue"] = .string(share.description)
        row["Price"] = JSONValue(price)
        row["VAT"] = JSONValue(vat)
        switch kind {
        case .invoice:
            row["TotalExcludingVAT"] = JSONValue(share)
            row["PriceExcludingVAT"] = JSONValue(net(price, vatIncluded: vatIncluded))
        case .order:
            row["ReservedQuantity"] = "0"
        }
        return .object(row)
    }
}

/// A document's sums.
///
/// VAT is computed once for each rate, from the sum of that rate's rows, which are rounded to two decimals one by one.
struct FortnoxTotals {
    struct Rate {
        let percent: ExactDecimal
        var net = ExactDecimal.zero
        var vat = ExactDecimal.zero
    }

    var gross = ExactDecimal.zero
    var net = ExactDecimal.zero
    var vat = ExactDecimal.zero
    var roundOff = ExactDecimal.zero
    var rates: [Rate] = []
    /// The revenue of each account, in the order of the rows.
    var revenues: [(account: Int, percent: ExactDecimal, net: ExactDecimal)] = []

    var total: ExactDecimal { net + vat + roundOff }

    init() {}

    init(_ document: FortnoxDocument, feeRate: ExactDecimal, roundsToWhole: Bool) {
        let vatIncluded = document.fields.flag("VATIncluded")
        var sums: [(percent: ExactDecimal, amount: ExactDecimal)] = []
        func add(_ amount: ExactDecimal, _ percent: ExactDecimal, _ account: Int, net: ExactDecimal) {
            if let index = sums.firstIndex(where: { $0.percent == percent }) {
                sums[index].amount = sums[index].amount + amount
            } else {
                sums.append((percent, amount))
            }
            if let index = revenues.firstIndex(where: { $0.account == account && $0.percent == percent }) {
                revenues[index].net = revenues[index].net + net
            } else {
                revenues.append((account, percent, net))
            }
        }
        for row in document.rows {
            gross = gross + row.worth.rounded(decimals: 2)
            let total = row.total
            add(total, row.vat, row.account, net: row.net(total, vatIncluded: vatIncluded))
        }
        for (name, account) in [("Freight", 3520), ("AdministrationFee", 3540)] {
            let fee = document.fields.decimal(name)
            guard !fee.isZero else { continue }
            let share = FortnoxDocumentRow(fields: ["VAT": JSONValue(feeRate)]).net(fee, vatIncluded: vatIncluded)
            add(fee, feeRate, account, net: share)
        }
        for (percent, amount) in sums { close(percent, amount, vatIncluded) }
        guard roundsToWhole else { return }
        roundOff = (net + vat).rounded(decimals: 0) - net - vat
    }

    private mutating func close(_ percent: ExactDecimal, _ amount: ExactDecimal, _ vatIncluded: Bool) {
        var rate = Rate(percent: percent)
        if vatIncluded {
            rate.vat = (amount * percent).divided(by: ExactDecimal(100) + percent, decimals: 2) ?? .zero
            rate.net = amount - rate.vat
        } else {
            rate.vat = (amount * percent * ExactDecimal(units: 1, decimals: 2)).rounded(decimals: 2)
            rate.net = amount
        }
        // What the rows' own rounding leaves over belongs to the first account of the rate.
        let booked = revenues.filter { $0.percent == percent }.map(\.net).reduce(.zero, +)
        if booked != rate.net, let index = revenues.firstIndex(where: { $0.percent == percent }) {
            revenues[index].net = revenues[index].net + rate.net - booked
        }
        net = net + rate.net
        vat = vat + rate.vat
        rates.append(rate)
    }
}
