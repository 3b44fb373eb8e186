import ConnectorKit
import Domain

/// What in Fortnox would stop orders later, by the settings: all of it at once. Only reads.
struct FortnoxCheck: Sendable {
    let client: FortnoxClient

    func problems(_ settings: Settings) async -> [Problem] {
        // A dozen reads, one after the other.
        let deadline = client.deadline
        do throws(FortnoxFailure) {
            _ = try await client.tokens.access()
        } catch {
            return [error.problem]
        }
        var problems = await missingPermissions(settings, by: deadline)
        guard problems.isEmpty else { return problems }
        problems += workflow(settings)
        problems += await collect { () async throws(FortnoxFailure) in try await ledger(settings, deadline) }
        problems += await collect { () async throws(FortnoxFailure) in try await rounding(deadline) }
        problems += await collect { () async throws(FortnoxFailure) in try await articles(settings, deadline) }
        problems += await collect { () async throws(FortnoxFailure) in try await terms(settings, deadline) }
        problems += await collect { () async throws(FortnoxFailure) in try await delivery(settings, deadline) }
        problems += await collect { () async throws(FortnoxFailure) in try await series(settings, deadline) }
        problems += await collect { () async throws(FortnoxFailure) in try await files(settings, deadline) }
        return problems
    }

    private func collect(_ part: () async throws(FortnoxFailure) -> [Problem]) async -> [Problem] {
        do throws(FortnoxFailure) {
            return try await part()
        } catch {
            return [error.problem]
        }
    }

    /// Each resource has a permission, and some a licence, of its own.
    private func missingPermissions(_ settings: Settings, by deadline: Instant) async -> [Problem] {
        var resources = [
            ("customers", "Customers"), ("articles", "Articles"), ("invoices", "Invoices"),
            ("accounts", "Accounts"), ("currencies", "Currencies"), ("financialyears", "FinancialYears"),
        ]
        if settings.invoices.workflow == .orderThenInvoice { resources.append(("orders", "Orders")) }
        var problems: [Problem] = []
        for (path, name) in resources {
            do throws(FortnoxFailure) {
                _ = try await client.page(path, name, limit: 1, by: deadline)
            } catch {
                if error.problem.code == .permissionMissing {
                    problems.append(Problem(.permissionMissing, "Fortnox's \(path): \(error.problem.detail)"))
                } else if error.isOfConnection {
                    // Without the connection every one of them fails alike.
                    return [error.problem]
                }
            }
        }
        return problems
    }

    private func workflow(_ settings: Settings) -> [Problem] {
        guard let wanted = settings.invoices.workflow, !FortnoxBooks.rules.workflows.contains(wanted) else { return [] }
        let known = FortnoxBooks.rules.workflows.map(\.rawValue).joined(separator: ", ")
        return [Problem(.workflowNotSupported, "Fortnox's connector knows the workflows \(known)")]
    }

    private func ledger(_ settings: Settings, _ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        let books = FortnoxBooks(client)
        let today = client.clock.now().day(in: settings.timeZone)
        var problems: [Problem] = []
        if let locked = try await books.lockedThrough(by: deadline), today <= locked {
            problems.append(Problem(.periodClosed, "Fortnox's books are closed through \(locked)"))
        }
        guard let year = try await books.financialYear(on: today, by: deadline) else {
            // The chart of accounts is that of a year: without one nothing can be said of it.
            return problems + [Problem(.periodMissing, "Fortnox has no financial year for \(today)")]
        }
        if year.text("AccountingMethod") == "CASH" {
            problems.append(
                Problem(.cashMethodAccounting, "Fortnox's financial year of \(today) is kept by the cash method"))
        }
        return problems + (try await accounts(settings, deadline))
    }

    /// The setting itself cannot be read; the latest invoices show it.
    private func rounding(_ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        let latest = try await client.page(
            "invoices", "Invoices",
            [(name: "sortby", value: "documentnumber"), (name: "sortorder", value: "descending")],
            limit: 3, by: deadline)
        for number in latest.rows.compactMap({ $0.text("DocumentNumber") }) {
            let invoice = try await client.get("invoices/\(URLText.encoded(number))", "Invoice", by: deadline)
            if invoice?.decimal("RoundOff").map({ !$0.isZero }) == true {
                return [Problem(.totalsAreRounded, "Fortnox rounded the total of its invoice \(number)")]
            }
        }
        return []
    }

    private func accounts(_ settings: Settings, _ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        let register = FortnoxRegister(
            accounts: try await FortnoxCatalogue.activeAccounts(client, by: deadline))
        let rows = FortnoxRows(register: register)
        var problems: [Problem] = []
        for name in Set(settings.vat.rules.map(\.tax)).sorted() {
            do throws(Problem) { _ = try rows.tax(name) } catch { problems.append(error) }
        }
        for name in settings.namedPaymentAccounts where Int(name).map(register.accounts.contains) != true {
            problems.append(Problem(.accountNotInERP, "Fortnox has no active account \(name)"))
        }
        return problems
    }

    private func articles(_ settings: Settings, _ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        var problems: [Problem] = []
        for number in settings.namedArticles {
            guard FortnoxRows.isArticleNumber(number) else {
                problems.append(
                    Problem(.articleNumberNotAllowed, "\(number.prefix(60)) cannot be an article number of Fortnox"))
                continue
            }
            let row = try await client.get("articles/\(URLText.encoded(number))", "Article", by: deadline)
            if row?.text("ArticleNumber") != number {
                problems.append(Problem(.articleNotFound, "Fortnox has no article \(number)"))
            } else if row?.members["Active"]?.bool == false {
                problems.append(Problem(.articleNotFound, "Fortnox's article \(number) is not active"))
            }
        }
        return problems
    }

    private func terms(_ settings: Settings, _ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        let named = Set(settings.paymentMethods.compactMap(\.terms))
        guard !named.isEmpty else { return [] }
        let known = try await client.list("termsofpayments", "TermsOfPayments", by: deadline).map { $0.text("Code") }
        return named.sorted().filter { !known.contains($0) }.map {
            Problem(.termsNotInERP, "Fortnox has no terms of payment \($0)")
        }
    }

    private func delivery(_ settings: Settings, _ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        let named = Set(settings.shippingMethods.compactMap(\.erpMethod))
        guard !named.isEmpty else { return [] }
        let known = try await client.list("wayofdeliveries", "WayOfDeliveries", by: deadline).map { $0.text("Code") }
        return named.sorted().filter { !known.contains($0) }.map {
            Problem(.shippingMethodNotMapped, "Fortnox has no way of delivery \($0)")
        }
    }

    /// Entries of payouts are vouchers by hand.
    private func series(_ settings: Settings, _ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        guard let payments = settings.payments else { return [] }
        let code = payments.series ?? FortnoxVouchers.defaultSeries
        let found = try await client.list("voucherseries", "VoucherSeriesCollection", by: deadline)
            .filter { $0.text("Code") == code }
        guard !found.isEmpty else {
            return [Problem(.accountNotInERP, "Fortnox has no voucher series \(code) (payments.series)")]
        }
        guard found.allSatisfy({ $0.members["Manual"]?.bool == false }) else { return [] }
        return [
            Problem(
                .accountNotInERP, "Fortnox's voucher series \(code) (payments.series) takes no vouchers by hand")
        ]
    }

    private func files(_ settings: Settings, _ deadline: Instant) async throws(FortnoxFailure) -> [Problem] {
        guard settings.payments?.attachReports == true else { return [] }
        try await FortnoxAttachments(client).tryPermissions(by: deadline)
        return []
    }
}
