import Domain
import Engine

extension StoreCheck {
    static let finishing = [
        StoreCheck("a run that ends leaves the record at rest, free, and its task closed") { scene in
            let claim = try await scene.claimed()

            try await scene.end(claim, .excluded, code: "TEST_ORDER")

            let entity = try await scene.entity("1")
            try expect(entity.standing, is: Standing(.excluded, code: "TEST_ORDER", reason: "why"), "standing")
            try expect(entity.due, is: entity.worked, "due and worked")
            try expect(try await scene.claim().count, is: 0, "claims")
            let task = try await scene.store.tasks(of: scene.key("1")).first
            try expect(task?.standing, is: entity.standing, "standing of the task")
            try expect(task?.finishedAt, is: scene.now, "end of the task")
            let tally = try await scene.store.tally(integration: StoreScene.integration, type: .order)
            try expect(tally, is: [Tally(state: .excluded, code: "TEST_ORDER", count: 1)], "tally")
        },
        StoreCheck("a change that comes while a record is worked on leaves it due when the run ends") { scene in
            let claim = try await scene.claimed()
            try await scene.record(scene.snapshot("1", version: "b", fetched: scene.now + .seconds(1)))
            try expect(try await scene.entity("1").standing.state, is: .running, "state while worked on")

            try await scene.end(claim)

            let entity = try await scene.entity("1")
            try expect(entity.standing, is: Standing(.queued), "standing")
            try expect(entity.due > entity.worked, "the change was worked off unseen")
            let again = try await scene.claimOne()
            try expect(again.entity.snapshot.hash, is: "hash of b", "hash")
            try await scene.end(again)
            try expect(try await scene.claim().count, is: 0, "claims at the end")
        },
        StoreCheck("a change that comes meanwhile wakes a record that was about to wait, but not one that failed") {
            scene in
            for (state, isFailure, claims) in [(.waiting, false, 1), (.retrying, true, 0)] as [(SyncState, Bool, Int)] {
                let claim = try await scene.claimed("\(state)")
                try await scene.store.markDue([claim.entity.key], trigger: .webhook)
                try await scene.end(claim, state, .again(at: scene.now + .seconds(3600), isFailure: isFailure))
                let next = try await scene.claim()
                try expect(next.count, is: claims, "claims after \(state)")
                for claim in next { try await scene.end(claim) }
            }
        },
        StoreCheck("failures are counted until the record succeeds or waits") { scene in
            var claim = try await scene.claimed()
            for attempt in 1...3 {
                try await scene.end(claim, .retrying, .again(at: scene.now, isFailure: true))
                claim = try await scene.claimOne()
                try expect(claim.attempts, is: attempt, "attempts")
            }
            // The ERP is down: nobody's attempt.
            try await scene.end(claim, .retrying, .again(at: scene.now, isFailure: false))
            claim = try await scene.claimOne()
            try expect(claim.attempts, is: 3, "attempts after a failure that is not its own")
            try await scene.end(claim, .waiting, .again(at: scene.now, isFailure: false))
            claim = try await scene.claimOne()
            try expect(claim.attempts, is: 0, "attempts after waiting")
            try await scene.end(claim, .retrying, .again(at: scene.now, isFailure: true))
            try await scene.end(try await scene.claimOne(), .stopped)
            try await scene.store.markDue([scene.key("1")], trigger: .retry)
            try expect(try await scene.claimOne().attempts, is: 0, "attempts after a stop")
        },
        StoreCheck("a record that rests is in the general lane again") { scene in
            try await scene.end(
                try await scene.claimed(), .queued, .handOver(.booking, day: Sample.day("2026-11-20")))
            try await scene.end(try await scene.claimOne(.booking))
            try await scene.store.markDue([scene.key("1")], trigger: .retry)

            try expect(try await scene.claim(.booking).count, is: 0, "claims in the booking lane")
            try expect(try await scene.claim().count, is: 1, "claims in the general lane")
        },
        StoreCheck("a doubt is cleared by the run that came with it, but one that arose meanwhile stays") { scene in
            try await scene.record(scene.snapshot("1"))
            try await scene.store.markInDoubt([scene.key("1")])
            let first = try await scene.claimOne()
            try expect(first.entity.inDoubt, "the claim is not in doubt")
            try await scene.store.markInDoubt([scene.key("1")])

            try await scene.end(first, .queued, .again(at: scene.now, isFailure: false), doubtResolved: true)

            let second = try await scene.claimOne()
            try expect(second.entity.inDoubt, "the later doubt was cleared")
            try await scene.end(second, doubtResolved: true)
            try expect(try await scene.entity("1").inDoubt, is: false, "doubt")
        },
        StoreCheck("of a batch that ends, only the runs whose lease is held end") { scene in
            try await scene.record(scene.snapshot("1"))
            let lost = try await scene.claimOne()
            scene.clock.advance(by: .seconds(61))
            _ = try await scene.claimOne(worker: "other")
            try await scene.record(scene.snapshot("2"))
            let held = try await scene.claimOne()

            try await scene.store.finish(
                [lost, held].map { claim in
                    Finish(
                        claim: claim, standing: Standing(.completed), next: .rest, doubtResolved: false, at: scene.now)
                })

            try expect(try await scene.entity("1").standing.state, is: .running, "state of the lost")
            try expect(try await scene.entity("2").standing.state, is: .completed, "state of the held")
        },
    ]
}
