/// What moved and what documents state do not always agree: an invoice was corrected after it was paid, a provider took money
/// back, or a little more or less came.
extension OrderPayments {
    // MARK: Carried over

    /// An invoice that was paid, and was credited and made anew because the order was changed: what was paid goes over from the
    /// credit note to the new invoice on the day of the credit note, each account's part by itself. This is the first half.
    func carriedOut() throws(Problem) -> Plan? {
        for (old, new) in zip(generations, generations.dropFirst()) {
            guard let note = old.closing, let owed = left(of: note), owed.isNegative, let date = note.erp.date,
                let open = new.invoice.flatMap(left)
            else { continue }
            for (account, amount) in paid(in: old) {
                let carried = min(amount.minorUnits, owed.magnitude, open.minorUnits)
                let reference = ExternalReference(
                    shop: shop, record: carriedRecord + Payout.plain(account), kind: .payment,
                    ordinal: 2 * old.ordinal - 1)
                guard carried > 0, !payments.contains(where: { $0.reference == reference }) else { continue }
                return try registered(note, Money(minorUnits: -carried, owed.currency), nil, date, account, reference)
            }
        }
        return nil
    }

    /// The second half: whatever came in between, it brings what the first took, so that the account has what it had before.
    func carriedIn() throws(Problem) -> Plan? {
        for (old, new) in zip(generations, generations.dropFirst()) {
            guard let next = new.invoice, next.erp.state.isBooked else { continue }
            for begun in payments where begun.reference.record.hasPrefix(carriedRecord) {
                let reference = ExternalReference(
                    shop: shop, record: begun.reference.record, kind: .payment, ordinal: 2 * old.ordinal)
                guard begun.reference.ordinal == 2 * old.ordinal - 1, let out = begun.madeFrom?.payment,
                    !payments.contains(where: { $0.reference == reference })
                else { continue }
                let moved = own == order.currency ? nil : ledger(of: begun).map { -$0 }
                return try registered(next, -out.amount, moved, out.date, out.account, reference)
            }
        }
        return nil
    }

    private var carriedRecord: String { order.record + PaymentDraft.carriedOver }

    /// What customers paid and got back on the documents of a generation, by account. What went to rounding nobody paid.
    private func paid(in generation: Generation) -> [(account: String, amount: Money)] {
        let paid = ([generation.invoice].compactMap(\.self) + generation.notes).flatMap { document in
            made(on: document).filter { $0.reference != roundingReference(of: document) }
        }
        return Dictionary(grouping: paid, by: \.account).sorted { $0.key < $1.key }.map { account, paid in
            (account, paid.map(\.amount).sum(order.currency))
        }
    }

    // MARK: Taken back

    /// A credit note may stand for what a provider took back of a charge: then the invoice had the whole, and the note gives
    /// that part back.
    func takenBack(_ told: [MoneyMoved], _ moved: [MoneyMoved]) throws(Problem) -> Plan? {
        let tooMuchPaid = moved.filter { !$0.amount.isNegative }.map { min(rest(of: $0).minorUnits, 0) }.reduce(0, +)
        for money in told where money.isReversal {
            let rest = rest(of: money)
            for generation in generations {
                guard !rest.isZero, let open = generation.invoice.flatMap(left),
                    let note = generation.notes.first(where: { left(of: $0) == rest }),
                    open.minorUnits - tooMuchPaid >= rest.magnitude
                else { continue }
                return try pay(note, rest, of: money)
            }
        }
        return nil
    }

    // MARK: Too little, too much

    var tolerance: Int64 { rules.tolerance[order.currency.code]?.minorUnits ?? 0 }

    /// What a payment left of an invoice goes to rounding where that is next to nothing (R29).
    func writeOff() throws(Problem) -> Plan? {
        guard let account = rules.rounding else { return nil }
        for document in generations.flatMap({ [$0.invoice].compactMap(\.self) + $0.notes }) {
            guard let open = left(of: document), !open.isZero, open.magnitude <= tolerance,
                let last = made(on: document).map(\.date).max()
            else { continue }
            return try registered(document, open, nil, last, account, roundingReference(of: document))
        }
        return nil
    }

    /// An invoice and the credit note of its rest have one record and ordinal.
    private func roundingReference(of document: Document) -> ExternalReference {
        ExternalReference(
            shop: shop, record: "\(document.reference.record)-\(document.reference.kind.rawValue)-rounding",
            kind: .payment, ordinal: document.reference.ordinal)
    }

    /// More came than the invoice asks for, or less than it was paid with because a part was taken back since: next to nothing
    /// goes to rounding, more is for a person.
    func tooMuch(_ told: [MoneyMoved], _ moved: [MoneyMoved]) throws(Problem) -> Plan? {
        guard let invoice = generations.last?.invoice, invoice.erp.state.isBooked else { return nil }
        for money in moved where !money.amount.isNegative {
            let rest = rest(of: money)
            guard !rest.isZero, rest.isNegative || !isBalanced(told) else { continue }
            let whole = rest + rounded(money.record, order.currency)
            guard whole.magnitude <= tolerance, let rounding = rules.rounding, own == order.currency else {
                throw rest.isNegative
                    ? tooMuchRegistered(money, -rest, told)
                    : Problem(
                        .paymentExceedsInvoice,
                        "\(rest) of \(money.amount) that was paid on \(money.date) is more than \(invoice.title) asks for"
                    )
            }
            return toRounding(
                rest, of: money.record, from: money.account, to: rounding,
                max(money.date, invoice.erp.date ?? money.date), rest.isNegative ? "paid too little" : "paid too much")
        }
        return nil
    }

    private func tooMuchRegistered(_ money: MoneyMoved, _ excess: Money, _ told: [MoneyMoved]) -> Problem {
        let titles = generations.flatMap { [$0.invoice].compactMap(\.self) + $0.notes }
            .filter { document in made(on: document).contains { $0.reference.record == money.record } }.map(\.title)
        let reversals = told.filter(\.isReversal).map(\.title)
        let why = reversals.isEmpty ? "" : ", because of \(reversals.joined(separator: ", "))"
        return Problem(
            .paymentExceedsInvoice,
            "\(titles.joined(separator: ", ")) of order \(order.number) is paid with \(excess) more than came by "
                + "\(money.title)\(why): refund that in the shop if the customer does not owe it, else charge it anew")
    }

    /// What came and went comes to what the documents come to: nothing is too much, something is only not credited yet.
    private func isBalanced(_ told: [MoneyMoved]) -> Bool {
        let documents = generations.flatMap { [$0.invoice].compactMap(\.self) + $0.notes }
            .filter { $0.erp.state.isBooked }.compactMap(\.erp.total).sum(order.currency)
        let toGoBack = (order.refunds.map(\.amount) + told.map(\.amount).filter(\.isNegative)).sum(order.currency)
        let kept = told.map(\.amount).sum(order.currency) - (toGoBack.isNegative ? .zero(order.currency) : toGoBack)
        return kept.minorUnits <= documents.minorUnits
    }

    /// Where invoices are paid on capture, what came by payouts is held against what was captured by the shop's word (R29): next to
    /// nothing goes to rounding, more is for a person. What a provider took back may be what the shop gives back.
    func notAsCaptured(_ lines: [Settlement], _ word: [MoneyMoved]) throws(Problem) -> Plan? {
        let charges = lines.filter { $0.kind == .charge && $0.place == .clearing }
        guard let captured = word.first, let last = charges.last else { return nil }
        let refunds = lines.filter { $0.kind == .refund }.map(\.paid).sum(order.currency)
        let refundsToCome = refunds - word.dropFirst().map(\.amount).sum(order.currency)
        let reversed = -charges.map(\.paid).filter(\.isNegative).sum(order.currency)
        let refunded = max(0, min(reversed.minorUnits, refundsToCome.minorUnits))
        let came = charges.map(\.paid).sum(order.currency) + Money(minorUnits: refunded, order.currency)
        let difference = came - captured.amount
        guard difference.magnitude <= tolerance, difference.isZero || rules.rounding != nil else {
            throw Problem(
                .paymentExceedsInvoice,
                "order \(order.number) is paid with \(captured.amount) by the shop's word, and \(came) came by "
                    + charges.map { "line \($0.line) of payout \($0.payout)" }.joined(separator: ", "))
        }
        guard let rounding = rules.rounding, let inLedger = inLedger(came, of: captured) else { return nil }
        let record = "\(order.record)-captured"
        let rest = inLedger - rounded(record, own)
        guard !rest.isZero else { return nil }
        return toRounding(
            rest, of: record, from: captured.account, to: rounding,
            max(last.at.day(in: settings.timeZone), captured.date), "not as captured")
    }

    // MARK: Rounding

    /// What of a record's money went to rounding so far.
    func rounded(_ record: String, _ currency: Currency) -> Money {
        roundings(of: record).compactMap { $0.madeFrom?.entry?.first?.amount }.filter { $0.currency == currency }
            .sum(currency)
    }

    private func roundings(of record: String) -> [Document] {
        entries.filter { $0.reference.record == "\(record)-rounding" }
    }

    private func toRounding(
        _ difference: Money, of record: String, from account: String, to rounding: String, _ date: Day, _ text: String
    ) -> Plan {
        let last = roundings(of: record).map(\.reference.ordinal).max() ?? 0
        return entry(
            ExternalReference(shop: shop, record: "\(record)-rounding", kind: .journalEntry, ordinal: last + 1), date,
            "Order \(order.number): \(text)",
            [
                .init(account: account, amount: difference, text: text),
                .init(account: rounding, amount: -difference, text: text),
            ])
    }
}
