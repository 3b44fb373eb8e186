import ConnectorKit
public import Domain

/// What would become of an order, without storing or sending anything: the same plan as the worker's, as if live.
public struct Preview: Sendable {
    public struct Result: Sendable {
        public let number: String
        /// One clause: `would be created and booked`, `excluded: …`, `waiting for payment`.
        public let outcome: String
        /// `nil` when the order cannot be mapped.
        public let draft: SalesOrderDraft?
        /// The credit note that would be made next.
        public let credit: CreditNoteDraft?
        public let problems: [Problem]
    }

    let integration: Integration

    public init(_ integration: Integration) { self.integration = integration }

    /// The order as the shop has it now; `nil` when there is none of this number.
    public func order(number: String) async throws -> Result? {
        guard let record = try await integration.storefront.order(number: number) else { return nil }
        let snapshot = try await Intake(integration).snapshot(of: record)
        switch snapshot.content {
        case .unreadable(let problem):
            return Result(number: number, outcome: "would stop", draft: nil, credit: nil, problems: [problem])
        case .payout: return nil
        case .order(let order):
            return try await preview(order, snapshot.key)
        }
    }

    private func preview(_ order: Order, _ key: EntityKey) async throws -> Result {
        let books = try await integration.erp.books()
        var settings = integration.settings.settings
        settings.live = true
        let plan = plan(
            order, of: integration.shop, documents: try await integration.store.documents(of: key),
            settlements: try await integration.store.settlements(of: key), settings: settings, books: books,
            decisions: try await integration.store.decisions(about: key),
            now: integration.clock.now())
        do throws(Problem) {
            let draft: SalesOrderDraft
            if let planned = plan.draft {
                draft = planned
            } else {
                draft = try OrderMapper(shop: integration.shop, settings: settings, rules: books.rules)
                    .draft(of: order)
            }
            return try await checked(order, plan, draft)
        } catch {
            return Result(
                number: order.number, outcome: plan.outcome, draft: nil, credit: plan.credit, problems: [error])
        }
    }

    private func checked(_ order: Order, _ plan: Plan, _ draft: SalesOrderDraft) async throws(Problem) -> Result {
        var problems: [Problem] = []
        if case .stop(let problem) = plan { problems.append(problem) }
        do throws(ConnectorError) {
            problems += try await integration.erp.problems(in: [draft])
        } catch {
            throw error.problem
        }
        return Result(
            number: order.number, outcome: plan.outcome, draft: draft, credit: plan.credit, problems: problems)
    }
}

extension Plan {
    /// What the next step makes.
    fileprivate var draft: SalesOrderDraft? {
        guard case .step(let step) = self else { return nil }
        return switch step {
        case .createOrder(let draft, _), .updateOrder(let draft, _, _, _): draft
        case .createInvoice(let draft), .updateInvoice(let draft, _, _, _): draft.content
        default: nil
        }
    }

    fileprivate var credit: CreditNoteDraft? {
        if case .step(.createCreditNote(let draft)) = self { draft } else { nil }
    }

    /// One clause for a person.
    var outcome: String {
        switch self {
        case .step(let step): "next: \(step.kind.title)"
        case .complete: "complete: nothing to do"
        case .hold(let hold): "waiting for \(hold.waitingFor)"
        case .exclusion(let exclusion): "excluded: \(exclusion.detail)"
        case .stop(let problem): "would stop: \(problem.detail)"
        }
    }
}
