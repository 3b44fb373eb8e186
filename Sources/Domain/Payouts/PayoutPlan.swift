/// What of a payout is for a person to settle. None of it keeps the entries from being booked.
public struct PayoutOpenPoints: Hashable, Sendable {
    /// Lines of orders that no order was found for, and lie on clearing or suspense until one is.
    public var unmatched: Int
    /// Lines of a kind that is not known, on suspense.
    public var unknown: Int
    /// Money of orders that a person excluded or the shop called off, and refunds that the shop knows nothing of.
    public var forPerson: Int
    /// One of them, in words.
    public var example: String?

    public init(unmatched: Int = 0, unknown: Int = 0, forPerson: Int = 0, example: String? = nil) {
        self.unmatched = unmatched
        self.unknown = unknown
        self.forPerson = forPerson
        self.example = example
    }

    var problem: Problem? {
        let parts = [
            (unmatched, "not matched to an order"), (unknown, "of a kind that is not known"),
            (forPerson, "of orders that are not synced, or refunds that the shop does not show"),
        ]
        let said = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? "line" : "lines") \($0.1)" }
        guard !said.isEmpty else { return nil }
        let text = said.joined(separator: ", ") + (example.map { "; for instance \($0)" } ?? "")
        return Problem(unmatched > 0 ? .payoutLineNotMatched : .payoutLineForPerson, "the payout is booked; \(text)")
    }
}

/// Decides what should be done about a payout now. Pure.
///
/// `entries` has all its lines; `documents` are the journal entries that were made of it.
public func plan(
    _ payout: Payout, of shop: ShopIdentity, entries: PayoutEntries, open: PayoutOpenPoints, documents: [Document],
    settings: Settings, books: Books, decisions: [Decision] = [], now: Instant
) -> Plan {
    if let exclusion = exclusion(of: payout, settings: settings, decisions: decisions) { return .exclusion(exclusion) }
    if payout.state == .pending {
        return .hold(Hold(until: .recordChanges, waitingFor: "the provider to complete it"))
    }
    if payout.arrivesOn > now.day(in: settings.timeZone) {
        return .hold(Hold(until: .time(now + .seconds(1800)), waitingFor: "its arrival, \(payout.arrivesOn)"))
    }
    let plan = PayoutPlanner(payout: payout, shop: shop, settings: settings, books: books).plan(
        entries, open, documents)
    if case .step = plan, !settings.live { return .hold(Hold(until: .setting("live"), waitingFor: "live mode")) }
    return plan
}

/// Why a payout is not booked here: it arrived before the merchant began with us, or a person booked it or wants it left out. What
/// is booked of it stays.
public func exclusion(of payout: Payout, settings: Settings, decisions: [Decision]) -> Exclusion? {
    if let exclusion = Verdict(decisions).exclusion { return exclusion }
    let start = settings.orders.excludeBefore
    guard payout.arrivesOn < start else { return nil }
    return Exclusion(.beforeExclusionDate, "arrived on \(payout.arrivesOn), before the exclusion date \(start)")
}

private struct PayoutPlanner {
    let payout: Payout
    let shop: ShopIdentity
    let settings: Settings
    let books: Books

    func plan(_ entries: PayoutEntries, _ open: PayoutOpenPoints, _ documents: [Document]) -> Plan {
        do throws(Problem) {
            if let own = books.currency, own != payout.currency {
                throw Problem(
                    .payoutCurrency, "payout \(payout.id) is in \(payout.currency.code), the books in \(own.code)")
            }
            let wanted = try entries.entries()
            try refuseChanges(wanted, documents)
            for entry in wanted {
                if let plan = next(entry, of: payout.entryRecord, documents, "") { return plan }
            }
            if let reversal = entries.reversal(),
                let plan = next(reversal, of: payout.reversalRecord, documents, "came back: ")
            {
                return plan
            }
            if let step = attachment(documents) { return .step(step) }
            if let problem = open.problem { throw problem }
            return .complete
        } catch {
            return .stop(error)
        }
    }

    /// What is booked of a payout says what its lines say; a report that says something else is for a person.
    private func refuseChanges(_ wanted: [PayoutEntries.Entry], _ documents: [Document]) throws(Problem) {
        let booked = documents.filter { $0.reference.record == payout.entryRecord }
        for document in booked {
            guard let rows = document.madeFrom?.entry else { continue }
            let now = wanted.first { $0.month.ordinal == document.reference.ordinal }?.rows ?? []
            let (then, next) = (rows.onClearing(of: payout), now.onClearing(of: payout))
            guard then == next else {
                throw Problem(
                    .payoutChanged,
                    "\(document.title) books \(then) on clearing, the payout now comes to \(next) in that month")
            }
        }
    }

    /// The report as it was received, with each entry that was made of it. What was taken out by hand came in none.
    private func attachment(_ documents: [Document]) -> Step? {
        guard books.rules.attachments, settings.payments?.attachReports ?? true, payout.content != .unlisted else {
            return nil
        }
        let entries = documents.filter {
            $0.reference.kind == .journalEntry && $0.reference.record == payout.entryRecord
        }
        for entry in entries.sorted(by: { $0.reference.ordinal < $1.reference.ordinal }) where entry.erp.state.isBooked
        {
            let reference = ExternalReference(
                shop: shop, record: payout.entryRecord, kind: .attachment, ordinal: entry.reference.ordinal)
            if documents.contains(where: { $0.reference == reference }) { continue }
            return .attach(AttachmentDraft(reference: reference, entry: entry.erp.id, name: payout.clearingText))
        }
        return nil
    }

    /// What an entry needs; `nil` when it is made.
    private func next(
        _ entry: PayoutEntries.Entry, of record: String, _ documents: [Document], _ prefix: String
    ) -> Plan? {
        let reference = ExternalReference(
            shop: shop, record: record, kind: .journalEntry, ordinal: entry.month.ordinal)
        if let known = documents.first(where: { $0.reference == reference }) {
            return known.erp.state == .gone
                ? .stop(Problem(.documentGone, "\(known.title) was deleted in the ERP")) : nil
        }
        guard let date = books.openDay(entry.date, settings.invoices.periodPolicy) else {
            return .waitForAccountant(entry.date)
        }
        let dated = date == entry.date ? "" : ", of \(entry.date)"
        let text = "\(prefix)\(payout.provider) payout \(payout.id), arrives \(payout.arrivesOn)\(dated)"
        return .step(
            .createJournalEntry(
                JournalEntryDraft(
                    reference: reference, date: date, trueDate: entry.date, series: settings.payments?.series,
                    text: text, rows: entry.rows)))
    }
}

extension Payout {
    /// The record that its entries bear in references.
    public var entryRecord: String { "payout-\(record)" }
    /// The same of what reverses it.
    public var reversalRecord: String { "payout-\(record)-returned" }
    /// Of the row on clearing, by which it is known.
    public var clearingText: String { "\(provider) \(id)" }
}

extension [JournalEntryDraft.Row] {
    /// Accounts may be others by the settings since then; what a payout moves on clearing may not.
    fileprivate func onClearing(of payout: Payout) -> Money {
        filter { $0.text == payout.clearingText }.map(\.amount).sum(payout.currency)
    }
}
