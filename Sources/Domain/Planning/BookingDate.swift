/// Chooses the date an invoice is booked on: its own, unless the books no longer take it (R14).
struct BookingDate {
    let settings: Settings
    let books: Books
    let now: Instant

    func plan(_ wanted: Day, _ invoice: Document) -> Plan {
        if wanted > now.day(in: settings.timeZone) {
            return .hold(Hold(until: .time(now + .seconds(1800)), waitingFor: "its date, \(wanted)"))
        }
        guard let date = firstPermitted(wanted) else {
            return .hold(
                Hold(until: .books("period"), waitingFor: "the accountant: the books are closed for \(wanted)"))
        }
        return .step(.bookInvoice(invoice.reference, invoice.erp.id, date: date, trueDate: wanted))
    }

    /// Within a month a latecomer moves to the last date of its number series: its VAT period stays the same. Into another
    /// month it moves only if the period policy allows.
    private func firstPermitted(_ wanted: Day) -> Day? {
        var date = wanted
        if let locked = books.lockedThrough, locked >= date {
            guard settings.invoices.periodPolicy == .nextOpenDay else { return nil }
            date = locked.next
        }
        if books.rules.datesOnlyMoveForward, let last = books.lastInvoiceDate[date.year], last > date {
            let sameMonth = last.month == wanted.month && last.year == wanted.year
            guard sameMonth || settings.invoices.periodPolicy == .nextOpenDay else { return nil }
            date = last
        }
        return date
    }
}
