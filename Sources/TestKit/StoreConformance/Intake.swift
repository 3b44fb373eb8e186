import Domain
import Engine

extension StoreCheck {
    static let intake = [
        StoreCheck("a new record becomes due, and stands queued") { scene in
            let due = try await scene.record(scene.snapshot("1"), scene.snapshot("2"))

            try expect(due, is: [scene.key("1"), scene.key("2")], "due")
            let entity = try await scene.entity("1")
            try expect(entity.standing, is: Standing(.queued), "standing")
            try expect(entity.due > entity.worked, "it is not due")
            try expect(entity.firstSeenAt, is: scene.now, "first seen")
            try expect(entity.inDoubt, is: false, "doubt")
        },
        StoreCheck("an unchanged record keeps its standing, and only its fetch time moves on") { scene in
            let claim = try await scene.claimed()
            try await scene.end(claim)
            let later = scene.now + .seconds(60)

            let due = try await scene.record(scene.snapshot("1", fetched: later))

            try expect(due, is: [], "due")
            let entity = try await scene.entity("1")
            try expect(entity.standing, is: Standing(.completed, reason: "why"), "standing")
            try expect(entity.due, is: entity.worked, "due and worked")
            try expect(entity.snapshot.fetchBegan, is: later, "fetch began")
        },
        StoreCheck("a changed record becomes due, whatever it stood at") { scene in
            let claim = try await scene.claimed()
            try await scene.end(claim, .stopped, code: "SKU_MISSING")
            let changed = scene.snapshot("1", version: "b", fetched: scene.now + .seconds(1))

            let due = try await scene.record(changed)

            try expect(due, is: [scene.key("1")], "due")
            let entity = try await scene.entity("1")
            try expect(entity.standing, is: Standing(.queued), "standing")
            try expect(entity.snapshot, is: changed, "snapshot")
        },
        StoreCheck("an older fetch never replaces a newer one, not even by force") { scene in
            let newer = scene.snapshot("1", version: "new")
            try await scene.record(newer)
            try await scene.end(try await scene.claimOne())
            let older = scene.snapshot("1", version: "old", fetched: scene.now - .seconds(5))

            let due = try await scene.record(older, force: true)

            try expect(due, is: [], "due")
            let entity = try await scene.entity("1")
            try expect(entity.snapshot, is: newer, "snapshot")
            try expect(entity.due, is: entity.worked, "due and worked")
        },
        StoreCheck("with force an unchanged record becomes due") { scene in
            try await scene.end(try await scene.claimed())

            let due = try await scene.record(scene.snapshot("1"), force: true)

            try expect(due, is: [scene.key("1")], "due")
            try expect(try await scene.claim().count, is: 1, "claims")
        },
        StoreCheck("a payload's bytes survive: NUL, emoji, bytes that are no UTF-8, nothing at all") { scene in
            let payloads: [[UInt8]] = [[0x22, 0, 0x22, 0], Array("å 🧾 e\u{301}".utf8), [0xFF, 0xC0, 0x80, 0xED], []]
            for (index, payload) in payloads.enumerated() {
                let plain = scene.snapshot("\(index)")
                try await scene.record(
                    Snapshot(
                        key: plain.key, number: plain.number, payload: payload, content: plain.content,
                        hash: plain.hash, createdAt: plain.createdAt, modifiedAt: plain.modifiedAt,
                        fetchBegan: plain.fetchBegan))
                try expect(try await scene.entity("\(index)").snapshot.payload, is: payload, "payload \(index)")
            }
        },
        StoreCheck("an order survives as it was read, odd characters and exact numbers included") { scene in
            var order = Sample.order("1")
            order.customerNote = "a\u{0}b 🧾 \u{FFFF} e\u{301}"
            order.customFields = ["n": .number(Sample.decimal("0.1000000001")), "deep": .array([.null, .bool(true)])]
            let plain = scene.snapshot("1")
            let snapshot = Snapshot(
                key: plain.key, number: plain.number, payload: plain.payload, content: .order(order),
                hash: plain.hash, createdAt: plain.createdAt, modifiedAt: plain.modifiedAt,
                fetchBegan: plain.fetchBegan)

            try await scene.record(snapshot)

            // By another process, which has nothing but what is stored.
            let other = try await scene.process("second")
            try expect(try await other.entity("1").snapshot, is: snapshot, "snapshot")
            try expect(try await other.claimOne().entity.snapshot, is: snapshot, "claimed snapshot")
        },
        unreadable, marking, integrationsApart,
    ]

    private static let unreadable = StoreCheck("an unreadable record is kept, and due again once it can be read") {
        scene in
        let plain = scene.snapshot("1")
        let unreadable = Snapshot(
            key: plain.key, number: "", payload: plain.payload,
            content: .unreadable(Problem(.recordUnreadable, "no total")), hash: plain.hash,
            createdAt: plain.createdAt, modifiedAt: plain.modifiedAt, fetchBegan: plain.fetchBegan)
        try await scene.record(unreadable)
        try expect(try await scene.entity("1").snapshot, is: unreadable, "snapshot")
        try await scene.end(try await scene.claimOne(), .stopped, code: "RECORD_UNREADABLE")

        // A newer version reads the same payload.
        let due = try await scene.record(plain)

        try expect(due, is: [scene.key("1")], "due")
        try expect(try await scene.entity("1").snapshot, is: plain, "snapshot")
    }

    private static let marking = StoreCheck("records are made due by key, or by where they stand and why") { scene in
        for (id, code) in [("1", "SKU_MISSING"), ("2", "PERIOD_CLOSED"), ("3", nil)] as [(String, String?)] {
            try await scene.end(try await scene.claimed(id), code == nil ? .completed : .stopped, code: code)
        }

        let count = try await scene.store.markDue(
            integration: StoreScene.integration, states: [.stopped], code: "SKU_MISSING", trigger: .retry)
        try await scene.store.markDue([scene.key("3"), scene.key("never seen")], trigger: .exportOne)

        try expect(count, is: 1, "count")
        let claims = try await scene.claim()
        try expect(Set(claims.map(\.entity.key)), is: [scene.key("1"), scene.key("3")], "claimed")
        try expect(try await scene.store.tasks(of: scene.key("1")).first?.trigger, is: .retry, "trigger")
        try expect(try await scene.store.tasks(of: scene.key("3")).first?.trigger, is: .exportOne, "trigger")
        let all = try await scene.store.markDue(
            integration: StoreScene.integration, states: [.stopped, .completed], code: nil, trigger: .retry)
        try expect(all, is: 1, "count without a code")
    }

    private static let integrationsApart = StoreCheck("equal ids of two integrations are two records") { scene in
        try await scene.record(scene.snapshot("1"))
        try await scene.record(scene.snapshot("1", version: "b", in: "alpine"))

        let claims = try await scene.claim(in: "alpine")

        try expect(claims.map(\.entity.key), is: [scene.key("1", in: "alpine")], "claimed")
        try expect(try await scene.entity("1").snapshot.hash, is: "hash of a", "hash")
        try expect(try await scene.claim().count, is: 1, "claims of the other integration")
    }
}
