import ConnectorKit
import Domain

/// Money on booked documents: each payment once, to the minor unit, and nothing else. An ERP whose connector registers no
/// payments says so in its capabilities and passes.
extension ERPCheck {
    static let payments: [ERPCheck] = [
        ERPCheck("R22: a payment makes its invoice paid, on the day and by the amount and account that it was told") {
            subject in
            guard let scene = try await PaymentScene(subject, "paid") else { return }
            let accounts = subject.accounts
            let money = try await Movement(of: [accounts.clearing, accounts.bank, accounts.vat], subject)
            let draft = try scene.draft("99.00")
            let payment = try await scene.pay(draft)
            try require(payment.date, is: draft.date, "the payment's day")
            try require(payment.total, is: draft.amount, "the payment's amount")
            try await scene.requirePaid()
            let standing = try await scene.payments(1)
            try require(standing.map(\.date), is: [draft.date], "the day in the ledger")
            try require(standing.map { $0.rows[accounts.clearing] }, is: [draft.amount], "what clearing is debited")
            try await money.require([accounts.clearing: "99.00"])
        },
        ERPCheck("a payment that is registered again is found and not made twice") { subject in
            guard let scene = try await PaymentScene(subject, "paid-again") else { return }
            let money = try await Movement(of: [subject.accounts.clearing], subject)
            let draft = try scene.draft("40.00")
            let first = try await scene.pay(draft)
            try await scene.payAgain(draft, in: scene.scene)
            try await scene.payAgain(draft, in: ERPScene(subject))
            try require(try await scene.pay(draft).id, is: first.id, "the payment that is found")
            try await scene.payments(1)
            try await money.require([subject.accounts.clearing: "40.00"])
        },
        ERPCheck("two payments of one amount and day are two, and the invoice is paid by both") { subject in
            guard let scene = try await PaymentScene(subject, "captures") else { return }
            let money = try await Movement(of: [subject.accounts.clearing], subject)
            let first = try scene.draft("49.50")
            let second = try scene.draft("49.50", 2, equalBefore: 1)
            try await scene.pay(first)
            try await scene.pay(second)
            for draft in [first, second] { try await scene.payAgain(draft, in: ERPScene(subject)) }
            try await scene.payments(2)
            try await scene.requirePaid()
            try await money.require([subject.accounts.clearing: "99.00"])
        },
        ERPCheck("a payment of a part leaves the rest open, until that is paid as well") { subject in
            guard let scene = try await PaymentScene(subject, "part") else { return }
            let part = try scene.draft("30.01")
            try await scene.pay(part)
            let read = try await scene.read()
            try require(read.state, is: .booked, "an invoice that is paid in part")
            try require(read.open, is: Sample.money("68.99"), "what is open of it")
            var rest = try scene.draft("68.99", 2)
            rest.date = part.date.next
            try await scene.pay(rest)
            try await scene.requirePaid()
            try require(Set(try await scene.payments(2).map(\.date)), is: [part.date, rest.date], "days of both")
        },
        ERPCheck("what is paid back on a credit note leaves the clearing account, once") { subject in
            guard let scene = try await PaymentScene(subject, "back") else { return }
            try await scene.pay(try scene.draft("99.00"))
            guard let note = try await scene.credited("40.00") else { return }
            let money = try await Movement(of: [subject.accounts.clearing, subject.accounts.vat], subject)
            let draft = try note.draft("-40.00")
            let payment = try await note.pay(draft)
            try require(payment.total, is: draft.amount, "the payment's amount")
            try await note.payAgain(draft, in: ERPScene(subject))
            try await note.requirePaid()
            try await note.payments(1)
            try await scene.payments(1)
            try await money.require([subject.accounts.clearing: "-40.00"])
        },
        ERPCheck("a payment whose answer was lost, at whichever of its calls, is made once when it is done again") {
            subject in
            for call in 0..<subject.calls(of: .registerPayment) {
                for manner in [ERPFault.Manner.lostBefore, .lostAfter, .serverError] {
                    try await lose(ERPFault(.registerPayment, manner, call: call), subject)
                }
            }
        },
    ]

    private static func lose(_ fault: ERPFault, _ subject: any ERPSubject) async throws {
        let title = "\(fault.manner) at call \(fault.call)"
        guard let scene = try await PaymentScene(subject, "lost-payment-\(fault.call)-\(fault.manner)") else { return }
        let money = try await Movement(of: [subject.accounts.clearing], subject)
        let draft = try scene.draft("99.00")
        let outcome = try await ERPScene(subject, fault).perform(.registerPayment(draft))
        guard case .unknown = outcome else { throw AcceptanceFailure("a payment, \(title), came to \(outcome)") }
        // A process that knows nothing of the first try.
        let again = try await ERPScene(subject).perform(.registerPayment(draft))
        switch again {
        case .done(let payment), .alreadyThere(let payment):
            try require(payment.state, is: .booked, "the payment, \(title)")
            try require(payment.total, is: draft.amount, "the payment's amount, \(title)")
        default: throw AcceptanceFailure("done again, \(title), the payment came to \(again)")
        }
        try await scene.payments(1)
        try await scene.requirePaid()
        try await money.require([subject.accounts.clearing: "99.00"])
    }
}

/// Payments that the ERP may not take.
extension ERPCheck {
    static let paymentRefusals: [ERPCheck] = [
        ERPCheck("a payment of more than is open, or against what is owed, is refused and nothing is made") { subject in
            guard let scene = try await PaymentScene(subject, "too-much") else { return }
            let codes: Set<ProblemCode> = [.refusedByERP, .paymentExceedsInvoice]
            try await scene.requireRefusal(try scene.draft("99.01"), codes, "a payment of more than the invoice")
            try await scene.requireRefusal(try scene.draft("-10.00"), codes, "a payment back of what nobody paid")
            try await scene.pay(try scene.draft("40.00"))
            try await scene.requireRefusal(try scene.draft("59.01", 2), codes, "a payment of more than is left")
            try await scene.pay(try scene.draft("59.00", 3))
            try await scene.requireRefusal(try scene.draft("0.01", 4), codes, "a payment of what is paid")
            try await scene.requirePaid()
        },
        ERPCheck("a payment of an invoice that is not booked is refused and nothing is made") { subject in
            let scene = try await ERPScene(subject)
            guard scene.erp.capabilities.kinds[.payment] != nil else { return }
            guard let (_, documents) = try await scene.before(.bookInvoice, subject.order("not-booked")) else { return }
            let invoice = try scene.invoice(documents)
            let accounts = subject.accounts
            let money = try await Movement(of: [accounts.clearing], subject)
            let draft = PaymentDraft(
                reference: scene.reference("not-booked", .payment), document: invoice.id,
                amount: Sample.money("99.00"), date: invoice.date ?? subject.clock.now().day(in: .utc),
                account: accounts.clearing)
            let outcome = try await scene.perform(.registerPayment(draft))
            guard case .rejected(let problem) = outcome else { throw AcceptanceFailure("it came to \(outcome)") }
            // It is neither gone nor changed: those would tell people to look for what nobody did.
            try require(problem.code, is: .refusedByERP, "code")
            try require(try await subject.payments(of: invoice.id).count, is: 0, "payments of a draft")
            try await money.require([:])
        },
        ERPCheck("a payment or an entry on an account that the ERP lacks is refused as such and nothing is made") {
            subject in
            guard let scene = try await PaymentScene(subject, "no-account") else { return }
            var draft = try scene.draft("99.00")
            draft.account = subject.accounts.missing
            try await scene.requireRefusal(draft, [.accountNotInERP], "a payment on an account that is not there")
            var entry = EntryScene(scene.scene).draft("no-account")
            entry.rows[1].account = subject.accounts.missing
            try await EntryScene(scene.scene).requireRefusal(entry, .accountNotInERP)
        },
        ERPCheck("R14: a payment into a closed period is refused as such, and made once when the period is open") {
            subject in
            guard let scene = try await PaymentScene(subject, "closed-payment"), let day = scene.document.date else {
                return
            }
            var draft = try scene.draft("99.00")
            draft.date = day
            let closed = draft
            try await whileLocked(subject, through: day) {
                try await scene.requireRefusal(closed, [.periodClosed], "a payment into a closed period")
            }
            try await scene.pay(closed)
            try await scene.payments(1)
            try await scene.requirePaid()
        },
    ]

    static func whileLocked(
        _ subject: any ERPSubject, through day: Day, _ body: () async throws -> Void
    ) async throws {
        try await subject.lock(through: day)
        do {
            try await body()
        } catch {
            try await subject.lock(through: nil)
            throw error
        }
        try await subject.lock(through: nil)
    }
}

/// Money in another currency than the ledger's.
extension ERPCheck {
    static let exchange: [ERPCheck] = [
        ERPCheck(
            "R20: what the provider's rate makes of another currency is gain or loss; clearing has what was settled"
        ) {
            subject in
            var owed: Set<Money> = []
            for (id, settled) in [("low", "990.00"), ("high", "1188.00")] {
                let accounts = subject.accounts
                guard let scene = try await PaymentScene(subject, "r20-\(id)", in: Sample.currency("EUR")) else {
                    return
                }
                let watched = [accounts.clearing, accounts.gain, accounts.loss, accounts.vat]
                let money = try await Movement(of: watched, subject)
                let payment = try await scene.pay(try scene.draft("99.00", settled: settled))
                try require(payment.total, is: Sample.money("99.00", scene.order.currency), "the payment's amount")
                try await scene.requirePaid()
                let moved = try await money.moved()
                try require(moved[accounts.clearing], is: Sample.money(settled), "clearing")
                try require(moved[accounts.vat] == nil, "VAT moved by \(moved)")
                let difference = moved[id == "low" ? accounts.loss : accounts.gain] ?? .zero(Sample.sek)
                try require(moved.count, is: 2, "accounts that moved: \(moved.keys.sorted())")
                try require(difference.isNegative, is: id == "high", "the difference of \(difference)")
                let rows = try await scene.payments(1).first?.rows ?? [:]
                let others = rows.filter { !watched.contains($0.key) }
                try require(others.count, is: 1, "other accounts of the payment: \(others.keys.sorted())")
                owed.formUnion(others.values)
            }
            try require(owed.count, is: 1, "what two equal invoices owed, \(owed)")
        },
        ERPCheck("R20: another currency that is paid in parts and paid back leaves nothing of either document open") {
            subject in
            let accounts = subject.accounts
            guard let scene = try await PaymentScene(subject, "r20-parts", in: Sample.currency("EUR")) else { return }
            let money = try await Movement(of: [accounts.clearing, accounts.vat], subject)
            try await scene.pay(try scene.draft("33.33", settled: "363.37"))
            let open = try await scene.read().open
            try require(open, is: Sample.money("65.67", scene.order.currency), "what is open after a part")
            try await scene.pay(try scene.draft("65.67", 2, settled: "725.00"))
            try await scene.requirePaid()
            try await scene.payments(2)
            try await money.require([accounts.clearing: "1088.37"])
            guard let note = try await scene.credited("19.99") else { return }
            let back = try await Movement(of: [accounts.clearing, accounts.vat], subject)
            try await note.pay(try note.draft("-19.99", settled: "-217.77"))
            try await note.requirePaid()
            try await note.payments(1)
            try await back.require([accounts.clearing: "-217.77"])
        },
    ]
}
