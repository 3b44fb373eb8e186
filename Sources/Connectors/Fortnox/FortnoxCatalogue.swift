import ConnectorKit
import Domain

/// Master data of Fortnox, read once and kept for a while: calls are the scarce resource.
actor FortnoxCatalogue {
    /// What is there is believed this long; what is missing is asked for again each time.
    static let keptFor = Duration.seconds(600)

    private let client: FortnoxClient
    private var register = FortnoxRegister()
    private var readAt: [String: Instant] = [:]

    init(_ client: FortnoxClient) { self.client = client }

    /// All that these drafts name and Fortnox has.
    func register(for drafts: [SalesOrderDraft], by deadline: Instant) async throws(FortnoxFailure) -> FortnoxRegister {
        try await bringUpToDate(for: drafts, by: deadline)
        try await bringUpToDate(for: drafts.flatMap(\.lines), by: deadline)
        if !Set(drafts.map(\.currency.code)).isSubset(of: register.currencies) {
            try await read("currencies", now: true, by: deadline)
        }
        if !Set(drafts.compactMap(\.payment.terms)).isSubset(of: register.terms) {
            try await read("termsofpayments", now: true, by: deadline)
        }
        return register
    }

    /// Articles and accounts that these lines name.
    func register(for lines: [DraftLine], by deadline: Instant) async throws(FortnoxFailure) -> FortnoxRegister {
        for resource in ["articles", "accounts"] { try await read(resource, by: deadline) }
        try await bringUpToDate(for: lines, by: deadline)
        return register
    }

    private func bringUpToDate(for lines: [DraftLine], by deadline: Instant) async throws(FortnoxFailure) {
        // Where a placeholder is there, an article that is missing costs no call: the next full reading finds it.
        let wanted = Set(
            lines.flatMap { line in
                line.articleIfMissing.map { register.articles.contains($0) } == true
                    ? [] : [line.article, line.articleIfMissing].compactMap(\.self)
            })
        for article in wanted.subtracting(register.articles).sorted() where FortnoxRows.isArticleNumber(article) {
            // It may have been made a minute ago.
            if let row = try await client.get("articles/\(URLText.encoded(article))", "Article", by: deadline),
                row.text("ArticleNumber") == article
            {
                register.articles.insert(article)
            }
        }
        let missing = Set(lines.compactMap(\.tax).compactMap { FortnoxTax($0)?.account })
            .subtracting(register.accounts)
        if !missing.isEmpty { try await read("accounts", now: true, by: deadline) }
    }

    static func activeAccounts(
        _ client: FortnoxClient, by deadline: Instant
    ) async throws(FortnoxFailure) -> Set<Int> {
        let rows = try await client.list("accounts", "Accounts", by: deadline).filter { $0.flag("Active") }
        return Set(rows.compactMap { $0.decimal("Number").flatMap { Int($0.description) } })
    }

    private func bringUpToDate(for drafts: [SalesOrderDraft], by deadline: Instant) async throws(FortnoxFailure) {
        for resource in ["articles", "accounts", "currencies"] { try await read(resource, by: deadline) }
        if drafts.contains(where: { $0.payment.terms != nil }) { try await read("termsofpayments", by: deadline) }
        if drafts.contains(where: { $0.shippingMethod != nil }) { try await read("wayofdeliveries", by: deadline) }
    }

    private func read(_ resource: String, now: Bool = false, by deadline: Instant) async throws(FortnoxFailure) {
        if !now, let last = readAt[resource], client.clock.now() < last + Self.keptFor { return }
        // What is missing was perhaps read a moment ago for another draft.
        if now, let last = readAt[resource], client.clock.now() < last + .seconds(5) { return }
        switch resource {
        case "articles":
            register.articles = Set(
                try await client.list("articles", "Articles", by: deadline).compactMap { $0.text("ArticleNumber") })
        case "accounts":
            register.accounts = try await Self.activeAccounts(client, by: deadline)
        case "currencies":
            register.currencies = Set(
                try await client.list("currencies", "Currencies", by: deadline).compactMap { $0.text("Code") })
        case "termsofpayments":
            register.terms = Set(
                try await client.list("termsofpayments", "TermsOfPayments", by: deadline).compactMap { $0.text("Code") }
            )
        default:
            register.waysOfDelivery = Set(
                try await client.list("wayofdeliveries", "WayOfDeliveries", by: deadline).compactMap { $0.text("Code") }
            )
        }
        readAt[resource] = client.clock.now()
    }
}
