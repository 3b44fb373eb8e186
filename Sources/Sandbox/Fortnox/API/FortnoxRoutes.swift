import Domain

/// A request whose sender may make it.
struct FortnoxCall: Sendable {
    let method: String
    /// The path's parts after the version: `invoices`, `17`, `bookkeep`.
    let route: [String]
    let query: [(name: String, value: String)]
    /// `nil` when there was none.
    let body: JSONValue?
    /// What came as a form instead.
    var upload: UploadedFile?
}

/// What each path does.
struct FortnoxRoutes {
    typealias Answer = (status: Int, body: JSONValue)

    let call: FortnoxCall
    let moment: FortnoxMoment

    func answer(_ company: inout FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        guard let name = call.route.first else { throw .noRoute }
        try checkLicence(name, company)
        switch name {
        case "orders": return try documents(.order, &company)
        case "invoices": return try documents(.invoice, &company)
        case "invoicepayments": return try payments(&company)
        case "vouchers": return try vouchers(&company)
        case "voucherfileconnections": return try fileConnections(&company)
        case "inbox": return try inbox(&company)
        case "financialyears": return try financialYears(company)
        case "settings": return try settings(company)
        case "companyinformation": return try companyInformation()
        case "predefinedaccounts": return try predefinedAccounts()
        default: return try register(name, &company)
        }
    }

    private func checkLicence(_ name: String, _ company: FortnoxCompany) throws(FortnoxRefusal) {
        let scopes = [
            "orders": "order", "invoices": "invoice", "invoicepayments": "payment", "vouchers": "bookkeeping",
            "financialyears": "bookkeeping", "settings": "settings", "companyinformation": "companyinformation",
            "predefinedaccounts": "bookkeeping", "inbox": "inbox", "voucherfileconnections": "connectfile",
        ]
        guard let scope = scopes[name] ?? company.registers[name]?.resource.scope else { throw .noRoute }
        guard company.settings.allows(scope),
            name != "orders" || company.settings.hasOrderLicence
        else {
            throw FortnoxRefusal(
                status: 403, code: .noLicenceForScope, message: "Licens saknas för det begärda området.")
        }
    }

    func query(
        _ searchable: FortnoxSearchable, _ company: FortnoxCompany
    ) throws(FortnoxRefusal) -> FortnoxQuery {
        try FortnoxQuery(call.query, searchable, settings: company.settings)
    }

    func payload(_ name: String) throws(FortnoxRefusal) -> JSONValue {
        guard let payload = call.body?[name] else { throw .bodyInvalid }
        return payload
    }

    // MARK: Registers

    private func register(_ name: String, _ company: inout FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        guard let resource = company.registers[name]?.resource, call.route.count <= 2 else { throw .noRoute }
        guard call.route.count == 2 else {
            if call.method == "GET" {
                let query = try query(resource.searchable, company)
                let list = company.registers[name]?.list(query, moment) ?? .null
                return (200, name == "accounts" ? try ofYear(list, query, company) : list)
            }
            guard call.method == "POST" else { throw .noRoute }
            let written = try resource.fields.accepted(payload(resource.single))
            try company.check(name, written)
            let key = try company.registers[name]?.add(written, at: moment.now) ?? ""
            company.learn(name, key, at: moment.now)
            return (201, shown(resource, key, company))
        }
        let key = call.route[1]
        switch call.method {
        case "GET":
            if name == "accounts" { return try account(key, company) }
            _ = try company.registers[name]?.found(key)
        case "PUT":
            let written = try resource.fields.accepted(payload(resource.single))
            try company.check(name, written)
            try company.registers[name]?.change(key, written, at: moment.now)
            company.learn(name, key, at: moment.now)
        case "DELETE":
            try company.registers[name]?.remove(key)
            return (204, .null)
        default:
            throw .noRoute
        }
        return (200, shown(resource, key, company))
    }

    /// The chart of one financial year; here all have the same.
    private func ofYear(
        _ list: JSONValue, _ query: FortnoxQuery, _ company: FortnoxCompany
    ) throws(FortnoxRefusal) -> JSONValue {
        var year = company.financialYear(of: moment.today)?.id
        if let day = query.others["financialyeardate"].flatMap({ Day($0) }) {
            year = company.financialYear(of: day)?.id
        }
        if let id = query.others["financialyear"].flatMap({ Int($0) }) {
            year = company.financialYears.indices.contains(id - 1) ? id : nil
        }
        guard let year, case .object(var members) = list else {
            throw .notFound(.entryNotFound, "Kan inte hitta räkenskapsåret.")
        }
        members["Accounts"] = .array(
            (list["Accounts"]?.array ?? []).map { account in
                guard case .object(var fields) = account else { return account }
                fields["Year"] = JSONValue(year)
                return .object(fields)
            })
        return .object(members)
    }

    private func shown(_ resource: FortnoxResource, _ key: String, _ company: FortnoxCompany) -> JSONValue {
        var values = company.record(resource.path, key) ?? [:]
        values["@url"] = .string(moment.url(resource.path, key))
        return [resource.single: .object(values)]
    }

    // MARK: Orders and invoices

    private func documents(
        _ kind: FortnoxKind, _ company: inout FortnoxCompany
    ) throws(FortnoxRefusal) -> Answer {
        if call.route.count == 1 {
            if call.method == "POST" {
                let made = try company.make(kind, payload(kind.single), moment)
                return (201, [kind.single: company.json(made, moment)])
            }
            guard call.method == "GET" else { throw .noRoute }
            let query = try query(kind.searchable, company)
            let list =
                kind == .order
                ? query.answer(&company.orders, under: kind.plural, path: kind.path, moment)
                : query.answer(&company.invoices, under: kind.plural, path: kind.path, moment)
            return (200, list)
        }
        let key = call.route[1]
        if call.route.count == 2 {
            switch call.method {
            case "GET": return (200, [kind.single: company.json(try company.document(kind, key), moment)])
            case "PUT":
                let changed = try company.change(kind, key, payload(kind.single), moment)
                return (200, [kind.single: company.json(changed, moment)])
            default: throw .noRoute
            }
        }
        guard call.route.count == 3 else { throw .noRoute }
        let after = try act(kind, key, &company)
        return (200, [after.kind.single: company.json(after, moment)])
    }

    private func act(
        _ kind: FortnoxKind, _ key: String, _ company: inout FortnoxCompany
    ) throws(FortnoxRefusal) -> FortnoxDocument {
        switch (call.method, kind, call.route[2]) {
        case ("PUT", _, "cancel"): return try company.cancel(kind, key, moment)
        case ("PUT", .order, "createinvoice"): return try company.invoice(order: key, moment)
        case ("PUT", .invoice, "bookkeep"): return try company.bookkeep(invoice: key, moment)
        case ("PUT", .invoice, "credit"): return try company.credit(key, moment)
        case ("PUT", _, "externalprint"), ("GET", _, "email"): return try company.markSent(kind, key, moment)
        default: throw .noRoute
        }
    }

    // MARK: Payments and vouchers

    private func payments(_ company: inout FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        let payment: FortnoxPayment
        var status = 200
        switch (call.method, call.route.count) {
        case ("GET", 1):
            let query = try query(FortnoxPayment.searchable, company)
            return (200, query.answer(&company.payments, under: "InvoicePayments", path: "invoicepayments", moment))
        case ("POST", 1):
            payment = try company.makePayment(payload("InvoicePayment"), moment)
            status = 201
        case ("GET", 2): payment = try company.payment(call.route[1])
        case ("PUT", 2): payment = try company.changePayment(call.route[1], payload("InvoicePayment"), moment)
        case ("DELETE", 2):
            try company.deletePayment(call.route[1])
            return (204, .null)
        case ("PUT", 3) where call.route[2] == "bookkeep":
            payment = try company.bookkeep(payment: call.route[1], moment)
        default: throw .noRoute
        }
        return (status, ["InvoicePayment": try company.json(payment, moment)])
    }

    private func vouchers(_ company: inout FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        let query = try query(FortnoxVoucher.searchable, company)
        let wanted = query.others["financialyear"].flatMap { Int($0) }
        // The year that was chosen in Fortnox; here the one that today is in.
        let year = wanted ?? company.financialYear(of: moment.today)?.id ?? company.financialYears.count
        if call.method == "POST", call.route.count == 1 {
            let voucher = try company.makeVoucher(payload("Voucher"), year: wanted, moment)
            return (201, ["Voucher": voucher.json(moment)])
        }
        guard call.method == "GET" else { throw .noRoute }
        if call.route.count == 3, call.route[1] != "sublist" {
            guard let number = Int(call.route[2]),
                let voucher = company.vouchers[
                    FortnoxVoucherID(series: call.route[1], number: number, year: year).key]
            else { throw .notFound(.voucherNotFound, "Kan inte hitta verifikationen.") }
            return (200, ["Voucher": voucher.json(moment)])
        }
        let series = call.route.count == 3 ? call.route[2] : nil
        return (200, query.answer(company.vouchers, ofYear: year, series: series, moment))
    }
}
