public import Domain

/// The ledger side of an integration.
public protocol ERP: Sendable {
    var capabilities: ERPCapabilities { get }

    /// Lock date, last dates of number series and computing rules, as they are now.
    func books() async throws(ConnectorError) -> Books

    /// Every document the ERP holds under each of these references, compared byte for byte on our side. A reference that
    /// finds nothing is left out. More than one document under a reference is a fact to be told, not an error.
    func find(_ references: [ExternalReference]) async throws(ConnectorError) -> [ExternalReference: [ERPDocument]]

    /// Documents by the ERP's ids, all of one kind; ids that no longer exist are left out.
    func read(_ kind: DocumentKind, _ ids: [DocumentID]) async throws(ConnectorError) -> [DocumentID: ERPDocument]

    /// Performs steps that are all of one kind, at most `capabilities.batchLimit` of them, within `deadline`: no request is
    /// sent after it. Never throws: what it cannot tell is `unknown`.
    func perform(_ steps: [Step], deadline: Instant) async -> BatchOutcome

    /// What the ERP lacks for these drafts: articles, taxes, currencies, countries. Only reads.
    func problems(in drafts: [SalesOrderDraft]) async throws(ConnectorError) -> [Problem]

    /// What would stop orders later, by the settings: all at once. Only reads.
    func check(_ settings: Settings) async -> [Problem]

    /// What the ledger has on an account today, debit positive, in its own currency: by all that is booked, whoever booked it and
    /// in whichever year. `nil` where the connector cannot tell.
    func balance(of account: String) async throws(ConnectorError) -> Money?
}

extension ERP {
    public func balance(of account: String) async throws(ConnectorError) -> Money? { nil }
}

/// A system whose door a person opens in the browser, once (OAuth 2.0, authorization code).
public protocol Authorisable: Sendable {
    /// The page on which a person agrees. Afterwards the browser is sent to `redirect`, with `code` and `state` added.
    func authorisationPage(redirect: String, state: String) -> String

    /// Exchanges the code for tokens, and keeps them.
    func authorise(code: String, redirect: String) async throws(ConnectorError)
}

/// What a batch came to.
public enum BatchOutcome: Hashable, Sendable {
    /// One outcome per step, in the steps' order.
    case each([StepOutcome])
    /// The ERP refused the call and provably did nothing of it. A batch of several is tried again in parts.
    case refused(Problem)
    /// Provably nothing was done, and it will pass.
    case retry(after: Duration?, Problem)
    /// It may or may not have been done. Only a lookup can tell.
    case unknown(String)
}

/// What one step came to.
public enum StepOutcome: Hashable, Sendable {
    case done(ERPDocument)
    /// It had been done before, by us or by a person.
    case alreadyThere(ERPDocument)
    /// The ERP said no to this record, for good, and did nothing of it.
    case rejected(Problem)
    /// Provably nothing was done of it, and what stood in the way will pass.
    case retry(after: Duration?, Problem)
    /// It may or may not have been done. Only a lookup can tell.
    case unknown(String)
}

/// What a connector claims about its ERP. The engine behaves by it and tests verify it.
public struct ERPCapabilities: Hashable, Sendable {
    public enum Lookup: Hashable, Sendable {
        /// Searched by the external reference, many in one call.
        case byKey
        /// Reached through the document it came from.
        case throughParent(DocumentKind)
        /// The step that makes it looks for it first: to perform the step once more is the lookup.
        case byStep
        /// Cannot be found: doubt stops for a person.
        case none
    }

    public struct Kind: Hashable, Sendable {
        public let lookup: Lookup
        /// Whether the ERP itself refuses a second document under one reference.
        public let enforcesUniqueness: Bool

        public init(lookup: Lookup, enforcesUniqueness: Bool) {
            self.lookup = lookup
            self.enforcesUniqueness = enforcesUniqueness
        }
    }

    public var kinds: [DocumentKind: Kind]
    /// How many steps of a kind go in one call; 1 where it is not named.
    public var batchLimit: [Step.Kind: Int]
    /// A request that was accepted has had its effect, or never will, after this long; `nil`: nothing bounds it.
    public var serverLimit: Duration?
    /// A document can be found this long after it was made.
    public var searchLag: Duration
    /// How long one call may take.
    public var callDeadline: Duration
    /// Whether many documents are read in one call. Where each costs a call of its own, a draft that was read a moment ago
    /// is not read once more before it is booked.
    public var readsTogether: Bool

    public init(
        kinds: [DocumentKind: Kind], batchLimit: [Step.Kind: Int], serverLimit: Duration?, searchLag: Duration,
        callDeadline: Duration, readsTogether: Bool = true
    ) {
        self.readsTogether = readsTogether
        self.kinds = kinds
        self.batchLimit = batchLimit
        self.serverLimit = serverLimit
        self.searchLag = searchLag
        self.callDeadline = callDeadline
    }
}
