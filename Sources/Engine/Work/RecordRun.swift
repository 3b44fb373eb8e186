import Domain

/// One claimed order or payout on its way: what is known of it, what it did in this run, and how the run ends.
struct RecordRun {
    let claim: Claim
    var lease: Lease
    var content: Snapshot.Content
    var fetchBegan: Instant
    var documents: [ExternalReference: Document]
    /// A payout's lines, summed up; `nil` of an order.
    var summary: PayoutSummary?
    /// The ERP was asked for this order's documents in this run.
    var lookedUp = false
    var performed: [Step] = []
    var next: Step?
    var ending: Ending?

    /// How a run ends.
    enum Ending {
        case finished(Standing, Finish.Next)
        /// Somebody else holds the lease now and will finish.
        case lost
    }

    /// More steps than any order needs: something undoes them.
    static let stepLimit = 20

    init(_ claim: Claim) {
        self.claim = claim
        lease = claim.lease
        content = claim.entity.snapshot.content
        fetchBegan = claim.entity.snapshot.fetchBegan
        documents = Dictionary(claim.documents.map { ($0.reference, $0) }) { _, last in last }
    }

    var key: EntityKey { claim.entity.key }
    var isActive: Bool { ending == nil }
    var order: Order? { content.order }
    var payout: Payout? { content.payout }

    mutating func end(_ state: SyncState, code: String? = nil, _ reason: String, _ next: Finish.Next = .rest) {
        ending = .finished(Standing(state, code: code, reason: reason), next)
        self.next = nil
    }

    mutating func stop(_ problem: Problem) {
        // What contradicts our knowledge stays in doubt until a lookup finds it in order.
        if problem.code == .documentConflict { lookedUp = false }
        end(.stopped, code: problem.code.rawValue, problem.detail)
    }

    /// What an earlier try of a step that is its own lookup came to is not known: the try.
    func begun(_ step: Step) -> MadeFrom? {
        if documents[step.reference] != nil { return nil }
        return claim.openIntents.last { $0.reference == step.reference && $0.kind == step.kind }?.madeFrom
    }

    /// Takes a plan as the next step or as the end of the run.
    mutating func follow(_ plan: Plan, in lane: Lane, now: Instant) {
        switch plan {
        case .step(let step): take(begun(step).map(step.asBegun) ?? step, in: lane)
        case .complete: end(.completed, completedText)
        case .hold(let hold): end(.waiting, hold.waitingFor, hold.next(now))
        case .exclusion(let exclusion): end(.excluded, code: exclusion.rule.rawValue, exclusion.detail)
        case .stop(let problem) where [.payoutLineNotMatched, .payoutLineForPerson].contains(problem.code):
            // The order or its refund may only be late; a person is told all the same.
            end(
                .stopped, code: problem.code.rawValue, problem.detail,
                .again(at: now + .seconds(3600), isFailure: false))
        case .stop(let problem): stop(problem)
        }
    }

    private mutating func take(_ step: Step, in lane: Lane) {
        if performed.contains(step) || performed.count >= Self.stepLimit {
            return stop(Problem(.noProgress, "the step \"\(step.kind.title)\" is needed again after it was done"))
        }
        let wanted: Lane = step.bookingDate == nil ? .first(of: key.type) : .booking
        if wanted == lane {
            next = step
        } else {
            end(.queued, "next: \(step.kind.title)", .handOver(wanted, day: step.bookingDate))
        }
    }

    private var completedText: String {
        if let payout { return "\(payout.net) booked" }
        let invoice = documents.values.filter { $0.reference.kind == .invoice }
            .max { $0.reference.ordinal < $1.reference.ordinal }
        return invoice.map { "\($0.title) booked, \($0.erp.total?.description ?? "")" } ?? ""
    }
}

extension Hold {
    /// When a hold is looked at again, besides when the record changes.
    func next(_ now: Instant) -> Finish.Next {
        switch until {
        case .recordChanges, .setting: .rest
        case .books: .again(at: now + .seconds(3600), isFailure: false)
        case .time(let instant): .again(at: instant, isFailure: false)
        }
    }
}
