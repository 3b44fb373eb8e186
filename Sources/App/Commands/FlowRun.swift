import ConnectorKit
import Domain
import Engine

/// One run of a flow to its end: pick up, work off, and wait out retries that are near.
struct FlowRun {
    /// A retry further away than this is left to the next run.
    static let patience = Duration.seconds(60)

    let integration: Integration

    init(_ integration: Integration) { self.integration = integration }

    func toTheEnd() async throws -> FlowReport {
        let picked = try await OrderPickup(integration).run()
        try await workOff()
        return try await report(.order, picked)
    }

    /// The same of the payout flow. `files` were taken in before.
    func payoutsToTheEnd(_ files: [SettlementReport] = []) async throws -> FlowReport {
        let picked = try await PayoutPickup(integration).run()
        try await workOff()
        return try await report(.payout, picked, files)
    }

    func report(
        _ type: RecordType, _ picked: PickupResult, _ files: [SettlementReport] = []
    ) async throws -> FlowReport {
        let tally = try await integration.store.tally(integration: integration.name, type: type)
        return FlowReport(integration: integration.name, type: type, picked: picked, tally: tally, files: files)
    }

    func workOff() async throws {
        let worker = Worker(integration, name: "command")
        let clock = integration.clock
        var lastProgress = clock.now()
        var lastTally: [Tally] = []
        while clock.now() - lastProgress <= Self.patience {
            try await worker.workOff()
            let tally = try await integration.store.tally(integration: integration.name, type: .order)
            if tally != lastTally { (lastTally, lastProgress) = (tally, clock.now()) }
            guard let next = try await nextLook() else { return }
            let wait = next - clock.now()
            guard wait <= Self.patience else { return }
            try await clock.sleep(for: max(wait, .milliseconds(50)))
        }
    }

    /// When there may be something to do again: a retry is due, or another process gives the booking lane back.
    private func nextLook() async throws -> Instant? {
        if let due = try await integration.store.nextDue(integration: integration.name) { return due }
        var tally = try await integration.store.tally(integration: integration.name, type: .order)
        tally += try await integration.store.tally(integration: integration.name, type: .payout)
        return tally.contains { $0.state == .queued } ? integration.clock.now() + .seconds(1) : nil
    }
}

/// What `sync` tells.
struct FlowReport: Encodable {
    struct Count: Encodable {
        let state: String
        let code: String?
        let count: Int
    }

    let integration: String
    let fetched: Int
    let changed: Int
    let unreadable: [String]
    /// Where all of them stand; `nil` for the other flow.
    let orders: [Count]?
    let payouts: [Count]?
    /// Settlement files that were taken or refused; `nil` where there were none.
    let files: [SettlementReport]?

    init(
        integration: String, type: RecordType, picked: PickupResult, tally: [Tally], files: [SettlementReport] = []
    ) {
        self.files = files.isEmpty ? nil : files
        self.integration = integration
        fetched = picked.records
        changed = picked.due
        unreadable = picked.unreadable.map(\.description)
        let counts = tally.map { Count(state: $0.state.rawValue, code: $0.code, count: $0.count) }
        orders = type == .order ? counts : nil
        payouts = type == .payout ? counts : nil
    }

    private var counts: [Count] { orders ?? payouts ?? [] }

    var needsAttention: Bool {
        !unreadable.isEmpty || (files ?? []).contains(where: \.needsAttention)
            || counts.contains { $0.state == SyncState.stopped.rawValue }
    }

    var lines: [String] {
        let counts = counts.map { count in
            "  \(count.count)  \(count.state)" + (count.code.map { "  \($0)" } ?? "")
        }
        let what = orders == nil ? "payouts" : "orders"
        return (files ?? []).flatMap(\.lines) + ["\(integration): \(fetched) \(what) read, \(changed) changed"]
            + unreadable
            + counts
    }
}
