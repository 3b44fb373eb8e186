import ConnectorKit
import Domain

/// Keeps Tryton's master data at hand, so that an order costs no calls for it.
///
/// Small tables are loaded whole, articles by the codes that orders name, all in bulk. What is missing is asked for once
/// more per call, because somebody may have just made it; what is there is believed for a quarter of an hour.
actor TrytonCatalogue {
    private static let maxAge = Duration.seconds(900)

    private let client: TrytonClient
    private var register = TrytonRegister()
    private var loadedAt: Instant?
    private var webShops: [ExactText: [Int]] = [:]

    init(_ client: TrytonClient) { self.client = client }

    /// The register with everything in it that these needs name and Tryton has.
    func register(for needs: TrytonNeeds, by deadline: Instant) async throws(TrytonFailure) -> TrytonRegister {
        let now = client.clock.now()
        if let loadedAt, now > loadedAt + Self.maxAge { forget() }
        if loadedAt == nil { loadedAt = now }
        let missing = register.missing(needs)
        for table in TrytonRegister.Table.allCases where missing.names[table] != nil {
            register.tables[table] = try await load(table, by: deadline)
        }
        if !missing.articles.isEmpty {
            for (code, articles) in try await articles(missing.articles, by: deadline) {
                register.articles[code] = articles
            }
        }
        if !missing.subdivisions.isEmpty {
            register.subdivisions.merge(try await subdivisions(missing.subdivisions, by: deadline)) { _, new in new }
        }
        if missing.textFields { register.textFields = try await textFields(by: deadline) }
        return register
    }

    /// Forgets everything: Tryton refused something that we thought was there.
    func forget() {
        register = TrytonRegister()
        loadedAt = nil
        webShops = [:]
    }

    private func load(
        _ table: TrytonRegister.Table, by deadline: Instant
    ) async throws(TrytonFailure) -> [ExactText: [Int]] {
        let company = try await client.session(by: deadline).company
        let fields = table == .currencies ? [table.field, "rate"] : [table.field]
        let rows = try await client.rows(table.model, table.domain(company: company), fields, by: deadline)
        var ids: [ExactText: [Int]] = [:]
        for row in rows {
            // A currency without a rate for today can be named in an order and never be booked.
            if table == .currencies, row.decimal("rate")?.isZero ?? true { continue }
            guard let name = row.text(table.field) else { continue }
            ids[ExactText(name), default: []].append(try row.id())
        }
        return ids
    }

    private func articles(
        _ codes: Set<ExactText>, by deadline: Instant
    ) async throws(TrytonFailure) -> [ExactText: [TrytonRegister.Article]] {
        var found: [ExactText: [TrytonRegister.Article]] = [:]
        for code in codes { found[code] = [] }
        let wanted = codes.map(\.text).sorted()
        for start in stride(from: 0, to: wanted.count, by: 500) {
            let part = wanted[start..<min(start + 500, wanted.count)]
            let rows = try await client.rows(
                "product.product", [["code", "in", .array(part.map { .string($0) })]],
                ["code", "sale_uom", "salable", "template.account_category.account_revenue"], by: deadline)
            for row in rows {
                guard let code = row.text("code").map(ExactText.init), codes.contains(code) else { continue }
                let category = row.row("template")?.row("account_category")
                found[code, default: []].append(
                    TrytonRegister.Article(
                        id: try row.id(), unit: row.link("sale_uom") ?? 0,
                        isSalable: row.flag("salable") && row.link("sale_uom") != nil,
                        revenueAccount: category?.link("account_revenue")))
            }
        }
        return found
    }

    private func subdivisions(
        _ codes: Set<String>, by deadline: Instant
    ) async throws(TrytonFailure) -> [String: Int?] {
        var found: [String: Int?] = [:]
        for code in codes { found.updateValue(nil, forKey: code) }
        let rows = try await client.rows(
            "country.subdivision", [["code", "in", .array(codes.sorted().map { .string($0) })]], ["code"],
            by: deadline)
        for row in rows {
            if let code = row.text("code"), codes.contains(code) { found.updateValue(try row.id(), forKey: code) }
        }
        return found
    }

    private func textFields(by deadline: Instant) async throws(TrytonFailure) -> Set<String> {
        let answer = try await client.call("sale.sale.fields_get", [[]], .read, by: deadline)
        guard case .object(let fields) = answer else { throw TrytonFailure.unreadable("no list of fields").ofRead }
        let texts = fields.filter { _, field in ["char", "text"].contains(field["type"]?.string ?? "") }
        return Set(texts.keys).subtracting(TrytonOrderValues.ownFields)
    }

    // MARK: Web shops

    /// The web shop records of a name, oldest first. Names are not unique in Tryton; inactive ones count, because their
    /// orders still do.
    func webShops(named name: String, by deadline: Instant) async throws(TrytonFailure) -> [Int] {
        let key = ExactText(name)
        if let known = webShops[key] { return known }
        let company = try await client.session(by: deadline).company
        let rows = try await client.rows(
            "web.shop", [["name", "=", .string(name)], ["company", "=", TrytonWire.id(company)]], ["name", "type"],
            context: ["active_test": false], by: deadline)
        var ids: [Int] = []
        for row in rows where row.text("type") == nil && row.text("name").map(ExactText.init) == key {
            ids.append(try row.id())
        }
        ids.sort()
        if !ids.isEmpty { webShops[key] = ids }
        return ids
    }

    /// The web shop that orders are tied to, made if there is none. Two who make it at once settle on the older one.
    func ensureWebShop(named name: String, by deadline: Instant) async throws(TrytonFailure) -> Int {
        if let oldest = try await webShops(named: name, by: deadline).first { return oldest }
        let company = try await client.session(by: deadline).company
        let rows = try await client.rows(
            "company.company", [["id", "=", TrytonWire.id(company)]], ["currency"], by: deadline)
        let shop: JSONValue = [
            "name": .string(name), "company": TrytonWire.id(company),
            "currency": TrytonWire.optional(rows.first?.link("currency")),
        ]
        let made = try await client.create("web.shop", [shop], by: deadline)
        guard let oldest = try await webShops(named: name, by: deadline).first ?? made.first else {
            throw .unreadable("no web shop where one was made")
        }
        return oldest
    }
}
