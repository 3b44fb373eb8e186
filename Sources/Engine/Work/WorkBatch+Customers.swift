import ConnectorKit
import Domain

/// Customers have a key, a lease and intents of their own, so that two first orders make one customer.
extension WorkBatch {
    mutating func ensureCustomers(_ indices: [Int]) async throws {
        var waiting: [ExternalReference: [Int]] = [:]
        for index in indices {
            guard case .ensureCustomer(let draft) = runs[index].next else { continue }
            waiting[draft.reference, default: []].append(index)
        }
        for reference in waiting.keys {
            guard let known = try await store.customer(reference, integration: integration.name) else { continue }
            give(known, to: waiting.removeValue(forKey: reference) ?? [])
        }
        let leased = try await leaseCustomers(waiting)
        do {
            let limit = max(1, integration.erp.capabilities.batchLimit[.ensureCustomer] ?? 1)
            for start in stride(from: 0, to: leased.count, by: limit) {
                try await attempt(Array(leased[start..<min(start + limit, leased.count)]))
            }
        } catch {
            for customer in leased { try? await store.release(customer.lease) }
            throw error
        }
        for customer in leased { try await store.release(customer.lease) }
    }

    private struct LeasedCustomer {
        let draft: CustomerDraft
        let lease: Lease
        /// The orders that need this customer; the first one's task tells the story.
        let indices: [Int]
    }

    private mutating func give(_ customer: Document, to indices: [Int]) {
        for index in indices {
            if let step = runs[index].next { runs[index].performed.append(step) }
            runs[index].documents[customer.reference] = customer
        }
    }

    private mutating func leaseCustomers(_ waiting: [ExternalReference: [Int]]) async throws -> [LeasedCustomer] {
        var leased: [LeasedCustomer] = []
        for (reference, indices) in waiting.sorted(by: { $0.key.key < $1.key.key }) {
            guard let first = indices.first, case .ensureCustomer(let draft) = runs[first].next else { continue }
            let name = "customer:\(integration.name):\(reference.key)"
            if let lease = try await store.acquire(name, worker: worker, for: tuning.leaseFor) {
                leased.append(LeasedCustomer(draft: draft, lease: lease, indices: indices))
            } else {
                for index in indices {
                    runs[index].end(
                        .queued, "another worker makes its customer",
                        .again(at: clock.now() + .seconds(2), isFailure: false))
                }
            }
        }
        return leased
    }

    private mutating func attempt(_ customers: [LeasedCustomer]) async throws {
        let deadline = clock.now() + integration.erp.capabilities.callDeadline
        let startedAt = clock.now()
        let held = try await store.extend(customers.map(\.lease), for: tuning.leaseFor)
        let committed = try await store.recordIntents(
            customers.compactMap { customer in
                customer.indices.first.map { index in
                    IntentRecord(
                        key: runs[index].key, lease: customer.lease, taskID: runs[index].claim.taskID,
                        reference: customer.draft.reference, kind: .ensureCustomer, deadline: deadline)
                }
            })
        // No call without a lease and an intent: whoever holds the customer now makes it.
        let (customers, lost) = customers.split { customer in
            held.contains { $0.name == customer.lease.name }
                && customer.indices.first.map { committed[runs[$0].key] != nil } == true
        }
        for customer in lost { standBack(customer) }
        guard !customers.isEmpty else { return }
        let outcome = await integration.erp.perform(
            customers.map { .ensureCustomer($0.draft) }, deadline: deadline)
        switch outcome {
        case .each(let outcomes) where outcomes.count == customers.count:
            for (customer, outcome) in zip(customers, outcomes) { try await settle(customer, outcome, startedAt) }
        case .refused(let problem) where customers.count > 1:
            for customer in customers { try await record(customer, .retry, nil, problem.detail, startedAt) }
            for customer in customers { try await attempt([customer]) }
        case .refused(let problem):
            for customer in customers { try await settle(customer, .rejected(problem), startedAt) }
        case .retry(let after, let problem):
            for customer in customers {
                try await record(customer, .retry, nil, problem.detail, startedAt)
                for index in customer.indices { tryAgain(index, after: after, problem) }
            }
        case .unknown(let text):
            for customer in customers { try await leaveUnknown(customer, text, startedAt) }
        case .each:
            for customer in customers { try await leaveUnknown(customer, "answers are missing", startedAt) }
        }
    }

    private mutating func leaveUnknown(
        _ customer: LeasedCustomer, _ text: String, _ startedAt: Instant
    ) async throws {
        try await record(customer, .unknown, nil, text, startedAt)
        for index in customer.indices { tryAgain(index, after: nil, Problem(.outcomeUnknown, text)) }
    }

    private mutating func settle(
        _ customer: LeasedCustomer, _ outcome: StepOutcome, _ startedAt: Instant
    ) async throws {
        switch outcome {
        case .done(let found), .alreadyThere(let found):
            let isNew = if case .done = outcome { true } else { false }
            let document = Document(
                reference: customer.draft.reference, erp: found,
                madeFrom: MadeFrom(
                    facts: nil, settingsVersion: integration.settings.version, mapperVersion: OrderMapper.version))
            let text = isNew ? "customer #\(found.id) made" : "customer #\(found.id) matched"
            let kept = try await record(customer, isNew ? .done : .alreadyThere, document, text, startedAt)
            if kept { give(document, to: customer.indices) }
        case .rejected(let problem):
            try await record(customer, .rejected, nil, problem.detail, startedAt)
            for index in customer.indices { runs[index].stop(problem) }
        case .retry(let after, let problem):
            try await record(customer, .retry, nil, problem.detail, startedAt)
            for index in customer.indices { tryAgain(index, after: after, problem) }
        case .unknown(let text):
            try await leaveUnknown(customer, text, startedAt)
        }
    }

    /// Answers whether it was kept: the customer's lease may have passed on meanwhile.
    @discardableResult
    private mutating func record(
        _ customer: LeasedCustomer, _ result: OutcomeRecord.Result, _ document: Document?, _ message: String,
        _ startedAt: Instant
    ) async throws -> Bool {
        guard let index = customer.indices.first else { return false }
        let refused = try await store.recordOutcomes([
            OutcomeRecord(
                key: runs[index].key, lease: customer.lease, taskID: runs[index].claim.taskID,
                reference: customer.draft.reference, kind: .ensureCustomer, result: result, document: document,
                startedAt: startedAt, finishedAt: clock.now(), message: message)
        ])
        guard refused.isEmpty else {
            standBack(customer)
            return false
        }
        return true
    }

    private mutating func standBack(_ customer: LeasedCustomer) {
        for index in customer.indices {
            runs[index].end(
                .queued, "another worker makes its customer", .again(at: clock.now() + .seconds(2), isFailure: false))
        }
    }
}

extension Array {
    fileprivate func split(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(isFirst), filter { !isFirst($0) })
    }
}
