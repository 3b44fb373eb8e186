public import ConnectorKit
public import Domain
import Foundation
import Synchronization

/// A payment provider in memory, for tests of the engine without a network.
public final class InProcessProvider: PaymentProvider {
    private struct State {
        var payouts: [String: Payout] = [:]
        var lines: [String: [PayoutLine]] = [:]
        var listed = 0
        var refusals: [String: ConnectorError] = [:]
    }

    private let state = Mutex(State())
    private let clock: any WallClock
    private let pageSize: Int

    public init(clock: any WallClock, pageSize: Int = 2) {
        self.clock = clock
        self.pageSize = pageSize
    }

    /// What the provider pays out, or says of a payout now.
    public func put(_ payout: Payout, _ lines: [PayoutLine]) {
        state.withLock { state in
            state.payouts[payout.id] = payout
            state.lines[payout.id] = lines
        }
    }

    /// From now on the lines of a payout cannot be read.
    public func refuse(_ payout: String, _ error: ConnectorError) {
        state.withLock { $0.refusals[payout] = error }
    }

    /// How often lines were asked for.
    public var listed: Int { state.withLock { $0.listed } }

    // MARK: PaymentProvider

    public func payouts(madeSince since: Instant, cursor: PageCursor?) async throws(ConnectorError) -> RecordPage {
        let found = state.withLock { $0.payouts.values.filter { $0.createdAt >= since }.sorted { $0.id < $1.id } }
        return RecordPage(records: found.map(record), coveredThrough: nil, next: nil)
    }

    public func payout(id: String) async throws(ConnectorError) -> RawRecord? {
        state.withLock { $0.payouts[id] }.map(record)
    }

    private func record(_ payout: Payout) -> RawRecord {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = (try? encoder.encode(payout)).map { [UInt8]($0) } ?? []
        return RawRecord(id: payout.id, payload: bytes, fetchBegan: clock.now())
    }

    public func normalise(_ record: RawRecord) throws(Problem) -> Payout {
        guard let payout = try? JSONDecoder().decode(Payout.self, from: Data(record.payload)) else {
            throw Problem(.recordUnreadable, "payout \(record.id) is not what it should be")
        }
        return payout
    }

    public func lines(of payout: Payout, cursor: PageCursor?) async throws(ConnectorError) -> PayoutLinePage {
        if let error = state.withLock({ $0.refusals[payout.id] }) { throw error }
        return state.withLock { state in
            state.listed += 1
            let lines = state.lines[payout.id] ?? []
            let start = cursor.flatMap { Int($0.text) } ?? 0
            let page = Array(lines.dropFirst(start).prefix(pageSize))
            let next = start + page.count < lines.count ? PageCursor("\(start + page.count)") : nil
            return PayoutLinePage(lines: page, report: Array("page from \(start)".utf8), next: next)
        }
    }

    /// Bodies of webhooks are ids here, and the signature is the word `signed`.
    public func payoutID(in webhook: Webhook, now: Instant) throws(Problem) -> String? {
        guard webhook.header("Signature") == "signed" else {
            throw Problem(.webhookNotSigned, "the call bears no signature")
        }
        return String(decoding: webhook.body, as: UTF8.self)
    }

    public func check() async -> [Problem] { [] }
}
