import ConnectorKit
import Domain

/// A draft as the values of a `sale.sale`. Pure: every problem is found before anything is sent.
struct TrytonOrderValues: Sendable {
    let draft: SalesOrderDraft
    let party: Int
    let billing: TrytonPlace
    let shipping: TrytonPlace
    private let currency: Int
    private let terms: Int?
    private let carrier: Int?
    private let lines: [JSONValue]

    /// The fields of a sale that this connector fills itself, which no custom field may take.
    static let ownFields: Set<String> = ["comment", "reference", "number", "web_id", "state"]

    init(_ draft: SalesOrderDraft, party: TrytonParty, _ register: TrytonRegister) throws(Problem) {
        self.draft = draft
        self.party = party.id
        currency = try register.id(.currencies, draft.currency.code)
        if let name = draft.payment.terms { terms = try register.id(.terms, name) } else { terms = nil }
        if let name = draft.shippingMethod { carrier = try register.id(.carriers, name) } else { carrier = nil }
        billing = TrytonPlace(
            party: party.id, values: try TrytonAddress.Values(draft.billing, party: party.name, register: register))
        shipping = TrytonPlace(
            party: party.id, values: try TrytonAddress.Values(draft.shipping, party: party.name, register: register))
        var lines: [JSONValue] = []
        for line in draft.lines { lines.append(try Self.line(line, register)) }
        self.lines = lines
        try Self.checkFields(draft, register)
    }

    private static func checkFields(_ draft: SalesOrderDraft, _ register: TrytonRegister) throws(Problem) {
        let fields = register.textFields ?? []
        if let unknown = draft.customFields.keys.sorted().first(where: { !fields.contains($0) }) {
            throw Problem(.refusedByERP, "a sale of Tryton has no text field \(unknown), which customFields names")
        }
    }

    /// Every problem of a draft that can be told without its customer.
    static func problems(in draft: SalesOrderDraft, _ register: TrytonRegister) -> [Problem] {
        var problems: [Problem] = []
        func note(_ look: () throws(Problem) -> Void) {
            do throws(Problem) { try look() } catch { problems.append(error) }
        }
        note { () throws(Problem) in _ = try register.id(.currencies, draft.currency.code) }
        if let name = draft.payment.terms { note { () throws(Problem) in _ = try register.id(.terms, name) } }
        if let name = draft.shippingMethod { note { () throws(Problem) in _ = try register.id(.carriers, name) } }
        for country in Set([draft.billing.country, draft.shipping.country]).sorted() where !country.isEmpty {
            note { () throws(Problem) in _ = try register.id(.countries, country) }
        }
        for line in draft.lines { note { () throws(Problem) in _ = try Self.line(line, register) } }
        note { () throws(Problem) in try checkFields(draft, register) }
        return problems
    }

    /// The `web_id`: with the web shop it is the external reference, which Tryton keeps unique.
    static func webID(_ reference: ExternalReference) -> String {
        reference.ordinal > 1 ? "\(reference.record)/\(reference.ordinal)" : reference.record
    }

    /// The values to create. `shipment_cost_method` must be said to be none: its default keeps a sale without carrier
    /// from being quoted.
    func json(webShop: Int, addresses: [TrytonPlace: Int]) -> JSONValue {
        var values: [String: JSONValue] = [
            "web_shop": TrytonWire.id(webShop), "web_id": .string(Self.webID(draft.reference)),
            "reference": .string(draft.number), "description": .string(draft.customerReference),
            "comment": .string(draft.comment), "party": TrytonWire.id(party),
            "invoice_address": TrytonWire.optional(addresses[billing]),
            "shipment_address": TrytonWire.optional(addresses[shipping]),
            "currency": TrytonWire.id(currency), "sale_date": TrytonWire.date(draft.date),
            "payment_term": TrytonWire.optional(terms), "invoice_method": "order", "shipment_method": "manual",
            "shipment_cost_method": .null, "lines": TrytonWire.create(lines),
        ]
        if let carrier { values["carrier"] = TrytonWire.id(carrier) }
        for (field, text) in draft.customFields { values[field] = .string(text) }
        return .object(values)
    }

    /// The values of these parts, for a sale that is there; new lines come in place of those that it has.
    func changes(
        _ parts: Set<DocumentPart>, webShop: Int, addresses: [TrytonPlace: Int], replacing lines: [Int]
    ) -> JSONValue {
        guard case .object(let all) = json(webShop: webShop, addresses: addresses) else { return .null }
        // An address is one of the party's.
        let parts = parts.contains(.customer) ? parts.union([.addresses]) : parts
        let names = parts.flatMap { part -> [String] in
            switch part {
            case .lines: ["currency", "carrier", "lines"]
            case .customer: ["party"]
            case .addresses: ["invoice_address", "shipment_address"]
            case .payment: ["payment_term"]
            case .texts: ["reference", "description", "comment"] + draft.customFields.keys
            }
        }
        var values = all.filter { names.contains($0.key) }
        if parts.contains(.lines) {
            values["lines"] = [["delete", TrytonWire.ids(lines)], ["create", .array(self.lines)]]
        }
        return .object(values)
    }

    private static func line(_ line: DraftLine, _ register: TrytonRegister) throws(Problem) -> JSONValue {
        let article = try article(line, register)
        let taxes: [Int]
        if let tax = line.tax { taxes = [try register.id(.taxes, tax)] } else { taxes = [] }
        return [
            "type": "line", "product": TrytonWire.id(article.id), "unit": TrytonWire.id(article.unit),
            "quantity": .number(line.quantity), "unit_price": TrytonWire.decimal(line.unitPrice),
            "base_price": TrytonWire.decimal(line.basePrice), "taxes": TrytonWire.add(taxes),
            "description": .string(line.description),
        ]
    }

    static func article(
        _ line: DraftLine, _ register: TrytonRegister
    ) throws(Problem) -> TrytonRegister.Article {
        do throws(Problem) {
            return try register.article(line.article)
        } catch {
            guard error.code == .articleNotFound, let other = line.articleIfMissing else { throw error }
            return try register.article(other)
        }
    }
}
