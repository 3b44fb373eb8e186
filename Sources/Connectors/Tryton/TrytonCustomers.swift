import ConnectorKit
import Domain

/// Matches customers to parties and makes those that are missing: one search, one creation and one reading for a batch.
struct TrytonCustomers: Sendable {
    let client: TrytonClient
    let catalogue: TrytonCatalogue
    let parties: TrytonParties

    func ensure(_ drafts: [CustomerDraft], by deadline: Instant) async throws(TrytonFailure) -> [StepOutcome] {
        let register = try await catalogue.register(for: TrytonNeeds(drafts), by: deadline)
        // The second look is for whom somebody else made between our first look and our creation.
        for attempt in 1...3 {
            let decisions = TrytonMatching(candidates: try await candidates(drafts, by: deadline)).decide(drafts)
            do throws(TrytonFailure) {
                return try await settle(drafts, decisions, register, by: deadline)
            } catch .refused(let refusal) where refusal.kind == .duplicateCode && attempt < 3 {
                continue
            } catch {
                throw error
            }
        }
        throw .busy(after: nil, Problem(.refusedByERP, "others make the same parties in Tryton"))
    }

    /// Every party that could be one of these customers.
    private func candidates(
        _ drafts: [CustomerDraft], by deadline: Instant
    ) async throws(TrytonFailure) -> [TrytonParty] {
        let codes = drafts.map { TrytonMatching.code($0.reference) }
        var domain: [JSONValue] = ["OR", ["code", "in", .array(codes.map { .string($0) })]]
        let emails = Set(drafts.filter { $0.matchBy.contains(.email) }.compactMap(\.email).filter { !$0.isEmpty })
        if !emails.isEmpty {
            let values = emails.sorted().map { ["value_compact", "ilike", .string(Self.pattern($0))] as JSONValue }
            domain.append(["contact_mechanisms", "where", [["type", "=", "email"], .array(["OR"] + values)]])
        }
        let numbers = Self.spellings(drafts.filter { $0.matchBy.contains(.organisationNumber) })
        if !numbers.isEmpty {
            let list = JSONValue.array(numbers.sorted().map { .string($0) })
            domain.append(["identifiers", "where", ["OR", ["code", "in", list], ["code_compact", "in", list]]])
        }
        let found = try await parties.search(.array(domain), inactiveToo: true, by: deadline)
        let replacements = Set(found.compactMap(\.replacedBy)).subtracting(found.map(\.id))
        guard !replacements.isEmpty else { return found }
        return try await found
            + parties.search([["id", "in", TrytonWire.ids(replacements.sorted())]], inactiveToo: true, by: deadline)
    }

    /// A text that means itself where Tryton expects a pattern.
    static func pattern(_ text: String) -> String {
        text.reduce(into: "") { pattern, character in
            if "\\%_".contains(character) { pattern.append("\\") }
            pattern.append(character)
        }
    }

    /// The numbers as people type them: plain, as sent, and ten digits with a dash before the last four.
    static func spellings(_ drafts: [CustomerDraft]) -> Set<String> {
        var spellings = Set(drafts.flatMap { [$0.organisationNumber, $0.vatNumber].compactMap(\.self) })
        for number in drafts.flatMap(\.plainNumbers) {
            spellings.insert(number)
            if number.count == 10, number.allSatisfy(\.isNumber) {
                spellings.insert("\(number.dropLast(4))-\(number.suffix(4))")
            }
        }
        return spellings.filter { !$0.isEmpty }
    }

    // MARK: Making

    private func settle(
        _ drafts: [CustomerDraft], _ decisions: [TrytonMatching.Decision], _ register: TrytonRegister,
        by deadline: Instant
    ) async throws(TrytonFailure) -> [StepOutcome] {
        var problems: [Int: Problem] = [:]
        var makers: [(index: Int, maker: TrytonPartyMaker)] = []
        for (index, decision) in decisions.enumerated() where decision == .create {
            do throws(Problem) {
                makers.append((index, try TrytonPartyMaker(drafts[index], register)))
            } catch {
                problems[index] = error
            }
        }
        let made = try await make(makers.map(\.maker), by: deadline)
        let byIndex = Dictionary(zip(makers.map(\.index), made)) { first, _ in first }
        return decisions.enumerated().map { index, decision in
            switch decision {
            case .found(let party): .alreadyThere(party.document)
            case .problem(let problem): .rejected(problem)
            case .create: outcome(index, byIndex, problems, isNew: true)
            case .sameAs(let earlier): outcome(earlier, byIndex, problems, isNew: false)
            }
        }
    }

    private func outcome(
        _ index: Int, _ made: [Int: TrytonParty], _ problems: [Int: Problem], isNew: Bool
    ) -> StepOutcome {
        if let party = made[index] { return isNew ? .done(party.document) : .alreadyThere(party.document) }
        return .rejected(problems[index] ?? Problem(.internalError, "a party was not made"))
    }

    /// Makes parties in one call and reads them back. A number that Tryton holds to be none is kept without its type: the
    /// customer stated it, and it may be right all the same.
    private func make(_ makers: [TrytonPartyMaker], by deadline: Instant) async throws(TrytonFailure) -> [TrytonParty] {
        guard !makers.isEmpty else { return [] }
        var doubted: Set<String> = []
        while true {
            do throws(TrytonFailure) {
                let ids = try await client.create("party.party", makers.map { $0.json(doubted) }, by: deadline)
                return try await readBack(ids, by: deadline)
            } catch .refused(let refusal) {
                guard let text = refusal.doubtedText, doubted.insert(TrytonParty.plain(text)).inserted else {
                    throw .refused(refusal)
                }
            } catch {
                throw error
            }
        }
    }

    private func readBack(_ ids: [Int], by deadline: Instant) async throws(TrytonFailure) -> [TrytonParty] {
        do throws(TrytonFailure) {
            let found = try await parties.parties(Set(ids), by: deadline)
            var made: [TrytonParty] = []
            for id in ids {
                guard let party = found[id] else { throw .unreadable("not the party that was made") }
                made.append(party)
            }
            return made
        } catch {
            throw .afterWriting(error)
        }
    }
}

/// A party to be made.
struct TrytonPartyMaker {
    private let draft: CustomerDraft
    private let address: TrytonAddress.Values?

    init(_ draft: CustomerDraft, _ register: TrytonRegister) throws(Problem) {
        self.draft = draft
        address =
            draft.address.isEmpty ? nil : try TrytonAddress.Values(draft.address, party: draft.name, register: register)
    }

    /// `doubted` are texts, letters and digits only, that Tryton refused under their type.
    func json(_ doubted: Set<String>) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(draft.name), "code": .string(TrytonMatching.code(draft.reference)),
        ]
        if let address { members["addresses"] = TrytonWire.create([address.json]) }
        var mechanisms: [JSONValue] = []
        for (type, text) in [("email", draft.email), ("phone", draft.phone)] {
            guard let text, !text.isEmpty else { continue }
            let isDoubted = doubted.contains(TrytonParty.plain(text))
            mechanisms.append(["type": .string(isDoubted ? "other" : type), "value": .string(text)])
        }
        if !mechanisms.isEmpty { members["contact_mechanisms"] = TrytonWire.create(mechanisms) }
        let identifiers = identifiers(doubted)
        if !identifiers.isEmpty { members["identifiers"] = TrytonWire.create(identifiers) }
        return .object(members)
    }

    private func identifiers(_ doubted: Set<String>) -> [JSONValue] {
        var identifiers: [JSONValue] = []
        if let number = draft.vatNumber, !number.isEmpty {
            let isTyped = EuropeanVAT.mayBe(number) && !doubted.contains(TrytonParty.plain(number))
            identifiers.append(["type": isTyped ? "eu_vat" : .null, "code": .string(number)])
        }
        if let number = draft.organisationNumber, !number.isEmpty, number != draft.vatNumber {
            identifiers.append(["type": .null, "code": .string(number)])
        }
        return identifiers
    }
}

/// VAT numbers of the European Union by their prefix; Greece writes EL, Northern Ireland XI.
enum EuropeanVAT {
    private static let prefixes: Set<String> = [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU",
        "LV",
        "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
    ]

    static func mayBe(_ number: String) -> Bool { prefixes.contains(String(number.prefix(2)).uppercased()) }
}

extension TrytonRefusal {
    /// The number or e-mail address that a refusal is about.
    fileprivate var doubtedText: String? {
        switch kind {
        case .invalidIdentifier(let number), .invalidPhone(let number): number
        default: nil
        }
    }
}

extension TrytonParty {
    var document: ERPDocument {
        ERPDocument(id: DocumentID(String(id)), number: code.isEmpty ? nil : code, state: .confirmed)
    }
}
