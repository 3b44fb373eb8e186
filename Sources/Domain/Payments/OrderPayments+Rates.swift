/// Where an invoice in another currency was paid on capture, the ledger has the money at the invoice's rate until the payout tells
/// what it came to: the difference is a gain or loss and no VAT (R20).
extension OrderPayments {
    /// One entry for each line. What was carried over from one invoice to another came by none.
    func exchange(_ lines: [Settlement], _ word: [MoneyMoved]) throws(Problem) -> Plan? {
        guard own != order.currency else { return nil }
        for isRefund in [false, true] {
            guard let said = registered(of: word.filter { $0.amount.isNegative == isRefund }) else { continue }
            var seen = Money.zero(order.currency)
            for line in lines where line.paid.isNegative == isRefund {
                let before = said.ledger.part(seen, of: said.amount)
                seen += line.paid
                guard line.place == .clearing, seen.magnitude <= said.amount.magnitude + tolerance else { continue }
                let difference = line.settled - (said.ledger.part(seen, of: said.amount) - before)
                if !difference.isZero, let plan = try exchange(difference, of: line) { return plan }
            }
        }
        return nil
    }

    private func exchange(_ difference: Money, of line: Settlement) throws(Problem) -> Plan? {
        let reference = ExternalReference(shop: shop, record: line.record(of: order), kind: .journalEntry, ordinal: 2)
        guard let clearing = rules.accounts(of: line.provider, own)?.clearing,
            !entries.contains(where: { $0.reference == reference })
        else { return nil }
        guard let account = difference.isNegative ? rules.exchangeLoss : rules.exchangeGain else {
            throw Problem(
                .paymentNotSet,
                "payments.\(difference.isNegative ? "exchangeLoss" : "exchangeGain") is needed: line \(line.line) of payout "
                    + "\(line.payout) came to \(line.settled), which is \(difference) beside the rate of order "
                    + "\(order.number)'s documents")
        }
        return entry(
            reference, line.at.day(in: settings.timeZone), "Order \(order.number): difference in exchange rates",
            [
                .init(account: clearing, amount: difference, text: "exchange difference"),
                .init(account: account, amount: -difference, text: "exchange difference"),
            ])
    }

    /// What was registered of these, and what that moved in the ledger; `nil` where nothing was or the ERP did not tell.
    private func registered(of money: [MoneyMoved]) -> (amount: Money, ledger: Money)? {
        let payments = payments.filter { payment in money.contains { $0.record == payment.reference.record } }
        let ledger = payments.compactMap(ledger)
        let amount = payments.compactMap(\.madeFrom?.payment?.amount).sum(order.currency)
        guard !amount.isZero, ledger.count == payments.count else { return nil }
        return (amount, ledger.sum(own))
    }

    /// What a payment moved on its account in the ledger.
    func ledger(of payment: Document) -> Money? { payment.erp.ledger.flatMap { $0.currency == own ? $0 : nil } }

    /// By how much what came changes what the ledger has of a captured amount; `nil` where that is not known.
    func inLedger(_ came: Money, of captured: MoneyMoved) -> Money? {
        if own == order.currency { return came - captured.amount }
        return registered(of: [captured]).map { $0.ledger.part(came, of: $0.amount) - $0.ledger }
    }
}
