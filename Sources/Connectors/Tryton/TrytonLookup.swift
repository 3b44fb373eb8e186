import ConnectorKit
import Domain

/// Reads sales, invoices and parties, and finds them by reference.
struct TrytonLookup: Sendable {
    let client: TrytonClient
    let parties: TrytonParties
    let webShop: String

    // MARK: By id

    func sales(
        _ ids: [Int], withInvoices: Bool = false, by deadline: Instant
    ) async throws(TrytonFailure) -> [Int: TrytonSale] {
        guard !ids.isEmpty else { return [:] }
        let fields = TrytonSale.fields + (withInvoices ? TrytonInvoice.fields.map { "invoices.\($0)" } : [])
        let rows = try await client.rows("sale.sale", [["id", "in", TrytonWire.ids(ids)]], fields, by: deadline)
        var sales: [Int: TrytonSale] = [:]
        for row in rows {
            let sale = try TrytonSale(row)
            sales[sale.id] = sale
        }
        return sales
    }

    func invoices(_ ids: [Int], by deadline: Instant) async throws(TrytonFailure) -> [Int: TrytonInvoice] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await client.rows(
            "account.invoice", [["id", "in", TrytonWire.ids(ids)]], TrytonInvoice.fields, by: deadline)
        var invoices: [Int: TrytonInvoice] = [:]
        for row in rows {
            let invoice = try TrytonInvoice(row)
            invoices[invoice.id] = invoice
        }
        return invoices
    }

    func read(
        _ kind: DocumentKind, _ ids: [DocumentID], by deadline: Instant
    ) async throws(TrytonFailure) -> [DocumentID: ERPDocument] {
        let numbers = ids.compactMap { Int($0.text) }
        let found: [Int: ERPDocument]
        switch kind {
        case .customer:
            found = try await customers([["id", "in", TrytonWire.ids(numbers)]], by: deadline)
                .reduce(into: [:]) { $0[$1.id] = $1.document }
        case .order:
            found = try await sales(numbers, by: deadline).mapValues(\.document)
        case .invoice, .creditNote:
            found = try await invoices(numbers, by: deadline).mapValues(\.document)
        case .payment, .journalEntry, .attachment:
            found = [:]
        }
        return ids.reduce(into: [:]) { result, id in result[id] = Int(id.text).flatMap { found[$0] } }
    }

    // MARK: By reference

    func find(
        _ references: [ExternalReference], by deadline: Instant
    ) async throws(TrytonFailure) -> [ExternalReference: [ERPDocument]] {
        let orders = references.filter { $0.kind == .order }
        let invoices = references.filter { $0.kind == .invoice }
        let customers = references.filter { $0.kind == .customer }
        let credits = references.filter { $0.kind == .creditNote }
        var found: [ExternalReference: [ERPDocument]] = [:]
        if !orders.isEmpty || !invoices.isEmpty {
            let sales = try await salesByWebID(orders + invoices, withInvoices: !invoices.isEmpty, by: deadline)
            for reference in orders {
                found[reference] = sales[Self.webID(reference)].map { $0.map(\.document) }
            }
            for reference in invoices {
                let made = (sales[Self.webID(reference)] ?? []).flatMap { TrytonInvoice.standing($0.invoices) }
                    .filter { !$0.isUnfinished }
                if !made.isEmpty { found[reference] = made.map(\.document) }
            }
        }
        if !customers.isEmpty {
            found.merge(try await customersByCode(customers, by: deadline)) { first, _ in first }
        }
        if !credits.isEmpty {
            let notes = try await creditNotes(credits.map(\.key), by: deadline).filter { !$0.isUnfinished }
            for reference in credits {
                let same = notes.filter { $0.reference == ExactText(reference.key) }.map(\.invoice)
                if !same.isEmpty { found[reference] = TrytonInvoice.standing(same).map(\.document) }
            }
        }
        return found
    }

    struct CreditNote {
        let invoice: TrytonInvoice
        let reference: ExactText
        let isUnfinished: Bool
    }

    /// Customer invoices that bear one of these keys as their reference, cancelled ones too.
    func creditNotes(_ keys: [String], by deadline: Instant) async throws(TrytonFailure) -> [CreditNote] {
        let wanted = Set(keys.map(ExactText.init))
        let rows = try await client.rows(
            "account.invoice", [["type", "=", "out"], ["reference", "in", .array(keys.map { .string($0) })]],
            TrytonInvoice.fields + ["description"], by: deadline)
        var notes: [CreditNote] = []
        for row in rows {
            guard let reference = row.text("reference").map(ExactText.init), wanted.contains(reference) else {
                continue
            }
            notes.append(
                CreditNote(
                    invoice: try TrytonInvoice(row), reference: reference,
                    isUnfinished: row.text("description") == TrytonCreditNotes.unfinished))
        }
        return notes
    }

    /// Sales under references, whatever kind the references are of.
    func orders(
        _ references: [ExternalReference], by deadline: Instant
    ) async throws(TrytonFailure) -> [ExternalReference: [ERPDocument]] {
        let sales = try await salesByWebID(references, withInvoices: false, by: deadline)
        return references.reduce(into: [:]) { found, reference in
            found[reference] = sales[Self.webID(reference)].map { $0.map(\.document) }
        }
    }

    private static func webID(_ reference: ExternalReference) -> ExactText {
        ExactText(TrytonOrderValues.webID(reference))
    }

    /// Over every web shop of the name, so that nothing is missed should there ever be two.
    private func salesByWebID(
        _ references: [ExternalReference], withInvoices: Bool, by deadline: Instant
    ) async throws(TrytonFailure) -> [ExactText: [TrytonSale]] {
        let wanted = Set(references.map(Self.webID))
        let fields =
            TrytonSale.fields + ["web_shop.name", "web_shop.type"]
            + (withInvoices ? TrytonInvoice.fields.map { "invoices.\($0)" } : [])
        let rows = try await client.rows(
            "sale.sale",
            [
                ["web_shop.name", "=", .string(webShop)],
                ["web_id", "in", .array(wanted.map(\.text).sorted().map { .string($0) })],
            ],
            fields, by: deadline)
        var found: [ExactText: [TrytonSale]] = [:]
        for row in rows {
            guard let shop = row.row("web_shop"), shop.text("type") == nil,
                shop.text("name").map(ExactText.init) == ExactText(webShop),
                let webID = row.text("web_id").map(ExactText.init), wanted.contains(webID)
            else { continue }
            found[webID, default: []].append(try TrytonSale(row))
        }
        return found
    }

    private func customersByCode(
        _ references: [ExternalReference], by deadline: Instant
    ) async throws(TrytonFailure) -> [ExternalReference: [ERPDocument]] {
        let codes = references.map { JSONValue.string(TrytonMatching.code($0)) }
        let found = try await customers([["code", "in", .array(codes)]], by: deadline)
        return references.reduce(into: [:]) { result, reference in
            let code = ExactText(TrytonMatching.code(reference))
            let same = found.filter { ExactText($0.code) == code }
            if !same.isEmpty { result[reference] = same.map(\.document) }
        }
    }

    private func customers(_ domain: JSONValue, by deadline: Instant) async throws(TrytonFailure) -> [TrytonParty] {
        try await parties.search(domain, inactiveToo: true, by: deadline)
    }
}

/// A sale of Tryton.
struct TrytonSale: Hashable, Sendable {
    let id: Int
    /// Tryton's own word.
    let state: String
    let document: ERPDocument
    /// Empty where they were not asked for.
    let invoices: [TrytonInvoice]

    static let fields = [
        "number", "state", "sale_date", "party", "currency.code", "total_amount", "web_id", "description", "comment",
        "invoice_address", "shipment_address", "payment_term", "lines.product", "lines.quantity", "lines.unit_price",
    ]

    init(_ row: TrytonRow) throws(TrytonFailure) {
        id = try row.id()
        state = row.text("state") ?? ""
        var invoices: [TrytonInvoice] = []
        for invoice in row.rows("invoices") { invoices.append(try TrytonInvoice(invoice)) }
        self.invoices = invoices.sorted { $0.id < $1.id }
        let currency = row.row("currency")?.text("code").flatMap { Currency(code: $0) }
        document = ERPDocument(
            id: DocumentID(String(id)), number: row.text("number"), state: Self.state(state),
            date: row.day("sale_date"), customer: row.link("party").map { DocumentID(String($0)) },
            total: currency.flatMap { row.money("total_amount", $0) }, parts: row.parts)
    }

    private static func state(_ word: String) -> DocumentState {
        switch word {
        case "confirmed", "processing", "done": .confirmed
        case "cancelled": .cancelled
        default: .draft
        }
    }
}

extension TrytonRow {
    /// What the parts of a sale or invoice hold, for noticing edits.
    fileprivate var parts: [DocumentPart: String] {
        let lines = rows("lines").sorted { ($0.link("id") ?? 0) < ($1.link("id") ?? 0) }.map { line in
            [
                line.link("product")?.description, line.decimal("quantity")?.description,
                line.decimal("unit_price")?.description,
            ].map { $0 ?? "" }.joined(separator: "|")
        }
        func links(_ names: [String]) -> String {
            names.map { link($0)?.description ?? "" }.joined(separator: "|")
        }
        return [
            .lines: lines.joined(separator: "\n"), .customer: links(["party"]),
            .addresses: links(["invoice_address", "shipment_address"]), .payment: links(["payment_term"]),
            .texts: (text("comment") ?? "") + "|" + (text("description") ?? ""),
        ]
    }
}

/// A customer invoice of Tryton.
struct TrytonInvoice: Hashable, Sendable {
    struct Tax: Hashable, Sendable {
        let id: Int
        let code: String
        let amount: Money
    }

    let id: Int
    let state: String
    /// Tryton made it of the sale, and nobody has set reference and VAT right yet, which one call does together. It is
    /// no invoice of ours until the step that makes it has been done again to its end.
    let isUnfinished: Bool
    let currency: Currency
    let taxes: [Tax]
    let document: ERPDocument

    static let fields = [
        "number", "state", "reference", "invoice_date", "party", "currency.code", "total_amount", "taxes.amount",
        "taxes.tax.name", "amount_to_pay", "comment", "invoice_address", "payment_term", "lines.product",
        "lines.quantity", "lines.unit_price",
    ]

    init(_ row: TrytonRow) throws(TrytonFailure) {
        id = try row.id()
        state = row.text("state") ?? ""
        isUnfinished = ["draft", "validated"].contains(state) && (row.text("reference") ?? "").isEmpty
        let code = row.row("currency")?.text("code") ?? ""
        guard let currency = Currency(code: code) else { throw .unreadable("an invoice in an unknown currency") }
        guard let total = row.money("total_amount", currency) else { throw .unreadable("an invoice without a total") }
        self.currency = currency
        var taxes: [Tax] = []
        for tax in row.rows("taxes") {
            guard let amount = tax.money("amount", currency) else { throw .unreadable("a tax without an amount") }
            // A tax that people typed in by hand has no record behind it.
            taxes.append(Tax(id: try tax.id(), code: tax.row("tax")?.text("name") ?? "(by hand)", amount: amount))
        }
        self.taxes = taxes.sorted { $0.id < $1.id }
        let open = row.money("amount_to_pay", currency)
        // Tryton calls it paid only when its queue has come to it.
        let kind = state == "posted" && open?.isZero == true && !total.isZero ? .paid : Self.state(state)
        document = ERPDocument(
            id: DocumentID(String(id)), number: row.text("number"), state: kind,
            date: row.day("invoice_date"), customer: row.link("party").map { DocumentID(String($0)) }, total: total,
            taxes: Self.byCode(taxes, currency), open: kind == .booked ? open : nil,
            parts: kind == .draft ? row.parts : nil)
    }

    /// Sorted by code, taxes of 0 included.
    private static func byCode(_ taxes: [Tax], _ currency: Currency) -> [DocumentTax] {
        Dictionary(grouping: taxes, by: \.code)
            .map { DocumentTax(code: $0.key, amount: $0.value.map(\.amount).sum(currency)) }
            .sorted { $0.code < $1.code }
    }

    private static func state(_ word: String) -> DocumentState {
        switch word {
        case "posted": .booked
        case "paid": .paid
        case "cancelled": .cancelled
        default: .draft
        }
    }

    /// The invoices that count: a cancelled one only while nothing stands in its place.
    static func standing(_ invoices: [TrytonInvoice]) -> [TrytonInvoice] {
        let live = invoices.filter { $0.document.state != .cancelled }
        return live.isEmpty ? Array(invoices.suffix(1)) : live
    }
}
