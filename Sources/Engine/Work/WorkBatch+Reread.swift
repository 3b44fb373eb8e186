import ConnectorKit
import Domain

extension WorkBatch {
    /// Before an invoice is booked, what we know of the order must be fresh: orders fetched a while ago are read again, a
    /// page of ids per call.
    mutating func readAgainWhatIsOld() async throws {
        let oldest = clock.now() - tuning.freshFor
        let old = runs.indices.filter { runs[$0].isActive && runs[$0].fetchBegan < oldest }
        guard !old.isEmpty else { return }
        do {
            let answer = try await integration.storefront.orders(ids: old.map { runs[$0].key.id })
            try await take(answer, old)
        } catch let error as ConnectorError {
            for index in old {
                runs[index].end(
                    .retrying, code: error.problem.code.rawValue, error.problem.detail,
                    .again(at: clock.now() + .seconds(30), isFailure: false))
            }
        }
    }

    private mutating func take(_ answer: RecordsByID, _ old: [Int]) async throws {
        let intake = Intake(integration)
        try await intake.take(answer.found, trigger: .reread)
        for record in answer.found {
            guard let index = old.first(where: { runs[$0].key.id == record.id }) else { continue }
            let snapshot = try await intake.snapshot(of: record)
            runs[index].content = snapshot.content
            runs[index].fetchBegan = record.fetchBegan
            if case .unreadable(let problem) = snapshot.content { runs[index].stop(problem) }
        }
        // Absence only holds: nothing is booked or undone because a record is not shown.
        for index in old where answer.gone.contains(runs[index].key.id) {
            runs[index].end(
                .waiting, "the shop to show the order again: it is no longer found there",
                .again(at: clock.now() + .seconds(3600), isFailure: false))
        }
    }
}
