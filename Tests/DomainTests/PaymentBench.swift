import TestKit
import Testing

@testable import Domain

/// An order, the lines of payouts that were matched to it, and a small ERP that does what is planned and refuses what no ERP would
/// take. Documents come to the planner in another order every time.
struct PaymentBench {
    var order: Order
    var lines: [Settlement] = []
    var settings = PaymentBench.settings()
    var books: Books
    /// What a unit of the order's currency is worth in the ledger's, by the day of the document; 11 where it is not said.
    var rates: [Day: Int64] = [:]
    private(set) var documents: [Document] = []
    private var random = SeededGenerator(seed: 22)
    private let now = Sample.instant("2026-12-20T12:00:00Z")

    init(_ order: Order = Sample.order(), _ lines: [Settlement] = []) {
        self.order = order
        self.lines = lines
        books = Sample.books(at: now)
        books.rules.creditNotes = true
        books.rules.offsets = true
        books.rules.workflows = [.invoiceOnly]
        books.currency = Sample.sek
    }

    static func settings(
        _ register: PaymentSettings.Register = .payout, date: PaymentSettings.Date = .transaction
    ) -> Settings {
        var settings = Sample.settings
        settings.articles.refund = "REFUND"
        settings.invoices.changesAfterBooking = .correct
        settings.paymentMethods = [PaymentMethodRule(method: "*", provider: "stripe")]
        settings.payments = PaymentSettings(
            register: register, date: date, rounding: "3740", exchangeGain: "3960", exchangeLoss: "7960",
            accounts: [
                PayoutAccounts(
                    provider: "stripe", currency: "SEK", clearing: "1580", bank: "1930",
                    fees: [PayoutFeeRule(account: "6570")], suspense: "2999")
            ])
        return settings
    }

    // MARK: Scenes

    static let euro = Sample.currency("EUR")

    /// The same mug for 99.00 EUR.
    static func euroOrder(_ id: String = "1") -> Order {
        var order = Sample.order(id)
        func euros(_ amount: Money) -> Money { Money(minorUnits: amount.minorUnits, euro) }
        order.currency = euro
        (order.total, order.totalTax) = (euros(order.total), euros(order.totalTax))
        order.taxes[0].amount = euros(order.taxes[0].amount)
        (order.lines[0].subtotal, order.lines[0].total) = (
            euros(order.lines[0].subtotal), euros(order.lines[0].total)
        )
        return order
    }

    static func line(
        _ id: String, _ paid: String, _ settled: String? = nil, in currency: Currency = Sample.sek,
        kind: PayoutLine.Kind = .charge, at: String = "2026-11-20T10:00:00Z", place: PayoutPlace = .clearing,
        provider: String = "stripe"
    ) -> Settlement {
        Settlement(
            payout: "\(provider)-po_1", provider: provider, line: id, kind: kind, paid: Sample.money(paid, currency),
            settled: Sample.money(settled ?? paid), at: Sample.instant(at), place: place,
            arrivesOn: Sample.day("2026-11-24"))
    }

    static func refund(_ id: String, _ amount: String, at: String = "2026-11-21T09:00:00Z") -> OrderRefund {
        OrderRefund(
            id: id, amount: Sample.money(amount), reason: "returned", createdAt: Sample.instant(at), lines: [])
    }

    /// The shop changes the order after it was booked, so that its invoice is credited and made anew.
    mutating func correct(on day: String = "2026-12-01") {
        order.billing.city = "Malmö"
        order.modifiedAt = Sample.instant("\(day)T12:00:00Z")
    }

    /// The same, and it costs 60.00 now.
    mutating func lower() {
        correct()
        (order.lines[0].subtotal, order.lines[0].total) = (Sample.money("48.00"), Sample.money("48.00"))
        order.lines[0].taxes[0].amount = Sample.decimal("12")
        order.taxes[0].amount = Sample.money("12.00")
        (order.total, order.totalTax) = (Sample.money("60.00"), Sample.money("12.00"))
    }

    // MARK: Planning and doing

    mutating func next() -> Plan {
        func plan(_ documents: [Document]) -> Plan {
            Domain.plan(
                order, of: Sample.shop, documents: documents, settlements: lines, settings: settings, books: books,
                decisions: [], now: now)
        }
        let next = plan(documents.shuffled(using: &random))
        for other in [documents, documents.reversed(), documents.shuffled(using: &random)] {
            #expect(plan(other) == next, "the order of documents counts")
        }
        return next
    }

    /// Does what is planned until nothing is, or until what was done last is as wanted.
    @discardableResult
    mutating func settle(until isEnough: (Step) -> Bool = { _ in false }) -> Plan {
        for _ in 0..<60 {
            let plan = next()
            guard case .step(let step) = plan else { return plan }
            perform(step)
            if isEnough(step) { return plan }
        }
        Issue.record("there is no end")
        return next()
    }

    private mutating func perform(_ step: Step) {
        let known = documents.first { $0.reference == step.reference }
        if step.kind.makes { #expect(known == nil, "\(step.reference) is made twice") }
        var erp = known?.erp ?? ERPDocument(id: DocumentID(String(documents.count + 1)), state: .draft)
        switch step {
        case .ensureCustomer: erp.state = .confirmed
        case .createInvoice(let draft):
            (erp.date, erp.total, erp.taxes) = (draft.date, draft.total, draft.taxes)
            if case .customer(let customer) = draft.source { erp.customer = customer }
        case .createCreditNote(let draft):
            (erp.date, erp.total, erp.customer) = (draft.date, -draft.total, draft.customer)
            erp.taxes = draft.taxes.map { DocumentTax(code: $0.code, amount: -$0.amount) }
        case .bookInvoice(_, _, _, let date, _), .bookCreditNote(_, _, _, let date, _):
            (erp.state, erp.date, erp.number, erp.open) = (.booked, date, "N-\(erp.id)", erp.total)
        case .registerPayment(let draft):
            refuse(draft)
            let document = documents.first { $0.erp.id == draft.document }
            (erp.state, erp.total) = (.booked, draft.amount)
            erp.ledger = draft.settled ?? booked(draft.amount, document?.erp.date ?? draft.date)
        case .createJournalEntry(let draft):
            erp.state = .booked
            #expect(draft.rows.map(\.amount).sum(Sample.sek).isZero, "\(draft)")
        case .offset(_, let invoice, let notes):
            for index in documents.indices where (notes + [invoice]).contains(documents[index].erp.id) {
                (documents[index].erp.state, documents[index].erp.open) = (.paid, .zero(order.currency))
            }
            return
        case .withdraw: break
        default: Issue.record("\(step)")
        }
        documents.removeAll { $0.reference == step.reference }
        documents.append(Document(erp, of: step, known: known?.madeFrom, settingsVersion: 1))
    }

    private func booked(_ amount: Money, _ day: Day) -> Money {
        let rate = amount.currency == Sample.sek ? 1 : rates[day] ?? 11
        return Money(minorUnits: amount.minorUnits * rate, Sample.sek)
    }

    private func refuse(_ draft: PaymentDraft) {
        guard let document = documents.first(where: { $0.erp.id == draft.document }), let date = document.erp.date
        else {
            Issue.record("\(draft) pays nothing")
            return
        }
        let open = open(document)
        #expect(!draft.amount.isZero && draft.amount.isNegative == open.isNegative, "\(draft)")
        #expect(draft.amount.magnitude <= open.magnitude, "\(draft)")
        #expect(draft.date >= date, "\(draft)")
    }

    // MARK: What came of it

    /// Every payment in the order it was made.
    var payments: [PaymentDraft] { documents.compactMap(\.madeFrom?.payment) }

    var entries: [[JournalEntryDraft.Row]] { documents.compactMap(\.madeFrom?.entry) }

    /// `99.00 by 1580`, in the order they were made.
    func paid(_ kind: DocumentKind, _ ordinal: Int = 1) -> [String] {
        payments.filter { payment in
            documents.contains {
                $0.erp.id == payment.document && $0.reference.kind == kind && $0.reference.ordinal == ordinal
            }
        }.map { "\($0.amount.amountText) by \($0.account)" }
    }

    private func open(_ document: Document) -> Money {
        if document.erp.state == .paid || !document.isStanding { return .zero(order.currency) }
        let total = document.erp.total ?? .zero(order.currency)
        return total - payments.filter { $0.document == document.erp.id }.map(\.amount).sum(order.currency)
    }

    /// What invoices and credit notes have open, oldest first; those without are left out.
    var open: [String] {
        documents.filter { [.invoice, .creditNote].contains($0.reference.kind) }.map(open).filter { !$0.isZero }
            .map(\.amountText)
    }

    /// What payments and entries moved on an account, debit positive.
    func balance(_ account: String) -> String {
        let paid = documents.compactMap { document in
            document.madeFrom?.payment?.account == account ? document.erp.ledger : nil
        }
        let rows = entries.flatMap(\.self).filter { $0.account == account }.map(\.amount)
        return (paid + rows).sum(Sample.sek).amountText
    }

    /// What is left on clearing once payouts credited what their lines moved.
    var clearing: String {
        let moved = Sample.money(balance("1580"))
        return (moved - lines.filter { $0.place == .clearing }.map(\.settled).sum(Sample.sek)).amountText
    }
}

extension Plan {
    var problem: Problem? { if case .stop(let problem) = self { problem } else { nil } }
}
