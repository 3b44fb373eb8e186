/// Chooses the date an invoice is booked on: its own, unless the books no longer take it (R14).
struct BookingDate {
    let settings: Settings
    let books: Books
    let now: Instant

    func plan(_ wanted: Day, _ invoice: Document) -> Plan {
        if wanted > now.day(in: settings.timeZone) {
            return .hold(Hold(until: .time(now + .seconds(1800)), waitingFor: "its date, \(wanted)"))
        }
        let isCreditNote = invoice.reference.kind == .creditNote
        switch permitted(wanted, after: isCreditNote ? books.lastCreditNoteDate : books.lastInvoiceDate) {
        case .day(let date):
            let (reference, id, dated) = (invoice.reference, invoice.erp.id, invoice.erp.date)
            return .step(
                isCreditNote
                    ? .bookCreditNote(reference, id, dated: dated, date: date, trueDate: wanted)
                    : .bookInvoice(reference, id, dated: dated, date: date, trueDate: wanted))
        case .closed:
            return .waitForAccountant(wanted)
        case .passed(let last):
            let text = "a decision: invoice numbers have reached \(last), and it is of another month, \(wanted); "
            return .hold(
                Hold(until: .books("number series"), waitingFor: text + "periodPolicy nextOpenDay books it there"))
        }
    }

    private enum Permitted {
        case day(Day)
        /// The period of the wanted day is closed.
        case closed
        /// The number series has gone on into another month, to this day.
        case passed(Day)
    }

    /// Within a month a latecomer moves to the last date of its number series: its VAT period stays the same. Into another
    /// month it moves only if the period policy allows.
    private func permitted(_ wanted: Day, after lastDates: [Int: Day]) -> Permitted {
        guard var date = books.openDay(wanted, settings.invoices.periodPolicy) else { return .closed }
        if books.rules.datesOnlyMoveForward, let last = lastDates[date.year], last > date {
            let sameMonth = last.month == wanted.month && last.year == wanted.year
            guard sameMonth || settings.invoices.periodPolicy == .nextOpenDay else { return .passed(last) }
            date = last
        }
        return .day(date)
    }
}
