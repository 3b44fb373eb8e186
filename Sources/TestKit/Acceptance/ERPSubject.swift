public import ConnectorKit
public import Domain

/// One company in an ERP with its connector, as the acceptance checks drive it. Each check gets a subject of its own, or a
/// shop identity of its own in a shared company.
public protocol ERPSubject: Sendable {
    var clock: any WallClock { get }
    var shop: ShopIdentity { get }
    /// Settings under which `order` is booked: its rates mapped, its articles there, one for refunds among them.
    var settings: Settings { get }
    /// Credentials, which may stand in no error.
    var secrets: [String] { get }

    /// A paid order of a Swedish person: one line of one unit at 79.20 and 25 %, 99.00 SEK in all, in an open period.
    func order(_ id: String) -> Order

    /// A connector as a process of its own has it, with nothing at hand yet. The first call that performs the fault's step
    /// goes wrong as the fault says.
    func connector(_ fault: ERPFault?) async throws -> any ERP

    /// The same with a wrong password or token.
    func connectorWithWrongCredentials() async throws -> any ERP

    /// How many documents stand in the ERP under a reference: asked past the connector.
    func held(_ reference: ExternalReference) async throws -> Int

    /// How many documents of any kind stand in the ERP for the subject's shop: asked past the connector.
    func heldInAll() async throws -> Int

    /// A person closes the books through a day, or opens them again.
    func lock(through day: Day?) async throws

    // MARK: The ledger

    /// Accounts to move money on, of a company that keeps its books in SEK.
    var accounts: LedgerAccounts { get }

    /// How many calls a step of this kind sends that change something: a fault may strike at each of them.
    func calls(of kind: Step.Kind) -> Int

    /// What the subject's shop moved on an account, debit positive, drafts included: asked past the connector.
    func balance(_ account: String) async throws -> Money

    /// The payments that stand in the ERP for a document, unbooked ones too: asked past the connector.
    func payments(of document: DocumentID) async throws -> [LedgerEntry]

    /// The journal entries that stand in the ERP under a reference: asked past the connector.
    func entries(_ reference: ExternalReference) async throws -> [LedgerEntry]

    /// The files that are kept with a journal entry, and their contents: asked past the connector. Empty where the ERP takes none.
    func files(of entry: DocumentID) async throws -> [(name: String, content: [UInt8])]
}

extension ERPSubject {
    public func calls(of kind: Step.Kind) -> Int { 1 }
    public func files(of entry: DocumentID) async throws -> [(name: String, content: [UInt8])] { [] }
}

/// Accounts by the ERP's names.
public struct LedgerAccounts: Sendable {
    public var clearing: String
    public var bank: String
    public var fee: String
    public var rounding: String
    /// Of exchange.
    public var gain: String
    public var loss: String
    /// Where the VAT of a Swedish sale at 25 % is owed.
    public var vat: String
    /// One that the ERP does not have.
    public var missing: String

    public init(
        clearing: String, bank: String, fee: String, rounding: String, gain: String, loss: String, vat: String,
        missing: String
    ) {
        self.clearing = clearing
        self.bank = bank
        self.fee = fee
        self.rounding = rounding
        self.gain = gain
        self.loss = loss
        self.vat = vat
        self.missing = missing
    }
}

/// A payment or an entry as it stands in the ERP.
public struct LedgerEntry: Sendable, Hashable {
    public var isBooked: Bool
    public var date: Day?
    public var text: String
    /// By account, debit positive, in the ledger's currency; accounts that come to nothing are left out.
    public var rows: [String: Money]

    public init(isBooked: Bool, date: Day?, text: String, rows: [(account: String, amount: Money)]) {
        self.isBooked = isBooked
        self.date = date
        self.text = text
        self.rows = Dictionary(rows.map { ($0.account, $0.amount) }) { $0 + $1 }.filter { !$0.value.isZero }
    }
}

/// What goes wrong with the call that performs a step.
public struct ERPFault: Sendable {
    public enum Manner: Sendable, CaseIterable {
        /// It never arrives, and the client cannot know.
        case lostBefore
        /// It has its effect, and the client cannot know.
        case lostAfter
        /// Status 500 instead of an effect; the client cannot know that it had none.
        case serverError
        /// Status 429: provably no effect.
        case tooManyCalls
        /// The connection is refused: provably no effect. For every call, not the first only.
        case unreachable
    }

    public let kind: Step.Kind
    public let manner: Manner
    /// Which of the step's calls goes wrong, where it takes several: see `ERPSubject.calls(of:)`.
    public let call: Int

    public init(_ kind: Step.Kind, _ manner: Manner, call: Int = 0) {
        self.kind = kind
        self.manner = manner
        self.call = call
    }
}
