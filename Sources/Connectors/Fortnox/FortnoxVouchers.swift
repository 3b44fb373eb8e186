import ConnectorKit
import Domain

/// Posts entries that belong to no invoice.
///
/// Vouchers cannot be searched by a text. Our key stands in the comment, and before one is made the vouchers of its day are
/// read.
struct FortnoxVouchers: Sendable {
    static let defaultSeries = "A"

    private let client: FortnoxClient

    init(_ client: FortnoxClient) { self.client = client }

    func create(_ draft: JournalEntryDraft, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        guard draft.rows.map(\.amount.decimal).reduce(.zero, +).isZero else {
            return .rejected(Problem(.internalError, "the entry does not balance"))
        }
        guard let year = try await FortnoxBooks(client).financialYear(on: draft.date, by: deadline)?.text("Id") else {
            return .rejected(Problem(.periodMissing, "Fortnox has no financial year for \(draft.date)"))
        }
        if let known = try await find(draft, year, by: deadline) { return .alreadyThere(known) }
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

    private func find(
        _ draft: JournalEntryDraft, _ year: String, by deadline: Instant
    ) async throws(FortnoxFailure) -> ERPDocument? {
        let day = draft.date.description
        let rows = try await client.list(
            "vouchers", "Vouchers",
            [(name: "financialyear", value: year), (name: "fromdate", value: day), (name: "todate", value: day)],
            by: deadline)
        let ours = rows.first { $0.text("Comments").map { ExactText($0) } == ExactText(draft.reference.key) }
        return try ours.map { row throws(FortnoxFailure) in try document(row) }
    }

    /// A voucher is known by its financial year, series and number.
    private func document(_ row: FortnoxRow) throws(FortnoxFailure) -> ERPDocument {
        guard let series = row.text("VoucherSeries"), let number = row.text("VoucherNumber"),
            let year = row.text("Year")
        else { throw .unreadable("no voucher") }
        return ERPDocument(
            id: DocumentID("\(year)/\(series)/\(number)"), number: "\(series)\(number)", state: .booked,
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
