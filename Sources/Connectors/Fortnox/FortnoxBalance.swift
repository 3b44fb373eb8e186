import ConnectorKit
import Domain

/// What the books have on an account.
///
/// Fortnox has a chart of accounts for each financial year, with what an account began the year with and what it comes to. What it
/// began with is taken over from the year before by a person, who may not have done so since something more was booked there. So
/// that is believed only where no year comes before; of the years after it counts what moved, in a call for each.
struct FortnoxBalance: Sendable {
    private let client: FortnoxClient

    init(_ client: FortnoxClient) { self.client = client }

    func of(_ account: String) async throws(FortnoxFailure) -> Money? {
        guard let kronor = Currency(code: "SEK") else { return nil }
        var balance: Money?
        var last: Day?
        for year in try await years() {
            let isNext = last?.next == year.from
            last = year.to
            // An account that a year does not have moved nothing in it.
            guard let row = try await row(account, in: year) else { continue }
            guard row.text("Year") == year.id, let opening = row.amount("BalanceBroughtForward", kronor),
                let closing = row.amount("BalanceCarriedForward", kronor)
            else { throw .unreadable("no balance of account \(account) for the year from \(year.from)") }
            if isNext, let before = balance { balance = before + closing - opening } else { balance = closing }
        }
        guard let balance else {
            throw .refused(FortnoxRefusal(Problem(.accountNotInERP, "Fortnox has no account \(account)")))
        }
        return balance
    }

    private struct Year {
        let id: String
        let from: Day
        let to: Day
    }

    /// Their ids run in the order in which they were made.
    private func years() async throws(FortnoxFailure) -> [Year] {
        try await client.list("financialyears", "FinancialYears", by: client.deadline).compactMap { row in
            guard let id = row.text("Id"), let from = row.day("FromDate"), let to = row.day("ToDate") else {
                return nil
            }
            return Year(id: id, from: from, to: to)
        }.sorted { $0.from < $1.from }
    }

    private func row(_ account: String, in year: Year) async throws(FortnoxFailure) -> FortnoxRow? {
        let query = URLText.query([(name: "financialyear", value: year.id)])
        return try await client.get(
            "accounts/\(URLText.encoded(account))?\(query)", "Account", by: client.deadline)
    }
}
