public import ConnectorKit
import Domain

/// One run of the payout flow's pick-up: what every provider paid out since the time history, and some weeks before it, because
/// payouts change long after they were made.
public struct PayoutPickup: Sendable {
    /// Banks send money back within five business days, reports are complete within a few.
    static let looksBack = Duration.seconds(30 * 24 * 3600)

    let integration: Integration

    public init(_ integration: Integration) { self.integration = integration }

    /// - Throws: `ConnectorError` when a provider cannot be read; what the others told is stored.
    public func run(trigger: Trigger = .schedule) async throws -> PickupResult {
        var result = PickupResult()
        let began = integration.clock.now()
        let since = try await startingPoint() - Self.looksBack
        var failure: ConnectorError?
        for (name, provider) in integration.providers.sorted(by: { $0.key < $1.key }) {
            do {
                try await takeAll(of: name, provider, since: since, trigger, &result)
            } catch let error as ConnectorError {
                failure = failure ?? error.naming(name)
            }
        }
        if let failure { throw failure }
        // Moves are history: not one for each look.
        if result.unreadable.isEmpty, began - Self.looksBack - since > .seconds(3600) { try await move(to: began) }
        return result
    }

    private func takeAll(
        of name: String, _ provider: any PaymentProvider, since: Instant, _ trigger: Trigger,
        _ result: inout PickupResult
    ) async throws {
        var cursor: PageCursor?
        repeat {
            try Task.checkCancellation()
            let page = try await provider.payouts(madeSince: since, cursor: cursor)
            result.records += page.records.count
            result.unreadable += page.unreadable
            result.due += try await take(page.records, of: name, trigger: trigger).count
            cursor = page.next
        } while cursor != nil
    }

    /// One payout, as a webhook or a person names it; answers whether there is one.
    public func one(_ id: String, of name: String, trigger: Trigger) async throws -> Bool {
        guard let provider = integration.providers[name], let record = try await provider.payout(id: id) else {
            return false
        }
        try await take([record], of: name, trigger: trigger)
        return true
    }

    /// What another system tells of itself. It is not believed: the payout is read again.
    /// - Throws: `WEBHOOK_NOT_SIGNED` as `Problem`.
    public func take(_ webhook: Webhook, of name: String) async throws {
        guard let provider = integration.providers[name],
            let id = try provider.payoutID(in: webhook, now: integration.clock.now())
        else { return }
        _ = try await one(id, of: name, trigger: .webhook)
    }

    @discardableResult
    private func take(_ records: [RawRecord], of name: String, trigger: Trigger) async throws -> [EntityKey] {
        let snapshots = records.compactMap { record in
            integration.providers[name].map { snapshot(of: record, name, $0) }
        }
        return try await integration.store.record(snapshots, trigger: trigger, force: false, moving: nil)
    }

    private func snapshot(of record: RawRecord, _ name: String, _ provider: any PaymentProvider) -> Snapshot {
        let content: Snapshot.Content
        do throws(Problem) {
            var payout = try provider.normalise(record)
            payout.provider = name
            content = .payout(payout)
        } catch {
            content = .unreadable(error)
        }
        let payout = content.payout
        return Snapshot(
            key: integration.payoutKey(payout?.record ?? "\(name)-\(record.id)"), number: record.id,
            payload: record.payload, content: content,
            // Of what it says, because lists and single reads may write the same in other bytes.
            hash: Snapshot.hash(of: payout?.canonicalBytes ?? record.payload),
            createdAt: payout?.createdAt ?? record.fetchBegan, modifiedAt: record.fetchBegan,
            fetchBegan: record.fetchBegan)
    }

    // MARK: Time history

    private func startingPoint() async throws -> Instant {
        let known = try await integration.store.timeHistory(integration: integration.name, type: .payout)
        if let known { return known.loadedThrough }
        let exclusion = integration.settings.settings.orders.excludeBefore
        // What was made before it and arrives after it is booked.
        return Instant(iso8601: "\(exclusion)T00:00:00Z") ?? .distantPast
    }

    private func move(to point: Instant) async throws {
        try await integration.store.moveTimeHistory(
            TimeHistory(
                integration: integration.name, type: .payout, loadedThrough: point, movedAt: integration.clock.now(),
                movedBy: "system", reason: "loaded", knowing: point))
    }
}
