import Domain
import Engine

/// A started store with the few moves that checks are told in.
struct StoreScene: Sendable {
    let subject: any StoreSubject
    let store: any Store
    let epoch: Epoch

    static let integration = "nordic"

    init(_ subject: any StoreSubject) async throws {
        self.subject = subject
        store = try await subject.open(process: "first")
        epoch = try await store.start()
    }

    private init(_ subject: any StoreSubject, _ store: any Store, _ epoch: Epoch) {
        self.subject = subject
        self.store = store
        self.epoch = epoch
    }

    var clock: VirtualClock { subject.clock }
    var now: Instant { clock.now() }

    /// The process dies, without giving anything back, and starts again.
    func afterACrash() async throws -> StoreScene { try await process("first") }

    /// A process on the same database.
    func process(_ name: String) async throws -> StoreScene {
        let store = try await subject.open(process: name)
        return StoreScene(subject, store, try await store.start())
    }

    // MARK: Records

    func key(_ id: String, in integration: String = integration) -> EntityKey {
        EntityKey(integration: integration, type: .order, id: id)
    }

    func snapshot(
        _ id: String, version: String = "a", fetched: Instant? = nil, created: Instant? = nil,
        in integration: String = integration
    ) -> Snapshot {
        var order = Sample.order(id)
        order.statusText = version
        return Snapshot(
            key: key(id, in: integration), number: "100\(id)",
            payload: Array("{\"id\":\(id),\"v\":\"\(version)\"}".utf8),
            content: .order(order), hash: "hash of \(version)", createdAt: created ?? order.createdAt,
            modifiedAt: order.modifiedAt, fetchBegan: fetched ?? now)
    }

    @discardableResult
    func record(_ snapshots: Snapshot..., force: Bool = false) async throws -> [EntityKey] {
        try await store.record(snapshots, trigger: .schedule, force: force, moving: nil)
    }

    func entity(_ id: String) async throws -> Entity {
        try unwrap(try await store.entity(key(id)), "record \(id) is not there")
    }

    // MARK: Work

    func claim(
        _ lane: Lane = .general, limit: Int = 50, worker: String = "worker", leaseFor: Duration = .seconds(60),
        in integration: String = integration
    ) async throws -> [Claim] {
        try await store.claim(
            ClaimRequest(integration: integration, lane: lane, worker: worker, limit: limit, leaseFor: leaseFor))
    }

    /// The only claim there is to make.
    func claimOne(_ lane: Lane = .general, worker: String = "worker") async throws -> Claim {
        let claims = try await claim(lane, worker: worker)
        try expect(claims.count, is: 1, "claims")
        return try unwrap(claims.first, "no claim")
    }

    /// Records a new order and claims it.
    func claimed(_ id: String = "1") async throws -> Claim {
        try await record(snapshot(id))
        return try await claimOne()
    }

    func reference(_ id: String, _ kind: DocumentKind = .invoice) -> ExternalReference {
        ExternalReference(shop: Sample.shop, record: "order-\(id)", kind: kind)
    }

    func document(
        _ reference: ExternalReference, erp: String, number: String? = nil, state: DocumentState = .draft
    ) -> Document {
        Document(
            reference: reference,
            erp: ERPDocument(
                id: DocumentID(erp), number: number, state: state, date: Sample.day("2026-11-20"),
                total: Sample.money("99.00")),
            madeFrom: MadeFrom(
                facts: OrderFacts(Sample.order(), Sample.settings), settingsVersion: 1, mapperVersion: 1),
            readAt: now)
    }

    func intentRecord(
        _ claim: Claim, _ kind: Step.Kind = .createInvoice, on reference: ExternalReference? = nil
    ) -> IntentRecord {
        IntentRecord(
            key: claim.entity.key, lease: claim.lease, taskID: claim.taskID,
            reference: reference ?? self.reference(claim.entity.key.id), kind: kind, deadline: now + .seconds(30))
    }

    @discardableResult
    func commitIntent(
        _ claim: Claim, _ kind: Step.Kind = .createInvoice, on reference: ExternalReference? = nil
    ) async throws -> Intent {
        let committed = try await store.recordIntents([intentRecord(claim, kind, on: reference)])
        return try unwrap(committed[claim.entity.key], "the intent was refused")
    }

    func outcome(
        _ claim: Claim, _ result: OutcomeRecord.Result, _ document: Document? = nil,
        _ kind: Step.Kind? = .createInvoice, on reference: ExternalReference? = nil
    ) -> OutcomeRecord {
        OutcomeRecord(
            key: claim.entity.key, lease: claim.lease, taskID: claim.taskID,
            reference: document?.reference ?? reference ?? self.reference(claim.entity.key.id), kind: kind,
            result: result, document: document, startedAt: now, finishedAt: now, message: "step: \(result)")
    }

    /// Makes a document: intent, outcome, reference.
    func make(
        _ claim: Claim, _ reference: ExternalReference, _ kind: Step.Kind = .createInvoice, erp: String,
        number: String? = nil
    ) async throws {
        try await commitIntent(claim, kind, on: reference)
        let refused = try await store.recordOutcomes([
            outcome(claim, .done, document(reference, erp: erp, number: number), kind)
        ])
        try expect(refused.isEmpty, "the outcome was refused")
    }

    func end(
        _ claim: Claim, _ state: SyncState = .completed, _ next: Finish.Next = .rest, code: String? = nil,
        doubtResolved: Bool = false
    ) async throws {
        try await store.finish([
            Finish(
                claim: claim, standing: Standing(state, code: code, reason: "why"), next: next,
                doubtResolved: doubtResolved, at: now)
        ])
    }

    /// Ends this run and claims the record again, to see what a worker is told.
    func claimedAgain(_ claim: Claim) async throws -> Claim {
        try await end(claim, .queued, .again(at: now, isFailure: false))
        return try await claimOne()
    }
}
