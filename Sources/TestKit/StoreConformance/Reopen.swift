import Domain
import Engine

extension StoreCheck {
    static let reopening = [
        StoreCheck("after a crash everything is there, in a new epoch, and nothing is held") { scene in
            let claim = try await scene.claimed()
            try await scene.make(claim, scene.reference("1", .order), .createOrder, erp: "41")
            let open = try await scene.commitIntent(claim, .createInvoice)
            scene.clock.advance(by: .seconds(1))

            let next = try await scene.afterACrash()

            try expect(next.epoch, is: Epoch(number: scene.epoch.number + 1, startedAt: scene.now), "epoch")
            try expect(try await next.entity("1").standing.state, is: .queued, "state")
            let again = try await next.claimOne()
            try expect(again.lease.token > claim.lease.token, "the token did not grow")
            try expect(again.openIntents, is: [open], "open intents")
            try expect(again.documents.map(\.erp.id.text), is: ["41"], "documents")
            try expect(again.entity.snapshot, is: claim.entity.snapshot, "snapshot")
            let tasks = try await next.store.tasks(of: next.key("1"))
            try expect(tasks.map { $0.finishedAt != nil }, is: [false, true], "finished tasks, newest first")
            try expect(tasks.map(\.steps.count), is: [0, 1], "steps")
        },
        StoreCheck("a process that lost its leases to a restart commits nothing, even before another claims") { scene in
            let claim = try await scene.claimed()
            _ = try await scene.afterACrash()

            let refused = try await scene.store.recordOutcomes([scene.outcome(claim, .retry)])
            try await scene.end(claim)

            try expect(refused, is: [scene.key("1")], "refused")
            try expect(try await scene.entity("1").standing.state, is: .queued, "state")
        },
        StoreCheck("a starting process frees nothing of a process that lives") { scene in
            let claim = try await scene.claimed()
            _ = try await scene.store.heartbeat(gapLimit: .seconds(30))

            let other = try await scene.process("second")

            try expect(try await other.claim().count, is: 0, "claims of the second process")
            try await scene.make(claim, scene.reference("1"), erp: "7")
            try await scene.end(claim)
        },
        StoreCheck("a process that stopped beating loses its leases to the next one that starts or beats") { scene in
            let claim = try await scene.claimed()
            _ = try await scene.store.heartbeat(gapLimit: .seconds(10))
            let other = try await scene.process("second")
            scene.clock.advance(by: .seconds(11))

            _ = try await other.store.heartbeat(gapLimit: .seconds(10))

            try expect(try await other.claim().count, is: 1, "claims of the second process")
            let refused = try await scene.store.recordOutcomes([scene.outcome(claim, .retry)])
            try expect(refused, is: [scene.key("1")], "refused")
        },
        StoreCheck("an epoch lasts while the heart beats, and a gap longer than the limit opens the next") { scene in
            for _ in 1...3 {
                scene.clock.advance(by: .seconds(60))
                let epoch = try await scene.store.heartbeat(gapLimit: .seconds(60))
                try expect(epoch, is: scene.epoch, "epoch while it beats")
            }
            scene.clock.advance(by: .seconds(61))

            let epoch = try await scene.store.heartbeat(gapLimit: .seconds(60))

            try expect(epoch, is: Epoch(number: scene.epoch.number + 1, startedAt: scene.now), "epoch after the gap")
        },
    ]
}
