public import Domain

/// What the store keeps of payouts besides their records: the lines, what they were matched to, and the reports they came in.
/// The same promises hold as for `Store`.
public protocol PayoutStore: Sendable {
    /// Keeps a part of a payout's lines with the report that they came in. What is there already stays as it is: the same part
    /// twice changes nothing.
    /// Until a payout is complete, its report is that of the last part.
    /// - Throws: `StoreError` of kind `conflict` where a line of this id has another amount or fee, or is another payout's, or is
    ///   new to a payout that is complete: then nothing of the part is kept.
    func keep(_ part: PayoutPart) async throws
    /// Whether a part could be kept, keeping nothing. Lines of an activity may be those of an earlier one.
    /// - Throws: as `keep` does.
    func verify(_ part: PayoutPart) async throws
    /// The standing of a payout's lines; `nil` before any was kept.
    func contents(of payout: EntityKey) async throws -> PayoutContents?
    /// What a payout's lines come to; `nil` where it has none, or of several currencies.
    func net(of payout: EntityKey) async throws -> Money?
    /// Lines by their place in the payout, after a place, with what they were matched to.
    func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine]
    /// Which of a provider's lines of these ids are kept, whatever payout they are of.
    func knownLines(_ ids: [String], provider: String, integration: String) async throws -> Set<String>
    /// Keeps the next piece of a report that several payouts may have come in, such as a file. A piece that is there already
    /// stays as it is.
    func keepReport(_ id: String, integration: String, piece: Int, _ bytes: [UInt8]) async throws
    /// The next piece of the report that a payout came in, as it was received; `nil` after the last. Pieces are counted from 1.
    func report(of payout: EntityKey, piece: Int) async throws -> [UInt8]?

    /// Orders of these integrations under any of these keys, which are as `PayoutMatcher.keys` writes them: without the mark that
    /// a shop may write before its numbers.
    func candidates(_ keys: [PayoutMatch.Key: Set<String>], in integrations: [String]) async throws -> [FoundOrder]
    /// For people: orders of an amount, those paid about a time first.
    func nearest(_ amount: Money, to time: Instant, in integrations: [String], limit: Int) async throws -> [FoundOrder]
    /// Keeps what lines were matched to or why they were not, and makes the orders due. A place, once kept, stays; so does a
    /// match, and only a person's word takes its place.
    /// - Throws: `StoreError` of kind `conflict` where the payout has no such line, or a line names an order twice: then nothing
    ///   is kept.
    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws
    /// A person's word about a line: its orders, or none when it is settled otherwise. Makes the payout due, and the orders that it
    /// was matched to and is matched to now.
    /// - Throws: `StoreError` of kind `conflict` where there is no such line, and where it has paid an order, or may be doing so, and
    ///   nobody took that back: it would stay, and be made a second time.
    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws
    /// Lines that were matched to an order, by time.
    func settlements(of order: EntityKey) async throws -> [Settlement]

    /// Documents of a kind with the records they belong to, by reference, after one; for proofs, which read all.
    func documents(
        integration: String, kind: DocumentKind, after reference: ExternalReference?, limit: Int
    ) async throws -> [Reference]
    /// Payouts by their record's id, after one.
    func payouts(integration: String, after id: String, limit: Int) async throws -> [Entity]
}

/// A part of a payout's contents, as it is taken in.
public struct PayoutPart: Sendable {
    public let payout: EntityKey
    public let head: Payout
    public let lines: [PayoutLine]
    /// Where the bytes are kept that they came in.
    public let report: Report
    /// Nothing comes after it.
    public let isLast: Bool

    public enum Report: Sendable {
        /// With the payout.
        case own([UInt8])
        /// With others, under this id.
        case shared(String)
    }

    public init(payout: EntityKey, head: Payout, lines: [PayoutLine], report: Report, isLast: Bool) {
        self.payout = payout
        self.head = head
        self.lines = lines
        self.report = report
        self.isLast = isLast
    }
}

public struct PayoutContents: Hashable, Sendable {
    public let count: Int
    /// All lines are there.
    public let isComplete: Bool

    public init(count: Int, isComplete: Bool) {
        self.count = count
        self.isComplete = isComplete
    }
}

/// A line as it is kept.
public struct KeptLine: Hashable, Sendable {
    public let position: Int
    public let line: PayoutLine
    /// `nil` before it was looked at.
    public let place: PayoutPlace?
    /// Why no order was found.
    public let why: String?
    public let by: PayoutMatch.Key?
    /// A person has said that it is settled.
    public let isSettled: Bool
    public let shares: [LineMatch.Share]
    /// The numbers of their orders, in the same order.
    public let orderNumbers: [String]

    public init(
        position: Int, line: PayoutLine, place: PayoutPlace?, why: String?, by: PayoutMatch.Key?, isSettled: Bool,
        shares: [LineMatch.Share], orderNumbers: [String]
    ) {
        self.orderNumbers = orderNumbers
        self.position = position
        self.line = line
        self.place = place
        self.why = why
        self.by = by
        self.isSettled = isSettled
        self.shares = shares
    }
}

/// An order that a line may belong to.
public struct FoundOrder: Hashable, Sendable {
    public let key: EntityKey
    public let number: String
    public let transactionID: String?
    public let invoiceNumbers: [String]
    public let total: Money
    public let createdAt: Instant
    /// People have decided something about it.
    public let hasDecisions: Bool

    public init(
        key: EntityKey, number: String, transactionID: String?, invoiceNumbers: [String], total: Money,
        createdAt: Instant, hasDecisions: Bool
    ) {
        self.key = key
        self.number = number
        self.transactionID = transactionID
        self.invoiceNumbers = invoiceNumbers
        self.total = total
        self.createdAt = createdAt
        self.hasDecisions = hasDecisions
    }
}

/// What became of looking for a line's orders.
public struct LineMatch: Hashable, Sendable {
    public struct Share: Hashable, Sendable {
        public let order: EntityKey
        public let paid: Money
        public let settled: Money

        public init(order: EntityKey, paid: Money, settled: Money) {
            self.order = order
            self.paid = paid
            self.settled = settled
        }
    }

    public let line: String
    public let place: PayoutPlace
    public let by: PayoutMatch.Key?
    public let why: String?
    public let shares: [Share]

    public init(line: String, place: PayoutPlace, by: PayoutMatch.Key?, why: String?, shares: [Share]) {
        self.line = line
        self.place = place
        self.by = by
        self.why = why
        self.shares = shares
    }
}

/// A person's word about a line.
public struct LineWord: Hashable, Sendable {
    public let shares: [LineMatch.Share]
    public let by: String
    public let reason: String
    /// What the line paid so far was taken back in the ERP, by a person.
    public let isTakenBack: Bool

    public init(shares: [LineMatch.Share], by: String, reason: String, isTakenBack: Bool = false) {
        self.isTakenBack = isTakenBack
        self.shares = shares
        self.by = by
        self.reason = reason
    }
}
