import Domain

/// An account as it stands in one financial year.
extension FortnoxRoutes {
    func account(_ key: String, _ company: FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        guard var values = company.record("accounts", key), let number = Int(key) else {
            throw .notFound(.accountMissing, "Kan inte hitta kontot.")
        }
        var year = company.financialYear(of: moment.today)?.id
        for (name, value) in call.query {
            guard name.lowercased() == "financialyear" else {
                throw .invalid(.parameterInvalid, "Ogiltig parameter i anropet: \(name.prefix(40)).")
            }
            year = Int(value)
        }
        guard let year, company.financialYears.indices.contains(year - 1) else {
            throw .notFound(.entryNotFound, "Kan inte hitta räkenskapsåret.")
        }
        let balance = company.balance(of: number, inYear: year)
        values.take([
            "@url": .string("\(moment.url("accounts", key))?financialyear=\(year)"), "Year": JSONValue(year),
            "BalanceBroughtForward": JSONValue(balance.opening), "BalanceCarriedForward": JSONValue(balance.closing),
        ])
        return (200, ["Account": .object(values)])
    }
}

extension FortnoxCompany {
    /// What an account began a financial year with and what it comes to by the year's vouchers. Accounts of sales and costs begin
    /// at nothing. Others begin with what the year before came to, where a person takes that over, else with what was written
    /// on the account.
    func balance(of account: Int, inYear id: Int) -> (opening: ExactDecimal, closing: ExactDecimal) {
        let year = financialYears[id - 1]
        let before = financialYears.firstIndex { $0.to.next == year.from }
        var opening = record("accounts", String(account))?["BalanceBroughtForward"]?.number ?? .zero
        if account >= 3000 {
            opening = .zero
        } else if let before {
            opening = settings.takesBalancesOver ? balance(of: account, inYear: before + 1).closing : .zero
        }
        let rows = vouchers.all.filter { $0.id.year == id }.flatMap(\.rows).filter { $0.account == account }
        return (opening, rows.reduce(opening) { $0 + $1.debit - $1.credit })
    }
}
