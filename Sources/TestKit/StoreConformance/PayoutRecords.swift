import Domain
import Engine

/// Payouts as records, beside orders.
extension StoreCheck {
    static let payoutRecords = [
        StoreCheck("a payout survives as it was read, and its report's bytes as they came") { scene in
            var payout = scene.head("1")
            (payout.content, payout.state) = (.unlisted, .failed)
            payout.net = Sample.money("-12.34", Sample.currency("EUR"))
            payout.returnedOn = Sample.day("2026-11-30")
            let snapshot = scene.payoutSnapshot(payout)

            try await scene.record(snapshot)

            let other = try await scene.process("second")
            try expect(try await other.store.entity(snapshot.key)?.snapshot, is: snapshot, "snapshot")
            let claims = try await other.claim(.payouts)
            try expect(claims.map(\.entity.snapshot), is: [snapshot], "claimed snapshots")
        },
        StoreCheck("a payout that changed has work again, and one that did not has none") { scene in
            try await scene.record(scene.payoutSnapshot(scene.head()))
            for claim in try await scene.claim(.payouts) { try await scene.end(claim) }
            scene.clock.advance(by: .seconds(60))

            let same = try await scene.record(scene.payoutSnapshot(scene.head()))
            try expect(same, is: [], "due when nothing changed")
            try expect(try await scene.claim(.payouts).count, is: 0, "claims when nothing changed")

            var failed = scene.head()
            failed.state = .failed
            let changed = try await scene.record(scene.payoutSnapshot(failed, version: "b"))
            try expect(changed, is: [scene.payoutKey()], "due when it changed")
            let claims = try await scene.claim(.payouts)
            try expect(claims.compactMap(\.entity.snapshot.content.payout), is: [failed], "claims when it changed")
        },
        StoreCheck("payouts stand in a lane of their own, also after they rested, and never in that of orders") {
            scene in
            try await scene.record(scene.snapshot("pay-1"))
            try await scene.record(scene.payoutSnapshot(scene.head("1")))

            for turn in 1...2 {
                let orders = try await scene.claim()
                let payouts = try await scene.claim(.payouts)
                try expect(orders.map(\.entity.key), is: [scene.key("pay-1")], "claims of orders in turn \(turn)")
                try expect(payouts.map(\.entity.key), is: [scene.payoutKey("1")], "claims of payouts in turn \(turn)")
                for claim in orders + payouts { try await scene.end(claim) }
                try await scene.store.markDue([scene.key("pay-1"), scene.payoutKey("1")], trigger: .retry)
            }
            for (type, id) in [(.order, scene.key("pay-1")), (.payout, scene.payoutKey("1"))]
                as [(RecordType, EntityKey)]
            {
                let found = try await scene.store.entities(
                    integration: StoreScene.integration, type: type, states: [.queued], limit: 10)
                try expect(found.map(\.key), is: [id], "\(type)s by state")
                let tally = try await scene.store.tally(integration: StoreScene.integration, type: type)
                try expect(tally.map(\.count), is: [1], "tally of \(type)s")
            }
        },
        StoreCheck("when a waiting payout is due next is told") { scene in
            try await scene.record(scene.payoutSnapshot(scene.head()))
            let wakeAt = scene.now + .seconds(3600)
            for claim in try await scene.claim(.payouts) {
                try await scene.end(claim, .stopped, .again(at: wakeAt, isFailure: false))
            }

            try expect(try await scene.store.nextDue(integration: StoreScene.integration), is: wakeAt, "next due")
        },
    ]
}
