import ConnectorKit
import Domain
import TestKit

/// A sound provider's connector with one thing wrong.
struct BrokenProvider: PaymentProvider {
    let base: any PaymentProvider
    var since: @Sendable (Instant) -> Instant = { $0 }
    var page: @Sendable (RecordPage, PageCursor?) -> RecordPage = { page, _ in page }
    var found: @Sendable (RawRecord?) -> RawRecord? = { $0 }
    var payout: @Sendable (Payout, RawRecord) -> Payout = { payout, _ in payout }
    var linePage: @Sendable (PayoutLinePage, Payout, PageCursor?) -> PayoutLinePage = { page, _, _ in page }
    var line: @Sendable (PayoutLine) -> PayoutLine = { $0 }
    /// Whether an error is taken for an empty answer.
    var isNothing: @Sendable (ConnectorError) -> Bool = { _ in false }
    var error: @Sendable (ConnectorError) -> ConnectorError = { $0 }
    var webhook: @Sendable (Webhook) -> Webhook = { $0 }
    /// When it takes a webhook to have come.
    var now: @Sendable (Instant) -> Instant = { $0 }
    /// What a webhook is taken to tell of.
    var told: @Sendable (Result<String?, Problem>) -> Result<String?, Problem> = { $0 }
    var problems: @Sendable ([Problem]) -> [Problem] = { $0 }
    /// Tries so many times more, whatever happens.
    var stubborn = 0
    var forgetsWishes = false

    func payouts(madeSince since: Instant, cursor: PageCursor?) async throws(ConnectorError) -> RecordPage {
        var left = stubborn
        while true {
            do throws(ConnectorError) {
                return page(try await base.payouts(madeSince: self.since(since), cursor: cursor), cursor)
            } catch {
                if isNothing(error) { return RecordPage(records: [], coveredThrough: nil, next: nil) }
                guard left > 0 else { throw self.error(error) }
                left -= 1
            }
        }
    }

    func payout(id: String) async throws(ConnectorError) -> RawRecord? {
        do throws(ConnectorError) {
            return found(try await base.payout(id: id))
        } catch {
            if isNothing(error) { return nil }
            throw self.error(error)
        }
    }

    func normalise(_ record: RawRecord) throws(Problem) -> Payout { payout(try base.normalise(record), record) }

    func lines(of payout: Payout, cursor: PageCursor?) async throws(ConnectorError) -> PayoutLinePage {
        do throws(ConnectorError) {
            var page = linePage(try await base.lines(of: payout, cursor: cursor), payout, cursor)
            page.lines = page.lines.map(line)
            return page
        } catch {
            if isNothing(error) { return PayoutLinePage(lines: [], report: [], next: nil) }
            throw self.error(error)
        }
    }

    func payoutID(in webhook: Webhook, now: Instant) throws(Problem) -> String? {
        let result: Result<String?, Problem>
        do throws(Problem) {
            result = .success(try base.payoutID(in: self.webhook(webhook), now: self.now(now)))
        } catch {
            result = .failure(error)
        }
        return try told(result).get()
    }

    func check() async -> [Problem] { problems(await base.check()) }
}

/// A subject whose connectors are broken, or that is itself.
struct BrokenAccount: ProviderSubject {
    let sound: any ProviderSubject
    let broken: @Sendable (any PaymentProvider) -> any PaymentProvider
    var forgetsSettings = false
    var writes = false

    var clock: any WallClock { sound.clock }
    var provider: String { sound.provider }
    var currency: Currency { sound.currency }
    var foreignCurrency: Currency? { sound.foreignCurrency }
    var currencyWithoutDecimals: Currency? { sound.currencyWithoutDecimals }
    var pageSize: Int { sound.pageSize }
    var webhookLife: Duration { sound.webhookLife }
    var secrets: [String] { sound.secrets }

    func connector(_ fault: CallFault?) async throws -> any PaymentProvider {
        let provider = broken(try await sound.connector(fault))
        if writes { _ = await fault?.before(HTTPCall(.post, "http://127.0.0.1/payouts", body: [])) }
        guard (provider as? BrokenProvider)?.forgetsWishes == true, let rule = fault?.before else { return provider }
        // The wish never reaches the connector.
        return broken(
            try await sound.connector(
                .before { call in
                    guard case .success(let reply)? = await rule(call), reply.status == 429 else { return nil }
                    return .success(HTTPReply(status: 503))
                }))
    }

    func connectorWithWrongCredentials() async throws -> any PaymentProvider {
        broken(try await sound.connectorWithWrongCredentials())
    }

    func connectorWithoutPermission() async throws -> (connector: any PaymentProvider, named: [String]) {
        let (connector, named) = try await sound.connectorWithoutPermission()
        return (broken(connector), named)
    }

    func problemsOfBadSettings() -> (keys: Set<String>, problems: [SettingsProblem]) {
        let (keys, problems) = sound.problemsOfBadSettings()
        return (keys, forgetsSettings ? Array(problems.prefix(1)) : problems)
    }

    func sell(_ number: String, _ amount: Money, fee: Money, at time: Instant) async throws -> String {
        try await sound.sell(number, amount, fee: fee, at: time)
    }
    func refund(_ transaction: String, _ amount: Money, at time: Instant) async throws {
        try await sound.refund(transaction, amount, at: time)
    }
    func dispute(_ transaction: String, fee: Money, at time: Instant) async throws -> String {
        try await sound.dispute(transaction, fee: fee, at: time)
    }
    func win(_ dispute: String, at time: Instant) async throws { try await sound.win(dispute, at: time) }
    func keepFee(_ amount: Money, at time: Instant) async throws { try await sound.keepFee(amount, at: time) }
    func reserve(_ amount: Money, at time: Instant) async throws { try await sound.reserve(amount, at: time) }
    func release(_ amount: Money, at time: Instant) async throws { try await sound.release(amount, at: time) }
    func moveByUnknownWord(_ amount: Money, at time: Instant) async throws -> String {
        try await sound.moveByUnknownWord(amount, at: time)
    }
    func payOut(_ currency: Currency, at time: Instant) async throws -> String {
        try await sound.payOut(currency, at: time)
    }
    func payOutByHand(_ amount: Money, at time: Instant) async throws -> String {
        try await sound.payOutByHand(amount, at: time)
    }
    func arrive(_ payout: String) async throws { try await sound.arrive(payout) }
    func finish(_ payout: String) async throws { try await sound.finish(payout) }
    func fail(_ payout: String, at time: Instant) async throws { try await sound.fail(payout, at: time) }
    func truth(_ payout: String) async throws -> PayoutTruth { try await sound.truth(payout) }

    func damaged(_ reply: HTTPReply, _ id: String, _ damage: RecordDamage) -> HTTPReply {
        sound.damaged(reply, id, damage)
    }
    func withFalseNet(_ reply: HTTPReply) -> HTTPReply { sound.withFalseNet(reply) }
    func withUnknownField(_ record: RawRecord) -> RawRecord { sound.withUnknownField(record) }
    func withUnknownState(_ record: RawRecord, _ word: String) -> RawRecord { sound.withUnknownState(record, word) }
    func webhook(_ kind: WebhookKind) async throws -> Webhook { try await sound.webhook(kind) }
}
