/// Whether a person wants the record left out for good.
public func isExcludedByPerson(_ decisions: [Decision]) -> Bool {
    Verdict(decisions).exclusion?.rule == .excludedByPerson
}

/// What people decided about an order or payout, as it counts now.
struct Verdict {
    private let decisions: [Decision]

    init(_ decisions: [Decision]) { self.decisions = decisions }

    /// The newest decision on whether the order is synced at all.
    private var standing: Decision? {
        decisions.last { $0.kind.isStanding }
    }

    var exclusion: Exclusion? {
        guard let standing else { return nil }
        return switch standing.kind {
        case .bookedByHand(let number): Exclusion(.bookedByHand, "booked by hand as \(number) by \(standing.by)")
        case .excluded: Exclusion(.excludedByPerson, "excluded by \(standing.by): \(standing.reason)")
        case .undone, .withdrawn, .correct, .keep: nil
        }
    }

    /// The decision to take everything back.
    var undone: Decision? { standing.flatMap { $0.kind == .undone ? $0 : nil } }

    /// A person undid the order and wants it synced after all.
    var isResumedAfterUndo: Bool {
        isTakenBack && decisions.last { $0.kind != .withdrawn && $0.kind.isStanding }?.kind == .undone
    }

    /// A person wants the order synced after all.
    var isTakenBack: Bool { standing?.kind == .withdrawn }

    /// Somebody wanted the books to follow a change of this generation's invoice.
    func hasCorrections(of ordinal: Int) -> Bool {
        decisions.contains { if case .correct(let change) = $0.kind { change.ordinal == ordinal } else { false } }
    }

    enum OnChange { case correct, keep }

    /// What was decided about exactly this state of the order, seen beside this generation's invoice.
    func onChange(_ change: OrderChange, isAnonymised: Bool) -> OnChange? {
        func isMeant(_ seen: OrderChange) -> Bool {
            var facts = seen.facts
            // Whom the shop forgot, it may have shown under another address when this was decided.
            if isAnonymised { (facts.billing, facts.vatNumber) = (change.facts.billing, change.facts.vatNumber) }
            return seen.ordinal == change.ordinal && facts.differences(from: change.facts).isEmpty
        }

        for decision in decisions.reversed() {
            switch decision.kind {
            case .correct(let seen) where isMeant(seen): return .correct
            case .keep(let seen) where isMeant(seen): return .keep
            default: continue
            }
        }
        return nil
    }
}

extension Decision.Kind {
    /// It says whether the order is synced at all.
    fileprivate var isStanding: Bool {
        switch self {
        case .bookedByHand, .excluded, .undone, .withdrawn: true
        case .correct, .keep: false
        }
    }
}

/// Whether an order is to have documents at all: the shop did not call it off, and no person took it out.
public func wantsDocuments(_ order: Order, _ decisions: [Decision]) -> Bool {
    let verdict = Verdict(decisions)
    return !order.status.isUndone && verdict.exclusion == nil && verdict.undone == nil
}
