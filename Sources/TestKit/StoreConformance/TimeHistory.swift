import Domain
import Engine

extension StoreCheck {
    static let timeHistory = [
        StoreCheck("the time history moves with the snapshots it covers") { scene in
            let move = move(scene, to: "2026-11-20T10:00:00Z")

            _ = try await scene.store.record([scene.snapshot("1")], trigger: .schedule, force: false, moving: move)

            let current = try await scene.store.timeHistory(integration: StoreScene.integration, type: .order)
            try expect(current, is: move, "time history")
        },
        StoreCheck("when a snapshot cannot be stored neither the others are, nor does the time history move") { scene in
            let move = move(scene, to: "2026-11-20T10:00:00Z")
            // No platform has a record without an id, and no store takes one.
            let broken = scene.snapshot("")

            do {
                _ = try await scene.store.record(
                    [scene.snapshot("1"), broken], trigger: .schedule, force: false, moving: move)
                throw CheckFailure(description: "a record without an id was stored")
            } catch is StoreError {}

            let current = try await scene.store.timeHistory(integration: StoreScene.integration, type: .order)
            try expect(current, is: nil, "time history")
            try expect(try await scene.store.entity(scene.key("1")), is: nil, "the other record")
        },
        StoreCheck("every move is kept, newest first; standing still is no move") { scene in
            let first = move(scene, to: "2026-11-20T10:00:00Z")
            for _ in 1...2 { _ = try await scene.store.record([], trigger: .schedule, force: false, moving: first) }
            let back = move(scene, to: "2026-11-01T00:00:00Z", by: "anna")
            try await scene.store.moveTimeHistory(back)

            let moves = try await scene.store.timeHistoryMoves(integration: StoreScene.integration, type: .order)
            try expect(moves, is: [back, first], "moves")
            let current = try await scene.store.timeHistory(integration: StoreScene.integration, type: .order)
            try expect(current, is: back, "time history")
            let elsewhere = try await scene.store.timeHistory(integration: "alpine", type: .order)
            try expect(elsewhere, is: nil, "time history of another integration")
        },
    ]

    private static func move(_ scene: StoreScene, to text: String, by: String = "system") -> TimeHistory {
        TimeHistory(
            integration: StoreScene.integration, type: .order, loadedThrough: Sample.instant(text),
            movedAt: scene.now, movedBy: by, reason: "loaded")
    }
}
