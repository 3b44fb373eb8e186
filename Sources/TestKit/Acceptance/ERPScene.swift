import ConnectorKit
import Domain

/// Drives an ERP by the plans that the engine follows, one step at a time.
struct ERPScene {
    let subject: any ERPSubject
    let erp: any ERP
    /// The subject's, with changes after booking corrected without asking.
    var settings: Settings

    init(_ subject: any ERPSubject, _ fault: ERPFault? = nil) async throws {
        self.init(subject, try await subject.connector(fault))
    }

    init(_ subject: any ERPSubject, _ erp: any ERP) {
        self.subject = subject
        self.erp = erp
        settings = subject.settings
        settings.invoices.changesAfterBooking = .correct
    }

    var deadline: Instant { subject.clock.now() + erp.capabilities.callDeadline }

    func reference(_ id: String, _ kind: DocumentKind) -> ExternalReference {
        ExternalReference(shop: subject.shop, record: "order-\(id)", kind: kind)
    }

    func draft(_ order: Order) async throws -> SalesOrderDraft {
        let rules = try await erp.books().rules
        return try OrderMapper(shop: subject.shop, settings: settings, rules: rules).draft(of: order)
    }

    // MARK: Steps

    /// What is to be done next; `nil` when all is done.
    func next(_ order: Order, _ documents: [Document]) async throws -> Step? {
        let plan = plan(
            order, of: subject.shop, documents: documents, settings: settings, books: try await erp.books(),
            decisions: [], now: subject.clock.now())
        switch plan {
        case .step(let step): return step
        case .complete: return nil
        case .hold(let hold): throw AcceptanceFailure("the order waits for \(hold.waitingFor)")
        case .exclusion where documents.contains { $0.erp.state == .withdrawn }:
            // Taken back in the shop after documents were made: they are withdrawn, and nothing is left to do.
            return nil
        case .exclusion(let exclusion): throw AcceptanceFailure("the order is excluded: \(exclusion.rule)")
        case .stop(let problem): throw AcceptanceFailure("the order stops: \(problem.code.rawValue) \(problem.detail)")
        }
    }

    func perform(_ steps: [Step]) async -> BatchOutcome { await erp.perform(steps, deadline: deadline) }

    /// What one step by itself came to, whichever way the connector tells it.
    func perform(_ step: Step) async throws -> StepOutcome {
        switch await perform([step]) {
        case .each(let outcomes):
            guard let outcome = outcomes.first, outcomes.count == 1 else {
                throw AcceptanceFailure("\(outcomes.count) outcomes for one step")
            }
            return outcome
        case .refused(let problem): return .rejected(problem)
        case .retry(let after, let problem): return .retry(after: after, problem)
        case .unknown(let text): return .unknown(text)
        }
    }

    /// The documents after a step that must succeed.
    func done(_ step: Step, _ order: Order, _ documents: [Document]) async throws -> [Document] {
        switch try await perform(step) {
        case .done(let found), .alreadyThere(let found):
            let known = documents.first { $0.reference == step.reference }
            let document = Document(
                found, of: step, known: known?.madeFrom, settingsVersion: 1, readAt: subject.clock.now())
            return documents.filter { $0.reference != step.reference } + [document]
        case let outcome: throw AcceptanceFailure("\(step.kind.title) came to \(outcome)")
        }
    }

    func keep(
        _ found: ERPDocument, _ reference: ExternalReference, _ order: Order, _ documents: [Document]
    ) -> [Document] {
        let isCustomer = reference.kind == .customer
        let facts = isCustomer ? nil : OrderFacts(order, subject.settings)
        let document = Document(
            reference: reference, erp: found,
            madeFrom: MadeFrom(facts: facts, settingsVersion: 1, mapperVersion: OrderMapper.version),
            readAt: subject.clock.now())
        return documents.filter { $0.reference != reference } + [document]
    }

    /// Performs what comes before a step of this kind; answers that step and what there is. `nil`: the ERP's way has none.
    func before(
        _ kind: Step.Kind, _ order: Order, _ known: [Document] = []
    ) async throws -> (step: Step, documents: [Document])? {
        var documents = known
        while let step = try await next(order, documents) {
            if step.kind == kind { return (step, documents) }
            documents = try await done(step, order, documents)
        }
        return nil
    }

    /// Goes on to the booked invoice.
    @discardableResult
    func finish(_ order: Order, _ documents: [Document] = []) async throws -> [Document] {
        var documents = documents
        var steps = 0
        while let step = try await next(order, documents) {
            steps += 1
            try require(steps < 12, "the plan comes to no end; next is \(step.kind.title)")
            documents = try await done(step, order, documents)
        }
        return documents
    }

    /// The invoice of an order, as it was read last.
    func invoice(_ documents: [Document]) throws -> ERPDocument {
        guard let invoice = documents.first(where: { $0.reference.kind == .invoice })?.erp else {
            throw AcceptanceFailure("there is no invoice")
        }
        return invoice
    }

    /// Kinds of steps on the ERP's way to a booked invoice.
    func way() async throws -> [Step.Kind] {
        var kinds: [Step.Kind] = []
        let order = subject.order("way")
        var documents: [Document] = []
        while let step = try await next(order, documents) {
            kinds.append(step.kind)
            documents = try await done(step, order, documents)
        }
        return kinds
    }
}
