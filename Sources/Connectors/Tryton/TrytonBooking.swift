import ConnectorKit
import Domain

/// Posts draft invoices, a batch in one call: what is posted is in the ledger for good.
struct TrytonBooking: Sendable {
    struct Entry: Hashable, Sendable {
        let id: DocumentID
        let date: Day
        let trueDate: Day

        var number: Int? { Int(id.text) }
    }

    let client: TrytonClient
    let lookup: TrytonLookup

    func book(_ entries: [Entry], by deadline: Instant) async throws(TrytonFailure) -> [StepOutcome] {
        var open = entries
        var validated: Set<Int> = []
        var settled: [DocumentID: StepOutcome] = [:]
        // The second try is for what was validated, posted, cancelled or deleted since we saw it.
        for attempt in 1...2 {
            do throws(TrytonFailure) {
                try await client.write("account.invoice", Self.dates(open, validated), by: deadline)
                try await press(Self.validate, open.filter { !validated.contains($0.number ?? 0) }, by: deadline)
                try await press("account.invoice.post", open, by: deadline)
                break
            } catch .refused(let refusal) where refusal.kind == .wrongState && attempt == 1 {
                let known = try await lookup.invoices(open.compactMap(\.number), by: deadline)
                for entry in open { settled[entry.id] = Self.outcome(beforePosting: entry, known) }
                open.removeAll { settled[$0.id] != nil }
                if open.isEmpty { break }
                validated = Set(known.values.filter { $0.state == "validated" }.map(\.id))
            } catch .refused(let refusal) where refusal.kind == .dateBeforeSeries && entries.count == 1 {
                // Somebody posted a later date since the books were read: with fresh books the date will be another.
                throw .busy(after: nil, refusal.problem)
            } catch {
                throw error
            }
        }
        do throws(TrytonFailure) {
            let posted = try await lookup.invoices(open.compactMap(\.number), by: deadline)
            return entries.map { settled[$0.id] ?? Self.outcome(afterPosting: $0, posted) }
        } catch {
            throw .afterWriting(error)
        }
    }

    /// Posting does all its work three times over, because each lock that Tryton finds it needs makes it begin anew. What
    /// was validated before it need not look at again, which saves more than a third of the time. A validated invoice
    /// has no number and no entry yet; its date can still be changed.
    private static let validate = "account.invoice.validate_invoice"

    /// Invoices of the same values share a change. Only a draft takes a comment.
    private static func dates(_ entries: [Entry], _ validated: Set<Int>) -> [(ids: [Int], values: JSONValue)] {
        let changes = entries.compactMap { entry in
            entry.number.map { number in
                (number, entry.date, validated.contains(number) ? entry.date : entry.trueDate)
            }
        }
        return Dictionary(grouping: changes) { [$0.1, $0.2] }
            .sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }
            .map { days, changes in
                var values: [String: JSONValue] = ["invoice_date": TrytonWire.date(days[0])]
                if days[0] != days[1] {
                    values["comment"] = .string("Dated \(days[1]) in the shop, booked on the first open day.")
                }
                return (changes.map(\.0), .object(values))
            }
    }

    private static func outcome(beforePosting entry: Entry, _ known: [Int: TrytonInvoice]) -> StepOutcome? {
        guard let invoice = entry.number.flatMap({ known[$0] }) else {
            return .rejected(Problem(.documentGone, "invoice #\(entry.id) was deleted in Tryton"))
        }
        switch invoice.document.state {
        case .booked, .paid: return .alreadyThere(invoice.document)
        case .cancelled, .gone, .withdrawn:
            return .rejected(Problem(.documentGone, "invoice #\(entry.id) was cancelled in Tryton"))
        case .draft, .confirmed: return nil
        }
    }

    private static func outcome(afterPosting entry: Entry, _ known: [Int: TrytonInvoice]) -> StepOutcome {
        guard let invoice = entry.number.flatMap({ known[$0] }) else {
            return .rejected(Problem(.documentGone, "invoice #\(entry.id) was deleted in Tryton"))
        }
        guard invoice.document.state.isBooked else {
            let text = "invoice #\(entry.id) is \(invoice.state) in Tryton after posting"
            return .rejected(Problem(.documentChangedInERP, text))
        }
        return .done(invoice.document)
    }

    // MARK: Posting and consent

    /// Presses a button, and consents to warnings that change nothing about what is right. Tryton asks one question per
    /// call, so what it asks about one invoice is answered for all of the batch.
    private func press(
        _ button: String, _ entries: [Entry], by deadline: Instant
    ) async throws(TrytonFailure) {
        let ids = entries.compactMap(\.number)
        guard !ids.isEmpty else { return }
        let consent = TrytonConsent(dates: entries.map(\.date), now: client.clock.now())
        var given: Set<String> = []
        var records: [Int] = []
        while true {
            do throws(TrytonFailure) {
                try await client.press(button, ids, by: deadline)
                await takeBack(records, by: deadline)
                return
            } catch .warning(let warning) where consent.mayBeGiven(warning) && !given.contains(warning.name) {
                let names = try await names(of: warning, ids, by: deadline).subtracting(given)
                given.formUnion(names)
                records += try await give(names.sorted(), by: deadline)
            } catch {
                await takeBack(records, by: deadline)
                throw error
            }
        }
    }

    private func names(
        of warning: TrytonWarning, _ ids: [Int], by deadline: Instant
    ) async throws(TrytonFailure) -> Set<String> {
        let names: [String]
        switch TrytonConsent.Scope(warning) {
        case .one: names = []
        case .invoices: names = ids.map { TrytonConsent.name(warning.kind, "account.invoice", $0) }
        case .identifiers:
            let rows = try await client.rows(
                "account.invoice", [["id", "in", TrytonWire.ids(ids)]],
                ["tax_identifier", "party_tax_identifier", "party.tax_identifier"], by: deadline)
            let identifiers = rows.flatMap { row in
                [
                    row.link("tax_identifier"), row.link("party_tax_identifier"),
                    row.row("party")?.link("tax_identifier"),
                ]
            }
            names = Set(identifiers.compactMap(\.self)).map { TrytonConsent.name(warning.kind, "party.identifier", $0) }
        }
        return Set(names).union([warning.name])
    }

    private func give(_ names: [String], by deadline: Instant) async throws(TrytonFailure) -> [Int] {
        let user = try await client.session(by: deadline).user
        return try await client.create(
            "res.user.warning",
            names.map { ["user": TrytonWire.id(user), "name": .string($0), "always": false] }, by: deadline)
    }

    /// Takes back consents that Tryton did not ask for, so that none is lying about. Not vital: failing is no failure.
    private func takeBack(_ records: [Int], by deadline: Instant) async {
        guard !records.isEmpty else { return }
        let left = try? await client.rows(
            "res.user.warning", [["id", "in", TrytonWire.ids(records)]], [], by: deadline)
        let ids = (left ?? []).compactMap { $0.link("id") }
        guard !ids.isEmpty else { return }
        _ = try? await client.call("res.user.warning.delete", [TrytonWire.ids(ids)], .write, by: deadline)
    }
}
