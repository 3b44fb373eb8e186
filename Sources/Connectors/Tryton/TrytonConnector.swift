public import ConnectorKit
public import Domain

/// Tryton as the ledger side of an integration.
///
/// An order is a `sale.sale`, found again by `(web_shop, web_id)`, which Tryton keeps unique; a customer is a
/// `party.party` with our code, unique too; an invoice is reached through its sale. Batches go as one call each, and one
/// call is one transaction.
public final class TrytonConnector: ERP {
    public let capabilities: ERPCapabilities
    private let client: TrytonClient
    private let catalogue: TrytonCatalogue
    private let parties: TrytonParties
    private let ledger: TrytonBooks
    private let lookup: TrytonLookup
    private let chart: TrytonChart
    private let webShop: String

    public convenience init(_ configuration: TrytonConfiguration, _ tools: ConnectorTools) {
        self.init(configuration, connection: tools.connection("ERP"), clock: tools.clock, shop: tools.shop)
    }

    public convenience init(
        _ configuration: TrytonConfiguration, connection: Connection, clock: any WallClock, shop: ShopIdentity
    ) {
        self.init(
            TrytonClient(configuration: configuration, connection: connection, clock: clock), shop: shop)
    }

    init(_ client: TrytonClient, shop: ShopIdentity) {
        self.client = client
        let configuration = client.configuration
        webShop = configuration.webShop ?? shop.name
        catalogue = TrytonCatalogue(client)
        parties = TrytonParties(client)
        chart = TrytonChart(client)
        ledger = TrytonBooks(client, chart)
        lookup = TrytonLookup(client: client, parties: parties, webShop: webShop)
        capabilities = ERPCapabilities(
            kinds: [
                .customer: .init(lookup: .byKey, enforcesUniqueness: true),
                .order: .init(lookup: .byKey, enforcesUniqueness: true),
                .invoice: .init(lookup: .throughParent(.order), enforcesUniqueness: true),
                .creditNote: .init(lookup: .byKey, enforcesUniqueness: false),
                .payment: .init(lookup: .byStep, enforcesUniqueness: false),
                .journalEntry: .init(lookup: .byStep, enforcesUniqueness: false),
                .attachment: .init(lookup: .byStep, enforcesUniqueness: false),
            ],
            batchLimit: Dictionary(Step.Kind.allCases.map { ($0, Self.single.contains($0) ? 1 : 50) }) { first, _ in
                first
            },
            serverLimit: .seconds(configuration.serverLimitSeconds), searchLag: .zero,
            callDeadline: .seconds(configuration.timeoutSeconds))
    }

    /// Steps of several calls, of which one may be done and the next not: each goes by itself.
    private static let single: Set<Step.Kind> = [
        .createCreditNote, .updateOrder, .withdraw, .offset, .registerPayment, .createJournalEntry, .attach,
    ]

    // MARK: Reading

    public func books() async throws(ConnectorError) -> Books {
        try await reading { () async throws(TrytonFailure) in try await ledger.read(by: client.deadline) }
    }

    public func find(
        _ references: [ExternalReference]
    ) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]] {
        try await reading { () async throws(TrytonFailure) in try await lookup.find(references, by: client.deadline) }
    }

    public func read(
        _ kind: DocumentKind, _ ids: [DocumentID]
    ) async throws(ConnectorError) -> [DocumentID: ERPDocument] {
        try await reading { () async throws(TrytonFailure) in
            switch kind {
            case .payment, .journalEntry:
                let found = try await moves.read(ids.compactMap { Int($0.text) }, by: client.deadline)
                return ids.reduce(into: [:]) { read, id in read[id] = Int(id.text).flatMap { found[$0]?.document() } }
            case .attachment: return try await attachments.read(ids, by: client.deadline)
            default: return try await lookup.read(kind, ids, by: client.deadline)
            }
        }
    }

    public func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem] {
        let register = try await reading { () async throws(TrytonFailure) in
            try await catalogue.register(for: TrytonNeeds(drafts), by: client.deadline)
        }
        var problems: [Problem] = []
        for problem in drafts.flatMap({ TrytonOrderValues.problems(in: $0, register) })
        where !problems.contains(problem) {
            problems.append(problem)
        }
        return problems
    }

    public func check(_ settings: Settings) async -> [Problem] {
        await TrytonCheck(client: client, catalogue: catalogue, chart: chart).problems(settings)
    }

    public func balance(of account: String) async throws(ConnectorError) -> Money? {
        try await reading { () async throws(TrytonFailure) in try await chart.balance(account, by: client.deadline) }
    }

    private func reading<Value: Sendable>(
        _ read: () async throws(TrytonFailure) -> Value
    ) async throws(ConnectorError) -> Value {
        do throws(TrytonFailure) {
            return try await read()
        } catch {
            throw error.connectorError
        }
    }

    // MARK: Performing

    public func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome {
        guard let kind = steps.first?.kind else { return .each([]) }
        guard steps.allSatisfy({ $0.kind == kind }) else {
            return .refused(Problem(.internalError, "steps of several kinds in one batch"))
        }
        do throws(TrytonFailure) {
            return .each(try await outcomes(kind, steps, by: deadline))
        } catch {
            return error.outcome
        }
    }

    private func outcomes(
        _ kind: Step.Kind, _ steps: [Step], by deadline: Instant
    ) async throws(TrytonFailure) -> [StepOutcome] {
        switch kind {
        case .ensureCustomer:
            return try await TrytonCustomers(client: client, catalogue: catalogue, parties: parties)
                .ensure(steps.compactMap(\.customerDraft), by: deadline)
        case .createOrder:
            return try await orders.create(steps.compactMap(\.orderDraft), by: deadline)
        case .updateOrder, .withdraw, .offset, .createCreditNote, .registerPayment, .createJournalEntry, .attach:
            return try await oneByOne(steps, by: deadline)
        case .confirmOrder:
            return try await orders.confirm(steps.compactMap(\.orderToConfirm), by: deadline)
        case .createInvoice:
            return try await TrytonInvoices(client: client, lookup: lookup)
                .create(steps.compactMap(\.invoiceDraft), by: deadline)
        case .bookInvoice, .bookCreditNote:
            return try await TrytonBooking(client: client, lookup: lookup)
                .book(steps.compactMap(\.booking), by: deadline)
        case .updateInvoice:
            let text = "this connector of Tryton does not \(kind.title)"
            return steps.map { _ in .rejected(Problem(.workflowNotSupported, text)) }
        }
    }

    private func oneByOne(_ steps: [Step], by deadline: Instant) async throws(TrytonFailure) -> [StepOutcome] {
        var outcomes: [StepOutcome] = []
        for step in steps {
            switch step {
            case .updateOrder(let draft, let id, let customer, let parts):
                outcomes.append(try await orders.update(draft, id, customer: customer, parts, by: deadline))
            case .withdraw(let reference, let id):
                outcomes.append(try await withdrawal.withdraw(reference.kind, id, by: deadline))
            case .offset(_, let invoice, let notes):
                outcomes.append(
                    try await TrytonOffset(client: client, lookup: lookup).offset(invoice, notes, by: deadline))
            case .createCreditNote(let draft):
                outcomes.append(try await creditNotes.create(draft, by: deadline))
            case .registerPayment(let draft):
                let payments = TrytonPayments(client: client, chart: chart, moves: moves)
                outcomes.append(try await payments.register(draft, by: deadline))
            case .createJournalEntry(let draft):
                outcomes.append(try await moves.create(draft, by: deadline))
            case .attach(let draft):
                outcomes.append(try await attachments.attach(draft, by: deadline))
            default: continue
            }
        }
        return outcomes
    }

    private var moves: TrytonMoves { TrytonMoves(client: client, chart: chart) }

    private var attachments: TrytonAttachments { TrytonAttachments(client: client) }

    private var withdrawal: TrytonWithdrawal { TrytonWithdrawal(client: client, lookup: lookup) }

    private var creditNotes: TrytonCreditNotes {
        TrytonCreditNotes(client: client, lookup: lookup, catalogue: catalogue)
    }

    private var orders: TrytonOrders {
        TrytonOrders(client: client, catalogue: catalogue, parties: parties, lookup: lookup, webShop: webShop)
    }
}

extension Step {
    fileprivate var customerDraft: CustomerDraft? {
        if case .ensureCustomer(let draft) = self { draft } else { nil }
    }

    fileprivate var orderDraft: (draft: SalesOrderDraft, customer: DocumentID)? {
        if case .createOrder(let draft, let customer) = self { (draft, customer) } else { nil }
    }

    fileprivate var orderToConfirm: DocumentID? {
        if case .confirmOrder(_, let id) = self { id } else { nil }
    }

    fileprivate var invoiceDraft: InvoiceDraft? {
        if case .createInvoice(let draft) = self { draft } else { nil }
    }

    fileprivate var booking: TrytonBooking.Entry? {
        switch self {
        case .bookInvoice(_, let id, _, let date, let trueDate), .bookCreditNote(_, let id, _, let date, let trueDate):
            TrytonBooking.Entry(id: id, date: date, trueDate: trueDate)
        default: nil
        }
    }
}
