import Domain
import Engine
import Foundation
import TestKit
import Testing

@testable import Storage

/// How many orders a second one file carries from pick-up to booked, without any outside system. Only measured when asked:
/// `ORDERSYNC_STORE_ORDERS=2000 swift test -c release --filter ThroughputTests`.
@Suite struct ThroughputTests {
    private static let orders = ProcessInfo.processInfo.environment["ORDERSYNC_STORE_ORDERS"].flatMap { Int($0) } ?? 100

    @Test func ordersGoFromPickUpToBookedInBatchesOfFifty() async throws {
        try await SQLiteSubject.run { subject in
            let store = try await subject.store()
            _ = try await store.start()
            let course = Course(store: store, clock: subject.clock, count: Self.orders, batch: 50)

            let times = try await course.run()

            let tally = try await store.tally(integration: Course.integration, type: .order)
            #expect(tally == [Tally(state: .completed, code: nil, count: Self.orders)])
            guard Self.orders > 100 else { return }
            let total = times.map(\.milliseconds).reduce(0, +)
            let parts = times.map { "\($0.part) \($0.milliseconds) ms" }.joined(separator: ", ")
            let rate = Self.orders * 1000 / max(1, total)
            FileHandle.standardError.write(Data("\(Self.orders) orders, \(rate) a second: \(parts)\n".utf8))
        }
    }
}

/// The writes of one order's way, as the worker makes them.
struct Course {
    static let integration = "nordic"

    let store: any Store
    let clock: VirtualClock
    let count: Int
    let batch: Int

    func run() async throws -> [(part: String, milliseconds: Int)] {
        [
            ("record", try await measured { try await record() }),
            // Turn by turn, as a worker does.
            ("work", try await measured { while try await turn(.general) + turn(.booking) > 0 {} }),
        ]
    }

    private func measured(_ body: () async throws -> Void) async throws -> Int {
        let elapsed = try await ContinuousClock().measure { try await body() }
        return Int(elapsed.milliseconds)
    }

    private func record() async throws {
        var generator = OrderGenerator(seed: 7)
        let padding = String(repeating: "x", count: 4_000)
        for start in stride(from: 0, to: count, by: batch) {
            let snapshots = (start..<min(start + batch, count)).map { number in
                let order = generator.order("\(number)", createdAt: clock.now() + .milliseconds(number))
                return Snapshot(
                    key: EntityKey(integration: Self.integration, type: .order, id: order.id), number: order.number,
                    payload: Array("{\"id\":\(number),\"padding\":\"\(padding)\"}".utf8), content: .order(order),
                    hash: "h\(number)", createdAt: order.createdAt, modifiedAt: order.modifiedAt,
                    fetchBegan: clock.now())
            }
            _ = try await store.record(snapshots, trigger: .schedule, force: false, moving: nil)
        }
    }

    private func turn(_ lane: Lane) async throws -> Int {
        let claims = try await store.claim(
            ClaimRequest(
                integration: Self.integration, lane: lane, worker: "w", limit: batch, leaseFor: .seconds(600)))
        let general: [(Step.Kind, DocumentKind)] = [
            (.ensureCustomer, .customer), (.createOrder, .order), (.confirmOrder, .order), (.createInvoice, .invoice),
        ]
        for (step, kind) in lane == .general ? general : [(.bookInvoice, .invoice)] {
            try await perform(step, kind, claims)
        }
        let next = lane == .general ? Finish.Next.handOver(.booking, day: Sample.day("2026-11-20")) : .rest
        let standing = Standing(lane == .general ? .queued : .completed)
        try await store.finish(
            claims.map {
                Finish(claim: $0, standing: standing, next: next, doubtResolved: false, at: clock.now())
            })
        return claims.count
    }

    private func perform(_ step: Step.Kind, _ kind: DocumentKind, _ claims: [Claim]) async throws {
        let now = clock.now()
        let shop = Sample.shop
        _ = try await store.recordIntents(
            claims.map { claim in
                IntentRecord(
                    key: claim.entity.key, lease: claim.lease, taskID: claim.taskID,
                    reference: ExternalReference(shop: shop, record: "order-\(claim.entity.key.id)", kind: kind),
                    kind: step, deadline: now + .seconds(30))
            })
        let refused = try await store.recordOutcomes(
            claims.map { claim in
                let reference = ExternalReference(shop: shop, record: "order-\(claim.entity.key.id)", kind: kind)
                let facts = claim.entity.order.map { OrderFacts($0, Sample.settings) }
                let document = Document(
                    reference: reference,
                    erp: ERPDocument(
                        id: DocumentID("\(kind)-\(claim.entity.key.id)"), number: claim.entity.key.id, state: .booked,
                        date: Sample.day("2026-11-20"), total: Sample.money("99.00")),
                    madeFrom: MadeFrom(facts: kind == .customer ? nil : facts, settingsVersion: 1, mapperVersion: 1))
                return OutcomeRecord(
                    key: claim.entity.key, lease: claim.lease, taskID: claim.taskID, reference: reference, kind: step,
                    result: .done, document: document, startedAt: now, finishedAt: now, message: "\(step): done")
            })
        #expect(refused.isEmpty)
    }
}
