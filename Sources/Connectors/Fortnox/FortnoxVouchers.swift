import ConnectorKit
import Domain

/// Posts entries that belong to no invoice.
///
/// Vouchers cannot be searched by a text. Our key stands in the comment, and before one is made the vouchers from its day on
/// are read.
struct FortnoxVouchers: Sendable {
    static let defaultSeries = "A"

    private let client: FortnoxClient

    init(_ client: FortnoxClient) { self.client = client }

    func create(_ draft: JournalEntryDraft, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        guard draft.rows.map(\.amount.decimal).reduce(.zero, +).isZero else {
            return .rejected(Problem(.internalError, "the entry does not balance"))
        }
        guard try await FortnoxBooks(client).financialYear(on: draft.date, by: deadline) != nil else {
            return .rejected(Problem(.periodMissing, "Fortnox has no financial year for \(draft.date)"))
        }
        if let known = try await find(draft, by: deadline) { return .alreadyThere(known) }
        var rows: [JSONValue] = []
        for row in draft.rows {
            guard let account = Int(row.account), row.account.count == 4 else {
                return .rejected(Problem(.accountNotInERP, "\(row.account) is no account of Fortnox"))
            }
            let amount = row.amount.decimal
            rows.append(
                .fields([
                    ("Account", .decimal(ExactDecimal(account))),
                    ("Debit", .decimal(amount.isNegative ? .zero : amount)),
                    ("Credit", .decimal(amount.isNegative ? -amount : .zero)),
                    ("TransactionInformation", .text(row.text, atMost: 100)),
                ]))
        }
        do throws(FortnoxFailure) {
            let made = try await client.write(
                .post, "vouchers", "Voucher",
                .fields([
                    ("VoucherSeries", .string(draft.series ?? Self.defaultSeries)),
                    ("TransactionDate", .day(draft.date)),
                    ("Description", .text(draft.text, atMost: 200)),
                    ("Comments", .string(draft.reference.key)),
                    ("VoucherRows", .array(rows)),
                ]), by: deadline)
            return .done(try document(made))
        } catch .refused(let refusal) {
            return try await outcome(of: refusal, draft, by: deadline)
        } catch {
            throw error
        }
    }

    /// From its true day on: before the books were closed it may have been booked on that.
    private func find(
        _ draft: JournalEntryDraft, by deadline: Instant
    ) async throws(FortnoxFailure) -> ERPDocument? {
        var years: [String] = []
        for day in [draft.trueDate, draft.date] {
            let year = try await FortnoxBooks(client).financialYear(on: day, by: deadline)?.text("Id")
            if let year, !years.contains(year) { years.append(year) }
        }
        for year in years {
            let rows = try await client.list(
                "vouchers", "Vouchers",
                [
                    (name: "financialyear", value: year), (name: "fromdate", value: draft.trueDate.description),
                    (name: "todate", value: draft.date.description),
                ], by: deadline)
            let ours = rows.first { $0.text("Comments").map { ExactText($0) } == ExactText(draft.reference.key) }
            if let ours { return try document(ours) }
        }
        return nil
    }

    private func document(_ row: FortnoxRow) throws(FortnoxFailure) -> ERPDocument {
        guard let voucher = FortnoxVoucherKey(row, year: "Year") else { throw .unreadable("no voucher") }
        return ERPDocument(
            id: voucher.id, number: "\(voucher.series)\(voucher.number)", state: .booked,
            date: row.day("TransactionDate"))
    }

    private func outcome(
        of refusal: FortnoxRefusal, _ draft: JournalEntryDraft, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        if let locked = try await FortnoxBooks(client).lockedThrough(by: deadline), draft.date <= locked {
            return .rejected(Problem(.periodClosed, "Fortnox's books are closed through \(locked)"))
        }
        return .rejected(refusal.problem)
    }
}

/// What a voucher is known by: each series is numbered anew in every financial year.
struct FortnoxVoucherKey: Hashable, Sendable {
    /// The financial year's id.
    let year: String
    let series: String
    let number: String

    /// Of a record that names a voucher; `year` is the name under which it tells the year.
    init?(_ row: FortnoxRow, year name: String) {
        guard let year = row.text(name), let series = row.text("VoucherSeries"),
            let number = row.text("VoucherNumber")
        else { return nil }
        (self.year, self.series, self.number) = (year, series, number)
    }

    init?(_ id: DocumentID) {
        let parts = id.text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        (year, series, number) = (parts[0], parts[1], parts[2])
    }

    var id: DocumentID { DocumentID("\(year)/\(series)/\(number)") }
}
