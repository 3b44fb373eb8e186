import Domain

/// A payment of an invoice by its customer.
struct FortnoxPayment: FortnoxListed {
    struct WriteOff {
        let account: Int
        /// In the invoice's currency.
        let amount: ExactDecimal
        let kronor: ExactDecimal
        let fields: [String: JSONValue]
    }

    let number: Int
    var fields: [String: JSONValue]
    var invoice: Int
    var date: Day
    /// In kronor.
    var amount: ExactDecimal
    var amountCurrency: ExactDecimal
    /// What one unit of the currency was worth in kronor when it was paid.
    var rate: ExactDecimal
    var account: Int
    var writeOffs: [WriteOff]
    var voucher: FortnoxVoucherID?

    var isBooked: Bool { voucher != nil }
    /// How much of the invoice it pays, in the invoice's currency.
    var settles: ExactDecimal { writeOffs.map(\.amount).reduce(amountCurrency, +) }

    var texts: [String: String] {
        [
            "invoicenumber": String(invoice), "paymentdate": date.description, "number": String(number),
            "amount": amount.description,
        ]
    }

    var day: Day? { date }

    var summary: [String: JSONValue] {
        [
            "Amount": JSONValue(amount), "Booked": .bool(isBooked), "Currency": fields["Currency"] ?? "SEK",
            "CurrencyRate": fields["CurrencyRate"] ?? 1, "CurrencyUnit": fields["CurrencyUnit"] ?? 1,
            "InvoiceNumber": JSONValue(invoice), "Number": .string(String(number)), "PaymentDate": JSONValue(date),
            "Source": "manual", "WriteOffExist": .bool(!writeOffs.isEmpty),
        ]
    }

    func json(_ moment: FortnoxMoment, _ document: FortnoxDocument) -> JSONValue {
        var json = summary
        json["WriteOffExist"] = nil
        json["@url"] = .string(moment.url("invoicepayments", String(number)))
        json["AmountCurrency"] = JSONValue(amountCurrency)
        // Echoes of the invoice, whatever was written.
        for name in ["ExternalInvoiceReference1", "ExternalInvoiceReference2"] { json[name] = document.fields[name] }
        json["InvoiceCustomerName"] = document.fields["CustomerName"]
        json["InvoiceCustomerNumber"] = document.fields["CustomerNumber"]
        json["InvoiceDueDate"] = document.fields["DueDate"]
        json["InvoiceOCR"] = document.fields["OCR"]
        json["InvoiceTotal"] = .string(document.totals.total.description)
        json["ModeOfPayment"] = fields["ModeOfPayment"]
        json["ModeOfPaymentAccount"] = JSONValue(account)
        json["VoucherNumber"] = JSONValue(voucher?.number)
        json["VoucherSeries"] = voucher.map { .string($0.series) } ?? .null
        json["VoucherYear"] = JSONValue(voucher?.year)
        json["WriteOffs"] = .array(
            writeOffs.map { writeOff in
                var fields = Self.writeOff.fallbacks
                fields.take(writeOff.fields)
                return .object(fields)
            })
        return .object(json)
    }

    static let searchable = FortnoxSearchable(
        "invoicenumber", sortings: "paymentdate number amount", isDated: true)

    static let header = FortnoxFields([
        .number("Amount", nil), .number("AmountCurrency", nil), .text("Currency", 3, nil), .number("CurrencyRate", nil),
        .number("CurrencyUnit", 1), .text("ExternalInvoiceReference1", 80), .text("ExternalInvoiceReference2", 80),
        .whole("InvoiceNumber"), .text("ModeOfPayment", 50), .whole("ModeOfPaymentAccount"), .day("PaymentDate"),
        .anything("WriteOffs", .array([])),
    ])

    static let writeOff = FortnoxFields([
        .whole("AccountNumber"), .number("Amount", nil), .text("CostCenter", 20), .text("Currency", 3, nil),
        .text("Description", 200), .text("Project", 20), .text("TransactionInformation", 100),
    ])
}

extension FortnoxCompany {
    func payment(_ key: String) throws(FortnoxRefusal) -> FortnoxPayment {
        guard let payment = payments[key] else {
            throw .notFound(.paymentNotFound, "Kan inte hitta inbetalningen.")
        }
        return payment
    }

    func json(_ payment: FortnoxPayment, _ moment: FortnoxMoment) throws(FortnoxRefusal) -> JSONValue {
        payment.json(moment, try document(.invoice, String(payment.invoice)))
    }

    /// Fortnox takes every payment for a new one, also the fifth of the same.
    mutating func makePayment(_ payload: JSONValue?, _ moment: FortnoxMoment) throws(FortnoxRefusal) -> FortnoxPayment {
        let written = try FortnoxPayment.header.accepted(payload)
        let payment = try payment(lastPayment + 1, FortnoxPayment.header.fallbacks.merging(written) { $1 }, moment)
        lastPayment = payment.number
        payments.put(payment, String(payment.number), at: moment.now)
        return payment
    }

    mutating func changePayment(
        _ key: String, _ payload: JSONValue?, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxPayment {
        let old = try payment(key)
        if old.isBooked { throw .invalid(.paymentBooked, "Betalningen är bokförd och kan inte ändras.") }
        let written = try FortnoxPayment.header.accepted(payload)
        var fields = old.fields.merging(written) { $1 }
        // One of the two follows from the other.
        if written["Amount"] != nil, written["AmountCurrency"] == nil { fields["AmountCurrency"] = .null }
        if written["AmountCurrency"] != nil, written["Amount"] == nil { fields["Amount"] = .null }
        let payment = try payment(old.number, fields, moment)
        payments.put(payment, key, at: moment.now)
        return payment
    }

    mutating func deletePayment(_ key: String) throws(FortnoxRefusal) {
        if try payment(key).isBooked {
            throw .invalid(.paymentBooked, "Betalningen är bokförd och kan inte tas bort.")
        }
        payments.remove(key)
    }

    private func payment(
        _ number: Int, _ written: [String: JSONValue], _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxPayment {
        var fields = written
        let invoice = try document(.invoice, fields.text("InvoiceNumber"))
        try checkPayable(invoice)
        let currency = fields["Currency"]?.text ?? invoice.currency
        guard currency == invoice.currency else {
            throw .invalid(.currencyDiffers, "Betalningens valuta måste vara fakturans valuta.")
        }
        let date = fields.day("PaymentDate") ?? moment.today
        if let invoiced = invoice.date, date < invoiced {
            throw .invalid(.paymentBeforeInvoice, "Betalningsdatum får inte vara före fakturadatum.")
        }
        let rate = fields["CurrencyRate"]?.decimal ?? invoice.rate
        fields["Currency"] = .string(currency)
        fields["CurrencyRate"] = JSONValue(rate)
        fields["CurrencyUnit"] = fields["CurrencyUnit"] ?? 1
        let account = try account(of: &fields)
        let writeOffs = try writeOffs(fields["WriteOffs"]?.array ?? [], currency, rate)
        guard fields["Amount"]?.decimal != nil || fields["AmountCurrency"]?.decimal != nil || !writeOffs.isEmpty else {
            throw .invalid(.amountMissing, "Fältet Amount måste anges.")
        }
        let kronor = fields["Amount"]?.decimal
        let foreign =
            fields["AmountCurrency"]?.decimal
            ?? (currency == "SEK" ? kronor : kronor?.divided(by: rate, decimals: 2)) ?? .zero
        return FortnoxPayment(
            number: number, fields: fields, invoice: invoice.number, date: date,
            amount: kronor ?? (foreign * rate).rounded(decimals: 2), amountCurrency: foreign, rate: rate,
            account: account, writeOffs: writeOffs)
    }

    private func checkPayable(_ invoice: FortnoxDocument) throws(FortnoxRefusal) {
        if invoice.isCancelled { throw .invalid(.invoiceCancelled, "Fakturan är makulerad.") }
        guard invoice.isBooked else { throw .invalid(.invoiceNotBooked, "Fakturan är inte bokförd.") }
        guard !invoice.balance.isZero else { throw .invalid(.alreadyPaid, "Fakturan är redan slutbetald.") }
    }

    private func account(of fields: inout [String: JSONValue]) throws(FortnoxRefusal) -> Int {
        if let account = fields["ModeOfPaymentAccount"]?.int {
            try checkAccount(account)
            return account
        }
        let mode = fields.text("ModeOfPayment").isEmpty ? "BG" : fields.text("ModeOfPayment")
        guard let account = record("modesofpayments", mode).flatMap({ Int($0.text("AccountNumber")) }) else {
            throw .invalid(.modeUnknown, "Betalningssättet \(mode.prefix(20)) finns inte.")
        }
        fields["ModeOfPayment"] = .string(mode)
        return account
    }

    private func writeOffs(
        _ payload: [JSONValue], _ currency: String, _ rate: ExactDecimal
    ) throws(FortnoxRefusal) -> [FortnoxPayment.WriteOff] {
        var writeOffs: [FortnoxPayment.WriteOff] = []
        for element in payload {
            let fields = try FortnoxPayment.writeOff.accepted(element)
            guard let amount = fields["Amount"]?.decimal else {
                throw .invalid(.amountMissing, "Fältet Amount måste anges.")
            }
            let account = fields["AccountNumber"]?.int ?? 0
            try checkAccount(account)
            let isKronor = fields["Currency"]?.text == "SEK" && currency != "SEK"
            writeOffs.append(
                FortnoxPayment.WriteOff(
                    account: account, amount: isKronor ? amount.divided(by: rate, decimals: 2) ?? amount : amount,
                    kronor: isKronor ? amount : (amount * rate).rounded(decimals: 2), fields: fields))
        }
        return writeOffs
    }
}
