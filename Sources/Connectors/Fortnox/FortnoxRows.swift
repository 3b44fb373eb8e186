import Domain

/// Turns drafts into what Fortnox takes, or says why it would not. Pure.
struct FortnoxRows {
    /// More rows than this Fortnox does not take in one document.
    static let limit = 500
    static let articleNumberLimit = 50
    /// What empties a field for sure: an empty text may leave it as it is.
    private static let blank: JSONValue = "API_BLANK"

    let register: FortnoxRegister

    /// What Fortnox lacks for a draft; empty when it can be sent.
    func problems(in draft: SalesOrderDraft) -> [Problem] {
        var problems: [Problem] = []
        if draft.lines.count > Self.limit {
            problems.append(
                Problem(.tooManyLines, "it has \(draft.lines.count) lines; a Fortnox document takes \(Self.limit)"))
        }
        let currency = draft.currency
        if !register.currencies.contains(currency.code) {
            problems.append(Problem(.currencyNotInERP, "Fortnox has no currency \(currency.code)"))
        } else if currency.decimals != 2 {
            let text = "Fortnox computes amounts with 2 decimals, \(currency.code) has \(currency.decimals)"
            problems.append(Problem(.currencyNotInERP, text))
        }
        if let terms = draft.payment.terms, !register.terms.contains(terms) {
            problems.append(Problem(.termsNotInERP, "Fortnox has no terms of payment \(terms)"))
        }
        if let method = draft.shippingMethod, !register.waysOfDelivery.contains(method) {
            problems.append(Problem(.shippingMethodNotMapped, "Fortnox has no way of delivery \(method)"))
        }
        for line in draft.lines {
            do throws(Problem) {
                _ = try row(line, quantity: "DeliveredQuantity")
            } catch {
                if !problems.contains(error) { problems.append(error) }
            }
        }
        return problems
    }

    /// The order's fields; those of an invoice but for names and dates.
    func order(_ draft: SalesOrderDraft, customer: DocumentID) throws(Problem) -> JSONValue {
        .fields(
            common(draft, customer) + [
                ("OrderDate", .day(draft.date)),
                ("OrderRows", try rows(draft, quantities: ["OrderedQuantity", "DeliveredQuantity"])),
                ("ExternalInvoiceReference1", .string(draft.reference.key)),
                ("CopyRemarks", true),
            ])
    }

    func invoice(_ invoice: InvoiceDraft, customer: DocumentID) throws(Problem) -> JSONValue {
        .fields(
            common(invoice.content, customer) + [
                ("InvoiceDate", .day(invoice.date)),
                ("InvoiceRows", try rows(invoice.content, quantities: ["DeliveredQuantity"])),
                ("ExternalInvoiceReference1", .string(invoice.reference.key)),
            ])
    }

    /// An invoice of negative quantities, tied to the one that it credits by number and by key. Fortnox's own function to
    /// credit takes back the whole and only once; this takes back any part, any number of times.
    func creditNote(_ draft: CreditNoteDraft) throws(Problem) -> JSONValue {
        var rows: [JSONValue] = []
        for line in draft.lines {
            var members = try row(line, quantity: "DeliveredQuantity")
            members["DeliveredQuantity"] = .string((-line.quantity).description)
            rows.append(.object(members))
        }
        return .fields([
            ("CustomerNumber", .string(draft.customer.text)),
            ("InvoiceDate", .day(draft.date)),
            ("Currency", .string(draft.currency.code)),
            ("VATIncluded", false),
            ("CreditInvoiceReference", .string(draft.invoice.text)),
            ("ExternalInvoiceReference1", .string(draft.reference.key)),
            ("ExternalInvoiceReference2", .string(draft.invoiceReference.key)),
            ("YourOrderNumber", .text(draft.number, atMost: 75)),
            ("Remarks", .text(draft.text)),
            ("AdministrationFee", 0),
            ("Freight", 0),
            ("InvoiceRows", .array(rows)),
        ])
    }

    /// The fields of some parts of an unbooked order or invoice, for writing them anew: what is empty now is emptied. `replacing`
    /// is the id of one of its rows: where a row sent bears an id, all others are new and keep nothing of what stood at their
    /// place; without any, Fortnox matches rows by place.
    func changes(
        _ draft: SalesOrderDraft, customer: DocumentID, _ parts: Set<DocumentPart>, rows name: String,
        quantities: [String], replacing row: Int?
    ) throws(Problem) -> JSONValue {
        var fields: [(String, JSONValue?)] = []
        for part in DocumentPart.allCases where parts.contains(part) {
            fields += self.fields(of: part, draft, customer).map { ($0.0, $0.1 ?? Self.blank) }
        }
        // A new customer brings addresses of its own.
        if parts.contains(.customer), !parts.contains(.addresses) {
            fields += self.fields(of: .addresses, draft, customer).map { ($0.0, $0.1 ?? Self.blank) }
        }
        if parts.contains(.lines) { fields.append((name, try rows(draft, quantities: quantities, replacing: row))) }
        return .fields(fields)
    }

    private func common(_ draft: SalesOrderDraft, _ customer: DocumentID) -> [(String, JSONValue?)] {
        DocumentPart.allCases.flatMap { fields(of: $0, draft, customer) }
    }

    /// The header's fields by part.
    private func fields(
        of part: DocumentPart, _ draft: SalesOrderDraft, _ customer: DocumentID
    ) -> [(String, JSONValue?)] {
        switch part {
        case .customer:
            [
                ("CustomerNumber", .string(customer.text)), ("CustomerName", .text(draft.customer.name)),
                ("Phone1", .text(draft.contactPhone)),
            ]
        case .addresses:
            [
                ("Address1", .text(draft.billing.street.first)),
                ("Address2", .text(draft.billing.street.dropFirst().joined(separator: ", "))),
                ("ZipCode", .text(draft.billing.postalCode, atMost: 10)),
                ("City", .text(draft.billing.city)),
                ("DeliveryName", .text(deliveryName(draft))),
                ("DeliveryAddress1", .text(draft.shipping.street.first)),
                ("DeliveryAddress2", .text(draft.shipping.street.dropFirst().joined(separator: ", "))),
                ("DeliveryZipCode", .text(draft.shipping.postalCode, atMost: 10)),
                ("DeliveryCity", .text(draft.shipping.city)),
            ]
        case .lines:
            [
                ("Currency", .string(draft.currency.code)),
                ("VATIncluded", false),
                ("WayOfDelivery", .text(draft.shippingMethod)),
                // Customers of a web shop are neither charged a fee nor freight beyond the order's own lines.
                ("AdministrationFee", 0),
                ("Freight", 0),
            ]
        case .payment:
            [("TermsOfPayment", .text(draft.payment.terms))]
        case .texts:
            [
                ("YourOrderNumber", .text(draft.number, atMost: 75)),
                ("YourReference", .text(draft.customerReference, atMost: 50)),
                ("Remarks", .text(draft.comment)),
            ] + draft.customFields.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }
        }
    }

    private func deliveryName(_ draft: SalesOrderDraft) -> String {
        draft.shipping.company.isEmpty ? draft.shipping.personName : draft.shipping.company
    }

    private func rows(
        _ draft: SalesOrderDraft, quantities: [String], replacing old: Int? = nil
    ) throws(Problem) -> JSONValue {
        // A row with a tax states its account too, so that nothing of the old one is left in it.
        let heir = draft.lines.firstIndex { $0.tax != nil } ?? 0
        var rows: [JSONValue] = []
        for (place, line) in draft.lines.enumerated() {
            var members = try row(line, quantity: quantities[0])
            for name in quantities { members[name] = .string(line.quantity.description) }
            if let old, place == heir { members["RowId"] = .number(ExactDecimal(old)) }
            rows.append(.object(members))
        }
        return .array(rows)
    }

    private func row(_ line: DraftLine, quantity: String) throws(Problem) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "ArticleNumber": .string(try article(of: line)),
            "Description": .string(String(line.description.prefix(255))),
            quantity: .string(line.quantity.description),
            "Price": .decimal(line.unitPrice),
            // A customer's own discount must not be added to what the shop charged.
            "Discount": 0,
        ]
        guard let name = line.tax else {
            members["VAT"] = 0
            return members
        }
        let tax = try tax(name)
        members["VAT"] = .decimal(tax.percent)
        members["AccountNumber"] = .number(ExactDecimal(tax.account))
        return members
    }

    func tax(_ name: String) throws(Problem) -> FortnoxTax {
        guard let tax = FortnoxTax(name), tax.description == name else {
            throw Problem(
                .taxNotInERP, "a tax of Fortnox is written as per cent and account, such as 25@3001, not \(name)")
        }
        guard register.accounts.contains(tax.account) else {
            throw Problem(.accountNotInERP, "Fortnox has no active account \(tax.account), which the tax \(name) names")
        }
        return tax
    }

    private func article(of line: DraftLine) throws(Problem) -> String {
        if Self.isArticleNumber(line.article), register.articles.contains(line.article) { return line.article }
        if let placeholder = line.articleIfMissing, register.articles.contains(placeholder) { return placeholder }
        guard Self.isArticleNumber(line.article) else {
            throw Problem(
                .articleNumberNotAllowed,
                "the SKU \(line.article.prefix(60)) cannot be an article number of Fortnox: letters A to Z, digits and -_./+, at most \(Self.articleNumberLimit)"
            )
        }
        throw Problem(.articleNotFound, "Fortnox has no article \(line.article)")
    }

    static func isArticleNumber(_ text: String) -> Bool {
        (1...articleNumberLimit).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "-_./+".utf8.contains(byte)
            }
    }
}

/// The master data of Fortnox that documents name.
struct FortnoxRegister: Hashable, Sendable {
    var articles: Set<String> = []
    /// Active ones.
    var accounts: Set<Int> = []
    var currencies: Set<String> = []
    var terms: Set<String> = []
    var waysOfDelivery: Set<String> = []
}
