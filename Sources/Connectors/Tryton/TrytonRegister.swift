import ConnectorKit
import Domain

/// What we know of Tryton's master data: a value, so that drafts are judged by pure functions.
struct TrytonRegister: Sendable {
    /// Small tables that are kept whole.
    enum Table: Hashable, Sendable, CaseIterable {
        case taxes, currencies, countries, terms, carriers
    }

    struct Article: Hashable, Sendable {
        let id: Int
        let unit: Int
        let isSalable: Bool
        /// The account its sales go to by its category; `nil`: the company's default.
        let revenueAccount: Int?
    }

    /// Ids by name, compared byte for byte; several under a name is a fact to be told.
    var tables: [Table: [ExactText: [Int]]] = [:]
    /// Only articles that were asked for; an empty list is known to be missing.
    var articles: [ExactText: [Article]] = [:]
    /// ISO 3166-2 code to id, only those that were asked for.
    var subdivisions: [String: Int?] = [:]
    /// Fields of a sale that take a text, by name; `nil` when they were not asked for.
    var textFields: Set<String>?

    func ids(_ table: Table, _ name: String) -> [Int] { tables[table]?[ExactText(name)] ?? [] }

    /// The one record of a name.
    func id(_ table: Table, _ name: String) throws(Problem) -> Int {
        let found = ids(table, name)
        guard let id = found.first else { throw Problem(table.code, "Tryton has no \(table.noun) \(name)") }
        guard found.count == 1 else { throw Problem(table.code, "Tryton has several \(table.plural) named \(name)") }
        return id
    }

    /// The one article of a code that may be sold.
    func article(_ code: String) throws(Problem) -> Article {
        let found = articles[ExactText(code)] ?? []
        guard let article = found.first else { throw Problem(.articleNotFound, "article \(code) is not in Tryton") }
        guard found.count == 1 else {
            throw Problem(.articleAmbiguous, "\(found.count) articles of Tryton have the code \(code)")
        }
        guard article.isSalable else {
            throw Problem(.refusedByERP, "article \(code) is not marked as salable in Tryton")
        }
        return article
    }

    func subdivision(_ address: Address) -> Int? {
        address.subdivisionCode.flatMap { subdivisions[$0] ?? nil }
    }

    /// Which tables and articles lack something that is needed.
    func missing(_ needs: TrytonNeeds) -> TrytonNeeds {
        var missing = TrytonNeeds()
        for (table, names) in needs.names {
            let unknown = names.filter { ids(table, $0.text).isEmpty }
            if !unknown.isEmpty { missing.names[table] = unknown }
        }
        missing.articles = needs.articles.filter { (articles[$0] ?? []).isEmpty }
        missing.subdivisions = needs.subdivisions.filter { subdivisions[$0] == nil }
        missing.textFields = needs.textFields && textFields == nil
        return missing
    }
}

extension TrytonRegister.Table {
    /// Tryton's model, the field that holds the name, and which records count.
    var model: String {
        switch self {
        case .taxes: "account.tax"
        case .currencies: "currency.currency"
        case .countries: "country.country"
        case .terms: "account.invoice.payment_term"
        case .carriers: "carrier"
        }
    }

    var field: String {
        switch self {
        case .taxes, .terms: "name"
        case .currencies, .countries: "code"
        case .carriers: "rec_name"
        }
    }

    func domain(company: Int) -> JSONValue {
        self == .taxes ? [["company", "=", TrytonWire.id(company)]] : []
    }

    fileprivate var code: ProblemCode {
        switch self {
        case .taxes: .taxNotInERP
        case .currencies: .currencyNotInERP
        case .countries: .countryNotInERP
        case .terms: .termsNotInERP
        case .carriers: .refusedByERP
        }
    }

    fileprivate var noun: String {
        switch self {
        case .taxes: "tax"
        case .currencies: "currency, or no rate for it:"
        case .countries: "country"
        case .terms: "payment terms"
        case .carriers: "carrier"
        }
    }

    fileprivate var plural: String {
        switch self {
        case .taxes: "taxes"
        case .currencies: "currencies"
        case .countries: "countries"
        case .terms: "payment terms"
        case .carriers: "carriers"
        }
    }
}

/// The master data that drafts refer to.
struct TrytonNeeds: Sendable {
    var names: [TrytonRegister.Table: Set<ExactText>] = [:]
    var articles: Set<ExactText> = []
    var subdivisions: Set<String> = []
    var textFields = false

    init() {}

    init(_ drafts: [SalesOrderDraft]) {
        for draft in drafts {
            add(.currencies, draft.currency.code)
            if let terms = draft.payment.terms { add(.terms, terms) }
            if let carrier = draft.shippingMethod { add(.carriers, carrier) }
            for address in [draft.billing, draft.shipping] { add(address) }
            for line in draft.lines { add(line) }
            if !draft.customFields.isEmpty { textFields = true }
        }
    }

    init(_ lines: [DraftLine]) {
        for line in lines { add(line) }
    }

    private mutating func add(_ line: DraftLine) {
        if let tax = line.tax { add(.taxes, tax) }
        for code in [line.article, line.articleIfMissing].compactMap(\.self) { articles.insert(ExactText(code)) }
    }

    init(_ customers: [CustomerDraft]) {
        for customer in customers { add(customer.address) }
    }

    var isEmpty: Bool { names.isEmpty && articles.isEmpty && subdivisions.isEmpty && !textFields }

    mutating func add(_ table: TrytonRegister.Table, _ name: String) {
        names[table, default: []].insert(ExactText(name))
    }

    private mutating func add(_ address: Address) {
        if !address.country.isEmpty { add(.countries, address.country) }
        if let code = address.subdivisionCode { subdivisions.insert(code) }
    }
}

extension Address {
    /// `US-CA`; `nil` when the address names no region or no country.
    var subdivisionCode: String? {
        if country.isEmpty || region.isEmpty { return nil }
        return region.hasPrefix("\(country)-") ? region : "\(country)-\(region)"
    }
}
