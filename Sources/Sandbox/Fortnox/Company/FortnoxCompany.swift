import ConnectorKit
import Domain

/// The books of one company in Fortnox.
struct FortnoxCompany {
    let settings: FortnoxSandbox.Settings
    var registers: [String: FortnoxRegister]
    var orders = FortnoxShelf<FortnoxDocument>(parameters: FortnoxKind.order.searchable.columns, isInOrder: true)
    var invoices = FortnoxShelf<FortnoxDocument>(parameters: FortnoxKind.invoice.searchable.columns, isInOrder: true)
    var payments = FortnoxShelf<FortnoxPayment>(parameters: FortnoxPayment.searchable.columns, isInOrder: true)
    var vouchers = FortnoxShelf<FortnoxVoucher>(parameters: [], isInOrder: true)
    var files: [FortnoxFile] = []
    /// By file.
    var connections = FortnoxShelf<FortnoxFileConnection>(
        parameters: FortnoxFileConnection.searchable.columns, isInOrder: true)
    var lastVoucher: [String: Int] = [:]
    var financialYears: [FortnoxSandbox.FinancialYear]
    var accounts: [Int: FortnoxSandbox.Account]
    var lockedThrough: Day?
    var lastRow = 0
    var lastPayment = 0
    var lastFile = 0
    private var knownDay: (index: Int64, day: Day)?

    init(_ settings: FortnoxSandbox.Settings, at now: Instant) {
        self.settings = settings
        financialYears = settings.financialYears
        lockedThrough = settings.lockedThrough
        registers = FortnoxResource.all.reduce(into: [:]) { $0[$1.path] = FortnoxRegister($1) }
        accounts = settings.accounts.reduce(into: [:]) { $0[$1.number] = $1 }
        for account in settings.accounts { put(account, at: now) }
        for article in settings.articles { put(article, at: now) }
        for (code, rate) in settings.currencies {
            add("currencies", ["Code": code, "BuyRate": rate, "SellRate": rate], at: now)
        }
        for (code, name) in settings.termsOfPayment {
            add("termsofpayments", ["Code": code, "Description": name], at: now)
        }
        for (code, name) in settings.waysOfDelivery {
            add("wayofdeliveries", ["Code": code, "Description": name], at: now)
        }
        for (code, account) in settings.modesOfPayment {
            add("modesofpayments", ["Code": code, "Description": code, "AccountNumber": String(account)], at: now)
        }
        for (code, name, isManual) in [
            ("A", "Redovisning", true), ("B", "Kundfakturor", false), ("C", "Kundinbetalningar", false),
        ] { add("voucherseries", ["Code": code, "Description": name, "Manual": isManual], at: now) }
        for (code, english, name) in [
            ("förp", "pack", "förpackning"), ("h", "h", "timmar"), ("km", "km", "Kilometer"), ("st", "pcs", "styck"),
        ] { add("units", ["Code": code, "CodeEnglish": english, "Description": name], at: now) }
        add("pricelists", ["Code": "A", "Description": "Standardprislista"], at: now)
    }

    private mutating func add(_ path: String, _ values: [String: any Sendable], at now: Instant) {
        let written = values.mapValues { value -> JSONValue in
            switch value {
            case let number as ExactDecimal: JSONValue(number)
            case let flag as Bool: .bool(flag)
            default: .string("\(value)")
            }
        }
        _ = try? registers[path]?.add(written, at: now)
    }

    mutating func put(_ account: FortnoxSandbox.Account, at now: Instant) {
        accounts[account.number] = account
        let written: [String: JSONValue] = [
            "Number": JSONValue(account.number), "Description": .string(account.name),
            "VATCode": account.vatCode.isEmpty ? .null : .string(account.vatCode), "SRU": JSONValue(account.sru),
            "Active": .bool(account.isActive),
        ]
        save("accounts", String(account.number), written, at: now)
    }

    mutating func put(_ article: FortnoxSandbox.Article, at now: Instant) {
        let written: [String: JSONValue] = [
            "ArticleNumber": .string(article.number), "Description": .string(article.name),
            "SalesAccount": JSONValue(article.salesAccount), "VAT": JSONValue(article.vat),
            "SalesPrice": article.price.map { JSONValue($0) } ?? .null,
        ]
        save("articles", article.number, written, at: now)
    }

    private mutating func save(_ path: String, _ key: String, _ written: [String: JSONValue], at now: Instant) {
        if registers[path]?[key] == nil {
            _ = try? registers[path]?.add(written, at: now)
        } else {
            try? registers[path]?.change(key, written, at: now)
        }
    }

    /// Today in the company's time.
    mutating func moment(_ now: Instant, home: String) -> FortnoxMoment {
        let local = now + .seconds(settings.secondsFromUTC)
        let index = local.milliseconds / 86_400_000
        if knownDay?.index != index { knownDay = (index, local.day(in: .utc)) }
        return FortnoxMoment(
            now: now, today: knownDay?.day ?? local.day(in: .utc), home: home, searchLag: settings.searchLag)
    }

    // MARK: Looking up

    func record(_ path: String, _ key: String) -> [String: JSONValue]? { registers[path]?[key] }

    func financialYear(of day: Day) -> (id: Int, year: FortnoxSandbox.FinancialYear)? {
        financialYears.firstIndex { $0.contains(day) }.map { ($0 + 1, financialYears[$0]) }
    }

    /// The rate of freight and fees: Sweden's, where Swedish VAT is owed.
    func feeRate(of customer: String) -> ExactDecimal {
        let type = record("customers", customer)?.text("VATType") ?? "SEVAT"
        return ["SEVAT", "EUVAT"].contains(type) ? ExactDecimal(25) : .zero
    }

    /// Whether an account can be booked on.
    func checkAccount(_ number: Int) throws(FortnoxRefusal) {
        guard let account = record("accounts", String(number)) else {
            throw .invalid(.accountMissing, "Kontot \(number) finns inte.")
        }
        guard account.flag("Active") else { throw .invalid(.accountInactive, "Kontot \(number) är inaktivt.") }
    }

    /// Whether something can be booked on a day; answers its financial year.
    func checkDay(_ day: Day) throws(FortnoxRefusal) -> (id: Int, year: FortnoxSandbox.FinancialYear) {
        if let lockedThrough, day <= lockedThrough {
            throw .invalid(.periodLocked, "Perioden är låst till och med \(lockedThrough).")
        }
        guard let year = financialYear(of: day) else {
            throw .invalid(.noFinancialYear, "Räkenskapsår saknas för \(day).")
        }
        return year
    }
}

extension Day {
    func adding(days: Int) -> Day { (0..<max(0, days)).reduce(self) { day, _ in day.next } }
}
