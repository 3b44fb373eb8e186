public import ConnectorKit
public import Domain

/// Fortnox as the ledger side of an integration.
///
/// A customer has a number of our choice, which Fortnox gives only once. Orders and invoices bear our key as
/// `ExternalInvoiceReference1`, by which they are searched; Fortnox takes a second one with the same key, so "not found" is
/// believed only when no earlier request can still arrive. There are no batches: a batch's steps go one after the other,
/// each with an outcome of its own.
public final class FortnoxConnector: ERP {
    public let capabilities: ERPCapabilities
    private let client: FortnoxClient
    private let parts: FortnoxParts
    private let deadline: Duration

    public init(_ configuration: FortnoxConfiguration, _ tools: ConnectorTools) {
        let name = configuration.connection ?? tools.shop.name
        parts = tools.shared("fortnox:\(name)") { FortnoxParts(configuration, tools, name: name) }
        tools.count(parts.connection)
        client = parts.client
        deadline = .seconds(configuration.timeoutSeconds)
        capabilities = ERPCapabilities(
            kinds: [
                .customer: .init(lookup: .byKey, enforcesUniqueness: true),
                .order: .init(lookup: .byKey, enforcesUniqueness: false),
                .invoice: .init(lookup: .byKey, enforcesUniqueness: false),
                .creditNote: .init(lookup: .byKey, enforcesUniqueness: false),
                .payment: .init(lookup: .byStep, enforcesUniqueness: false),
                .journalEntry: .init(lookup: .byStep, enforcesUniqueness: false),
                .attachment: .init(lookup: .byStep, enforcesUniqueness: false),
            ],
            batchLimit: Dictionary(Step.Kind.allCases.map { ($0, Self.batchLimit) }) { first, _ in first },
            serverLimit: .seconds(configuration.serverLimitSeconds),
            searchLag: .seconds(configuration.searchLagSeconds),
            callDeadline: .seconds(configuration.timeoutSeconds), readsTogether: false)
    }

    /// Each step is a call of its own, so a batch saves none. It is small, so that the first of a batch of new orders is
    /// booked while the allowance of one window lasts.
    private static let batchLimit = 5

    // MARK: Reading

    public func books() async throws(ConnectorError) -> Books {
        try await reading { () async throws(FortnoxFailure) in try await parts.books.read(by: client.deadline) }
    }

    public func find(
        _ references: [ExternalReference]
    ) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]] {
        // Each may cost calls of its own: the time for them grows with their number.
        let deadline = client.deadline + .seconds(references.count)
        return try await reading { () async throws(FortnoxFailure) in
            try await parts.lookup.find(references, by: deadline)
        }
    }

    public func read(
        _ kind: DocumentKind, _ ids: [DocumentID]
    ) async throws(ConnectorError) -> [DocumentID: ERPDocument] {
        let deadline = client.deadline + .seconds(ids.count)
        return try await reading { () async throws(FortnoxFailure) in
            try await parts.lookup.read(kind, ids, by: deadline)
        }
    }

    public func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem] {
        let register = try await reading { () async throws(FortnoxFailure) in
            try await parts.catalogue.register(for: drafts, by: client.deadline)
        }
        let rows = FortnoxRows(register: register)
        var problems: [Problem] = []
        for problem in drafts.flatMap({ rows.problems(in: $0) }) where !problems.contains(problem) {
            problems.append(problem)
        }
        return problems
    }

    public func check(_ settings: Settings) async -> [Problem] {
        await FortnoxCheck(client: client).problems(settings)
    }

    public func balance(of account: String) async throws(ConnectorError) -> Money? {
        try await reading { () async throws(FortnoxFailure) in try await FortnoxBalance(client).of(account) }
    }

    private func reading<Value: Sendable>(
        _ read: () async throws(FortnoxFailure) -> Value
    ) async throws(ConnectorError) -> Value {
        do throws(FortnoxFailure) {
            return try await read()
        } catch {
            throw error.ofRead.connectorError
        }
    }

    // MARK: Performing

    public func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome {
        var outcomes: [StepOutcome] = []
        for step in steps {
            do throws(FortnoxFailure) {
                outcomes.append(try await perform(step, by: deadline))
            } catch {
                outcomes.append(error.outcome)
                guard error.isOfConnection else { continue }
                // The steps after it would hardly fare better: nothing of them was sent.
                let rest = StepOutcome.retry(after: error.pause, error.problem)
                return .each(outcomes + Array(repeating: rest, count: steps.count - outcomes.count))
            }
        }
        return .each(outcomes)
    }

    private func perform(_ step: Step, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        switch step {
        case .ensureCustomer(let draft):
            return try await parts.customers.ensure(draft, by: deadline)
        case .createOrder(let draft, let customer):
            return try await documents.createOrder(draft, customer: customer, by: deadline)
        case .updateOrder(let draft, let id, let customer, let parts):
            return try await documents.updateOrder(draft, id, customer: customer, parts, by: deadline)
        case .confirmOrder(_, let id):
            // An order of Fortnox is one from the start.
            guard let order = try await client.get("orders/\(id)", "Order", by: deadline),
                let document = ERPDocument(fortnoxOrder: order), document.state == .confirmed
            else { return .rejected(Problem(.documentGone, "order \(id) is no longer in Fortnox or was cancelled")) }
            return .alreadyThere(document)
        case .createInvoice(let draft):
            return try await documents.createInvoice(draft, by: deadline)
        case .updateInvoice(let draft, let id, let customer, let parts):
            return try await documents.updateInvoice(draft, id, customer: customer, parts, by: deadline)
        case .withdraw(let reference, let id):
            return try await documents.withdraw(reference.kind, id, by: deadline)
        case .offset:
            // It does so by itself when a credit note is booked, so it says that it offers no such step.
            return .rejected(Problem(.workflowNotSupported, "Fortnox sets credit notes off by itself"))
        case .bookInvoice(_, let id, let dated, let date, let trueDate),
            .bookCreditNote(_, let id, let dated, let date, let trueDate):
            return try await documents.book(
                .init(id: id, dated: dated, date: date, trueDate: trueDate), by: deadline)
        case .createCreditNote(let draft):
            return try await documents.createCreditNote(draft, by: deadline)
        case .registerPayment(let draft):
            return try await FortnoxPayments(client).register(draft, by: deadline)
        case .createJournalEntry(let draft):
            return try await FortnoxVouchers(client).create(draft, by: deadline)
        case .attach(let draft):
            return try await FortnoxAttachments(client).attach(draft, by: deadline)
        }
    }

    private var documents: FortnoxDocuments { FortnoxDocuments(client: client, catalogue: parts.catalogue) }
}

/// What all integrations that book into one Fortnox company share: its token, its allowance of calls, its master data.
final class FortnoxParts: Sendable {
    let connection: Connection
    let client: FortnoxClient
    let catalogue: FortnoxCatalogue
    let customers: FortnoxCustomers
    let books: FortnoxBooksKept
    let lookup: FortnoxLookup

    init(_ configuration: FortnoxConfiguration, _ tools: ConnectorTools, name: String) {
        let calls = configuration.callsPer5Seconds
        let limit: any CallLimit = calls == 0 ? Unlimited() : SlidingWindow(limit: calls, window: .seconds(5))
        connection = Connection(
            name: "ERP", transport: tools.transport, clock: tools.clock, budget: RateBudget(limit, clock: tools.clock))
        // Tokens come from another address, with no allowance in common.
        let authorisation = Connection(name: "ERP", transport: tools.transport, clock: tools.clock)
        let tokens = FortnoxTokens(
            configuration: configuration, connection: authorisation, memory: tools.memory, clock: tools.clock,
            name: name)
        client = FortnoxClient(
            configuration: configuration, connection: connection, tokens: tokens, clock: tools.clock)
        catalogue = FortnoxCatalogue(client)
        customers = FortnoxCustomers(client)
        books = FortnoxBooksKept(FortnoxBooks(client))
        lookup = FortnoxLookup(client)
    }
}

extension FortnoxFailure {
    /// How long the other side wants no calls.
    fileprivate var pause: Duration? { if case .busy(let after, _) = self { after } else { nil } }
}

extension FortnoxConnector: Authorisable {
    public func authorisationPage(redirect: String, state: String) -> String {
        let query = URLText.query([
            (name: "client_id", value: client.configuration.clientID), (name: "redirect_uri", value: redirect),
            (name: "scope", value: client.configuration.scopes), (name: "state", value: state),
            (name: "access_type", value: "offline"), (name: "response_type", value: "code"),
        ])
        return "\(client.configuration.authorisationURL)/oauth-v1/auth?\(query)"
    }

    public func authorise(code: String, redirect: String) async throws(ConnectorError) {
        try await reading { () async throws(FortnoxFailure) in
            try await client.tokens.authorise(code: code, redirect: redirect)
        }
    }
}
