import Domain
import Engine

/// What people say of lines.
extension StoreCheck {
    static let payoutWords = [
        StoreCheck("a person's word takes the place of a whole match, and says so") { scene in
            try await scene.keep("a")
            try await scene.store.keep(
                [scene.match("a", scene.share("1", "50.00"), scene.share("2", "49.00"))], of: scene.payoutKey())

            try await scene.store.settle("a", of: scene.payoutKey(), as: scene.word(scene.share("3")))

            let kept = try await scene.kept(line: "a")
            try expect(kept.shares, is: [scene.share("3")], "shares")
            try expect(kept.by, is: .person, "by")
            try expect(kept.why, is: nil, "why")
            try expect(kept.isSettled, "it is not settled")
            for id in ["1", "2"] {
                try expect(try await scene.store.settlements(of: scene.key(id)), is: [], "settlements of order \(id)")
            }
        },
        StoreCheck("what a person said of a line is not overwritten by what is found, but by what is said next") {
            scene in
            try await scene.keep("a", "b")
            let key = scene.payoutKey()
            try await scene.store.settle("a", of: key, as: scene.word(scene.share("1")))
            try await scene.store.settle("b", of: key, as: scene.word())
            let said = try await scene.kept()

            for line in ["a", "b"] {
                try await scene.store.keep([scene.noMatch(line, why: "of no order")], of: key)
                try await scene.store.keep([scene.match(line, scene.share("2"))], of: key)
            }
            try expect(try await scene.kept(), is: said, "lines")

            try await scene.store.settle("a", of: key, as: scene.word(scene.share("3")))
            try expect(try await scene.kept(line: "a").shares, is: [scene.share("3")], "shares")
        },
        StoreCheck("a line may be settled without an order") { scene in
            try await scene.keep("a")
            try await scene.store.keep([scene.match("a", scene.share("1"))], of: scene.payoutKey())

            try await scene.store.settle("a", of: scene.payoutKey(), as: scene.word())

            let kept = try await scene.kept(line: "a")
            try expect(kept.isSettled, "it is not settled")
            try expect(kept.shares == [] && kept.by == nil && kept.why == nil, "it is still matched: \(kept)")
        },
        StoreCheck("a person's word makes the payout due and the orders, and those that the line is taken from") {
            scene in
            try await scene.record(scene.payoutSnapshot(scene.head()))
            let payout = try unwrap(try await scene.claim(.payouts).first, "no claim of the payout")
            try await scene.keep("a")
            try await scene.store.keep([scene.match("a", scene.share("1"))], of: scene.payoutKey())
            try await scene.restingOrders("1", "2", "3")
            let wakeAt = scene.now + .seconds(3600)
            try await scene.end(payout, .stopped, .again(at: wakeAt, isFailure: false), code: "PAYOUT_LINE_NOT_MATCHED")

            try await scene.store.settle("a", of: scene.payoutKey(), as: scene.word(scene.share("2")))

            try expect(
                try await scene.due(scene.key("1"), scene.key("2"), scene.key("3"), scene.payoutKey()),
                is: [true, true, false, true], "due")
            try expect(try await scene.claim(.payouts).count, is: 1, "claims of the payout, before its time")
        },
        StoreCheck("who said what of a line, and why, is in the log") { scene in
            try await scene.record(scene.payoutSnapshot(scene.head()))
            try await scene.keep("a", "b")

            try await scene.store.settle("a", of: scene.payoutKey(), as: scene.word(scene.share("27")))
            try await scene.store.settle("b", of: scene.payoutKey(), as: scene.word())

            let logs = try await scene.store.logs(
                integration: StoreScene.integration, matching: scene.payoutKey().id, limit: 10)
            try expect(logs.map(\.key), is: [scene.payoutKey(), scene.payoutKey()], "keys of the lines")
            for (text, words) in zip(logs.map(\.text), [["b", "settled"], ["a", "27"]]) {
                try expect(
                    (words + ["anna", "seen at the provider"]).allSatisfy(text.contains), "the log says: \(text)")
            }
        },
        paidStays, mayBePaying, sameOrder,
    ]

    private static let paidStays = StoreCheck(
        "a line that has paid an order is not taken from it, unless a person says that the payment was taken back"
    ) { scene in
        let paid = try await scene.orderPaid(by: "a", "b")
        try await scene.restingOrders("2")
        let before = try await scene.kept()

        let words = [
            scene.word(), scene.word(scene.share("2")),
            scene.word(scene.share("1", "50.00"), scene.share("2", "49.00")),
        ]
        for word in words {
            try await scene.refused("a word about a line that has paid") {
                try await scene.store.settle("a", of: scene.payoutKey(), as: word)
            }
        }
        try expect(try await scene.kept(), is: before, "lines")
        try expect(try await scene.store.documents(of: paid).map(\.erp.id.text), is: ["of a", "of b"], "payments")
        try expect(try await scene.due(paid, scene.key("2")), is: [false, false], "due")

        let word = LineWord(shares: [scene.share("2")], by: "anna", reason: "of the other one", isTakenBack: true)
        try await scene.store.settle("a", of: scene.payoutKey(), as: word)

        try expect(try await scene.kept(line: "a").shares, is: [scene.share("2")], "shares")
        try expect(try await scene.store.documents(of: paid).map(\.erp.id.text), is: ["of b"], "payments afterwards")
        try expect(try await scene.due(paid, scene.key("2")), is: [true, true], "due afterwards")
    }

    private static let mayBePaying = StoreCheck(
        "a line that may be paying an order is not taken from it, whatever a person says was taken back"
    ) { scene in
        try await scene.keep("a", "b")
        try await scene.record(scene.snapshot("1"))
        try await scene.store.keep(
            ["a", "b"].map { scene.match($0, scene.share("1")) }, of: scene.payoutKey())
        let word = LineWord(shares: [], by: "anna", reason: "settled otherwise", isTakenBack: true)

        let claim = try await scene.claimOne()
        try await scene.refused("a word about an order that is worked on") {
            try await scene.store.settle("b", of: scene.payoutKey(), as: word)
        }
        try await scene.commitIntent(claim, .registerPayment, on: scene.payment(of: "a"))
        let again = try await scene.claimedAgain(claim)
        try await scene.end(again)
        try await scene.refused("a word about a payment that was begun") {
            try await scene.store.settle("a", of: scene.payoutKey(), as: word)
        }

        try expect(try await scene.kept(line: "a").shares, is: [scene.share("1")], "shares")
        // What may be paying is no matter of another line.
        try await scene.store.settle("b", of: scene.payoutKey(), as: word)
        try expect(try await scene.kept(line: "b").isSettled, "the other line is not settled")
    }

    private static let sameOrder = StoreCheck("a line that a person leaves with its order leaves that paid") { scene in
        let paid = try await scene.orderPaid(by: "a", "b")

        try await scene.store.settle("a", of: scene.payoutKey(), as: scene.word(scene.share("1")))

        let kept = try await scene.kept(line: "a")
        try expect(kept.by, is: .person, "by")
        try expect(kept.shares, is: [scene.share("1")], "shares")
        try expect(try await scene.store.documents(of: paid).map(\.erp.id.text), is: ["of a", "of b"], "payments")
    }
}

extension StoreScene {
    fileprivate func payment(of line: String) -> ExternalReference {
        ExternalReference(
            shop: Sample.shop, record: "order-1-\(Settlement.lineRecord(provider: Self.provider, line: line))",
            kind: .payment)
    }

    /// Order 1 at rest, that these lines were matched to and have paid.
    fileprivate func orderPaid(by first: String, _ second: String) async throws -> EntityKey {
        try await keep(first, second)
        try await store.keep([first, second].map { match($0, share("1")) }, of: payoutKey())
        let claim = try await claimed("1")
        for line in [first, second] { try await make(claim, payment(of: line), .registerPayment, erp: "of \(line)") }
        try await end(claim)
        return claim.entity.key
    }
}
