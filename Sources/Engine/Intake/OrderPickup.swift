import ConnectorKit
import Domain

/// One run of the order flow's pick-up: every order changed since the time history, page by page.
public struct OrderPickup: Sendable {
    let integration: Integration

    public init(_ integration: Integration) { self.integration = integration }

    /// - Throws: `ConnectorError` when the shop cannot be read; what came before is stored.
    public func run(trigger: Trigger = .schedule) async throws -> PickupResult {
        var result = PickupResult()
        let start = try await startingPoint()
        var history = start
        var cursor: PageCursor?
        repeat {
            try Task.checkCancellation()
            let page = try await integration.storefront.orders(changedSince: start.loadedThrough, cursor: cursor)
            result.records += page.records.count
            result.unreadable += page.unreadable
            history = advanced(history, knowing: start, by: page, held: !result.unreadable.isEmpty)
            result.due += try await Intake(integration).take(page.records, trigger: trigger, moving: history).count
            try await tell(page.unreadable)
            cursor = page.next
        } while cursor != nil
        return result
    }

    /// Where the last run left off; at first the exclusion date, before which nothing is wanted.
    private func startingPoint() async throws -> TimeHistory {
        if let known = try await integration.store.timeHistory(integration: integration.name, type: .order) {
            return known
        }
        let settings = integration.settings.settings
        let exclusion = Instant(iso8601: "\(settings.orders.excludeBefore)T00:00:00Z") ?? .distantPast
        // A day's margin covers every time zone.
        return move(to: exclusion - .seconds(86_400), reason: "first run: the order exclusion date")
    }

    /// Moves forward only over what is stored without a gap.
    private func advanced(
        _ history: TimeHistory, knowing start: TimeHistory, by page: RecordPage, held: Bool
    ) -> TimeHistory {
        // The shop's clock may be wrong, and imports write dates of years to come: what is still to happen is not loaded.
        let covered = min(page.coveredThrough ?? .distantPast, integration.clock.now())
        guard !held, covered > history.loadedThrough else { return history }
        return move(to: covered, reason: "loaded", knowing: start.movedAt)
    }

    private func move(to point: Instant, reason: String, knowing: Instant? = nil) -> TimeHistory {
        TimeHistory(
            integration: integration.name, type: .order, loadedThrough: point, movedAt: integration.clock.now(),
            movedBy: "system", reason: reason, knowing: knowing ?? integration.clock.now()
        )
    }

    private func tell(_ unreadable: [Problem]) async throws {
        for problem in unreadable {
            try await integration.store.log(
                LogLine(
                    at: integration.clock.now(), level: .error, integration: integration.name,
                    code: problem.code.rawValue, text: problem.description
                )
            )
        }
    }
}
