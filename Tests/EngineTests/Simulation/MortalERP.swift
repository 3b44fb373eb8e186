import ConnectorKit
import Domain

/// An ERP seen from a process that may die before it calls or before it hears the answer.
struct MortalERP: ERP {
    let erp: any ERP
    let crash: CrashPoint

    var capabilities: ERPCapabilities { erp.capabilities }

    func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome {
        let name = steps.first?.kind.rawValue ?? "nothing"
        do {
            try crash.pass("before \(name)")
            let outcome = await erp.perform(steps, deadline: deadline)
            try crash.pass("after \(name)")
            return outcome
        } catch {
            return .unknown("dead")
        }
    }

    func books() async throws(ConnectorError) -> Books { try await erp.books() }

    func find(
        _ references: [ExternalReference]
    ) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]] { try await erp.find(references) }

    func read(
        _ kind: DocumentKind, _ ids: [DocumentID]
    ) async throws(ConnectorError) -> [DocumentID: ERPDocument] { try await erp.read(kind, ids) }

    func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem] { [] }
    func check(_ settings: Settings) async -> [Problem] { [] }
    func balance(of account: String) async throws(ConnectorError) -> Money? { try await erp.balance(of: account) }
}
