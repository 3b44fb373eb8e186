import Domain
import Engine

extension StoreCheck {
    static let leasing = [
        StoreCheck("a suspended worker's commits are refused once another has taken over") { scene in
            let suspended = try await scene.claimed()
            scene.clock.advance(by: .seconds(61))
            let current = try await scene.claimOne(worker: "other")
            let document = scene.document(scene.reference("1"), erp: "7")

            let intents = try await scene.store.recordIntents([scene.intentRecord(suspended)])
            let refused = try await scene.store.recordOutcomes([scene.outcome(suspended, .done, document)])
            try await scene.end(suspended, .stopped)

            try expect(intents.isEmpty, "its intent was committed")
            try expect(refused, is: [scene.key("1")], "refused")
            try expect(try await scene.store.documents(of: scene.key("1")), is: [], "documents")
            try expect(try await scene.entity("1").standing.state, is: .running, "state")
            try expect(try await scene.store.extend([suspended.lease], for: .seconds(60)), is: [], "prolonged")
            try await scene.make(current, document.reference, erp: "7")
        },
        StoreCheck("a lease whose time is over but that nobody took still commits") { scene in
            let claim = try await scene.claimed()
            scene.clock.advance(by: .seconds(600))

            try await scene.make(claim, scene.reference("1"), erp: "7")
            try await scene.end(claim)

            try expect(try await scene.entity("1").standing.state, is: .completed, "state")
        },
        StoreCheck("a lease that was given back gives no right to commit") { scene in
            let claim = try await scene.claimed()
            try await scene.end(claim)

            let refused = try await scene.store.recordOutcomes([scene.outcome(claim, .retry)])

            try expect(refused, is: [scene.key("1")], "refused")
        },
        StoreCheck("tokens only grow, also after a lease was given back") { scene in
            var last: Int64 = 0
            for _ in 1...3 {
                let lease = try unwrap(
                    try await scene.store.acquire("lane", worker: "w", for: .seconds(9)), "it is held")
                try expect(lease.token > last, "token \(lease.token) after \(last)")
                last = lease.token
                try await scene.store.release(lease)
            }
        },
        StoreCheck("a name is held by one worker, and by another once it was given back or its time is over") { scene in
            let first = try unwrap(try await scene.store.acquire("lane", worker: "a", for: .seconds(10)), "it is held")
            try expect(try await scene.store.acquire("lane", worker: "b", for: .seconds(10)) == nil, "two hold it")
            try expect(try await scene.store.acquire("other", worker: "b", for: .seconds(10)) != nil, "other is held")
            scene.clock.advance(by: .seconds(10))
            let second = try unwrap(
                try await scene.store.acquire("lane", worker: "b", for: .seconds(10)), "it is still held")

            // The first holder wakes up late: what it gives back is no longer its own.
            try await scene.store.release(first)

            try expect(try await scene.store.acquire("lane", worker: "c", for: .seconds(10)) == nil, "it was freed")
            try await scene.store.release(second)
            try expect(try await scene.store.acquire("lane", worker: "c", for: .seconds(10)) != nil, "not freed")
        },
        StoreCheck("a prolonged lease keeps others away until its new end") { scene in
            let claim = try await scene.claimed()
            scene.clock.advance(by: .seconds(50))

            let held = try await scene.store.extend([claim.lease], for: .seconds(60))

            try expect(held.map(\.until), is: [scene.now + .seconds(60)], "ends")
            try expect(held.map(\.token), is: [claim.lease.token], "tokens")
            scene.clock.advance(by: .seconds(30))
            try expect(try await scene.claim(worker: "other").count, is: 0, "claims by another worker")
        },
    ]
}
