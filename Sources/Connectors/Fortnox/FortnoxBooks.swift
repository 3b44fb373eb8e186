import ConnectorKit
import Domain

/// What the ledger allows. Fortnox numbers invoices when they are made, and lets their dates run in any order.
struct FortnoxBooks: Sendable {
    static let rules = ERPRules(
        unitPriceDecimals: 2, quantityDecimals: 2, datesOnlyMoveForward: false, vat: .fromNetPerRate,
        workflows: [.invoiceOnly, .orderThenInvoice, .orderOnly], creditNotes: true, updates: [.order, .invoice],
        attachments: true)

    let client: FortnoxClient

    init(_ client: FortnoxClient) { self.client = client }

    func read(by deadline: Instant) async throws(FortnoxFailure) -> Books {
        Books(
            readAt: client.clock.now(), rules: Self.rules, lockedThrough: try await lockedThrough(by: deadline),
            currency: Currency(code: "SEK"))
    }

    func lockedThrough(by deadline: Instant) async throws(FortnoxFailure) -> Day? {
        try await client.get("settings/lockedperiod", "LockedPeriod", by: deadline)?.day("EndDate")
    }

    func hasFinancialYear(on day: Day, by deadline: Instant) async throws(FortnoxFailure) -> Bool {
        try await financialYear(on: day, by: deadline) != nil
    }

    func financialYear(on day: Day, by deadline: Instant) async throws(FortnoxFailure) -> FortnoxRow? {
        let years = try await client.list(
            "financialyears", "FinancialYears", [(name: "date", value: day.description)], by: deadline)
        return years.first { year in
            guard let from = year.day("FromDate"), let to = year.day("ToDate") else { return false }
            return from <= day && day <= to
        }
    }
}

/// The books as last read: the lock date changes a few times a year, and asking costs a call.
actor FortnoxBooksKept {
    static let keptFor = Duration.seconds(60)

    private let books: FortnoxBooks
    private var last: Books?

    init(_ books: FortnoxBooks) { self.books = books }

    func read(by deadline: Instant) async throws(FortnoxFailure) -> Books {
        let now = books.client.clock.now()
        if let last, now < last.readAt + Self.keptFor, now >= last.readAt { return last }
        let read = try await books.read(by: deadline)
        last = read
        return read
    }
}
