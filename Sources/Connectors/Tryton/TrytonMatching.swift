import ConnectorKit
import Domain

/// Which party each customer of a batch is. Pure.
struct TrytonMatching {
    enum Decision: Hashable {
        case found(TrytonParty)
        case create
        /// The same as an earlier customer of the batch that is to be made.
        case sameAs(Int)
        case problem(Problem)
    }

    /// Parties that the batch's numbers, e-mail addresses and codes find, inactive ones too.
    let candidates: [TrytonParty]

    /// The code that we give a party: unique in Tryton, so that no customer is made twice.
    static func code(_ reference: ExternalReference) -> String {
        let code = "\(reference.shop.name)/\(reference.record)"
        return reference.ordinal > 1 ? "\(code)/\(reference.ordinal)" : code
    }

    func decide(_ drafts: [CustomerDraft]) -> [Decision] {
        var decisions: [Decision] = []
        for (index, draft) in drafts.enumerated() {
            let decision = decide(draft)
            let earlier = drafts[..<index].indices.first { decisions[$0] == .create && isSame(draft, drafts[$0]) }
            decisions.append(decision == .create ? earlier.map { .sameAs($0) } ?? .create : decision)
        }
        return decisions
    }

    /// Our own code first: it names this very customer, whatever else has changed since. Then as the settings say.
    private func decide(_ draft: CustomerDraft) -> Decision {
        if let ours = byCode(draft) { return ours }
        for rule in draft.matchBy {
            let found = matching(draft, rule)
            if found.count > 1 {
                let ids = found.map { "\($0.id)" }.joined(separator: ", ")
                return .problem(Problem(.customerAmbiguous, "parties \(ids) of Tryton have the same \(rule.noun)"))
            }
            if let party = found.first { return .found(party) }
        }
        return .create
    }

    private func byCode(_ draft: CustomerDraft) -> Decision? {
        let code = ExactText(Self.code(draft.reference))
        guard var party = candidates.first(where: { ExactText($0.code) == code }) else { return nil }
        // Merged parties stay as inactive ones that point to what they became.
        for _ in 0..<10 {
            guard let next = party.replacedBy, let found = candidates.first(where: { $0.id == next }) else { break }
            party = found
        }
        if party.isActive { return .found(party) }
        return .problem(Problem(.documentGone, "party \(party.code) of Tryton has been deactivated"))
    }

    private func matching(_ draft: CustomerDraft, _ rule: CustomerMatch) -> [TrytonParty] {
        let numbers = draft.plainNumbers
        switch rule {
        case .organisationNumber:
            return candidates.filter { $0.isActive && !$0.numbers.isDisjoint(with: numbers) }
        case .email:
            guard let email = draft.email?.lowercased(), !email.isEmpty else { return [] }
            // One mailbox may order for several companies: a party with another number is another customer.
            return candidates.filter { party in
                party.isActive && party.emails.contains(email) && (numbers.isEmpty || party.numbers.isEmpty)
            }
        }
    }

    private func isSame(_ draft: CustomerDraft, _ other: CustomerDraft) -> Bool {
        if draft.reference == other.reference { return true }
        return draft.matchBy.contains { rule in
            switch rule {
            case .organisationNumber:
                !draft.plainNumbers.isDisjoint(with: other.plainNumbers)
            case .email:
                draft.email != nil && draft.email?.lowercased() == other.email?.lowercased()
                    && (draft.plainNumbers.isEmpty || other.plainNumbers.isEmpty)
            }
        }
    }
}

extension CustomerDraft {
    /// Its organisation and VAT numbers, letters and digits only.
    var plainNumbers: Set<String> {
        Set([organisationNumber, vatNumber].compactMap(\.self).map(TrytonParty.plain).filter { !$0.isEmpty })
    }
}

extension CustomerMatch {
    fileprivate var noun: String {
        switch self {
        case .organisationNumber: "organisation or VAT number"
        case .email: "e-mail address"
        }
    }
}
