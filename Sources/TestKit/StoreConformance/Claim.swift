import Domain
import Engine

extension StoreCheck {
    static let claiming = [
        StoreCheck("what became due first is claimed first, as many as were asked for") { scene in
            for id in ["3", "1", "2"] {
                try await scene.record(scene.snapshot(id))
                scene.clock.advance(by: .seconds(1))
            }

            let first = try await scene.claim(limit: 2)
            let rest = try await scene.claim(limit: 2)

            try expect(first.map(\.entity.key.id), is: ["3", "1"], "first claims")
            try expect(rest.map(\.entity.key.id), is: ["2"], "last claims")
        },
        StoreCheck("a record that is held is claimed by nobody else until its lease ends") { scene in
            let claim = try await scene.claimed()
            try expect(claim.lease.until, is: scene.now + .seconds(60), "end of the lease")
            try expect(try await scene.entity("1").standing.state, is: .running, "state")

            scene.clock.advance(by: .seconds(59))
            try expect(try await scene.claim(worker: "other").count, is: 0, "claims during the lease")
            scene.clock.advance(by: .seconds(1))
            let taken = try await scene.claim(worker: "other")

            try expect(taken.count, is: 1, "claims after the lease")
            try expect((taken.first?.lease.token ?? 0) > claim.lease.token, "the token did not grow")
            let tasks = try await scene.store.tasks(of: scene.key("1"))
            try expect(tasks.map { $0.finishedAt != nil }, is: [false, true], "finished tasks, newest first")
        },
        StoreCheck("the booking lane is worked by day, then by the orders' age") { scene in
            let start = Sample.instant("2026-11-20T10:00:00Z")
            let days = ["1": "2026-11-22", "2": "2026-11-21", "3": "2026-11-21"]
            for (id, age) in [("1", 0), ("2", 20), ("3", 10)] as [(String, Int64)] {
                try await scene.record(scene.snapshot(id, created: start + .seconds(age)))
            }
            for claim in try await scene.claim() {
                let day = days[claim.entity.key.id].map { Sample.day($0) }
                try await scene.end(claim, .queued, .handOver(.booking, day: day))
                scene.clock.advance(by: .seconds(1))
            }

            try expect(try await scene.claim().count, is: 0, "claims in the general lane")
            let claims = try await scene.claim(.booking)
            try expect(claims.map(\.entity.key.id), is: ["3", "2", "1"], "claims")
            try expect(claims.allSatisfy { $0.entity.due > $0.entity.worked }, "handing over counted as working off")
        },
        StoreCheck("a record that waits for a time is not claimed before it, and that time is the next one due") {
            scene in
            let wakeAt = scene.now + .seconds(300)
            try expect(try await scene.store.nextDue(integration: StoreScene.integration), is: nil, "next due")
            try await scene.end(try await scene.claimed(), .waiting, .again(at: wakeAt, isFailure: false))

            try expect(try await scene.claim().count, is: 0, "claims before the time")
            try expect(try await scene.store.nextDue(integration: StoreScene.integration), is: wakeAt, "next due")
            scene.clock.set(wakeAt)
            try expect(try await scene.claim().count, is: 1, "claims at the time")
        },
        StoreCheck("the end of a running order's lease is a next time due, so that a dead worker's orders go on") {
            scene in
            let claim = try await scene.claimed()
            let next = try await scene.store.nextDue(integration: StoreScene.integration)
            try expect(next, is: claim.lease.until, "next due")
        },
        StoreCheck("a claim brings all that planning needs, and opens a task") { scene in
            let first = try await scene.claimed()
            try await scene.make(first, scene.reference("1", .order), .createOrder, erp: "41")
            try await scene.commitIntent(first, .confirmOrder, on: scene.reference("1", .order))
            let decision = Decision(kind: .excluded, by: "anna", at: scene.now, reason: "a test of ours")
            try await scene.store.decide(decision, about: scene.key("1"))
            try await scene.store.markInDoubt([scene.key("1")])
            try await scene.end(first, .retrying, .again(at: scene.now, isFailure: true))

            let second = try await scene.claimOne()

            try expect(second.attempts, is: 1, "attempts")
            try expect(
                second.documents, is: [scene.document(scene.reference("1", .order), erp: "41")], "documents")
            try expect(second.openIntents.map(\.kind), is: [.confirmOrder], "open intents")
            try expect(second.decisions, is: [decision], "decisions")
            try expect(second.entity.inDoubt, "it is not in doubt")
            let tasks = try await scene.store.tasks(of: scene.key("1"))
            try expect(tasks.map(\.id), is: [second.taskID, first.taskID], "tasks, newest first")
            try expect(tasks.first?.standing.state, is: .running, "state of the task")
            try expect(tasks.first?.number, is: "1001", "number of the task")
        },
    ]
}
