import ConnectorKit
import Domain

/// Reads what may be booked when: the closed periods, and the last date of each year's invoice numbers.
actor TrytonBooks {
    static let rules = ERPRules(
        unitPriceDecimals: 4, quantityDecimals: 0, datesOnlyMoveForward: true,
        workflows: [.orderThenInvoice, .orderOnly], creditNotes: true, updates: [.order], offsets: true,
        attachments: true)

    /// The invoice numbers of one fiscal year.
    private struct Series: Hashable {
        let year: Int
        let start: Day
        let end: Day
        let sequence: Int
        let isOfCreditNotes: Bool
    }

    private static let maxAge = Duration.seconds(600)

    private let client: TrytonClient
    private let chart: TrytonChart
    private var series: (read: Instant, all: [Series])?
    private var lastDates: [Int: (read: Instant, day: Day?)] = [:]

    init(_ client: TrytonClient, _ chart: TrytonChart) {
        self.client = client
        self.chart = chart
    }

    /// Three calls when all is at hand: years that are over change rarely, so their last dates are believed for a while. Where
    /// one has moved on all the same, Tryton refuses the date and it is chosen anew.
    func read(by deadline: Instant) async throws(TrytonFailure) -> Books {
        let now = client.clock.now()
        let lockedThrough = try await lockedThrough(by: deadline)
        let today = (now + .seconds(14 * 3600)).day(in: .utc)
        var lastInvoiceDate: [Int: Day] = [:]
        var lastCreditNoteDate: [Int: Day] = [:]
        for one in try await series(now, by: deadline) where one.start <= today {
            if let day = try await lastDate(one, isRunning: one.end >= today, now, by: deadline) {
                if one.isOfCreditNotes { lastCreditNoteDate[one.year] = day } else { lastInvoiceDate[one.year] = day }
            }
        }
        return Books(
            readAt: now, rules: Self.rules, lockedThrough: lockedThrough, lastInvoiceDate: lastInvoiceDate,
            lastCreditNoteDate: lastCreditNoteDate, currency: try await chart.currency(by: deadline))
    }

    /// Closed without a gap from the beginning on: a month that was closed ahead of an open one locks nothing before it,
    /// and Tryton itself refuses dates in it.
    private func lockedThrough(by deadline: Instant) async throws(TrytonFailure) -> Day? {
        let company = try await client.session(by: deadline).company
        let rows = try await client.rows(
            "account.period",
            [
                ["company", "=", TrytonWire.id(company)], ["type", "=", "standard"],
            ],
            ["end_date", "state"], order: [["start_date", "ASC"]], by: deadline)
        return rows.prefix { ["closed", "locked"].contains($0.text("state")) }.last?.day("end_date")
    }

    /// The number series of open fiscal years that lie within one calendar year and have one series for all of it. For
    /// others a last date would say too much; a date that Tryton then refuses is told to a person.
    private func series(_ now: Instant, by deadline: Instant) async throws(TrytonFailure) -> [Series] {
        if let series, now < series.read + Self.maxAge { return series.all }
        let company = try await client.session(by: deadline).company
        let rows = try await client.rows(
            "account.fiscalyear", [["company", "=", TrytonWire.id(company)], ["state", "=", "open"]],
            [
                "start_date", "end_date", "invoice_sequences.out_invoice_sequence",
                "invoice_sequences.out_credit_note_sequence",
            ], order: [["start_date", "ASC"]],
            by: deadline)
        let found = rows.flatMap { row -> [Series] in
            guard let start = row.day("start_date"), let end = row.day("end_date"), start.year == end.year else {
                return []
            }
            return [false, true].compactMap { isOfCreditNotes in
                let field = isOfCreditNotes ? "out_credit_note_sequence" : "out_invoice_sequence"
                let sequences = Set(row.rows("invoice_sequences").compactMap { $0.link(field) })
                guard let sequence = sequences.first, sequences.count == 1 else { return nil }
                return Series(
                    year: start.year, start: start, end: end, sequence: sequence, isOfCreditNotes: isOfCreditNotes)
            }
        }
        series = (now, found)
        return found
    }

    private func lastDate(
        _ series: Series, isRunning: Bool, _ now: Instant, by deadline: Instant
    ) async throws(TrytonFailure) -> Day? {
        if !isRunning, let known = lastDates[series.sequence], now < known.read + Self.maxAge { return known.day }
        // Tryton's own question before it gives a number.
        let rows = try await client.rows(
            "account.invoice", [["sequence", "=", TrytonWire.id(series.sequence)], ["invoice_date", "!=", .null]],
            ["invoice_date"], order: [["invoice_date", "DESC"]], limit: 1, by: deadline)
        let day = rows.first?.day("invoice_date")
        lastDates[series.sequence] = (now, day)
        return day
    }
}
