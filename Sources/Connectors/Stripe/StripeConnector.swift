public import ConnectorKit
import Crypto
public import Domain
import Foundation

/// A Stripe account: its payouts, and the balance transactions that each is made up of. Only reads.
public struct StripeConnector: PaymentProvider {
    private let configuration: StripeConfiguration
    /// The provider's name in the settings.
    private let name: String
    /// The merchant's.
    private let timeZone: TimeZoneName
    private let client: StripeClient

    /// The calls that were sent, by label.
    public let connection: Connection

    /// Integrations that name one account share its budget of calls.
    public init(_ configuration: StripeConfiguration, _ tools: ConnectorTools, name: String = "stripe") {
        let connection = tools.shared("stripe:\(configuration.account)") {
            Self.connection(configuration, transport: tools.transport, clock: tools.clock)
        }
        tools.count(connection)
        self.init(configuration, connection: connection, clock: tools.clock, timeZone: tools.timeZone, name: name)
    }

    public init(
        _ configuration: StripeConfiguration, transport: any Transport, clock: any WallClock,
        timeZone: TimeZoneName = .utc, randomness: Randomness = .system, policy: RetryPolicy = RetryPolicy(),
        name: String = "stripe"
    ) {
        self.init(
            configuration,
            connection: Self.connection(configuration, transport: transport, clock: clock, randomness: randomness),
            clock: clock, timeZone: timeZone, policy: policy, name: name)
    }

    public init(
        _ configuration: StripeConfiguration, connection: Connection, clock: any WallClock,
        timeZone: TimeZoneName = .utc, policy: RetryPolicy = RetryPolicy(), name: String = "stripe"
    ) {
        self.timeZone = timeZone
        self.configuration = configuration
        self.connection = connection
        self.name = name
        client = StripeClient(configuration: configuration, connection: connection, clock: clock, policy: policy)
    }

    private static func connection(
        _ configuration: StripeConfiguration, transport: any Transport, clock: any WallClock,
        randomness: Randomness = .system
    ) -> Connection {
        let calls = configuration.callsPerSecond
        // After a rest a few go at once: never more in one second than the full allowance that Stripe counts.
        let limit: any CallLimit =
            calls == 0
            ? Unlimited() : TokenBucket(capacity: max(1, calls / 4), perSecond: Double(calls), now: clock.now())
        return Connection(
            name: "payment provider", transport: transport, clock: clock, budget: RateBudget(limit, clock: clock),
            randomness: randomness)
    }

    // MARK: Payouts

    public func payouts(madeSince since: Instant, cursor: PageCursor?) async throws(ConnectorError) -> RecordPage {
        var walk = cursor.flatMap { StripeWalk(cursorText: $0.text) } ?? StripeWalk(since: since)
        let place = walk.place
        let page = try await client.list(.payouts, walk.query)
        walk.advance(over: page.rows)
        return RecordPage(
            records: page.rows.compactMap { row in
                row.id.map { RawRecord(id: $0, payload: row.payload, fetchBegan: page.began) }
            },
            unreadable: page.rows.enumerated().filter { $0.element.id == nil }.map { index, _ in
                Problem(.recordUnreadable, "number \(index + 1) of the \(place): not even its id can be read")
            },
            coveredThrough: page.hasMore ? nil : walk.newest.map { Instant(stripe: $0) },
            next: page.hasMore ? PageCursor(try walk.goingOn(page)) : nil
        )
    }

    public func payout(id: String) async throws(ConnectorError) -> RawRecord? {
        guard StripeID.isOne(id) else { return nil }
        guard let found = try await client.object(.payouts, id) else { return nil }
        return RawRecord(id: id, payload: found.body, fetchBegan: found.began)
    }

    public func normalise(_ record: RawRecord) throws(Problem) -> Payout {
        try StripePayout(record).canonical(provider: name, timeZone: timeZone)
    }

    // MARK: Lines

    public func lines(of payout: Payout, cursor: PageCursor?) async throws(ConnectorError) -> PayoutLinePage {
        try StripeErrors.refuseWithoutLines(payout)
        var query: StripeClient.Query = [("payout", payout.id), ("limit", "100")]
        if let cursor { query.append(("starting_after", cursor.text)) }
        let page = try await client.list(.balanceTransactions, query)
        let reader = StripeLines(
            payout: payout, orderIDMetadata: configuration.orderIDMetadata,
            orderNumberMetadata: configuration.orderNumberMetadata)
        var lines: [PayoutLine] = []
        for (index, row) in page.rows.enumerated() {
            do throws(Problem) {
                if let line = try reader.line(row.payload) { lines.append(line) }
            } catch {
                throw StripeErrors.ofLine(row.id ?? "number \(index + 1) of its page", payout, error)
            }
        }
        guard page.hasMore else { return PayoutLinePage(lines: lines, report: page.body, next: nil) }
        guard let last = page.rows.last?.id, last != cursor?.text else {
            throw StripeErrors.unreadable("a list of balance transactions that does not go on")
        }
        return PayoutLinePage(lines: lines, report: page.body, next: PageCursor(last))
    }

    // MARK: Webhooks

    public func payoutID(in webhook: Webhook, now: Instant) throws(Problem) -> String? {
        try StripeSignature(secrets: configuration.webhookSecrets).verify(webhook, now: now)
        return try StripeEvent.payoutID(webhook.body)
    }

    // MARK: Check

    /// One record of everything that is read or asked to be expanded, because a restricted key may have each permission or not.
    public func check() async -> [Problem] {
        let invalid = configuration.validate()
        guard invalid.isEmpty else { return invalid.map { Problem(.unreachable, "\($0.path) \($0.text)") } }
        var problems: [Problem] = []
        for kind in StripeClient.Kind.allCases {
            do throws(ConnectorError) {
                _ = try await client.list(kind, [("limit", "1")], label: "probe")
            } catch {
                problems.append(error.problem)
                // The next would say the same again.
                if error.problem.code != .permissionMissing { break }
            }
        }
        return problems
    }
}

extension StripeConfiguration {
    /// Stands for the account where a name is needed: the key itself is shown to nobody.
    var account: String {
        Data(SHA256.hash(data: Data("\(url) \(secretKey.revealed)".utf8))).base64EncodedString()
    }
}
