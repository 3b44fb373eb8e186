import Domain
import Engine

extension StoreCheck {
    static let concurrency = [
        StoreCheck("workers that claim at the same time never get the same record") { scene in
            let ids = (1...120).map(String.init)
            for id in ids { try await scene.record(scene.snapshot(id)) }
            let other = try await scene.process("second")

            let claims = try await withThrowingTaskGroup(of: [Claim].self) { group in
                for worker in 1...8 {
                    group.addTask {
                        let mine = worker.isMultiple(of: 2) ? scene : other
                        var claims: [Claim] = []
                        while true {
                            let more = try await mine.claim(limit: 7, worker: "worker \(worker)")
                            if more.isEmpty { return claims }
                            claims += more
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }

            try expect(claims.count, is: ids.count, "claims")
            try expect(Set(claims.map(\.entity.key)).count, is: ids.count, "different records")
            try expect(Set(claims.map(\.taskID)).count, is: ids.count, "different tasks")
        },
        StoreCheck("snapshots that are stored at the same time leave the newest, whoever came last") { scene in
            let other = try await scene.process("second")
            let fetches = (1...40).map { number in
                scene.snapshot("1", version: "\(number)", fetched: scene.now + .seconds(Int64(number)))
            }

            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, fetch) in fetches.shuffledBySeed(7).enumerated() {
                    group.addTask { try await (index.isMultiple(of: 2) ? scene : other).record(fetch) }
                }
                try await group.waitForAll()
            }

            try expect(try await scene.entity("1").snapshot.hash, is: "hash of 40", "hash")
        },
        StoreCheck("of workers that ask for a name at the same time one gets it") { scene in
            let other = try await scene.process("second")
            let leases = try await withThrowingTaskGroup(of: Lease?.self) { group in
                for worker in 1...16 {
                    group.addTask {
                        let store = worker.isMultiple(of: 2) ? scene.store : other.store
                        return try await store.acquire("lane", worker: "worker \(worker)", for: .seconds(60))
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            try expect(leases.count, is: 1, "holders")
        },
        StoreCheck("the same settings adopted at the same time are one version") { scene in
            let other = try await scene.process("second")
            let versions = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...8 {
                    group.addTask {
                        let store = number.isMultiple(of: 2) ? scene.store : other.store
                        return try await store.adopt(Sample.settings, integration: "nordic", by: "anna").version
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            try expect(versions, is: [1], "versions")
        },
        StoreCheck("triggers that come at the same time while a record is worked on are never lost") { scene in
            let claim = try await scene.claimed()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...8 {
                    group.addTask { try await scene.store.markDue([claim.entity.key], trigger: .webhook) }
                }
                group.addTask { try await scene.end(claim) }
                try await group.waitForAll()
            }

            let entity = try await scene.entity("1")
            try expect(entity.due, is: claim.entity.due + 8, "due")
            try expect(entity.worked, is: claim.entity.due, "worked")
            try expect(entity.standing.state, is: .queued, "state")
        },
    ]
}

extension Array {
    fileprivate func shuffledBySeed(_ seed: UInt64) -> [Element] {
        var generator = SeededGenerator(seed: seed)
        return shuffled(using: &generator)
    }
}
