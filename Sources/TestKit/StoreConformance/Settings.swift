import Domain
import Engine

extension StoreCheck {
    static let settings = [
        StoreCheck("settings get a new version when they differ, and earlier ones stay readable") { scene in
            let (store, integration) = (scene.store, StoreScene.integration)
            var changed = Sample.settings
            changed.live = false

            let first = try await store.adopt(Sample.settings, integration: integration, by: "anna")
            scene.clock.advance(by: .seconds(60))
            let same = try await store.adopt(Sample.settings, integration: integration, by: "bo")
            let second = try await store.adopt(changed, integration: integration, by: "bo")
            let back = try await store.adopt(Sample.settings, integration: integration, by: "anna")

            try expect(same, is: first, "the same settings")
            try expect([first.version, second.version, back.version], is: [1, 2, 3], "versions")
            try expect(second.by, is: "bo", "who")
            try expect(second.at, is: scene.now, "when")
            try expect(try await store.settings(integration: integration, version: 1), is: first, "version 1")
            try expect(
                try await store.settings(integration: integration, version: 2)?.settings, is: changed, "version 2")
            try expect(try await store.settings(integration: integration, version: 9), is: nil, "version 9")
            let other = try await store.adopt(changed, integration: "alpine", by: "anna")
            try expect(other.version, is: 1, "version of another integration")
        },
        StoreCheck("decisions are kept in order, and make their record due") { scene in
            try await scene.end(try await scene.claimed())
            let decisions = [
                Decision(kind: .bookedByHand(number: "INV-7"), by: "anna", at: scene.now, reason: "made by phone"),
                Decision(kind: .withdrawn, by: "bo", at: scene.now, reason: "was another order"),
            ]

            for decision in decisions { try await scene.store.decide(decision, about: scene.key("1")) }

            try expect(try await scene.store.decisions(about: scene.key("1")), is: decisions, "decisions")
            try expect(try await scene.claimOne().decisions, is: decisions, "decisions of the claim")
        },
    ]
}
