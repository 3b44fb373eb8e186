/// Decides which payments an order's booked documents need: by the lines of payouts that were matched to it, or by what the
/// shop says was paid, as the settings have it. Pure. What no document takes yet stays where it lies.
struct OrderPayments {
    let shop: ShopIdentity
    let settings: Settings
    let books: Books
    let order: Order
    let generations: [Generation]
    let payments: [Document]
    let entries: [Document]

    init(
        shop: ShopIdentity, settings: Settings, books: Books, order: Order, documents: [Document]
    ) {
        self.shop = shop
        self.settings = settings
        self.books = books
        self.order = order
        generations = OrderDocuments(documents, ofOrder: order.id).generations
        payments = documents.filter { $0.reference.kind == .payment && $0.erp.state != .gone }
        entries = documents.filter { $0.reference.kind == .journalEntry }
    }

    /// The next payment, or a stop; `nil` where nothing is to be registered.
    func plan(_ settlements: [Settlement]) -> Plan? {
        do throws(Problem) {
            let moved = try moved(settlements)
            for money in moved {
                if let plan = try allot(money) { return plan }
            }
            if let plan = try carriedOver() { return plan }
            guard !moved.isEmpty else { return nil }
            if let plan = try exchange(settlements) { return plan }
            if let plan = try writeOff() { return plan }
            return try tooMuch(moved)
        } catch {
            return .stop(error)
        }
    }

    // MARK: What moved

    private var rules: PaymentSettings { settings.payments ?? PaymentSettings() }

    private func moved(_ settlements: [Settlement]) throws(Problem) -> [MoneyMoved] {
        if let account = try accountOfShopsWord() { return shopsWord(account) }
        var moved: [MoneyMoved] = []
        let lines = settlements.filter { $0.kind.isPayment }.sorted { ($0.at, $0.line) < ($1.at, $1.line) }
        for line in lines {
            guard let accounts = rules.accounts(of: line.provider, line.settled.currency),
                let account = accounts.account(of: line.place),
                line.settled.currency == books.currency ?? line.settled.currency
            else { continue }
            guard line.paid.currency == order.currency else {
                throw Problem(
                    .payoutCurrency,
                    "line \(line.line) of payout \(line.payout) is in \(line.paid.currency.code), the order in "
                        + order.currency.code)
            }
            moved.append(
                MoneyMoved(
                    record: line.record, amount: line.paid,
                    settled: line.settled.currency == line.paid.currency ? nil : line.settled,
                    date: rules.date == .payout ? line.arrivesOn : line.at.day(in: settings.timeZone),
                    account: account))
        }
        return moved
    }

    /// The account that the shop's own word about a payment goes to: of methods that no report comes of, and of all where invoices
    /// are paid on capture. `nil` where payouts tell.
    private func accountOfShopsWord() throws(Problem) -> String? {
        guard let rule = try settings.paymentRule(for: order) else { return nil }
        if let account = rule.paidTo { return account }
        guard rules.register == .capture, let provider = rule.provider else { return nil }
        return rules.accounts.first { $0.provider == provider && $0.currency == order.currency.code }?.clearing
            ?? rules.accounts.first { $0.provider == provider && $0.currency == books.currency?.code }?.clearing
    }

    private func shopsWord(_ account: String) -> [MoneyMoved] {
        guard let paidAt = order.paidAt, let first = generations.first(where: \.isBooked)?.invoice,
            let invoiced = first.erp.total
        else { return [] }
        // What was captured is what was first invoiced: a later change of the order captures nothing.
        let reducedBy = first.madeFrom?.facts?.reducedBy ?? []
        let captured = invoiced + order.refunds.filter { reducedBy.contains($0.id) }.map(\.amount).sum(order.currency)
        func money(_ record: String, _ amount: Money, _ at: Instant) -> MoneyMoved {
            MoneyMoved(
                record: record, amount: amount, settled: nil, date: at.day(in: settings.timeZone), account: account)
        }
        let refunds = order.refunds.filter { !$0.amount.isZero }.map {
            money("refund-\($0.id)", -$0.amount, $0.createdAt ?? paidAt)
        }
        return [money(order.record, captured, paidAt)] + refunds
    }

    // MARK: Documents

    private func left(of document: Document) -> Money? {
        guard document.erp.state.isBooked, let total = document.erp.total else { return nil }
        return total - made(on: document).map(\.amount).sum(total.currency) - setOff(document, total.currency)
    }

    /// What the ERP set off by itself: of a credit note, or of an invoice against its notes.
    private func setOff(_ document: Document, _ currency: Currency) -> Money {
        guard document.reference.kind == .invoice else { return -(document.madeFrom?.setOff ?? .zero(currency)) }
        let notes = generations.first { $0.ordinal == document.reference.ordinal }?.notes ?? []
        return notes.filter { $0.erp.state.isBooked }.compactMap(\.madeFrom?.setOff).sum(currency)
    }

    private func made(on document: Document) -> [PaymentDraft] {
        payments.compactMap(\.madeFrom?.payment).filter { $0.document == document.erp.id }
    }

    private func made(of record: String) -> [PaymentDraft] {
        payments.compactMap(\.madeFrom?.payment).filter { $0.reference.record == record }
    }

    private func rest(of money: MoneyMoved) -> Money {
        money.amount - made(of: money.record).map(\.amount).sum(money.amount.currency)
    }

    /// Pays what a movement has left to the document that awaits it.
    private func allot(_ money: MoneyMoved) throws(Problem) -> Plan? {
        let rest = rest(of: money)
        guard !rest.isZero, let document = document(for: rest), let open = left(of: document) else { return nil }
        let amount = rest.magnitude < open.magnitude ? rest : open
        return try pay(document, amount, of: money)
    }

    private func document(for rest: Money) -> Document? {
        if !rest.isNegative {
            let invoices =
                generations.reversed().filter { !$0.isClosed && !$0.isCredited }.compactMap(\.invoice)
                + generations.reversed().compactMap(\.invoice)
            return invoices.first { (left(of: $0)?.minorUnits ?? 0) > 0 && !isSetOff($0) }
        }
        let notes = generations.flatMap(\.notes).filter { (left(of: $0)?.minorUnits ?? 0) < 0 && !isSetOff($0) }
        return notes.first { left(of: $0) == rest } ?? notes.first
    }

    /// An invoice and its credit notes were set off against each other: nobody owes any of it.
    private func isSetOff(_ document: Document) -> Bool {
        guard let generation = generations.first(where: { $0.ordinal == document.reference.ordinal }),
            generation.isCredited, let invoice = generation.invoice
        else { return false }
        return made(on: invoice).isEmpty && invoice.erp.state == .paid
    }

    private func pay(_ document: Document, _ amount: Money, of money: MoneyMoved) throws(Problem) -> Plan? {
        let ordinal = made(of: money.record).count + 1
        let reference = ExternalReference(shop: shop, record: money.record, kind: .payment, ordinal: ordinal)
        // The rate of the day is the provider's: a part has its part of it, and the last of it the rest.
        var settled: Money?
        if let whole = money.settled {
            let before = made(of: money.record).compactMap(\.settled).sum(whole.currency)
            settled = amount == rest(of: money) ? whole - before : whole.part(amount, of: money.amount)
        }
        return try registered(document, amount, settled, money.date, money.account, reference)
    }

    /// A payment is never dated before what it pays, nor into a closed period.
    private func registered(
        _ document: Document, _ amount: Money, _ settled: Money?, _ date: Day, _ account: String,
        _ reference: ExternalReference
    ) throws(Problem) -> Plan? {
        let wanted = max(date, document.erp.date ?? date)
        guard let date = books.openDay(wanted, settings.invoices.periodPolicy) else {
            return .waitForAccountant(wanted)
        }
        let equal = made(on: document).filter { $0.amount == amount && $0.date == date && $0.account == account }
        return .step(
            .registerPayment(
                PaymentDraft(
                    reference: reference, document: document.erp.id, kind: document.reference.kind, amount: amount,
                    settled: settled, date: date, account: account, gain: rules.exchangeGain,
                    loss: rules.exchangeLoss, equalBefore: equal.count)))
    }

    // MARK: Rates

    /// Where an invoice in another currency was paid on capture, the ledger has the money at the invoice's rate until the payout
    /// tells what it came to: the difference is a gain or loss and no VAT (R20). One entry for each line.
    private func exchange(_ settlements: [Settlement]) throws(Problem) -> Plan? {
        guard rules.register == .capture, let own = books.currency, own != order.currency,
            let gain = rules.exchangeGain, let loss = rules.exchangeLoss
        else { return nil }
        for isRefund in [false, true] {
            let made = payments.filter { payment in
                payment.madeFrom?.payment.map { $0.amount.isNegative == isRefund && $0.settled == nil } ?? false
            }
            let paid = made.compactMap(\.madeFrom?.payment?.amount).sum(order.currency)
            let ledger = made.compactMap(\.erp.ledger).filter { $0.currency == own }.sum(own)
            guard !paid.isZero else { continue }
            var seen = Money.zero(order.currency)
            for line in settlements.filter({ $0.kind.isPayment && $0.paid.isNegative == isRefund }) {
                let before = ledger.part(seen, of: paid)
                seen += line.paid
                guard line.place == .clearing, seen.magnitude <= paid.magnitude, line.settled.currency == own,
                    let account = rules.accounts(of: line.provider, own)?.clearing
                else { continue }
                let difference = line.settled - (ledger.part(seen, of: paid) - before)
                let reference = ExternalReference(
                    shop: shop, record: line.record, kind: .journalEntry, ordinal: 2)
                if difference.isZero || entries.contains(where: { $0.reference == reference }) { continue }
                return entry(
                    reference, line.at.day(in: settings.timeZone),
                    "Order \(order.number): difference in exchange rates",
                    [
                        .init(account: account, amount: difference, text: "exchange difference"),
                        .init(
                            account: difference.isNegative ? loss : gain, amount: -difference,
                            text: "exchange difference"),
                    ])
            }
        }
        return nil
    }

    private func entry(
        _ reference: ExternalReference, _ date: Day, _ text: String, _ rows: [JournalEntryDraft.Row]
    ) -> Plan {
        guard let open = books.openDay(date, settings.invoices.periodPolicy) else { return .waitForAccountant(date) }
        return .step(
            .createJournalEntry(
                JournalEntryDraft(reference: reference, date: open, series: rules.series, text: text, rows: rows)))
    }

    // MARK: Corrections

    /// An invoice that was paid, and was credited and made anew because the order was changed: what was paid goes over from the
    /// credit note to the new invoice, on the day of the credit note.
    private func carriedOver() throws(Problem) -> Plan? {
        for (old, new) in zip(generations, generations.dropFirst()) {
            guard let note = old.closing, let invoice = old.invoice, let next = new.invoice,
                let paid = made(on: invoice).last, let owed = left(of: note), let open = left(of: next),
                let date = note.erp.date
            else { continue }
            func reference(_ ordinal: Int) -> ExternalReference {
                ExternalReference(shop: shop, record: "\(order.record)-carried", kind: .payment, ordinal: ordinal)
            }
            let out = reference(2 * old.ordinal - 1)
            let into = reference(2 * old.ordinal)
            if let begun = payments.first(where: { $0.reference == out })?.madeFrom?.payment {
                guard !payments.contains(where: { $0.reference == into }) else { continue }
                return try registered(next, -begun.amount, nil, date, paid.account, into)
            }
            let amount = owed.isNegative ? min(owed.magnitude, open.minorUnits) : 0
            guard amount > 0 else { continue }
            return try registered(note, Money(minorUnits: -amount, owed.currency), nil, date, paid.account, out)
        }
        return nil
    }

    // MARK: Too little, too much

    private var tolerance: Int64 { rules.tolerance[order.currency.code]?.minorUnits ?? 0 }

    /// What a payment left of an invoice goes to rounding where that is next to nothing (R29).
    private func writeOff() throws(Problem) -> Plan? {
        guard let account = rules.rounding else { return nil }
        for document in generations.flatMap({ [$0.invoice].compactMap(\.self) + $0.notes }) {
            guard let open = left(of: document), !open.isZero, open.magnitude <= tolerance,
                let last = made(on: document).map(\.date).max()
            else { continue }
            let reference = ExternalReference(
                shop: shop, record: "\(document.reference.record)-rounding", kind: .payment,
                ordinal: document.reference.ordinal)
            return try registered(document, open, nil, last, account, reference)
        }
        return nil
    }

    /// More came than the invoice asks for: next to nothing goes to rounding, more is for a person.
    private func tooMuch(_ moved: [MoneyMoved]) throws(Problem) -> Plan? {
        guard let invoice = generations.last?.invoice, invoice.erp.state.isBooked else { return nil }
        for money in moved {
            let rest = rest(of: money)
            guard !rest.isNegative, !rest.isZero, !isBalanced(moved) else { continue }
            let reference = ExternalReference(shop: shop, record: money.record, kind: .journalEntry)
            if entries.contains(where: { $0.reference == reference }) { continue }
            guard rest.magnitude <= tolerance, let rounding = rules.rounding, money.settled == nil else {
                throw Problem(
                    .paymentExceedsInvoice,
                    "\(rest) of \(money.amount) that was paid on \(money.date) is more than \(invoice.title) asks for")
            }
            return entry(
                reference, max(money.date, invoice.erp.date ?? money.date), "Order \(order.number): paid too much",
                [
                    .init(account: money.account, amount: rest, text: "paid too much"),
                    .init(account: rounding, amount: -rest, text: "paid too much"),
                ])
        }
        return nil
    }

    /// What came and went comes to what the documents come to: nothing is too much, something is only not credited yet.
    private func isBalanced(_ moved: [MoneyMoved]) -> Bool {
        let documents = generations.flatMap { [$0.invoice].compactMap(\.self) + $0.notes }
            .filter { $0.erp.state.isBooked }.compactMap(\.erp.total).sum(order.currency)
        let toGoBack = (order.refunds.map(\.amount) + moved.map(\.amount).filter(\.isNegative)).sum(order.currency)
        let kept = moved.map(\.amount).sum(order.currency) - (toGoBack.isNegative ? .zero(order.currency) : toGoBack)
        return kept.minorUnits <= documents.minorUnits
    }
}
