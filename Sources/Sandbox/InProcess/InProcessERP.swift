public import ConnectorKit
public import Domain
import Synchronization

/// A small ERP in memory with the state rules of a real one, for tests and for measuring the engine without a network.
///
/// It keeps what it was told for ever, so that a test can count: every document by id, every call, every write. A fault can
/// be asked for per call, among them the two that make duplicates elsewhere: the answer lost after the effect, and the
/// effect that comes late.
public final class InProcessERP: ERP {
    public enum Fault: Sendable {
        case none
        /// Nothing arrives; the client cannot know.
        case loseBefore
        /// It is done; the client cannot know.
        case loseAfter
        /// The client gives up; it is done when `deliverLate` is called.
        case late
        /// It is rolled back, and the ERP says why.
        case refuse(Problem)
        /// It is rolled back because the ERP is busy.
        case busy
    }

    public struct Call: Sendable {
        public let number: Int
        public let kind: Step.Kind
        public let count: Int
    }

    /// What makes one ERP unlike another for those who keep its books.
    public enum Manner: Sendable {
        /// A call's steps are one transaction; invoices are made of orders.
        case transactions
        /// A step is a transaction of its own, one after the other; invoices are made without orders. A fault strikes at
        /// the second step of a call: the first is done, those after it are never sent.
        case oneByOne
    }

    /// Whether a second order or customer under one reference is refused.
    public let enforcesUniqueness: Bool
    private let manner: Manner
    public let capabilities: ERPCapabilities
    private let clock: any WallClock
    private let fault: @Sendable (Call) -> Fault
    private let state = Mutex(InProcessLedger())

    public init(
        clock: any WallClock, enforcesUniqueness: Bool = true, lookup: ERPCapabilities.Lookup = .byKey,
        batchLimit: Int = 50, manner: Manner = .transactions,
        fault: @escaping @Sendable (Call) -> Fault = { _ in .none }
    ) {
        self.manner = manner
        self.clock = clock
        self.enforcesUniqueness = enforcesUniqueness
        self.fault = fault
        let kind = ERPCapabilities.Kind(lookup: lookup, enforcesUniqueness: enforcesUniqueness)
        let child = ERPCapabilities.Kind(lookup: .throughParent(.order), enforcesUniqueness: true)
        let step = ERPCapabilities.Kind(lookup: .byStep, enforcesUniqueness: enforcesUniqueness)
        capabilities = ERPCapabilities(
            kinds: [
                .customer: kind, .order: kind, .invoice: manner == .oneByOne ? kind : child, .creditNote: kind,
                .payment: step, .journalEntry: step, .attachment: step,
            ],
            batchLimit: Dictionary(Step.Kind.allCases.map { ($0, batchLimit) }) { first, _ in first },
            serverLimit: .seconds(60), searchLag: .zero, callDeadline: .seconds(60),
            readsTogether: manner == .transactions
        )
    }

    // MARK: ERP

    public func books() async throws(ConnectorError) -> Books {
        state.withLock { ledger in
            ledger.reads += 1
            return Books(
                readAt: clock.now(),
                rules: ERPRules(
                    unitPriceDecimals: 4, quantityDecimals: 2, datesOnlyMoveForward: true,
                    workflows: (manner == .oneByOne ? [.invoiceOnly] : []) + [.orderThenInvoice, .orderOnly],
                    creditNotes: true, updates: manner == .oneByOne ? [.order, .invoice] : [.order], offsets: true,
                    attachments: true),
                lockedThrough: ledger.lockedThrough, lastInvoiceDate: ledger.lastInvoiceDate,
                lastCreditNoteDate: ledger.lastCreditNoteDate, currency: Currency(code: "SEK"))
        }
    }

    public func find(
        _ references: [ExternalReference]
    ) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]] {
        state.withLock { ledger in
            ledger.reads += 1
            return references.reduce(into: [:]) { found, reference in
                // Cancelled ones count only where no other stands.
                let all = ledger.documents(under: reference)
                let standing = all.filter { $0.state != .cancelled }
                let documents = standing.isEmpty ? Array(all.suffix(1)) : standing
                if !documents.isEmpty { found[reference] = documents }
            }
        }
    }

    public func read(
        _ kind: DocumentKind, _ ids: [DocumentID]
    ) async throws(ConnectorError) -> [DocumentID: ERPDocument] {
        state.withLock { ledger in
            ledger.reads += 1
            return ids.reduce(into: [:]) { found, id in found[id] = ledger.document(id) }
        }
    }

    public func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome {
        guard let kind = steps.first?.kind else { return .each([]) }
        if clock.now() > deadline {
            return .retry(after: nil, Problem(.unreachable, "the time for the call had passed"))
        }
        let number = state.withLock { ledger in
            ledger.callsByKind[kind, default: 0] += 1
            ledger.calls += 1
            return ledger.calls
        }
        let fault = fault(Call(number: number, kind: kind, count: steps.count))
        return manner == .oneByOne
            ? oneByOne(steps, fault, deadline) : together(steps, fault, deadline)
    }

    private func oneByOne(_ steps: [Step], _ fault: Fault, _ deadline: Instant) -> BatchOutcome {
        guard steps.count > 1 else { return .each(outcomes(of: together(steps, fault, deadline))) }
        if case .none = fault {
            return .each(steps.flatMap { outcomes(of: together([$0], .none, deadline)) })
        }
        let rest = StepOutcome.retry(after: .seconds(1), Problem(.unreachable, "not sent after a failure"))
        return .each(
            outcomes(of: together([steps[0]], .none, deadline)) + outcomes(of: together([steps[1]], fault, deadline))
                + Array(repeating: rest, count: steps.count - 2))
    }

    private func outcomes(of outcome: BatchOutcome) -> [StepOutcome] {
        switch outcome {
        case .each(let outcomes): outcomes
        case .refused(let problem): [.rejected(problem)]
        case .retry(let after, let problem): [.retry(after: after, problem)]
        case .unknown(let text): [.unknown(text)]
        }
    }

    private func together(_ steps: [Step], _ fault: Fault, _ deadline: Instant) -> BatchOutcome {
        switch fault {
        case .none:
            return apply(steps)
        case .loseBefore:
            return .unknown("no answer")
        case .loseAfter:
            _ = apply(steps)
            return .unknown("no answer")
        case .late:
            let until = min(deadline, clock.now()) + (capabilities.serverLimit ?? .zero)
            state.withLock { $0.late.append((steps, until)) }
            return .unknown("no answer")
        case .refuse(let problem):
            return .refused(problem)
        case .busy:
            return .retry(after: .seconds(1), Problem(.unreachable, "busy"))
        }
    }

    public func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem] { [] }
    public func check(_ settings: Settings) async -> [Problem] { [] }

    public func balance(of account: String) async throws(ConnectorError) -> Money? {
        state.withLock { ledger in
            ledger.reads += 1
            return Currency(code: "SEK").map { Money(minorUnits: ledger.balances[account] ?? 0, $0) }
        }
    }

    private func apply(_ steps: [Step]) -> BatchOutcome {
        state.withLock { ledger in ledger.apply(steps, enforcesUniqueness: enforcesUniqueness) }
    }

    // MARK: What tests see and do

    /// Lets the calls arrive whose clients gave up, unless the limit that this ERP claims has passed.
    public func deliverLate() {
        let now = clock.now()
        state.withLock { ledger in
            let late = ledger.late
            ledger.late = []
            for (steps, until) in late where now <= until {
                _ = ledger.apply(steps, enforcesUniqueness: enforcesUniqueness, isLate: true)
            }
        }
    }

    public func documents(_ kind: DocumentKind) -> [ERPDocument] {
        state.withLock { $0.all(kind) }
    }

    public func documents(under reference: ExternalReference) -> [ERPDocument] {
        state.withLock { $0.documents(under: reference) }
    }

    /// What payments and entries moved on an account, debit positive, in minor units.
    public func balance(_ account: String) -> Int64 { state.withLock { $0.balances[account] ?? 0 } }

    /// A person books an amount on an account by hand, against another.
    public func book(_ amount: Money, on account: String, against other: String) {
        state.withLock { ledger in
            ledger.balances[account, default: 0] += amount.minorUnits
            ledger.balances[other, default: 0] -= amount.minorUnits
        }
    }

    /// What payments of a document moved.
    public func payments(of document: DocumentID) -> [JournalEntryDraft] {
        state.withLock { $0.payments(of: document) }
    }

    public func files(of entry: DocumentID) -> [AttachmentDraft] { state.withLock { $0.files(of: entry) } }

    public func journalEntries(under reference: ExternalReference) -> [JournalEntryDraft] {
        state.withLock { $0.journalEntries(under: reference) }
    }

    /// Calls of `perform`, by kind of step.
    public var callsByKind: [Step.Kind: Int] { state.withLock { $0.callsByKind } }
    public var writeCalls: Int { state.withLock { $0.calls } }
    public var readCalls: Int { state.withLock { $0.reads } }

    /// What a person does in the ERP: deletes, cancels or books a document.
    public func edit(_ id: DocumentID, to newState: DocumentState) {
        state.withLock { $0.edit(id, to: newState) }
    }

    /// A person changes what a draft comes to.
    public func edit(_ id: DocumentID, total: Money) { state.withLock { $0.edit(id, total: total) } }

    /// A person rewrites a part of a draft.
    public func edit(_ id: DocumentID, part: DocumentPart, to text: String) {
        state.withLock { $0.edit(id, part: part, to: text) }
    }

    public func lock(through day: Day?) { state.withLock { $0.lockedThrough = day } }
}
