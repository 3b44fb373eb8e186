/// What people decided about an order, as it counts now.
struct Verdict {
    private let decisions: [Decision]

    init(_ decisions: [Decision]) { self.decisions = decisions }

    /// The newest decision on whether the order is synced at all.
    private var standing: Decision? {
        decisions.last { decision in
            switch decision.kind {
            case .bookedByHand, .excluded, .undone, .withdrawn: true
            case .correct, .keep: false
            }
        }
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

    /// A person wants the order synced after all.
    var isTakenBack: Bool { standing?.kind == .withdrawn }

    /// Somebody wanted the books to follow a change of this generation's invoice.
    func hasCorrections(of ordinal: Int) -> Bool {
        decisions.contains { if case .correct(let change) = $0.kind { change.ordinal == ordinal } else { false } }
    }

    enum OnChange { case correct, keep }

    /// What was decided about exactly this state of the order, seen beside this generation's invoice.
    func onChange(_ change: OrderChange) -> OnChange? {
        func isMeant(_ seen: OrderChange) -> Bool {
            seen.ordinal == change.ordinal && seen.facts.differences(from: change.facts).isEmpty
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
