import ConnectorKit
import Domain

/// Pays invoices and credit notes.
///
/// Fortnox keeps no key with a payment and takes any number of equal ones. So the payments of the document are read first, and
/// the one that is to be made counts as made when there are more equal ones than there were before it.
struct FortnoxPayments: Sendable {
    private let client: FortnoxClient

    init(_ client: FortnoxClient) { self.client = client }

    func register(_ draft: PaymentDraft, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        guard let account = Int(draft.account), draft.account.count == 4 else {
            return .rejected(Problem(.accountNotInERP, "\(draft.account) is no account of Fortnox"))
        }
        let equal = try await payments(of: draft, account, by: deadline)
        do throws(FortnoxFailure) {
            if equal.count > draft.equalBefore {
                let known = equal[draft.equalBefore]
                if known.flag("Booked") { return .alreadyThere(try document(known, draft)) }
                return .done(try await book(known, draft, by: deadline))
            }
            if let problem = try await problem(with: draft, by: deadline) { return .rejected(problem) }
            let made = try await client.write(
                .post, "invoicepayments", "InvoicePayment", Self.fields(draft, account), by: deadline)
            return .done(try await book(made, draft, by: deadline))
        } catch .refused(let refusal) {
            return .rejected(try await problem(with: draft, by: deadline) ?? refusal.problem)
        } catch {
            throw error
        }
    }

    private static func fields(_ draft: PaymentDraft, _ account: Int) -> JSONValue {
        // What it came to in kronor; Fortnox books the difference between the rates by its own accounts (R20).
        let kronor: [(String, JSONValue)] = draft.settled.map { [("Amount", .decimal($0.decimal))] } ?? []
        return .fields(
            kronor + [
                ("InvoiceNumber", .string(draft.document.text)),
                ("AmountCurrency", .decimal(draft.amount.decimal)),
                ("PaymentDate", .day(draft.date)),
                ("ModeOfPaymentAccount", .decimal(ExactDecimal(account))),
            ])
    }

    /// Payments of the document from its true day on, of the same amount and account, oldest first.
    private func payments(
        of draft: PaymentDraft, _ account: Int, by deadline: Instant
    ) async throws(FortnoxFailure) -> [FortnoxRow] {
        let listed = try await client.list(
            "invoicepayments", "InvoicePayments", [(name: "invoicenumber", value: draft.document.text)], by: deadline)
        // The number is searched as a part too, and a list says neither account nor the currency's amount.
        let numbers = listed.filter {
            $0.text("InvoiceNumber") == draft.document.text
                && $0.day("PaymentDate").map { $0 >= draft.trueDate && $0 <= draft.date } ?? false
        }
        .compactMap { $0.text("Number") }
        var equal: [FortnoxRow] = []
        for number in Set(numbers).sorted(by: { (Int($0) ?? 0) < (Int($1) ?? 0) }) {
            guard let row = try await client.get("invoicepayments/\(number)", "InvoicePayment", by: deadline),
                row.decimal("AmountCurrency") == draft.amount.decimal,
                row.decimal("ModeOfPaymentAccount") == ExactDecimal(account)
            else { continue }
            equal.append(row)
        }
        return equal
    }

    private func book(
        _ payment: FortnoxRow, _ draft: PaymentDraft, by deadline: Instant
    ) async throws(FortnoxFailure) -> ERPDocument {
        guard let number = payment.text("Number") else { throw .unreadable("no payment") }
        let row: FortnoxRow
        do throws(FortnoxFailure) {
            row = try await client.write(
                .put, "invoicepayments/\(number)/bookkeep", "InvoicePayment", nil, by: deadline)
        } catch .busy(_, let problem) {
            // It stands there unbooked and is found the next time.
            throw .unknown(problem)
        } catch {
            throw error
        }
        return try document(row, draft)
    }

    private func document(_ row: FortnoxRow, _ draft: PaymentDraft) throws(FortnoxFailure) -> ERPDocument {
        guard let number = row.text("Number") else { throw .unreadable("no payment") }
        return ERPDocument(
            id: DocumentID(number), number: number, state: row.flag("Booked") ? .booked : .draft,
            date: row.day("PaymentDate"), total: row.amount("AmountCurrency", draft.amount.currency),
            ledger: Currency(code: "SEK").flatMap { row.amount("Amount", $0) })
    }

    /// What keeps the document from being paid so. Fortnox takes more than is open and then owes it, and makes a payment of a
    /// closed day before it refuses to book it, which would stay there: so both are looked at before one is made.
    private func problem(with draft: PaymentDraft, by deadline: Instant) async throws(FortnoxFailure) -> Problem? {
        let title = "\(draft.kind.title) \(draft.document)"
        let row = try await client.get("invoices/\(URLText.encoded(draft.document.text))", "Invoice", by: deadline)
        guard let document = row.flatMap({ ERPDocument(fortnoxInvoice: $0) }) else {
            return Problem(.documentGone, "\(title) is no longer in Fortnox")
        }
        if document.state == .cancelled { return Problem(.documentGone, "\(title) was cancelled in Fortnox") }
        guard let open = document.open else { return Problem(.refusedByERP, "\(title) is not booked in Fortnox") }
        let fits = draft.amount.isNegative == open.isNegative && draft.amount.magnitude <= open.magnitude
        guard fits, !open.isZero, draft.amount.currency == open.currency else {
            return Problem(
                .refusedByERP, "\(draft.amount) is to be paid on \(title), of which \(open) is open in Fortnox")
        }
        if let locked = try await FortnoxBooks(client).lockedThrough(by: deadline), draft.date <= locked {
            return Problem(.periodClosed, "Fortnox's books are closed through \(locked)")
        }
        return nil
    }
}
