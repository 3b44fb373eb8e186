import Domain

/// What `PUT …/{number}/{act}` does.
extension FortnoxCompany {
    /// Cancels an order or an invoice.
    mutating func cancel(
        _ kind: FortnoxKind, _ key: String, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxDocument {
        var document = try document(kind, key)
        try checkChangeable(document)
        document.isCancelled = true
        put(document, moment)
        if let order = document.order, var source = orders[String(order)] {
            source.invoice = nil
            put(source, moment)
        }
        return document
    }

    mutating func markSent(
        _ kind: FortnoxKind, _ key: String, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxDocument {
        var document = try document(kind, key)
        document.isSent = true
        put(document, moment)
        return document
    }

    /// Makes the invoice of an order, dated today.
    mutating func invoice(order key: String, _ moment: FortnoxMoment) throws(FortnoxRefusal) -> FortnoxDocument {
        var order = try document(.order, key)
        try checkChangeable(order)
        var fields = FortnoxKind.invoice.header.fallbacks
        for name in FortnoxKind.ofOrder { fields[name] = order.fields[name] ?? fields[name] }
        if order.fields.flag("CopyRemarks") { fields["Remarks"] = order.fields["Remarks"] }
        fields.removeValue(forKey: "InvoiceRows")
        var invoice = FortnoxDocument(.invoice, number: invoices.keys.count + 1, fields: fields)
        invoice.order = order.number
        invoice.rows = order.rows.map { row in
            var row = row
            row.fields.removeValue(forKey: "OrderedQuantity")
            row.fields.removeValue(forKey: "StockPointId")
            return row
        }
        try complete(&invoice, moment)
        order.invoice = invoice.number
        put(order, moment)
        put(invoice, moment)
        return invoice
    }

    /// Makes an invoice that takes back the whole of this one; answers this one, which names it.
    mutating func credit(_ key: String, _ moment: FortnoxMoment) throws(FortnoxRefusal) -> FortnoxDocument {
        var original = try document(.invoice, key)
        if original.isCancelled { throw .invalid(.invoiceCancelled, "Fakturan är makulerad.") }
        guard original.isBooked else { throw .invalid(.invoiceNotBooked, "Fakturan är inte bokförd.") }
        guard original.creditReference == nil else {
            throw .invalid(.invoiceCredited, "Fakturan är redan krediterad.")
        }
        var fields = original.fields
        for name in ["InvoiceDate", "DueDate", "OutboundDate", "OCR"] { fields[name] = nil }
        for name in ["Freight", "AdministrationFee"] { fields[name] = JSONValue(-original.fields.decimal(name)) }
        var credit = FortnoxDocument(.invoice, number: invoices.keys.count + 1, fields: fields)
        credit.isCredit = true
        credit.creditReference = original.number
        credit.rows = original.rows.map { row in
            var row = row
            row.fields["DeliveredQuantity"] = .string((-row.quantity).description)
            if row.fields.text("DiscountType") == "AMOUNT" {
                row.fields["Discount"] = JSONValue(-row.fields.decimal("Discount"))
            }
            return row
        }
        try complete(&credit, moment)
        original.creditReference = credit.number
        put(credit, moment)
        put(original, moment)
        return original
    }
}
