import ConnectorKit
import Domain

/// Makes orders and invoices, and books invoices. One record per call: Fortnox takes no lists.
struct FortnoxDocuments: Sendable {
    let client: FortnoxClient
    let catalogue: FortnoxCatalogue

    // MARK: Orders

    func createOrder(
        _ draft: SalesOrderDraft, customer: DocumentID, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let rows = FortnoxRows(register: try await catalogue.register(for: [draft], by: deadline))
        if let problem = rows.problems(in: draft).first { return .rejected(problem) }
        let fields: JSONValue
        do throws(Problem) { fields = try rows.order(draft, customer: customer) } catch { return .rejected(error) }
        let row = try await client.write(.post, "orders", "Order", fields, by: deadline)
        guard let made = ERPDocument(fortnoxOrder: row) else { throw .unreadable("no order") }
        return .done(made)
    }

    // MARK: Invoices

    func createInvoice(_ draft: InvoiceDraft, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        switch draft.source {
        case .order(let id): try await invoice(draft, of: id, by: deadline)
        case .lines(let lines, let customer): try await invoice(draft, lines, customer, by: deadline)
        }
    }

    private func invoice(
        _ draft: InvoiceDraft, _ lines: SalesOrderDraft, _ customer: DocumentID, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let rows = FortnoxRows(register: try await catalogue.register(for: [lines], by: deadline))
        if let problem = rows.problems(in: lines).first { return .rejected(problem) }
        let fields: JSONValue
        do throws(Problem) {
            fields = try rows.invoice(draft, lines, customer: customer)
        } catch {
            return .rejected(error)
        }
        let row = try await client.write(.post, "invoices", "Invoice", fields, by: deadline)
        return try Self.outcome(row)
    }

    private static func outcome(_ row: FortnoxRow) throws(FortnoxFailure) -> StepOutcome {
        guard let made = ERPDocument(fortnoxInvoice: row) else { throw .unreadable("no invoice") }
        return .done(made)
    }

    private func invoice(
        _ draft: InvoiceDraft, of order: DocumentID, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let made: FortnoxRow
        do throws(FortnoxFailure) {
            made = try await invoiceOfOrder(order, by: deadline)
        } catch .refused(let refusal) {
            // Fortnox makes one invoice of an order: perhaps it is there already.
            guard let known = try await client.get("orders/\(order)", "Order", by: deadline) else {
                return .rejected(Problem(.documentGone, "order \(order) is no longer in Fortnox"))
            }
            if known.flag("Cancelled") {
                return .rejected(Problem(.documentGone, "order \(order) was cancelled in Fortnox"))
            }
            guard let number = known.reference("InvoiceReference"),
                let row = try await client.get("invoices/\(number)", "Invoice", by: deadline),
                let invoice = ERPDocument(fortnoxInvoice: row)
            else { return .rejected(refusal.problem) }
            guard invoice.state == .draft else { return .alreadyThere(invoice) }
            return try await dated(row, draft.date, by: deadline)
        } catch {
            throw error
        }
        return try await dated(made, draft.date, by: deadline)
    }

    private func invoiceOfOrder(_ order: DocumentID, by deadline: Instant) async throws(FortnoxFailure) -> FortnoxRow {
        let answer = try await client.call(.put, "orders/\(order)/createinvoice", nil, isRead: false, by: deadline)
        if let invoice = FortnoxRow(answer["Invoice"]) { return invoice }
        // Some clients report the order as the answer: it names its invoice.
        guard let number = FortnoxRow(answer["Order"])?.reference("InvoiceReference") else {
            throw .unreadable("no invoice")
        }
        do throws(FortnoxFailure) {
            guard let row = try await client.get("invoices/\(number)", "Invoice", by: deadline) else {
                throw FortnoxFailure.unreadable("no invoice \(number)")
            }
            return row
        } catch {
            throw .afterWriting(error)
        }
    }

    /// Fortnox dates an invoice that it makes of an order by its own day.
    private func dated(_ row: FortnoxRow, _ date: Day, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome
    {
        guard row.day("InvoiceDate") != date, let number = row.text("DocumentNumber") else {
            return try Self.outcome(row)
        }
        do throws(FortnoxFailure) {
            return try Self.outcome(
                try await client.write(
                    .put, "invoices/\(number)", "Invoice", ["InvoiceDate": .day(date)], by: deadline))
        } catch {
            throw .afterWriting(error)
        }
    }

    // MARK: Credit notes

    func createCreditNote(_ draft: CreditNoteDraft, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        let rows = FortnoxRows(register: try await catalogue.register(for: draft.lines, by: deadline))
        let fields: JSONValue
        do throws(Problem) {
            fields = try rows.creditNote(draft)
        } catch {
            return .rejected(error)
        }
        let row = try await client.write(.post, "invoices", "Invoice", fields, by: deadline)
        return try Self.outcome(row)
    }

    // MARK: Booking

    struct Booking: Sendable {
        let id: DocumentID
        let dated: Day?
        let date: Day
        let trueDate: Day
    }

    func book(_ booking: Booking, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        do throws(FortnoxFailure) {
            if booking.dated != booking.date || booking.date != booking.trueDate {
                try await date(booking, by: deadline)
            }
            let row = try await client.write(
                .put, "invoices/\(booking.id)/bookkeep", "Invoice", nil, by: deadline)
            guard let booked = ERPDocument(fortnoxInvoice: row) else { throw FortnoxFailure.unreadable("no invoice") }
            guard booked.state.isBooked else {
                return .rejected(Problem(.documentChangedInERP, "invoice \(booking.id) is not booked after booking"))
            }
            return .done(booked)
        } catch .refused(let refusal) {
            return try await outcome(of: refusal, booking, by: deadline)
        } catch {
            throw error
        }
    }

    private func date(_ booking: Booking, by deadline: Instant) async throws(FortnoxFailure) {
        var fields: [(String, JSONValue?)] = [("InvoiceDate", .day(booking.date))]
        if booking.date != booking.trueDate {
            let text = "Dated \(booking.trueDate) in the shop, booked on the first open day."
            fields.append(("Comments", .string(text)))
        }
        _ = try await client.write(.put, "invoices/\(booking.id)", "Invoice", .fields(fields), by: deadline)
    }

    /// Why Fortnox would not book: what it says is told apart by how the invoice and the books stand, not by its words.
    private func outcome(
        of refusal: FortnoxRefusal, _ booking: Booking, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        guard let row = try await client.get("invoices/\(booking.id)", "Invoice", by: deadline),
            let known = ERPDocument(fortnoxInvoice: row)
        else { return .rejected(Problem(.documentGone, "invoice \(booking.id) is no longer in Fortnox")) }
        switch known.state {
        case .booked, .paid: return .alreadyThere(known)
        case .cancelled, .gone:
            return .rejected(Problem(.documentGone, "invoice \(booking.id) was cancelled in Fortnox"))
        case .draft, .confirmed: break
        }
        let books = FortnoxBooks(client)
        if let locked = try await books.lockedThrough(by: deadline), booking.date <= locked {
            return .rejected(Problem(.periodClosed, "Fortnox's books are closed through \(locked)"))
        }
        if try await !books.hasFinancialYear(on: booking.date, by: deadline) {
            return .rejected(Problem(.periodMissing, "Fortnox has no financial year for \(booking.date)"))
        }
        return .rejected(refusal.problem)
    }
}
