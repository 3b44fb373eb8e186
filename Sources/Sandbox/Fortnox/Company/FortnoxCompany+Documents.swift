import Domain

/// Making and changing orders and invoices.
extension FortnoxCompany {
    func document(_ kind: FortnoxKind, _ key: String) throws(FortnoxRefusal) -> FortnoxDocument {
        guard let document = kind == .order ? orders[key] : invoices[key] else { throw kind.missing }
        return document
    }

    func json(_ document: FortnoxDocument, _ moment: FortnoxMoment) -> JSONValue {
        let customer = document.fields.text("CustomerNumber")
        return document.json(
            moment, organisationNumber: record("customers", customer)?.text("OrganisationNumber") ?? "",
            feeRate: feeRate(of: customer))
    }

    mutating func put(_ document: FortnoxDocument, _ moment: FortnoxMoment) {
        let key = String(document.number)
        if document.kind == .order {
            orders.put(document, key, at: moment.now)
        } else {
            invoices.put(document, key, at: moment.now)
        }
    }

    mutating func make(
        _ kind: FortnoxKind, _ payload: JSONValue?, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxDocument {
        let written = try kind.header.accepted(payload)
        let number = (kind == .order ? orders : invoices).keys.count + 1
        var document = FortnoxDocument(kind, number: number, fields: kind.header.fallbacks)
        guard let customer = record("customers", written.text("CustomerNumber")) else {
            throw .notFound(.customerNotFound, "Kan inte hitta kunden.")
        }
        fill(&document, from: customer, moment)
        document.fields.take(written)
        document.fields.removeValue(forKey: kind.rows)
        try check(&document, written, moment)
        if let rows = written[kind.rows] { document.rows = try self.rows(rows.array, document, replacing: []) }
        if let credited = written.text("CreditInvoiceReference").nonEmptyReference {
            try link(&document, toCredited: credited, moment)
        }
        numberRows(&document)
        sum(&document)
        put(document, moment)
        return document
    }

    mutating func change(
        _ kind: FortnoxKind, _ key: String, _ payload: JSONValue?, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxDocument {
        var document = try document(kind, key)
        try checkChangeable(document)
        let written = try kind.header.accepted(payload)
        if let number = written["CustomerNumber"]?.text, number != document.fields.text("CustomerNumber") {
            guard let customer = record("customers", number) else {
                throw .notFound(.customerNotFound, "Kan inte hitta kunden.")
            }
            fill(&document, from: customer, moment)
        }
        document.fields.take(written)
        document.fields.removeValue(forKey: kind.rows)
        try check(&document, written, moment)
        if let rows = written[kind.rows] {
            document.rows = try self.rows(rows.array, document, replacing: document.rows)
            numberRows(&document)
        }
        sum(&document)
        put(document, moment)
        return document
    }

    /// Dates, numbers and sums of an invoice that Fortnox makes itself.
    mutating func complete(_ document: inout FortnoxDocument, _ moment: FortnoxMoment) throws(FortnoxRefusal) {
        try check(&document, [:], moment)
        numberRows(&document)
        sum(&document)
    }

    func checkChangeable(_ document: FortnoxDocument) throws(FortnoxRefusal) {
        if document.isCancelled {
            throw document.kind == .order
                ? .invalid(.orderCancelled, "Ordern är makulerad.")
                : .invalid(.invoiceCancelled, "Fakturan är makulerad.")
        }
        if document.isBooked { throw .invalid(.invoiceBooked, "Fakturan är bokförd och kan inte ändras.") }
        if document.invoice != nil { throw .invalid(.orderInvoiced, "Ordern är redan fakturerad.") }
    }

    // MARK: Filling in

    private func fill(_ document: inout FortnoxDocument, from customer: [String: JSONValue], _ moment: FortnoxMoment) {
        for name in FortnoxKind.ofCustomer {
            guard let value = customer[name] else { continue }
            document.fields[name] = value.isNull ? "" : value
        }
        document.fields["CustomerName"] = customer["Name"]
        document.fields["VATIncluded"] = customer["ShowPriceVATIncluded"]
        if document.fields.text("TermsOfPayment").isEmpty { document.fields["TermsOfPayment"] = "30" }
        document.fields["CurrencyRate"] = nil
    }

    /// Checks the header's references and fills in what depends on them.
    private func check(
        _ document: inout FortnoxDocument, _ written: [String: JSONValue], _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) {
        let kind = document.kind
        guard let currency = record("currencies", document.currency) else {
            throw .invalid(.currencyUnknown, "Valutan \(document.currency.prefix(10)) finns inte.")
        }
        if document.fields["CurrencyRate"] == nil || written["Currency"] != nil && written["CurrencyRate"] == nil {
            document.fields["CurrencyRate"] = currency["BuyRate"] ?? 1
            document.fields["CurrencyUnit"] = currency["Unit"] ?? 1
        }
        let codes = [
            ("TermsOfPayment", "termsofpayments"), ("WayOfDelivery", "wayofdeliveries"),
            ("TermsOfDelivery", "termsofdeliveries"), ("PriceList", "pricelists"), ("Project", "projects"),
        ]
        for (field, path) in codes {
            let code = document.fields.text(field)
            guard code.isEmpty || record(path, code) != nil else {
                if path == "termsofpayments", let missing = registers[path]?.resource.missing {
                    throw .invalid(missing.code, missing.message)
                }
                throw .invalid(.codeUnknown, "Ogiltigt värde i fältet \(field).")
            }
        }
        if document.date == nil { document.fields[kind.date] = JSONValue(moment.today) }
        if document.fields.day("OutboundDate") == nil { document.fields["OutboundDate"] = document.fields[kind.date] }
        guard kind == .invoice else { return }
        let isNew = document.fields.day("DueDate") == nil
        if written["DueDate"] == nil, isNew || written["InvoiceDate"] != nil || written["TermsOfPayment"] != nil {
            let days = Int(document.fields.text("TermsOfPayment").prefix { $0.isNumber }) ?? 0
            document.fields["DueDate"] = JSONValue((document.date ?? moment.today).adding(days: days))
        }
        if document.fields.text("OCR").isEmpty { document.fields["OCR"] = .string(Self.ocr(document.number)) }
        document.method = document.date.flatMap { financialYear(of: $0)?.year.method } ?? .accrual
    }

    private func sum(_ document: inout FortnoxDocument) {
        document.totals = FortnoxTotals(
            document, feeRate: feeRate(of: document.fields.text("CustomerNumber")),
            roundsToWhole: settings.roundsToWholeKronor && document.currency == "SEK")
    }

    private mutating func numberRows(_ document: inout FortnoxDocument) {
        for index in document.rows.indices {
            lastRow += 1
            document.rows[index].id = lastRow
        }
    }

    /// The number, its length with two more digits, and a check digit: as recorded.
    static func ocr(_ number: Int) -> String {
        let text = String(number)
        let digits = (text + String((text.count + 2) % 10)).compactMap(\.wholeNumberValue)
        let sum = digits.reversed().enumerated().map { index, digit in
            let weighted = index.isMultiple(of: 2) ? digit * 2 : digit
            return weighted > 9 ? weighted - 9 : weighted
        }.reduce(0, +)
        return digits.map(String.init).joined() + String((10 - sum % 10) % 10)
    }

    private mutating func link(
        _ document: inout FortnoxDocument, toCredited key: String, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) {
        var original = try self.document(.invoice, key)
        document.fields.removeValue(forKey: "CreditInvoiceReference")
        document.isCredit = true
        document.creditReference = original.number
        guard original.creditReference == nil else { return }
        original.creditReference = document.number
        put(original, moment)
    }
}

extension String {
    /// A reference; Fortnox writes none as the text 0.
    var nonEmptyReference: String? { isEmpty || self == "0" ? nil : self }
}
