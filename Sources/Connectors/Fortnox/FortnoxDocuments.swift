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
        case .customer(let customer): try await invoice(draft, customer, by: deadline)
        }
    }

    private func invoice(
        _ draft: InvoiceDraft, _ customer: DocumentID, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let rows = FortnoxRows(register: try await catalogue.register(for: [draft.content], by: deadline))
        if let problem = rows.problems(in: draft.content).first { return .rejected(problem) }
        let fields: JSONValue
        do throws(Problem) {
            fields = try rows.invoice(draft, customer: customer)
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

    // MARK: Changes before booking

    func updateOrder(
        _ draft: SalesOrderDraft, _ id: DocumentID, customer: DocumentID, _ parts: Set<DocumentPart>,
        by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let quantities = ["OrderedQuantity", "DeliveredQuantity"]
        switch try await change("orders/\(id)", "Order", draft, customer, parts, quantities, by: deadline) {
        case .failure(let problem): return .rejected(problem)
        case .success(let row):
            guard let order = ERPDocument(fortnoxOrder: row) else { throw .unreadable("no order") }
            return .done(order)
        }
    }

    func updateInvoice(
        _ draft: InvoiceDraft, _ id: DocumentID, customer: DocumentID, _ parts: Set<DocumentPart>,
        by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let quantities = ["DeliveredQuantity"]
        switch try await change("invoices/\(id)", "Invoice", draft.content, customer, parts, quantities, by: deadline) {
        case .failure(let problem): return .rejected(problem)
        case .success(let row): return try Self.outcome(row)
        }
    }

    private func change(
        _ path: String, _ name: String, _ draft: SalesOrderDraft, _ customer: DocumentID, _ parts: Set<DocumentPart>,
        _ quantities: [String], by deadline: Instant
    ) async throws(FortnoxFailure) -> Result<FortnoxRow, Problem> {
        let rows = FortnoxRows(register: try await catalogue.register(for: [draft], by: deadline))
        if let problem = rows.problems(in: draft).first { return .failure(problem) }
        var replaced: Int?
        if parts.contains(.lines) {
            guard let known = try await client.get(path, name, by: deadline) else {
                return .failure(Problem(.documentGone, "\(path) is no longer in Fortnox"))
            }
            replaced = known.rows("\(name)Rows").first?.members["RowId"]?.int
        }
        let fields: JSONValue
        do throws(Problem) {
            fields = try rows.changes(
                draft, customer: customer, parts, rows: "\(name)Rows", quantities: quantities, replacing: replaced)
        } catch {
            return .failure(error)
        }
        return .success(try await client.write(.put, path, name, fields, by: deadline))
    }

    /// Cancels what is not booked; an order whose invoice was cancelled can be cancelled too.
    func withdraw(
        _ kind: DocumentKind, _ id: DocumentID, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let (path, name) = kind == .order ? ("orders/\(id)", "Order") : ("invoices/\(id)", "Invoice")
        func document(_ row: FortnoxRow) -> ERPDocument? {
            kind == .order ? ERPDocument(fortnoxOrder: row) : ERPDocument(fortnoxInvoice: row)
        }
        do throws(FortnoxFailure) {
            let answer = try await client.call(.put, "\(path)/cancel", nil, isRead: false, by: deadline)
            guard let done = FortnoxRow(answer[name]).flatMap(document) else { throw .unreadable("no document") }
            return .done(done)
        } catch .refused(let refusal) {
            guard let known = try await client.get(path, name, by: deadline).flatMap(document) else {
                return .rejected(Problem(.documentGone, "\(kind.title) \(id) is no longer in Fortnox"))
            }
            return known.state == .cancelled ? .alreadyThere(known) : .rejected(refusal.problem)
        } catch {
            throw error
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
        case .cancelled, .gone, .withdrawn:
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
