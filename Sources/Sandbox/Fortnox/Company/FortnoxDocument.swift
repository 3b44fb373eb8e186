import Domain

/// An order or an invoice.
struct FortnoxDocument: FortnoxListed {
    let kind: FortnoxKind
    let number: Int
    /// What was written, with what Fortnox filled in.
    var fields: [String: JSONValue]
    var rows: [FortnoxDocumentRow] = []
    var totals = FortnoxTotals()
    var isCancelled = false
    var isSent = false
    /// An order's invoice.
    var invoice: Int?
    /// An invoice's order.
    var order: Int?
    var isCredit = false
    /// The invoice that this one credits, or is credited by.
    var creditReference: Int?
    var isBooked = false
    var voucher: FortnoxVoucherID?
    /// Paid, written off or set off, in the invoice's currency.
    var settled = ExactDecimal.zero
    /// Of what is settled, what is in the books of a cash-method year.
    var recognised: [Int: ExactDecimal] = [:]
    var finalPayDate: Day?
    var method = FortnoxSandbox.FinancialYear.Method.accrual

    init(_ kind: FortnoxKind, number: Int, fields: [String: JSONValue]) {
        self.kind = kind
        self.number = number
        self.fields = fields
    }

    var balance: ExactDecimal { isCancelled ? .zero : totals.total - settled }
    var date: Day? { fields.day(kind.date) }
    var day: Day? { date }
    var currency: String { fields.text("Currency") }
    /// What one unit of the currency is worth in kronor.
    var rate: ExactDecimal {
        let unit = fields.decimal("CurrencyUnit")
        return fields.decimal("CurrencyRate").divided(by: unit, decimals: 12) ?? .one
    }

    // MARK: Lists

    var texts: [String: String] {
        let shared: [(String, String)] = [
            ("customername", "CustomerName"), ("customernumber", "CustomerNumber"), ("costcenter", "CostCenter"),
            ("externalinvoicereference1", "ExternalInvoiceReference1"), ("project", "Project"),
            ("externalinvoicereference2", "ExternalInvoiceReference2"), ("ourreference", "OurReference"),
            ("yourreference", "YourReference"), ("notcompleted", "NotCompleted"),
        ]
        var texts = shared.reduce(into: [:]) { $0[$1.0] = fields.text($1.1) }
        texts["documentnumber"] = String(number)
        texts["sent"] = String(isSent)
        texts["total"] = totals.total.description
        texts[kind.date.lowercased()] = fields.text(kind.date)
        if kind == .order {
            texts["ordertype"] = fields.text("OrderType")
        } else {
            texts["yourordernumber"] = fields.text("YourOrderNumber")
            texts["ocr"] = fields.text("OCR")
            texts["currency"] = currency
            texts["invoicetype"] = fields.text("InvoiceType")
            texts["credit"] = String(isCredit)
        }
        return texts
    }

    func passes(_ filter: String, today: Day) -> Bool {
        let isOwed = !isCancelled && !balance.isZero
        return switch filter {
        case "cancelled": isCancelled
        case "expired": !isCancelled && invoice == nil && (fields.day("DeliveryDate").map { $0 < today } ?? false)
        case "invoicecreated": invoice != nil
        case "invoicenotcreated": invoice == nil && !isCancelled
        case "fullypaid": isBooked && balance.isZero
        case "unpaid": isBooked && isOwed
        case "unpaidoverdue": isBooked && isOwed && (fields.day("DueDate").map { $0 < today } ?? false)
        case "unbooked": !isBooked && !isCancelled
        default: true
        }
    }

    var summary: [String: JSONValue] {
        let names =
            kind == .order
            ? [
                "Currency", "CustomerName", "CustomerNumber", "DeliveryDate", "ExternalInvoiceReference1",
                "ExternalInvoiceReference2", "OrderDate", "OrderType", "Project",
            ]
            : [
                "CostCenter", "Currency", "CurrencyUnit", "CustomerName", "CustomerNumber", "DueDate",
                "ExternalInvoiceReference1", "ExternalInvoiceReference2", "InvoiceDate", "InvoiceType", "OCR",
                "WayOfDelivery", "TermsOfPayment", "Project",
            ]
        var row = names.reduce(into: [String: JSONValue]()) { $0[$1] = fields[$1] ?? .null }
        row["Cancelled"] = .bool(isCancelled)
        row["DocumentNumber"] = .string(String(number))
        row["Sent"] = .bool(isSent)
        row["Total"] = JSONValue(totals.total)
        guard kind == .invoice else { return row }
        row["Balance"] = JSONValue(balance)
        row["Booked"] = .bool(isBooked)
        // A text here, a number in the invoice itself: as recorded.
        row["CurrencyRate"] = .string(fields.text("CurrencyRate"))
        row["NoxFinans"] = false
        row["FinalPayDate"] = JSONValue(finalPayDate)
        row.take(voucherFields)
        return row
    }

    // MARK: Alone

    private var voucherFields: [String: JSONValue] {
        [
            "VoucherNumber": JSONValue(voucher?.number), "VoucherYear": JSONValue(voucher?.year),
            "VoucherSeries": voucher.map { .string($0.series) } ?? .null,
        ]
    }

    func json(_ moment: FortnoxMoment, organisationNumber: String, feeRate: ExactDecimal) -> JSONValue {
        var json = fields
        let vatIncluded = fields.flag("VATIncluded")
        json["@url"] = .string(moment.url(kind.path, String(number)))
        json["@urlTaxReductionList"] = .string(
            "\(moment.home)/3/taxreductions?filter=\(kind.path)&referencenumber=\(number)")
        json[kind.rows] = .array(rows.map { $0.json(kind, vatIncluded: vatIncluded) })
        json["DocumentNumber"] = .string(String(number))
        json["Cancelled"] = .bool(isCancelled)
        json["Sent"] = .bool(isSent)
        json["Gross"] = JSONValue(totals.gross)
        json["Net"] = JSONValue(totals.net)
        json["RoundOff"] = JSONValue(totals.roundOff)
        json["Total"] = JSONValue(totals.total)
        json["TotalToPay"] = JSONValue(totals.total)
        json["TotalVAT"] = JSONValue(totals.vat)
        for name in ["Freight", "AdministrationFee"] {
            let fee = fields.decimal(name)
            json[name + "VAT"] = JSONValue((fee * feeRate * ExactDecimal(units: 1, decimals: 2)).rounded(decimals: 2))
        }
        for name in ["BasisTaxReduction", "ContributionPercent"] { json[name] = 0 }
        json["ContributionValue"] = JSONValue(totals.net)
        json["HouseWork"] = .bool(rows.contains { $0.fields.flag("HouseWork") })
        json["OfferReference"] = "0"
        json["OrganisationNumber"] = .string(organisationNumber)
        json["TaxReduction"] = .some(.null)
        json["TimeBasisReference"] = .some(.null)
        json["WarehouseReady"] = true
        json["InvoiceReference"] = JSONValue(reference: invoice)
        if kind == .invoice { json.take(invoiceFields) }
        return .object(json)
    }

    private var invoiceFields: [String: JSONValue] {
        var json = voucherFields
        json["AccountingMethod"] = .string(method.rawValue)
        json["Balance"] = JSONValue(balance)
        json["Booked"] = .bool(isBooked)
        json["ContractReference"] = "0"
        json["Credit"] = isCredit ? "true" : "false"
        json["CreditInvoiceReference"] = JSONValue(reference: creditReference)
        json["FinalPayDate"] = JSONValue(finalPayDate)
        json["InvoicePeriodStart"] = ""
        json["InvoicePeriodEnd"] = ""
        json["LastRemindDate"] = .some(.null)
        json["NoxFinans"] = false
        json["OrderReference"] = JSONValue(reference: order)
        json["Reminders"] = 0
        return json
    }
}
