import ConnectorKit
import Domain

/// A booked document of an order, and payments of it.
struct PaymentScene {
    let scene: ERPScene
    let order: Order
    let documents: [Document]
    let document: ERPDocument
    let kind: DocumentKind

    var subject: any ERPSubject { scene.subject }

    /// An order of 99.00 on to its booked invoice; `nil` where the connector registers no payments or the ERP lacks the
    /// currency.
    init?(_ subject: any ERPSubject, _ id: String, in currency: Currency = Sample.sek) async throws {
        let scene = try await ERPScene(subject)
        guard scene.erp.capabilities.kinds[.payment] != nil else { return nil }
        var order = subject.order(id)
        if currency != order.currency {
            order.currency = currency
            order.setSums(net: "79.20", vat: "19.80", total: "99.00")
            let problems = try await scene.erp.problems(in: [try await scene.draft(order)])
            if problems.contains(where: { $0.code == .currencyNotInERP }) { return nil }
        }
        let documents = try await scene.finish(order)
        self.init(scene, order, documents, try scene.invoice(documents), .invoice)
    }

    private init(
        _ scene: ERPScene, _ order: Order, _ documents: [Document], _ document: ERPDocument, _ kind: DocumentKind
    ) {
        self.scene = scene
        self.order = order
        self.documents = documents
        self.document = document
        self.kind = kind
    }

    /// The booked credit note of a part that is given back, once the invoice is paid; `nil` where the ERP makes none.
    func credited(_ amount: String) async throws -> PaymentScene? {
        guard try await scene.erp.books().rules.creditNotes else { return nil }
        var refunded = order
        refunded.refunds = [
            OrderRefund(
                id: order.id, amount: Sample.money(amount, order.currency), reason: "goodwill",
                createdAt: order.paidAt, lines: [])
        ]
        let paid = try await read()
        let known = documents.map { document in
            var document = document
            if document.reference.kind == .invoice { document.erp = paid }
            return document
        }
        let end = try await scene.finish(refunded, known)
        guard let note = end.first(where: { $0.reference.kind == .creditNote })?.erp else {
            throw AcceptanceFailure("there is no credit note")
        }
        return PaymentScene(scene, refunded, end, note, .creditNote)
    }

    // MARK: Paying

    /// A payment on the day after the document's. Those of one ordinal are one.
    func draft(
        _ amount: String, _ ordinal: Int = 1, settled: String? = nil, equalBefore: Int = 0
    ) throws -> PaymentDraft {
        guard let date = document.date else { throw AcceptanceFailure("a booked document has no date") }
        return PaymentDraft(
            reference: ExternalReference(
                shop: subject.shop, record: "line-\(kind.rawValue)-\(order.id)", kind: .payment, ordinal: ordinal),
            document: document.id, kind: kind, amount: Sample.money(amount, order.currency),
            settled: settled.map { Sample.money($0) }, date: date.next, account: subject.accounts.clearing,
            gain: subject.accounts.gain, loss: subject.accounts.loss, equalBefore: equalBefore)
    }

    /// Registers a payment, which must succeed.
    @discardableResult
    func pay(_ draft: PaymentDraft) async throws -> ERPDocument {
        switch try await scene.perform(.registerPayment(draft)) {
        case .done(let payment), .alreadyThere(let payment):
            try require(payment.state, is: .booked, "the payment of \(draft.amount)")
            return payment
        case let outcome: throw AcceptanceFailure("the payment of \(draft.amount) came to \(outcome)")
        }
    }

    /// Registers a payment that was registered before.
    func payAgain(_ draft: PaymentDraft, in scene: ERPScene) async throws {
        guard case .alreadyThere = try await scene.perform(.registerPayment(draft)) else {
            throw AcceptanceFailure("a payment that was there is not told as such")
        }
    }

    // MARK: What stands

    func read() async throws -> ERPDocument {
        guard let read = try await scene.erp.read(kind, [document.id])[document.id] else {
            throw AcceptanceFailure("the \(kind.title) cannot be read")
        }
        return read
    }

    func requirePaid() async throws {
        let read = try await read()
        try require(read.state, is: .paid, "the \(kind.title) that was paid whole")
        try require(read.open?.isZero ?? true, "\(read.open.map { "\($0)" } ?? "") is open of it")
    }

    /// So many payments stand, all of them booked and balanced.
    @discardableResult
    func payments(_ count: Int) async throws -> [LedgerEntry] {
        let payments = try await subject.payments(of: document.id)
        try require(payments.count, is: count, "payments of the \(kind.title)")
        for payment in payments {
            try require(payment.isBooked, "a payment is not booked")
            try require(payment.rows.values.sum(Sample.sek).isZero, "a payment does not balance: \(payment.rows)")
        }
        return payments
    }

    /// A payment that must be refused by one of these codes, with nothing made.
    func requireRefusal(_ draft: PaymentDraft, _ codes: Set<ProblemCode>, _ what: String) async throws {
        let before = try await subject.payments(of: document.id)
        let clearing = try await Movement(of: [draft.account], subject)
        let outcome = try await scene.perform(.registerPayment(draft))
        guard case .rejected(let problem) = outcome else { throw AcceptanceFailure("\(what) came to \(outcome)") }
        try require(codes.contains(problem.code), "\(what) is refused by \(problem.code.rawValue): \(problem.detail)")
        try require(try await subject.payments(of: document.id).count, is: before.count, "payments after \(what)")
        try await clearing.require([:])
    }
}

/// What accounts come to from a moment on.
struct Movement {
    private let subject: any ERPSubject
    private let before: [String: Money]

    init(of accounts: [String], _ subject: any ERPSubject) async throws {
        self.subject = subject
        var before: [String: Money] = [:]
        for account in accounts { before[account] = try await subject.balance(account) }
        self.before = before
    }

    /// Those that moved.
    func moved() async throws -> [String: Money] {
        var moved: [String: Money] = [:]
        for (account, old) in before {
            let difference = try await subject.balance(account) - old
            if !difference.isZero { moved[account] = difference }
        }
        return moved
    }

    /// Exactly these amounts moved.
    func require(_ amounts: [String: String]) async throws {
        let wanted = amounts.mapValues { Sample.money($0) }
        try TestKit.require(try await moved(), is: wanted, "what moved on the accounts")
    }
}
