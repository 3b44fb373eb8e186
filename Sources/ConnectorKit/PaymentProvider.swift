public import Domain

/// A payment provider, read through its API.
public protocol PaymentProvider: Sendable {
    /// Payouts made since, one page at a time, in whatever state they are; `cursor` is what the page before answered. A payout
    /// changes long after it was made, so runs ask for weeks that they have asked for before.
    func payouts(madeSince since: Instant, cursor: PageCursor?) async throws(ConnectorError) -> RecordPage

    /// The payout of an id as it is now; `nil` when there is none.
    func payout(id: String) async throws(ConnectorError) -> RawRecord?

    /// The canonical form of a raw record. Pure.
    func normalise(_ record: RawRecord) throws(Problem) -> Payout

    /// The movements that a settled payout is made up of, one page at a time; complete and unchanging once it is `paid` or has
    /// `failed`.
    func lines(of payout: Payout, cursor: PageCursor?) async throws(ConnectorError) -> PayoutLinePage

    /// The id of the payout that a webhook tells of; `nil` where it tells of something else. Pure.
    /// - Throws: `WEBHOOK_NOT_SIGNED` where it does not prove who sent it.
    func payoutID(in webhook: Webhook, now: Instant) throws(Problem) -> String?

    /// What would keep payouts from being read: address, credentials, permissions. Empty when all is well.
    func check() async -> [Problem]
}

public struct PayoutLinePage: Sendable {
    public var lines: [PayoutLine]
    /// The page as the provider gave it: the evidence.
    public var report: [UInt8]
    /// `nil` after the last page.
    public var next: PageCursor?

    public init(lines: [PayoutLine], report: [UInt8], next: PageCursor?) {
        self.lines = lines
        self.report = report
        self.next = next
    }
}

/// A call that another system made to tell us something.
public struct Webhook: Sendable {
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(headers: [(name: String, value: String)], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
