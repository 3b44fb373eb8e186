public import ConnectorKit
public import Domain

/// An account with a payment provider and its connector, as the acceptance checks drive it. Each check gets an account of its
/// own, in which nothing has moved, with a connector that reads everything.
///
/// Acts happen past the connector. What a provider does not have, its act throws: the check is then waived with the reason.
public protocol ProviderSubject: Sendable {
    var clock: any WallClock { get }
    /// As payouts name it.
    var provider: String { get }
    /// That is paid out.
    var currency: Currency { get }
    /// One that customers pay in and that the provider converts to `currency`.
    var foreignCurrency: Currency? { get }
    /// One without decimals that has payouts of its own.
    var currencyWithoutDecimals: Currency? { get }
    /// How many payouts, and how many lines, a page of the connector holds.
    var pageSize: Int { get }
    /// How long a webhook is believed after it was signed, to the millisecond.
    var webhookLife: Duration { get }
    /// Credentials: they may stand in no error.
    var secrets: [String] { get }

    /// A connector as a process of its own has it.
    func connector(_ fault: CallFault?) async throws -> any PaymentProvider
    func connectorWithWrongCredentials() async throws -> any PaymentProvider
    /// One that may not read all it needs; `named` are words of what it lacks.
    func connectorWithoutPermission() async throws -> (connector: any PaymentProvider, named: [String])

    /// Settings of the connector with something wrong in every key named, and the problems that reading them tells.
    func problemsOfBadSettings() -> (keys: Set<String>, problems: [SettingsProblem])

    // MARK: Acts

    /// A customer pays for the order of a number; `fee`, in the currency that is paid out, is all that the provider keeps.
    /// Answers the id of the payment as the shop knows it. It is available at once.
    func sell(_ number: String, _ amount: Money, fee: Money, at time: Instant) async throws -> String
    /// Gives a part of a payment back; its fee stays with the provider.
    func refund(_ transaction: String, _ amount: Money, at time: Instant) async throws
    /// The cardholder takes the whole payment back, and the provider a fee for it. Answers what `win` takes.
    func dispute(_ transaction: String, fee: Money, at time: Instant) async throws -> String
    /// The merchant was right: the payment comes back. Whether its fee does is for the provider to say.
    func win(_ dispute: String, at time: Instant) async throws
    /// A fee of no payment.
    func keepFee(_ amount: Money, at time: Instant) async throws
    /// Holds money back. Called again it says so in another of the provider's words, where there are several.
    func reserve(_ amount: Money, at time: Instant) async throws
    func release(_ amount: Money, at time: Instant) async throws
    /// Money comes in by a word that no connector can know; answers it.
    func moveByUnknownWord(_ amount: Money, at time: Instant) async throws -> String

    /// Pays out, or withdraws, all that moved in a currency and was not paid out. Answers the payout's id.
    func payOut(_ currency: Currency, at time: Instant) async throws -> String
    /// A part, by hand: nobody tells of what. Answers the payout's id.
    func payOutByHand(_ amount: Money, at time: Instant) async throws -> String
    /// Time passes until the money is at the bank, and no further: what it is made up of is not complete.
    func arrive(_ payout: String) async throws
    /// Time passes until the payout has arrived and its lines are complete.
    func finish(_ payout: String) async throws
    /// The bank sends the money back. It waits for the next payout.
    func fail(_ payout: String, at time: Instant) async throws

    /// A payout counted past the connector.
    func truth(_ payout: String) async throws -> PayoutTruth

    // MARK: Answers and records

    /// An answer in which the record of an id, a payout's or a line's, is damaged; as it is when the record is not in it.
    func damaged(_ reply: HTTPReply, _ id: String, _ damage: RecordDamage) -> HTTPReply
    /// An answer with lines of which one has a net that is not its gross less its fee; any other answer as it is.
    func withFalseNet(_ reply: HTTPReply) -> HTTPReply
    /// A payout with a field that the connector cannot know.
    func withUnknownField(_ record: RawRecord) -> RawRecord
    /// A payout whose state is a word that the connector cannot know.
    func withUnknownState(_ record: RawRecord, _ word: String) -> RawRecord

    /// A call of the provider's as it is made now.
    func webhook(_ kind: WebhookKind) async throws -> Webhook
}

public enum RecordDamage: Sendable {
    /// Its amount is none; its id can still be read.
    case amount
    /// Not even its id can be read.
    case id
}

public enum WebhookKind: Sendable {
    /// Of a payout, signed by the provider.
    case payout(String)
    /// Of a payout, signed with a secret that is not the account's.
    case ofStranger(String)
    /// Of a payout, signed so long before the webhook's life that it is over, but with the time of now written to it.
    case redated(String)
    /// Of something that is no payout, signed by the provider.
    case somethingElse
}

/// What a payout is, by the provider's own books.
public struct PayoutTruth: Sendable {
    public struct Line: Hashable, Sendable {
        public var amount: Money
        public var fee: Money
        public var at: Instant

        public init(amount: Money, fee: Money, at: Instant) {
            self.amount = amount
            self.fee = fee
            self.at = at
        }
    }

    public var net: Money
    public var createdAt: Instant
    public var arrivesOn: Day
    /// Without the payout itself; none of one made by hand.
    public var lines: [Line]

    public init(net: Money, createdAt: Instant, arrivesOn: Day, lines: [Line]) {
        self.net = net
        self.createdAt = createdAt
        self.arrivesOn = arrivesOn
        self.lines = lines
    }
}

/// What becomes of a connector's calls, on purpose.
public struct CallFault: Sendable {
    /// What becomes of the answer to a call that was sent.
    public typealias AnswerRule = @Sendable (HTTPReply) -> Result<HTTPReply, TransportFailure>

    /// Instead of sending a call; `nil`: it is sent.
    public var before: CallRule = { _ in nil }
    public var after: AnswerRule = { .success($0) }

    /// Sees calls before they are sent, and may end them.
    public static func before(_ rule: @escaping CallRule) -> CallFault { CallFault(before: rule) }

    /// Calls are sent, and their answers may be changed or lost.
    public static func after(_ rule: @escaping AnswerRule) -> CallFault { CallFault(after: rule) }

    /// Every call ends like this.
    static func always(_ outcome: Result<HTTPReply, TransportFailure>) -> CallFault { .before { _ in outcome } }

    /// Answers are changed on their way.
    static func changing(_ change: @escaping @Sendable (HTTPReply) -> HTTPReply) -> CallFault {
        .after { .success(change($0)) }
    }
}

/// A way to a system with a fault in it.
public struct TamperedTransport: Transport {
    private let base: any Transport
    private let fault: CallFault

    public init(_ base: any Transport, _ fault: CallFault) {
        self.base = base
        self.fault = fault
    }

    public func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        if let outcome = await fault.before(call) { return try outcome.get() }
        return try fault.after(try await base.send(call)).get()
    }
}
