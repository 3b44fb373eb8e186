import ConnectorKit
import Domain
import TestKit

/// A sound ERP's connector with one thing wrong.
struct BrokenERP: ERP {
    let base: any ERP
    var claims: @Sendable (inout ERPCapabilities) -> Void = { _ in }
    var step: @Sendable (Step) -> Step = { $0 }
    var deadline: @Sendable (Instant) -> Instant = { $0 }
    var outcome: @Sendable (BatchOutcome, [Step]) -> BatchOutcome = { outcome, _ in outcome }
    var searched: @Sendable ([ExternalReference]) -> [ExternalReference] = { $0 }
    var found:
        @Sendable ([ExternalReference: [ERPDocument]], [ExternalReference]) -> [ExternalReference: [ERPDocument]] = {
            found, _ in found
        }
    var document: @Sendable (ERPDocument) -> ERPDocument = { $0 }
    var lacking: @Sendable ([Problem], [SalesOrderDraft]) -> [Problem] = { problems, _ in problems }
    var lookingWrites = false
    /// Steps that it says are done and does not do.
    var swallows: Set<Step.Kind> = []
    var rewritten: @Sendable (Books) -> Books = { $0 }
    var error: @Sendable (ConnectorError) -> ConnectorError = { $0 }
    var balance: @Sendable (Money?) -> Money? = { $0 }

    var capabilities: ERPCapabilities {
        var capabilities = base.capabilities
        claims(&capabilities)
        return capabilities
    }

    func books() async throws(ConnectorError) -> Books {
        do throws(ConnectorError) { return rewritten(try await base.books()) } catch { throw self.error(error) }
    }

    func find(
        _ references: [ExternalReference]
    ) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]] {
        found(try await base.find(searched(references)), references)
    }

    func read(
        _ kind: DocumentKind, _ ids: [DocumentID]
    ) async throws(ConnectorError) -> [DocumentID: ERPDocument] {
        try await base.read(kind, ids).mapValues(document)
    }

    func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome {
        if let kind = steps.first?.kind, swallows.contains(kind) { return .each(await steps.asyncMap(asItStands)) }
        return outcome(await base.perform(steps.map(step), deadline: self.deadline(deadline)), steps)
    }

    private func asItStands(_ step: Step) async -> StepOutcome {
        let found = try? await base.find([step.reference])[step.reference]?.first
        return found.map { .done($0) } ?? .unknown("nothing there")
    }

    func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem] {
        if lookingWrites, let draft = drafts.first {
            _ = await base.perform([.ensureCustomer(draft.customer)], deadline: Instant(milliseconds: .max / 2))
        }
        return lacking(try await base.problems(in: drafts), drafts)
    }

    func check(_ settings: Settings) async -> [Problem] { await base.check(settings) }

    func balance(of account: String) async throws(ConnectorError) -> Money? {
        balance(try await base.balance(of: account))
    }
}

extension Array {
    fileprivate func asyncMap<Other>(_ change: (Element) async -> Other) async -> [Other] {
        var changed: [Other] = []
        for element in self { changed.append(await change(element)) }
        return changed
    }
}

/// A subject whose connectors are broken.
struct BrokenSubject: ERPSubject {
    let sound: any ERPSubject
    let broken: @Sendable (any ERP) -> any ERP

    var clock: any WallClock { sound.clock }
    var shop: ShopIdentity { sound.shop }
    var settings: Settings { sound.settings }
    var secrets: [String] { sound.secrets }
    func order(_ id: String) -> Order { sound.order(id) }
    func connector(_ fault: ERPFault?) async throws -> any ERP { broken(try await sound.connector(fault)) }
    func connectorWithWrongCredentials() async throws -> any ERP {
        broken(try await sound.connectorWithWrongCredentials())
    }
    func held(_ reference: ExternalReference) async throws -> Int { try await sound.held(reference) }
    func heldInAll() async throws -> Int { try await sound.heldInAll() }
    func lock(through day: Day?) async throws { try await sound.lock(through: day) }
    var accounts: LedgerAccounts { sound.accounts }
    func calls(of kind: Step.Kind) -> Int { sound.calls(of: kind) }
    func balance(_ account: String) async throws -> Money { try await sound.balance(account) }
    func payments(of document: DocumentID) async throws -> [LedgerEntry] { try await sound.payments(of: document) }
    func entries(_ reference: ExternalReference) async throws -> [LedgerEntry] { try await sound.entries(reference) }
}

extension BatchOutcome {
    /// The same with each step's outcome changed.
    func map(_ change: (StepOutcome) -> StepOutcome) -> BatchOutcome {
        if case .each(let outcomes) = self { .each(outcomes.map(change)) } else { self }
    }

    func mapProblem(_ change: (Problem) -> Problem) -> BatchOutcome {
        switch self {
        case .refused(let problem): .refused(change(problem))
        case .each(let outcomes):
            .each(outcomes.map { if case .rejected(let problem) = $0 { .rejected(change(problem)) } else { $0 } })
        default: self
        }
    }

    func mapDocument(_ change: (ERPDocument) -> ERPDocument) -> BatchOutcome {
        map { outcome in
            switch outcome {
            case .done(let document): .done(change(document))
            case .alreadyThere(let document): .alreadyThere(change(document))
            default: outcome
            }
        }
    }
}
