import Domain

/// What gets into the books.
extension FortnoxCompany {
    private static let receivables = 1510
    private static let rounding = 3740
    private static let exchangeGain = 3960
    private static let exchangeLoss = 7960
    private static let vatAccounts: [ExactDecimal: Int] = [
        ExactDecimal(25): 2611, ExactDecimal(12): 2621, ExactDecimal(6): 2631,
    ]

    mutating func record(
        _ rows: [FortnoxVoucher.Row], series: String, year: Int, on day: Day, _ description: String,
        _ referenceType: String, _ referenceNumber: String, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxVoucher {
        guard record("voucherseries", series) != nil else {
            throw .invalid(.seriesUnknown, "Verifikationsserien \(series.prefix(10)) finns inte.")
        }
        for row in rows { try checkAccount(row.account) }
        let numbers = "\(year)/\(series)"
        lastVoucher[numbers, default: 0] += 1
        let id = FortnoxVoucherID(series: series, number: lastVoucher[numbers] ?? 1, year: year)
        let voucher = FortnoxVoucher(
            id: id, date: day, description: description, referenceType: referenceType,
            referenceNumber: referenceNumber, rows: rows)
        vouchers.put(voucher, id.key, at: moment.now)
        return voucher
    }

    // MARK: Invoices

    mutating func bookkeep(invoice key: String, _ moment: FortnoxMoment) throws(FortnoxRefusal) -> FortnoxDocument {
        var invoice = try document(.invoice, key)
        try checkChangeable(invoice)
        if invoice.fields.flag("NotCompleted") {
            throw .invalid(.notCompleted, "Fakturan måste slutföras innan den kan bokföras.")
        }
        let day = invoice.date ?? moment.today
        let year = try checkDay(day)
        invoice.method = year.year.method
        if invoice.method == .accrual {
            let voucher = try record(
                entry(of: invoice).voucherRows, series: "B", year: year.id, on: day,
                "Kundfaktura \(invoice.number), \(invoice.fields.text("CustomerName"))", "INVOICE", key, moment)
            invoice.voucher = voucher.id
        }
        invoice.isBooked = true
        setOff(&invoice, moment)
        if invoice.balance.isZero { invoice.finalPayDate = day }
        put(invoice, moment)
        return invoice
    }

    /// A credit and what it credits pay each other as far as they go.
    private mutating func setOff(_ credit: inout FortnoxDocument, _ moment: FortnoxMoment) {
        guard credit.isCredit, let number = credit.creditReference, var original = invoices[String(number)],
            original.isBooked
        else { return }
        let amount = min(original.balance, -credit.balance)
        guard !amount.isZero, !amount.isNegative else { return }
        original.settled = original.settled + amount
        credit.settled = credit.settled - amount
        if original.balance.isZero { original.finalPayDate = credit.date }
        put(original, moment)
    }

    private func entry(of invoice: FortnoxDocument) -> FortnoxEntry {
        var entry = FortnoxEntry()
        entry.debit(Self.receivables, inKronor(invoice.totals.total, invoice.rate))
        for (account, amount) in earnings(of: invoice) { entry.credit(account, inKronor(amount, invoice.rate)) }
        entry.credit(Self.rounding, entry.balance)
        return entry
    }

    /// Revenue and VAT by account, in the invoice's currency.
    private func earnings(of invoice: FortnoxDocument) -> [(account: Int, amount: ExactDecimal)] {
        var parts = invoice.totals.revenues.map { (account: $0.account, amount: $0.net) }
        for rate in invoice.totals.rates where !rate.vat.isZero {
            var nets: [(account: Int, net: ExactDecimal)] = []
            for revenue in invoice.totals.revenues where revenue.percent == rate.percent {
                let account = accounts[revenue.account]?.vatAccount ?? Self.vatAccounts[rate.percent] ?? 2611
                if let index = nets.firstIndex(where: { $0.account == account }) {
                    nets[index].net = nets[index].net + revenue.net
                } else {
                    nets.append((account, revenue.net))
                }
            }
            // What is owed on several accounts is shared by net; the last takes what rounding leaves.
            var left = rate.vat
            for (index, part) in nets.enumerated() {
                let exact = (part.net * rate.vat).divided(by: rate.net, decimals: 2) ?? left
                let amount = index == nets.count - 1 ? left : exact
                left = left - amount
                parts.append((part.account, amount))
            }
        }
        return parts
    }

    private func inKronor(_ amount: ExactDecimal, _ rate: ExactDecimal) -> ExactDecimal {
        (amount * rate).rounded(decimals: 2)
    }

    // MARK: Payments

    mutating func bookkeep(payment key: String, _ moment: FortnoxMoment) throws(FortnoxRefusal) -> FortnoxPayment {
        var payment = try self.payment(key)
        if payment.isBooked { throw .invalid(.paymentBooked, "Betalningen är redan bokförd.") }
        var invoice = try document(.invoice, String(payment.invoice))
        guard !invoice.balance.isZero else { throw .invalid(.alreadyPaid, "Fakturan är redan slutbetald.") }
        let year = try checkDay(payment.date)
        var entry = FortnoxEntry()
        entry.debit(payment.account, payment.amount)
        for writeOff in payment.writeOffs { entry.debit(writeOff.account, writeOff.kronor) }
        invoice.settled = invoice.settled + payment.settles
        if invoice.method == .cash {
            recognise(&invoice, &entry, payment.rate)
            entry.credit(Self.rounding, entry.balance)
        } else {
            entry.credit(Self.receivables, inKronor(payment.settles, invoice.rate))
            let gain = entry.balance
            entry.credit(gain.isNegative ? Self.exchangeLoss : Self.exchangeGain, gain)
        }
        let voucher = try record(
            entry.voucherRows, series: "C", year: year.id, on: payment.date, "Kundinbetalning \(payment.number)",
            "INVOICEPAYMENT", key, moment)
        payment.voucher = voucher.id
        payments.put(payment, key, at: moment.now)
        if invoice.balance.isZero { invoice.finalPayDate = payment.date }
        put(invoice, moment)
        return payment
    }

    /// In a cash-method year revenue and VAT are booked when they are paid, as far as they are.
    private func recognise(_ invoice: inout FortnoxDocument, _ entry: inout FortnoxEntry, _ rate: ExactDecimal) {
        var sums: [Int: ExactDecimal] = [Self.rounding: invoice.totals.roundOff]
        for (account, amount) in earnings(of: invoice) { sums[account] = (sums[account] ?? .zero) + amount }
        for (account, amount) in sums.sorted(by: { $0.key < $1.key }) {
            let due = (amount * invoice.settled).divided(by: invoice.totals.total, decimals: 2) ?? amount
            entry.credit(account, inKronor(due - (invoice.recognised[account] ?? .zero), rate))
            invoice.recognised[account] = due
        }
    }

    // MARK: Vouchers by hand

    mutating func makeVoucher(
        _ payload: JSONValue?, year wanted: Int?, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxVoucher {
        let written = try FortnoxVoucher.header.accepted(payload)
        for name in ["Description", "TransactionDate", "VoucherSeries"] where written.text(name).isEmpty {
            throw .invalid(.fieldMissing, "Fältet \(name) måste anges.")
        }
        guard let day = written.day("TransactionDate") else { throw .bodyInvalid }
        let year = try checkDay(day)
        if let wanted, wanted != year.id {
            throw .invalid(.noFinancialYear, "Datumet \(day) ligger utanför räkenskapsåret.")
        }
        if record("voucherseries", written.text("VoucherSeries"))?.flag("Manual") == false {
            throw .invalid(.seriesNotManual, "Verifikationsserien är inte manuell.")
        }
        var rows: [FortnoxVoucher.Row] = []
        for element in written["VoucherRows"]?.array ?? [] {
            let fields = try FortnoxVoucher.row.accepted(element)
            let (debit, credit) = (fields.decimal("Debit"), fields.decimal("Credit"))
            rows.append(
                FortnoxVoucher.Row(account: fields["Account"]?.int ?? 0, debit: debit, credit: credit, fields: fields))
        }
        let balance = rows.map { $0.debit - $0.credit }.reduce(.zero, +)
        guard !rows.isEmpty, balance.isZero else {
            throw .invalid(.voucherUnbalanced, "Verifikationen balanserar inte.")
        }
        var voucher = try record(
            rows, series: written.text("VoucherSeries"), year: year.id, on: day, written.text("Description"), "MANUAL",
            "", moment)
        voucher.comments = written.text("Comments")
        vouchers.put(voucher, voucher.id.key, at: moment.now)
        return voucher
    }
}
