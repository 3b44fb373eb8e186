import Domain

/// What is set up in the company and not changed by clients.
extension FortnoxRoutes {
    func financialYears(_ company: FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        guard call.method == "GET" else { throw .noRoute }
        let all = company.financialYears.enumerated().map { index, year in
            (
                year,
                [
                    "@url": .string(moment.url("financialyears", String(index + 1))), "AccountChartType": "Bas 2025",
                    "AccountingMethod": .string(year.method.rawValue), "FromDate": JSONValue(year.from),
                    "Id": JSONValue(index + 1), "ToDate": JSONValue(year.to),
                ] as JSONValue
            )
        }
        if call.route.count == 2 {
            guard let id = Int(call.route[1]), all.indices.contains(id - 1) else {
                throw .notFound(.entryNotFound, "Kan inte hitta räkenskapsåret.")
            }
            return (200, ["FinancialYear": all[id - 1].1])
        }
        var found = all
        for (name, value) in call.query {
            switch name.lowercased() {
            case "date", "financialyeardate":
                guard let day = Day(value) else {
                    throw .invalid(.parameterInvalid, "Ogiltig parameter i anropet: date.")
                }
                found = found.filter { $0.0.contains(day) }
            case "page", "limit", "offset": break
            default: throw .invalid(.parameterInvalid, "Ogiltig parameter i anropet: \(name.prefix(40)).")
            }
        }
        return (
            200,
            [
                "MetaInformation": [
                    "@TotalResources": JSONValue(found.count), "@TotalPages": found.isEmpty ? 0 : 1, "@CurrentPage": 1,
                ],
                "FinancialYears": .array(found.map(\.1)),
            ]
        )
    }

    func settings(_ company: FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        switch (call.method, call.route.dropFirst().first) {
        case ("GET", "lockedperiod"):
            return (200, ["LockedPeriod": ["EndDate": JSONValue(company.lockedThrough)]])
        case ("GET", "company"):
            let texts = [
                "BG", "BIC", "BranchCode", "ContactFirstName", "ContactLastName", "Country", "Domicile", "Email", "Fax",
                "IBAN", "PG", "Phone1", "Phone2", "VisitAddress", "VisitCity", "VisitCountry", "VisitCountryCode",
                "VisitName", "VisitZipCode", "WWW",
            ]
            var values = texts.reduce(into: [String: JSONValue]()) { $0[$1] = "" }
            values.take([
                "Address": "Storgatan 1", "City": "Stockholm", "CountryCode": "SE", "DatabaseNumber": "1",
                "Name": "Sandlådan AB", "OrganizationNumber": "555555-5555", "TaxEnabled": true,
                "VATNumber": "SE555555555501", "ZipCode": "111 11",
            ])
            return (200, ["CompanySettings": .object(values)])
        default:
            throw .noRoute
        }
    }

    func companyInformation() throws(FortnoxRefusal) -> Answer {
        guard call.method == "GET" else { throw .noRoute }
        let values: JSONValue = [
            "Address": "Storgatan 1", "City": "Stockholm", "CompanyName": "Sandlådan AB", "CountryCode": "SE",
            "DatabaseNumber": 1, "OrganizationNumber": "555555-5555", "VisitAddress": "", "VisitCity": "",
            "VisitCountryCode": "", "VisitZipCode": "", "ZipCode": "111 11",
        ]
        return (200, ["CompanyInformation": values])
    }

    func predefinedAccounts() throws(FortnoxRefusal) -> Answer {
        let accounts = [
            ("CUSTOMERCLAIM", 1510), ("OUTVAT_MP1", 2611), ("OUTVAT_MP2", 2621), ("OUTVAT_MP3", 2631),
            ("SALES_25_SE", 3001), ("SALES_12_SE", 3002), ("SALES_6_SE", 3003), ("FREIGHT", 3520),
            ("ADMINISTRATIONFEE", 3540), ("ROUNDOFF", 3740), ("CURRENCYGAIN", 3960), ("CURRENCYLOSS", 7960),
        ]
        guard call.method == "GET", call.route.count <= 2 else { throw .noRoute }
        let rows = accounts.map { name, account -> JSONValue in
            [
                "@url": .string(moment.url("predefinedaccounts", name)), "Name": .string(name),
                "Account": JSONValue(account),
            ]
        }
        guard call.route.count == 2 else { return (200, ["PreDefinedAccounts": .array(rows)]) }
        guard let index = accounts.firstIndex(where: { $0.0 == call.route[1] }) else {
            throw .notFound(.entryNotFound, "Kan inte hitta det fördefinierade kontot.")
        }
        return (200, ["PreDefinedAccount": rows[index]])
    }
}

extension FortnoxCompany {
    /// Checks of a record that need the rest of the company.
    func check(_ path: String, _ written: [String: JSONValue]) throws(FortnoxRefusal) {
        switch path {
        case "articles":
            let number = written.text("ArticleNumber")
            let isPlain = number.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "_-/+.".utf8.contains(byte)
            }
            guard isPlain else {
                throw .invalid(.articleNumberInvalid, "Artikelnumret innehåller otillåtna tecken.")
            }
            for field in ["SalesAccount", "EUAccount", "EUVATAccount", "ExportAccount", "PurchaseAccount"] {
                guard let account = written[field]?.int, account != 0 else { continue }
                try checkAccount(account)
            }
        case "customers":
            if let currency = written["Currency"]?.text, record("currencies", currency) == nil {
                throw .invalid(.currencyUnknown, "Valutan \(currency.prefix(10)) finns inte.")
            }
            let code = written.text("TermsOfPayment")
            guard code.isEmpty || record("termsofpayments", code) != nil else {
                throw .invalid(.termsOfPaymentNotFound, "Kan inte hitta betalningsvillkoret.")
            }
        case "modesofpayments":
            if let account = written["AccountNumber"]?.text { try checkAccount(Int(account) ?? 0) }
        default: break
        }
    }

    /// What follows from a record that a client made or changed.
    mutating func learn(_ path: String, _ key: String, at now: Instant) {
        switch path {
        case "accounts":
            guard let number = Int(key), accounts[number] == nil, let values = record(path, key) else { return }
            accounts[number] = FortnoxSandbox.Account(number, values.text("Description"))
        case "articles":
            guard let values = record(path, key), values["VAT"]?.isNull ?? true else { return }
            let vat = accounts[values["SalesAccount"]?.int ?? 0]?.vat ?? .zero
            try? registers[path]?.change(key, ["VAT": JSONValue(vat)], at: now)
        default: break
        }
    }
}
