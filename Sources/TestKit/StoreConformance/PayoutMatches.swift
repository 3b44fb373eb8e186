import Domain
import Engine

/// What lines were matched to.
extension StoreCheck {
    static let payoutMatches = [
        StoreCheck("what a line was matched to is kept whole, with the numbers of its orders") { scene in
            try await scene.record(scene.sale("1", number: "#1001"))
            try await scene.record(scene.sale("1", number: "A-1", in: "alpine"))
            try await scene.keep("a", "b")
            let shares = [
                LineMatch.Share(
                    order: scene.key("1"), paid: Sample.money("4.00", Sample.currency("EUR")),
                    settled: Sample.money("44.00")),
                scene.share("1", "30.00", in: "alpine"), scene.share("not read yet", "25.00"),
            ]

            try await scene.store.keep(
                [LineMatch(line: "a", place: .suspense, by: .orderNumber, why: nil, shares: shares)],
                of: scene.payoutKey())

            let kept = try await scene.kept(line: "a")
            try expect(Set(kept.shares), is: Set(shares), "shares")
            try expect(kept.shares.count, is: 3, "number of shares")
            let names = [shares[0].order: "#1001", shares[1].order: "A-1", shares[2].order: "not read yet"]
            try expect(kept.orderNumbers, is: kept.shares.compactMap { names[$0.order] }, "numbers")
            try expect(kept.by, is: .orderNumber, "by")
            try expect(kept.place, is: .suspense, "place")
            try expect(kept.isSettled, is: false, "settled by a person")
            let other = try await scene.kept(line: "b")
            try expect(other.place == nil && other.shares.isEmpty, "the other line was matched too")
        },
        StoreCheck("an order that a line is matched to is due at once and sees it, whatever integration it is of") {
            scene in
            try await scene.restingOrders("1", "2")
            try await scene.restingOrders("1", in: "alpine")
            try await scene.keep("a")

            try await scene.store.keep(
                [scene.match("a", scene.share("1", "50.00"), scene.share("1", "49.00", in: "alpine"))],
                of: scene.payoutKey())

            let claims = try await scene.claim() + scene.claim(in: "alpine")
            try expect(claims.map(\.entity.key), is: [scene.key("1"), scene.key("1", in: "alpine")], "claims")
            try expect(
                claims.map { $0.settlements.map(\.paid.minorUnits) }, is: [[5000], [4900]], "settlements of the claims")
            let task = try await scene.store.tasks(of: scene.key("1")).first
            try expect(task?.trigger, is: .payout, "trigger")
        },
        StoreCheck("a line that is matched while its order is worked on leaves that due when the run ends") { scene in
            let claim = try await scene.claimed("1")
            try await scene.keep("a")

            try await scene.store.keep([scene.match("a", scene.share("1"))], of: scene.payoutKey())
            try await scene.end(claim)

            try expect(try await scene.due(scene.key("1")), is: [true], "due")
            try expect(try await scene.claimOne().settlements.map(\.line), is: ["a"], "settlements")
        },
        StoreCheck("a line that was matched before its order was stored is told when that comes") { scene in
            try await scene.keep("a")
            try await scene.store.keep([scene.match("a", scene.share("1"))], of: scene.payoutKey())

            let claim = try await scene.claimed("1")

            try expect(claim.settlements.map(\.line), is: ["a"], "settlements")
        },
        StoreCheck("why no order was found is kept until one is") { scene in
            try await scene.keep("a")

            for why in ["of no order", "of two orders"] {
                try await scene.store.keep([scene.noMatch("a", why: why)], of: scene.payoutKey())
                try expect(try await scene.kept(line: "a").why, is: why, "why")
            }
            try await scene.store.keep([scene.match("a", scene.share("1"))], of: scene.payoutKey())

            let kept = try await scene.kept(line: "a")
            try expect(kept.why, is: nil, "why")
            try expect(kept.by, is: .transaction, "by")
            try expect(kept.shares, is: [scene.share("1")], "shares")
        },
        StoreCheck("the place of a line never changes once it is kept, whoever is found and whatever a person says") {
            scene in
            try await scene.keep("a", "b", "c")
            let key = scene.payoutKey()
            try await scene.store.keep(
                [scene.noMatch("a", why: "", at: .suspense), scene.noMatch("b", why: "", at: .beforeStart)], of: key)

            try await scene.store.keep(
                [scene.match("a", scene.share("1")), scene.noMatch("b", why: "", at: .clearing)], of: key)
            try await scene.store.settle("b", of: key, as: scene.word(scene.share("2")))
            try await scene.store.settle("c", of: key, as: scene.word(scene.share("2")))

            // A line that nobody had looked at lies where all lines of orders do.
            try expect(try await scene.kept().map(\.place), is: [.suspense, .beforeStart, .clearing], "places")
            let settlements = try await scene.store.settlements(of: scene.key("1"))
            try expect(settlements.map(\.place), is: [.suspense], "places of the settlements")
        },
        firstMatchStands, lostLine, namedTwice, settlementsToldByTime,
    ]

    private static let firstMatchStands = StoreCheck(
        "of two matches of a line one is kept, the first: its order may have been paid by it already"
    ) { scene in
        try await scene.restingOrders("1", "2")
        try await scene.keep("a")
        try await scene.store.keep([scene.match("a", scene.share("1"))], of: scene.payoutKey())
        let before = try await scene.kept()

        // A worker that was suspended had found less, or something else.
        try await scene.store.keep([scene.noMatch("a", why: "of no order")], of: scene.payoutKey())
        try await scene.store.keep([scene.match("a", scene.share("2"), by: .orderNumber)], of: scene.payoutKey())

        try expect(try await scene.kept(), is: before, "line")
        try expect(try await scene.store.settlements(of: scene.key("2")), is: [], "settlements of the second order")
        try expect(try await scene.due(scene.key("1"), scene.key("2")), is: [true, false], "due")
    }

    private static let lostLine = StoreCheck(
        "what is said of a line that the payout has not is refused, with all that came with it"
    ) { scene in
        try await scene.record(scene.payoutSnapshot(scene.head("1")))
        for claim in try await scene.claim(.payouts) { try await scene.end(claim) }
        try await scene.restingOrders("1")
        try await scene.keep("a", of: "1")
        try await scene.keep("b", of: "2")

        // Another payout's line is as strange to it as one that never was.
        for line in ["b", "never was"] {
            try await scene.refused("a match of \(line)") {
                try await scene.store.keep(
                    [scene.match("a", scene.share("1")), scene.match(line, scene.share("1"))],
                    of: scene.payoutKey("1"))
            }
            try await scene.refused("a word about \(line)") {
                try await scene.store.settle(line, of: scene.payoutKey("1"), as: scene.word(scene.share("1")))
            }
        }

        try expect(try await scene.kept(line: "a", of: scene.payoutKey("1")).shares, is: [], "shares")
        try expect(try await scene.store.settlements(of: scene.key("1")), is: [], "settlements")
        try expect(try await scene.due(scene.key("1"), scene.payoutKey("1")), is: [false, false], "due")
    }

    private static let namedTwice = StoreCheck(
        "an order that a line names twice is refused: a part of the line would be lost"
    ) { scene in
        try await scene.keep("a")
        let (first, second) = (scene.share("1", "50.00"), scene.share("1", "49.00"))

        try await scene.refused("a match that names an order twice") {
            try await scene.store.keep([scene.match("a", first, second)], of: scene.payoutKey())
        }
        try await scene.refused("a word that names an order twice") {
            try await scene.store.settle("a", of: scene.payoutKey(), as: scene.word(first, second))
        }

        let kept = try await scene.kept(line: "a")
        try expect(kept.shares == [] && kept.place == nil && !kept.isSettled, "something of it was kept")
    }

    private static let settlementsToldByTime = StoreCheck(
        "an order's lines are told by time, over all payouts, with the day of arrival and both amounts"
    ) { scene in
        try await scene.keep("late", of: "1")
        var back = scene.line("early", "-44.00", fee: "0.00", .refund, at: "2026-11-19T10:00:00Z")
        back.original = Sample.money("-4.00", Sample.currency("EUR"))
        try await scene.store.keep(
            PayoutPart(
                payout: scene.payoutKey("2"), head: scene.head("2", arrives: "2026-11-26"), lines: [back],
                report: .own([]), isLast: true))
        try await scene.store.keep([scene.match("late", scene.share("1"))], of: scene.payoutKey("1"))
        let share = LineMatch.Share(order: scene.key("1"), paid: back.paid, settled: back.amount)
        try await scene.store.keep([scene.match("early", share, at: .suspense)], of: scene.payoutKey("2"))
        try await scene.restingOrders("1")
        try await scene.restingOrders("1", in: "alpine")

        let settlements = try await scene.store.settlements(of: scene.key("1"))

        func settlement(
            _ payout: String, _ line: PayoutLine, _ place: PayoutPlace, _ arrives: String
        ) -> Settlement {
            Settlement(
                payout: scene.payoutKey(payout).id, provider: StoreScene.provider, line: line.id, kind: line.kind,
                paid: line.paid, settled: line.amount, at: line.at, place: place, arrivesOn: Sample.day(arrives))
        }
        try expect(
            settlements,
            is: [
                settlement("2", back, .suspense, "2026-11-26"),
                settlement("1", scene.line("late"), .clearing, "2026-11-24"),
            ], "settlements")
        let elsewhere = try await scene.store.settlements(of: scene.key("1", in: "alpine"))
        try expect(elsewhere, is: [], "settlements of another integration's order")
    }
}
