import ConnectorKit
import Domain
import Sandbox
import Synchronization
import TestKit

/// A sound ERP in memory: it passes every check, so that what a broken one fails is the break.
final class InProcessSubject: ERPSubject {
    private let virtualClock = VirtualClock(Sample.instant("2026-11-23T12:00:00Z"), autoAdvance: true)
    private let ledger: InProcessERP
    private let fault = SetFault()

    init(enforcesUniqueness: Bool = true) {
        let fault = fault
        ledger = InProcessERP(clock: virtualClock, enforcesUniqueness: enforcesUniqueness) { fault.strike($0.kind) }
    }

    var clock: any WallClock { virtualClock }
    let shop = Sample.shop
    var settings: Settings {
        var settings = Sample.settings
        settings.articles.refund = "REFUND"
        return settings
    }
    let secrets = ["in-process-password"]

    func order(_ id: String) -> Order {
        var order = Sample.order(id)
        order.customer.email = "buyer-\(id)@example.test"
        return order
    }

    func connector(_ fault: ERPFault?) async throws -> any ERP {
        self.fault.set(fault)
        return InProcessConnector(ledger: ledger, isRefused: false)
    }

    func connectorWithWrongCredentials() async throws -> any ERP { InProcessConnector(ledger: ledger, isRefused: true) }

    func held(_ reference: ExternalReference) async throws -> Int { ledger.documents(under: reference).count }

    func heldInAll() async throws -> Int {
        [.customer, .order, .invoice].map { ledger.documents($0).count }.reduce(0, +)
    }

    func lock(through day: Day?) async throws { ledger.lock(through: day) }

    let accounts = LedgerAccounts(
        clearing: "1580", bank: "1930", fee: "6570", rounding: "3740", gain: "3960", loss: "7960", vat: "2611",
        missing: InProcessConnector.missingAccount)

    func balance(_ account: String) async throws -> Money { Money(minorUnits: ledger.balance(account), Sample.sek) }

    func payments(of document: DocumentID) async throws -> [LedgerEntry] {
        ledger.payments(of: document).map(LedgerEntry.init)
    }

    func entries(_ reference: ExternalReference) async throws -> [LedgerEntry] {
        ledger.journalEntries(under: reference).map(LedgerEntry.init)
    }

    func files(of entry: DocumentID) async throws -> [(name: String, content: [UInt8])] {
        ledger.files(of: entry).map { ($0.name, $0.content) }
    }
}

/// The fault of the connector that was opened last.
private final class SetFault: Sendable {
    private let fault = Mutex<ERPFault?>(nil)

    func set(_ new: ERPFault?) { fault.withLock { $0 = new } }

    func strike(_ kind: Step.Kind) -> InProcessERP.Fault {
        fault.withLock { fault in
            guard let planned = fault, planned.kind == kind else { return .none }
            switch planned.manner {
            case .tooManyCalls, .unreachable: return .busy
            case .lostAfter:
                fault = nil
                return .loseAfter
            case .lostBefore, .serverError:
                fault = nil
                return .loseBefore
            }
        }
    }
}

/// The ledger with articles and credentials of its own.
private struct InProcessConnector: ERP {
    let ledger: InProcessERP
    let isRefused: Bool

    var capabilities: ERPCapabilities { ledger.capabilities }

    func books() async throws(ConnectorError) -> Books {
        try admit()
        return try await ledger.books()
    }

    func find(
        _ references: [ExternalReference]
    ) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]] {
        try admit()
        return try await ledger.find(references)
    }

    func read(
        _ kind: DocumentKind, _ ids: [DocumentID]
    ) async throws(ConnectorError) -> [DocumentID: ERPDocument] {
        try admit()
        return try await ledger.read(kind, ids)
    }

    func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome {
        let lacking = steps.lazy.compactMap { $0.lines.flatMap { Self.problem($0) } }.first
        if let lacking { return .refused(lacking) }
        if steps.contains(where: { $0.accounts.contains(Self.missingAccount) }) {
            return .refused(Problem(.accountNotInERP, "there is no account \(Self.missingAccount)"))
        }
        return await ledger.perform(steps, deadline: deadline)
    }

    func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem] {
        try admit()
        return drafts.compactMap { Self.problem($0.lines) }
    }

    func check(_ settings: Settings) async -> [Problem] { isRefused ? [Self.refusal] : [] }

    func balance(of account: String) async throws(ConnectorError) -> Money? {
        try admit()
        return try await ledger.balance(of: account)
    }

    private func admit() throws(ConnectorError) {
        if isRefused { throw ConnectorError(.pauseConnection, Self.refusal) }
    }

    static let missingAccount = "9999"

    private static let refusal = Problem(.unauthorised, "the password is wrong")

    private static func problem(_ lines: [DraftLine]) -> Problem? {
        lines.first { $0.article.hasPrefix("NO-SUCH") }.map {
            Problem(.articleNotFound, "there is no article \($0.article)")
        }
    }
}

extension Step {
    fileprivate var lines: [DraftLine]? {
        switch self {
        case .createOrder(let draft, _): draft.lines
        case .createInvoice(let draft): if case .customer = draft.source { draft.content.lines } else { nil }
        default: nil
        }
    }

    fileprivate var accounts: [String] {
        switch self {
        case .registerPayment(let draft): [draft.account]
        case .createJournalEntry(let draft): draft.rows.map(\.account)
        default: []
        }
    }
}

extension LedgerEntry {
    fileprivate init(_ entry: JournalEntryDraft) {
        self.init(
            isBooked: true, date: entry.date, text: entry.text, rows: entry.rows.map { ($0.account, $0.amount) })
    }
}
