import ConnectorKit
import Domain
import Logging

/// The orders, or payouts, of one turn, worked off together so that the ERP is called once for many.
struct WorkBatch {
    var runs: [RecordRun]
    let lane: Lane
    let integration: Integration
    let worker: String
    let tuning: Worker.Tuning

    init(_ claims: [Claim], lane: Lane, integration: Integration, worker: String, tuning: Worker.Tuning) {
        runs = claims.map(RecordRun.init)
        self.lane = lane
        self.integration = integration
        self.worker = worker
        self.tuning = tuning
    }

    var clock: any WallClock { integration.clock }
    var store: any Store { integration.store }

    mutating func run() async throws {
        stopUnreadable()
        if lane == .booking { try await readAgainWhatIsOld() }
        guard runs.contains(where: \.isActive) else { return }
        do {
            let books = try await integration.erp.books()
            if lane == .payouts {
                try await readPayouts()
            } else {
                try await resolveDoubts(books)
                try await readDraftsAgain()
            }
            while let kind = decide(books) { try await perform(kind) }
        } catch let error as ConnectorError {
            endActive(error)
        }
    }

    private func plan(_ run: RecordRun, _ books: Books, _ now: Instant) -> Plan? {
        let (documents, settings) = (Array(run.documents.values), integration.settings.settings)
        switch run.content {
        case .order(let order):
            return Domain.plan(
                order, of: integration.shop, documents: documents, settlements: run.claim.settlements,
                settings: settings, books: books, decisions: run.claim.decisions, now: now)
        case .payout(let payout):
            return run.summary.map { summary in
                Domain.plan(
                    payout, of: integration.shop, entries: summary.entries, open: summary.open, documents: documents,
                    settings: settings, books: books, decisions: run.claim.decisions, now: now)
            }
        case .unreadable: return nil
        }
    }

    /// Plans every active order; answers the earliest kind of step that one of them needs, or `nil` when all have ended.
    private mutating func decide(_ books: Books) -> Step.Kind? {
        let now = clock.now()
        for index in runs.indices where runs[index].isActive {
            guard let plan = plan(runs[index], books, now) else { continue }
            runs[index].follow(plan, in: lane, now: now)
        }
        let needed = Set(runs.filter(\.isActive).compactMap { $0.next?.kind })
        return Step.Kind.allCases.first { needed.contains($0) }
    }

    private mutating func stopUnreadable() {
        for index in runs.indices {
            guard case .unreadable(let problem) = runs[index].content else { continue }
            if runs[index].key.type == .payout, isExcludedByPerson(runs[index].claim.decisions) {
                runs[index].end(.excluded, code: Exclusion.Rule.excludedByPerson.rawValue, problem.detail)
            } else {
                runs[index].stop(problem)
            }
        }
    }

    // MARK: Ending

    /// The shop or the ERP cannot be used: nobody's fault among the orders, so it counts as nobody's attempt.
    private mutating func endActive(_ error: ConnectorError) {
        let (standing, delay) = standing(after: error)
        for index in runs.indices where runs[index].isActive {
            runs[index].ending = .finished(standing, .again(at: clock.now() + delay, isFailure: false))
        }
    }

    func standing(after error: ConnectorError) -> (Standing, Duration) {
        let code = error.problem.code.rawValue
        switch error.decision {
        case .retry(let after):
            return (Standing(.retrying, code: code, reason: error.problem.detail), after ?? .seconds(30))
        case .pauseConnection:
            return (Standing(.waiting, code: code, reason: error.problem.detail), .seconds(60))
        case .stop:
            return (Standing(.retrying, code: code, reason: error.problem.detail), .seconds(300))
        }
    }

    mutating func endAll(_ error: any Error, retryAt: Instant) {
        integration.logger.error("a turn was interrupted", metadata: ["error": "\(type(of: error)): \(error)"])
        for index in runs.indices where runs[index].isActive {
            runs[index].end(
                .retrying, code: ProblemCode.internalError.rawValue, "the store could not be written",
                .again(at: retryAt, isFailure: true))
        }
    }

    func finishes(at now: Instant) -> [Finish] {
        runs.compactMap { run in
            guard case .finished(let standing, let next) = run.ending else { return nil }
            return Finish(claim: run.claim, standing: standing, next: next, doubtResolved: run.lookedUp, at: now)
        }
    }
}
