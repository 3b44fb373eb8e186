import ConnectorKit
import Domain

/// What in Tryton would stop orders later, by the settings: all of it at once. Only reads.
struct TrytonCheck: Sendable {
    let client: TrytonClient
    let catalogue: TrytonCatalogue
    let chart: TrytonChart

    func problems(_ settings: Settings) async -> [Problem] {
        let deadline = client.deadline
        do throws(TrytonFailure) {
            _ = try await client.session(by: deadline)
        } catch {
            return [error.problem]
        }
        var problems = await missingModules(by: deadline)
        guard problems.isEmpty else { return problems }
        problems += await collect { () async throws(TrytonFailure) in try await period(settings, deadline) }
        problems += await collect { () async throws(TrytonFailure) in try await accounts(deadline) }
        problems += await collect { () async throws(TrytonFailure) in try await currencies(deadline) }
        problems += await collect { () async throws(TrytonFailure) in try await masterData(settings, deadline) }
        problems += await paymentAccounts(settings, deadline)
        return problems
    }

    private func collect(_ part: () async throws(TrytonFailure) -> [Problem]) async -> [Problem] {
        do throws(TrytonFailure) {
            return try await part()
        } catch {
            return [error.problem]
        }
    }

    /// A model that Tryton does not know answers with its name and nothing else; one we may not read says so.
    private func missingModules(by deadline: Instant) async -> [Problem] {
        var problems: [Problem] = []
        for (model, module) in [
            ("sale.sale", "sale"), ("web.shop", "web_shop"), ("account.invoice", "account_invoice"),
        ] {
            do throws(TrytonFailure) {
                _ = try await client.rows(model, [], [], limit: 1, by: deadline)
            } catch {
                problems.append(
                    Problem(
                        .permissionMissing,
                        "the Tryton module \(module) is not activated or may not be used: \(error.problem.detail)"))
            }
        }
        return problems
    }

    private func period(_ settings: Settings, _ deadline: Instant) async throws(TrytonFailure) -> [Problem] {
        let company = try await client.session(by: deadline).company
        let today = client.clock.now().day(in: settings.timeZone)
        let found = try await client.rows(
            "account.period",
            [
                ["company", "=", TrytonWire.id(company)], ["type", "=", "standard"],
                ["start_date", "<=", TrytonWire.date(today)], ["end_date", ">=", TrytonWire.date(today)],
            ],
            ["state"], by: deadline)
        guard !found.isEmpty else { return [Problem(.periodMissing, "Tryton has no fiscal period for \(today)")] }
        let isOpen = found.contains { $0.text("state") == "open" }
        return isOpen ? [] : [Problem(.periodClosed, "Tryton's fiscal period of \(today) is closed")]
    }

    private func accounts(_ deadline: Instant) async throws(TrytonFailure) -> [Problem] {
        let found = try await client.rows(
            "account.configuration", [], ["default_account_receivable"], limit: 1, by: deadline)
        if found.first?.link("default_account_receivable") != nil { return [] }
        return [Problem(.refusedByERP, "Tryton's accounting configuration names no default receivable account")]
    }

    private func currencies(_ deadline: Instant) async throws(TrytonFailure) -> [Problem] {
        let found = try await client.rows("currency.currency", [], ["code", "rate"], by: deadline)
        return found.filter { $0.decimal("rate")?.isZero ?? true }.compactMap { $0.text("code") }.sorted()
            .map { Problem(.currencyNotInERP, "currency \($0) of Tryton has no rate for today") }
    }

    private func paymentAccounts(_ settings: Settings, _ deadline: Instant) async -> [Problem] {
        var problems: [Problem] = []
        for code in settings.namedPaymentAccounts {
            problems += await collect { () async throws(TrytonFailure) in
                _ = try await chart.ids([code], by: deadline)
                return []
            }
        }
        guard let payments = settings.payments else { return problems }
        return problems
            + (await collect { () async throws(TrytonFailure) in
                _ = try await chart.journal(payments.series, orType: "general", by: deadline)
                _ = try await chart.journal(nil, orType: "cash", by: deadline)
                return []
            })
    }

    // MARK: What the settings name

    private func masterData(_ settings: Settings, _ deadline: Instant) async throws(TrytonFailure) -> [Problem] {
        let needs = TrytonNeeds(settings)
        let register = try await catalogue.register(for: needs, by: deadline)
        var problems: [Problem] = []
        func note(_ look: () throws(Problem) -> Void) {
            do throws(Problem) { try look() } catch { problems.append(error) }
        }
        for table in TrytonRegister.Table.allCases {
            for name in (needs.names[table] ?? []).map(\.text).sorted() {
                note { () throws(Problem) in _ = try register.id(table, name) }
            }
        }
        let hasDefault = try await defaultRevenueAccount(deadline)
        for code in needs.articles.map(\.text).sorted() {
            note { () throws(Problem) in
                let article = try register.article(code)
                if article.revenueAccount == nil, !hasDefault {
                    throw Problem(
                        .refusedByERP, "article \(code) has no revenue account in Tryton, by category or default")
                }
            }
        }
        for field in settings.customFields.map(\.to) where field != "comment" {
            if !(register.textFields ?? []).contains(field) {
                problems.append(
                    Problem(.refusedByERP, "a sale of Tryton has no text field \(field), which customFields names"))
            }
        }
        return problems
    }

    /// Whether articles without a category of their own have an account to be sold on.
    private func defaultRevenueAccount(_ deadline: Instant) async throws(TrytonFailure) -> Bool {
        let found = try await client.rows(
            "account.configuration", [], ["default_category_account_revenue"], limit: 1, by: deadline)
        return found.first?.link("default_category_account_revenue") != nil
    }
}

extension TrytonNeeds {
    /// Everything of Tryton's that settings name.
    init(_ settings: Settings) {
        self.init()
        for rule in settings.vat.rules { add(.taxes, rule.tax) }
        for terms in settings.paymentMethods.compactMap(\.terms) { add(.terms, terms) }
        for carrier in settings.shippingMethods.compactMap(\.erpMethod) { add(.carriers, carrier) }
        add(.countries, settings.vat.homeCountry)
        articles = Set(settings.namedArticles.map(ExactText.init))
        textFields = settings.customFields.contains { $0.to != "comment" }
    }
}
