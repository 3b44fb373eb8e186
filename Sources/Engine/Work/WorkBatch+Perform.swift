import ConnectorKit
import Domain

extension WorkBatch {
    /// Performs the next step of every active order that needs this kind.
    mutating func perform(_ kind: Step.Kind) async throws {
        let needing = runs.indices.filter { runs[$0].isActive && runs[$0].next?.kind == kind }
        for index in needing { waitForOwnLateArrivals(index) }
        let inOrder = needing.filter { runs[$0].isActive }.sorted { Self.isEarlier(runs[$0], runs[$1]) }
        if kind == .ensureCustomer { return try await ensureCustomers(inOrder) }
        for chunk in chunks(inOrder, kind) { try await attempt(chunk) }
    }

    /// By document date, then as the orders came in: the order of the numbers they will get.
    private static func isEarlier(_ left: RecordRun, _ right: RecordRun) -> Bool {
        if let one = left.next?.bookingDate, let other = right.next?.bookingDate, one != other { return one < other }
        let (one, other) = (left.claim.entity.snapshot.createdAt, right.claim.entity.snapshot.createdAt)
        return one == other ? left.key.id < right.key.id : one < other
    }

    /// As many per call as the ERP takes; an order that failed before goes alone, so that it cannot take others with it.
    private func chunks(_ indices: [Int], _ kind: Step.Kind) -> [[Int]] {
        let limit = max(1, integration.erp.capabilities.batchLimit[kind] ?? 1)
        let alone = indices.filter { runs[$0].claim.attempts > 0 }
        let together = indices.filter { runs[$0].claim.attempts == 0 }
        let groups = stride(from: 0, to: together.count, by: limit).map { start in
            Array(together[start..<min(start + limit, together.count)])
        }
        return groups + alone.map { [$0] }
    }

    /// Intent, call, outcome (DESIGN: a step happens once).
    private mutating func attempt(_ indices: [Int]) async throws {
        try await keepLeases(indices)
        let (ready, deadline) = try await commitIntents(indices)
        guard !ready.isEmpty else { return }
        var steps: [Step] = []
        for index in ready {
            if let step = runs[index].next { steps.append(try await withReport(step, of: runs[index].key)) }
        }
        let startedAt = clock.now()
        let outcome = await integration.erp.perform(steps, deadline: deadline)
        try await settle(ready, outcome, startedAt)
    }

    /// A call may not outlive its lease: leases with too little left are prolonged, and who lost one stands back.
    mutating func keepLeases(_ indices: [Int]) async throws {
        let needed = clock.now() + integration.erp.capabilities.callDeadline + .seconds(60)
        let short = indices.filter { runs[$0].lease.until < needed }
        guard !short.isEmpty else { return }
        let held = try await store.extend(short.map { runs[$0].lease }, for: tuning.leaseFor)
        for index in short {
            if let lease = held.first(where: { $0.name == runs[index].lease.name }) {
                runs[index].lease = lease
            } else {
                runs[index].ending = .lost
            }
        }
    }

    private mutating func commitIntents(_ indices: [Int]) async throws -> (ready: [Int], deadline: Instant) {
        let deadline = clock.now() + integration.erp.capabilities.callDeadline
        let candidates = indices.filter { runs[$0].isActive }
        let records = candidates.compactMap { index in
            runs[index].next.map { step in
                IntentRecord(
                    key: runs[index].key, lease: runs[index].lease, taskID: runs[index].claim.taskID,
                    reference: step.reference, kind: step.kind, deadline: deadline,
                    madeFrom: step.made.map { _ in
                        MadeFrom(settingsVersion: integration.settings.version, of: step)
                    })
            }
        }
        let committed = try await store.recordIntents(records)
        for index in candidates where committed[runs[index].key] == nil { runs[index].ending = .lost }
        return (candidates.filter { runs[$0].isActive }, deadline)
    }

    // MARK: Outcomes

    private mutating func settle(_ indices: [Int], _ outcome: BatchOutcome, _ startedAt: Instant) async throws {
        switch outcome {
        case .each(let outcomes) where outcomes.count == indices.count:
            try await settle(indices, outcomes, startedAt)
        case .each(let outcomes):
            try await leaveUnknown(indices, "\(outcomes.count) answers for \(indices.count) steps", startedAt)
        case .refused(let problem) where indices.count > 1:
            // Nothing was done. Halving finds the record that the ERP will not take, and lets the others through.
            try await record(indices, .retry, "refused together: \(problem.detail)", startedAt)
            let middle = indices.count / 2
            try await attempt(Array(indices[..<middle]))
            try await attempt(Array(indices[middle...]))
        case .refused(let problem):
            try await settle(indices, [.rejected(problem)], startedAt)
        case .retry(let after, let problem):
            try await record(indices, .retry, problem.detail, startedAt)
            for index in indices where runs[index].isActive { tryAgain(index, after: after, problem) }
        case .unknown(let text):
            try await leaveUnknown(indices, text, startedAt)
        }
    }

    private mutating func settle(_ indices: [Int], _ outcomes: [StepOutcome], _ startedAt: Instant) async throws {
        var records: [OutcomeRecord] = []
        var effects: [(index: Int, document: Document?)] = []
        for (index, outcome) in zip(indices, outcomes) {
            guard let step = runs[index].next else { continue }
            let settled = settled(outcome, of: step, runs[index])
            records.append(
                outcomeRecord(
                    index, step, settled.result, settled.document, startedAt, settled.message,
                    settlesEarlier: settled.settlesEarlier))
            effects.append((index, settled.document))
            settled.ending.map { end(index, $0) }
        }
        let refused = try await store.recordOutcomes(records)
        for (index, document) in effects {
            if refused.contains(runs[index].key) {
                runs[index].ending = .lost
            } else if let document, let step = runs[index].next {
                runs[index].documents[document.reference] = document
                runs[index].performed.append(step)
            }
        }
    }

    private struct Settled {
        let result: OutcomeRecord.Result
        var document: Document?
        var ending: Ending?
        let message: String
        var settlesEarlier = false

        enum Ending {
            case stop(Problem)
            case tryAgain(after: Duration?, Problem)
        }
    }

    private mutating func end(_ index: Int, _ ending: Settled.Ending) {
        switch ending {
        case .stop(let problem): runs[index].stop(problem)
        case .tryAgain(let after, let problem): tryAgain(index, after: after, problem)
        }
    }

    private func settled(_ outcome: StepOutcome, of step: Step, _ run: RecordRun) -> Settled {
        switch outcome {
        case .done(let found):
            let document = document(found, of: step, run)
            return Settled(result: .done, document: document, message: "\(step.kind.title): \(document.title)")
        case .alreadyThere(let found):
            if let problem = Agreement(step, run).conflict(with: found) {
                return Settled(result: .rejected, ending: .stop(problem), message: problem.detail)
            }
            let document = document(found, of: step, run)
            return Settled(result: .alreadyThere, document: document, message: "\(document.title) was there already")
        case .rejected(let problem) where run.begun(step).map(step.asBegun) == step:
            // What was begun before is not there and will not be: what is to be done now is planned anew.
            return Settled(
                result: .rejected, ending: .tryAgain(after: nil, problem), message: problem.detail,
                settlesEarlier: true)
        case .rejected(let problem):
            return Settled(result: .rejected, ending: .stop(problem), message: problem.detail)
        case .retry(let after, let problem):
            return Settled(result: .retry, ending: .tryAgain(after: after, problem), message: problem.detail)
        case .unknown(let text):
            // The intent stays open: the next turn looks the document up before it does anything.
            let problem = Problem(.outcomeUnknown, text)
            return Settled(result: .unknown, ending: .tryAgain(after: nil, problem), message: text)
        }
    }

    private func document(_ found: ERPDocument, of step: Step, _ run: RecordRun) -> Document {
        Document(
            found, of: step, known: run.documents[step.reference]?.madeFrom,
            settingsVersion: integration.settings.version)
    }

    func outcomeRecord(
        _ index: Int, _ step: Step, _ result: OutcomeRecord.Result, _ document: Document?, _ startedAt: Instant,
        _ message: String, settlesEarlier: Bool = false
    ) -> OutcomeRecord {
        OutcomeRecord(
            key: runs[index].key, lease: runs[index].lease, taskID: runs[index].claim.taskID, reference: step.reference,
            kind: step.kind, result: result, document: document, startedAt: startedAt, finishedAt: clock.now(),
            message: message, settlesEarlier: settlesEarlier)
    }

    private mutating func record(
        _ indices: [Int], _ result: OutcomeRecord.Result, _ message: String, _ startedAt: Instant
    ) async throws {
        let records = indices.compactMap { index in
            runs[index].next.map { outcomeRecord(index, $0, result, nil, startedAt, message) }
        }
        let refused = try await store.recordOutcomes(records)
        for index in indices where refused.contains(runs[index].key) { runs[index].ending = .lost }
    }

    /// The intents stay open: the next turn looks the documents up before it does anything.
    private mutating func leaveUnknown(_ indices: [Int], _ text: String, _ startedAt: Instant) async throws {
        try await record(indices, .unknown, text, startedAt)
        let problem = Problem(.outcomeUnknown, text)
        for index in indices where runs[index].isActive { tryAgain(index, after: nil, problem) }
    }

    /// Tries the order again later, until a person is asked.
    mutating func tryAgain(_ index: Int, after: Duration?, _ problem: Problem) {
        // The door is shut to all: nobody's fault among the orders, so it counts as nobody's attempt.
        if [.unauthorised, .permissionMissing, .tokenLost].contains(problem.code) {
            let at = clock.now() + max(after ?? .zero, .seconds(60))
            return runs[index].end(
                .waiting, code: problem.code.rawValue, problem.detail, .again(at: at, isFailure: false))
        }
        let attempt = runs[index].claim.attempts + 1
        let backoff = tuning.retry.delay(after: attempt, random: tuning.random())
        guard let backoff else { return runs[index].stop(problem) }
        let at = clock.now() + max(backoff, after ?? .zero)
        runs[index].end(.retrying, code: problem.code.rawValue, problem.detail, .again(at: at, isFailure: true))
    }
}
