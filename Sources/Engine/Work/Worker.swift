public import ConnectorKit
import Domain

/// Works off due orders: claims some, plans each, performs what the plans ask for in batches, and plans again until nothing
/// is left to do.
public struct Worker: Sendable {
    let integration: Integration
    let name: String
    /// How many orders one turn claims at most. An ERP that takes fewer in one call gets fewer, so that the first of them
    /// need not wait for the last.
    let batchSize: Int
    let tuning: Tuning

    /// Times that only tests and unusual systems change.
    public struct Tuning: Sendable {
        public var leaseFor: Duration = .seconds(600)
        /// A snapshot older than this is read again before its invoice is booked.
        public var freshFor: Duration = .seconds(300)
        /// Where reading a document costs a call of its own, a draft read longer ago than this is read again before it is
        /// booked.
        public var draftFreshFor: Duration = .seconds(60)
        /// Source records created up to this long after the epoch began are in doubt too: clocks differ.
        public var epochMargin: Duration = .seconds(3600)
        /// Tries of one order before a person is asked: eight, over about two minutes.
        public var retry = RetryPolicy(maxAttempts: 8, base: .seconds(1), cap: .seconds(300))
        /// 0..<1, for the jitter of retries.
        public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

        public init() {}
    }

    public init(_ integration: Integration, name: String, batchSize: Int = 50, tuning: Tuning = Tuning()) {
        self.integration = integration
        self.name = name
        self.batchSize = batchSize
        self.tuning = tuning
    }

    /// One turn in a lane; answers how many orders were claimed. 0: nothing is due, or another worker has the lane.
    ///
    /// A turn that was begun is carried to its end even if the calling task is cancelled, because a write must never be
    /// left half known.
    public func turn(in lane: Lane) async throws -> Int {
        let turn = Task { try await uncancelledTurn(in: lane) }
        return try await turn.value
    }

    /// All lanes, until nothing is due now; answers how many turns of orders that took.
    @discardableResult
    public func workOff() async throws -> Int {
        var worked = 0
        while true {
            let claimed = try await turn(in: .general) + turn(in: .booking) + turn(in: .payouts)
            if claimed == 0 { return worked }
            worked += claimed
        }
    }

    private func uncancelledTurn(in lane: Lane) async throws -> Int {
        guard lane == .booking else { return try await claimedTurn(in: lane) }
        // One poster at a time: number series are gapless, and several posters lock each other out.
        let store = integration.store
        let laneName = "booking-lane:\(integration.name)"
        guard let hold = try await store.acquire(laneName, worker: name, for: tuning.leaseFor) else { return 0 }
        do {
            let count = try await claimedTurn(in: lane)
            try await store.release(hold)
            return count
        } catch {
            try? await store.release(hold)
            throw error
        }
    }

    private func claimedTurn(in lane: Lane) async throws -> Int {
        let claims = try await integration.store.claim(
            ClaimRequest(
                integration: integration.name, lane: lane, worker: name,
                limit: min(batchSize, integration.erp.capabilities.batchLimit.values.max() ?? 1),
                leaseFor: tuning.leaseFor)
        )
        guard !claims.isEmpty else { return 0 }
        var batch = WorkBatch(claims, lane: lane, integration: integration, worker: name, tuning: tuning)
        do {
            try await batch.run()
        } catch {
            // The store failed in the middle: what was committed stands, and everything is planned anew soon.
            batch.endAll(error, retryAt: integration.clock.now() + .seconds(5))
        }
        try await integration.store.finish(batch.finishes(at: integration.clock.now()))
        return claims.count
    }
}
