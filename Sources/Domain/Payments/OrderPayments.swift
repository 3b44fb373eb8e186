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
        // They come in any order, and the same documents have to give the same plan.
        let documents = documents.sorted { $0.reference.key < $1.reference.key }
        generations = OrderDocuments(documents, ofOrder: order.id).generations
        payments = documents.filter { $0.reference.kind == .payment && $0.erp.state != .gone }
        entries = documents.filter { $0.reference.kind == .journalEntry }
    }

    /// The next payment, or a stop; `nil` where nothing is to be registered.
    func plan(_ settlements: [Settlement]) -> Plan? {
        do throws(Problem) {
            let rule = try settings.paymentRule(for: order)
            let lines = rule?.paidTo == nil ? try lines(settlements) : []
            let word = accountOfShopsWord(rule).map(shopsWord)
            let told = word ?? moved(lines)
            let moved = netted(told)
            if let plan = try carriedIn() { return plan }
            for money in moved {
                if let plan = try allot(money) { return plan }
            }
            if let plan = try carriedOut() { return plan }
            guard !moved.isEmpty else { return nil }
            if let plan = try takenBack(told, moved) { return plan }
            if let word, let plan = try exchange(lines, word) { return plan }
            if let plan = try writeOff() { return plan }
            if let plan = try tooMuch(told, moved) { return plan }
            guard let word else { return nil }
            return try notAsCaptured(lines, word)
        } catch {
            return .stop(error)
        }
    }

    var rules: PaymentSettings { settings.payments ?? PaymentSettings() }

    /// The ledger's currency.
    var own: Currency { books.currency ?? order.currency }

    // MARK: What moved

    /// The lines of payouts that are booked here, oldest first.
    private func lines(_ settlements: [Settlement]) throws(Problem) -> [Settlement] {
        let lines = settlements.filter { $0.kind.isPayment && account(of: $0) != nil }
            .sorted { ($0.at, $0.line) < ($1.at, $1.line) }
        if let line = lines.first(where: { $0.paid.currency != order.currency }) {
            throw Problem(
                .payoutCurrency,
                "line \(line.line) of payout \(line.payout) is in \(line.paid.currency.code), the order in "
                    + order.currency.code)
        }
        return lines
    }

    /// Where a line lies; `nil` where its payout is not booked here.
    private func account(of line: Settlement) -> String? {
        guard line.settled.currency == books.currency ?? line.settled.currency else { return nil }
        return rules.accounts(of: line.provider, line.settled.currency)?.account(of: line.place)
    }

    private func moved(_ lines: [Settlement]) -> [MoneyMoved] {
        lines.compactMap { line in
            account(of: line).map { account in
                MoneyMoved(
                    record: line.record(of: order), title: "line \(line.line) of payout \(line.payout)",
                    kind: line.kind, amount: line.paid,
                    settled: line.settled.currency == line.paid.currency ? nil : line.settled,
                    date: rules.date == .payout ? line.arrivesOn : line.at.day(in: settings.timeZone),
                    account: account)
            }
        }
    }

    /// The account that the shop's own word about a payment goes to: of methods that no report comes of, and of all where invoices
    /// are paid on capture. `nil` where payouts tell.
    private func accountOfShopsWord(_ rule: PaymentMethodRule?) -> String? {
        if let account = rule?.paidTo { return account }
        guard rules.register == .capture, let provider = rule?.provider else { return nil }
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
        func money(_ record: String, _ title: String, _ amount: Money, _ at: Instant) -> MoneyMoved {
            MoneyMoved(
                record: record, title: title, amount: amount, date: at.day(in: settings.timeZone), account: account)
        }
        let refunds = order.refunds.filter { !$0.amount.isZero }.map {
            money("refund-\($0.id)", "refund \($0.id)", -$0.amount, $0.createdAt ?? paidAt)
        }
        return [money(order.record, "order \(order.number)", captured, paidAt)] + refunds
    }

    /// What was authorised may come in whole, and what was not captured of it go out again: only the rest was paid. What of that a
    /// credit note took is no longer taken off.
    private func netted(_ told: [MoneyMoved]) -> [MoneyMoved] {
        var moved = told
        for index in told.indices where told[index].isReversal {
            var reversal = moved[index]
            for charge in moved.indices.reversed() where moved[charge].isCharge(like: reversal) {
                let part = min(moved[charge].amount.minorUnits, -rest(of: reversal).minorUnits)
                guard part > 0 else { break }
                reversal.give(Money(minorUnits: -part, order.currency), to: &moved[charge])
            }
            moved[index] = reversal
        }
        return moved
    }

    // MARK: Documents

    func left(of document: Document) -> Money? {
        guard document.erp.state.isBooked, let total = document.erp.total else { return nil }
        return total - made(on: document).map(\.amount).sum(total.currency) - setOff(document, total.currency)
    }

    /// What the ERP set off by itself: of a credit note, or of an invoice against its notes.
    private func setOff(_ document: Document, _ currency: Currency) -> Money {
        guard document.reference.kind == .invoice else { return -(document.madeFrom?.setOff ?? .zero(currency)) }
        let notes = generations.first { $0.ordinal == document.reference.ordinal }?.notes ?? []
        return notes.filter { $0.erp.state.isBooked }.compactMap(\.madeFrom?.setOff).sum(currency)
    }

    func made(on document: Document) -> [PaymentDraft] {
        payments.compactMap(\.madeFrom?.payment).filter { $0.document == document.erp.id }
    }

    func made(of money: MoneyMoved) -> [PaymentDraft] {
        payments.compactMap(\.madeFrom?.payment).filter { $0.reference.record == money.record }
    }

    /// What neither documents nor rounding took of it.
    func rest(of money: MoneyMoved) -> Money {
        money.amount - made(of: money).map(\.amount).sum(order.currency)
            - rounded(money.record, order.currency)
    }

    // MARK: Paying

    /// Pays what a movement has left to the document that awaits it.
    private func allot(_ money: MoneyMoved) throws(Problem) -> Plan? {
        let rest = rest(of: money)
        // No document awaits what was registered and did not come, and what was taken back awaits its charge.
        guard !rest.isZero, rest.isNegative == money.amount.isNegative, !money.isReversal,
            let document = document(for: rest, of: money), let open = left(of: document)
        else { return nil }
        return try pay(document, rest.magnitude < open.magnitude ? rest : open, of: money)
    }

    private func document(for rest: Money, of money: MoneyMoved) -> Document? {
        if !rest.isNegative {
            let invoices =
                generations.reversed().filter { !$0.isClosed && !$0.isCredited }.compactMap(\.invoice)
                + generations.reversed().compactMap(\.invoice)
            return invoices.first { (left(of: $0)?.minorUnits ?? 0) > 0 && !isSetOff($0) }
        }
        let notes = generations.flatMap(\.notes).filter { (left(of: $0)?.minorUnits ?? 0) < 0 && !isSetOff($0) }
        return notes.first { $0.reference.record == money.record } ?? notes.first { left(of: $0) == rest }
            ?? notes.first
    }

    /// An invoice and its credit notes were set off against each other: nobody owes any of it.
    private func isSetOff(_ document: Document) -> Bool {
        guard let generation = generations.first(where: { $0.ordinal == document.reference.ordinal }),
            generation.isCredited, let invoice = generation.invoice
        else { return false }
        return made(on: invoice).isEmpty && invoice.erp.state == .paid
    }

    func pay(_ document: Document, _ amount: Money, of money: MoneyMoved) throws(Problem) -> Plan? {
        let before = made(of: money)
        let last = before.map(\.reference.ordinal).max() ?? 0
        let reference = ExternalReference(shop: shop, record: money.record, kind: .payment, ordinal: last + 1)
        // The rate of the day is the provider's: a part has its part of it, and the last of it the rest.
        var settled: Money?
        if let whole = money.settled {
            let sum = before.compactMap(\.settled).sum(whole.currency)
            settled = amount == rest(of: money) ? whole - sum : whole.part(amount, of: money.amount)
        }
        return try registered(document, amount, settled, money.date, money.account, reference)
    }

    /// A payment is never dated before what it pays, nor into a closed period.
    func registered(
        _ document: Document, _ amount: Money, _ settled: Money?, _ date: Day, _ account: String,
        _ reference: ExternalReference
    ) throws(Problem) -> Plan? {
        let wanted = max(date, document.erp.date ?? date)
        guard let date = books.openDay(wanted, settings.invoices.periodPolicy) else {
            return .waitForAccountant(wanted)
        }
        let equal = made(on: document).filter {
            $0.amount == amount && $0.account == account && $0.date >= wanted && $0.date <= date
        }
        return .step(
            .registerPayment(
                PaymentDraft(
                    reference: reference, document: document.erp.id, kind: document.reference.kind, amount: amount,
                    settled: settled, date: date, trueDate: wanted, account: account, gain: rules.exchangeGain,
                    loss: rules.exchangeLoss, equalBefore: equal.count)))
    }

    func entry(
        _ reference: ExternalReference, _ date: Day, _ text: String, _ rows: [JournalEntryDraft.Row]
    ) -> Plan {
        guard let open = books.openDay(date, settings.invoices.periodPolicy) else { return .waitForAccountant(date) }
        return .step(
            .createJournalEntry(
                JournalEntryDraft(
                    reference: reference, date: open, trueDate: date, series: rules.series, text: text, rows: rows)))
    }
}

extension PaymentDraft {
    /// In the records of such payments, after the order's and before the account.
    static let carriedOver = "-carried-"

    /// Whether it takes what was paid from one document of an order to another: no money moved.
    public var isCarriedOver: Bool { reference.record.contains(Self.carriedOver) }
}
