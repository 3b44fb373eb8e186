import Domain
import Engine

/// Taking in what payouts are made up of.
extension StoreCheck {
    static let payoutLines = [
        StoreCheck("a payout's lines come back as they were reported, in their order") { scene in
            var foreign = scene.line("txn_2 🧾", "-105.50", fee: "0.00", .refund)
            foreign.original = Sample.money("-9.99", Sample.currency("EUR"))
            foreign.keys = PayoutKeys(
                transactionIDs: ["re_1", "ch_1", "pi å"], orderID: "27", orderNumber: "#1027", invoiceNumber: "INV-7")
            var bare = scene.line("txn_1", "0.01", fee: "-0.02", .adjustment)
            bare.kindText = "a word of theirs"
            bare.keys = PayoutKeys()
            let others = PayoutLine.Kind.allCases.map { scene.line("txn_\($0)", "99.00", $0) }
            let lines = [foreign, bare] + others

            try await scene.store.keep(scene.part(lines))

            // By another process, which has nothing but what is stored.
            let kept = try await scene.process("second").kept()
            try expect(kept.map(\.line), is: lines, "lines")
            try expect(
                kept.allSatisfy {
                    $0.place == nil && $0.by == nil && $0.why == nil && !$0.isSettled && $0.shares == []
                },
                "a line was looked at before anybody looked")
        },
        StoreCheck("lines page in their order, none lost or doubled where pages meet, not even of one moment") {
            scene in
            // Their ids are in another order than they are.
            let lines = (1...23).map { scene.line("txn_\($0 * 7 % 23)") }
            for start in stride(from: 0, to: lines.count, by: 5) {
                try await scene.store.keep(
                    scene.part(Array(lines[start..<min(start + 5, lines.count)]), isLast: start + 5 >= lines.count))
            }
            try await scene.store.keep(
                lines.map { scene.match($0.id, scene.share("of \($0.id)")) }, of: scene.payoutKey())

            for limit in [1, 2, 5, 7, 22, 23, 24] {
                let kept = try await scene.kept(pages: limit)
                try expect(kept.map(\.line.id), is: lines.map(\.id), "lines by \(limit)")
                try expect(
                    kept.map { $0.shares.map(\.order.id) }, is: lines.map { ["of \($0.id)"] }, "orders by \(limit)")
                try expect(
                    zip(kept, kept.dropFirst()).allSatisfy { $0.position < $1.position }, "places do not grow")
            }
        },
        StoreCheck("a payout is complete once its last part is there, and stays so") { scene in
            let (key, store) = (scene.payoutKey(), scene.store)
            let parts = [[scene.line("a"), scene.line("b")], [scene.line("c")]]
            try expect(try await store.contents(of: key), is: nil, "before any part")

            try await store.keep(scene.part(parts[0], isLast: false))
            try expect(try await store.contents(of: key), is: PayoutContents(count: 2, isComplete: false), "half")
            try await store.keep(scene.part(parts[1]))
            try expect(try await store.contents(of: key), is: PayoutContents(count: 3, isComplete: true), "whole")
            // A worker that began earlier is still on its way.
            try await store.keep(scene.part(parts[0], isLast: false))
            try expect(try await store.contents(of: key), is: PayoutContents(count: 3, isComplete: true), "afterwards")
        },
        StoreCheck("a payout may be complete without any line") { scene in
            for _ in 1...2 { try await scene.store.keep(scene.part([], report: .own([1]))) }

            let contents = try await scene.store.contents(of: scene.payoutKey())
            try expect(contents, is: PayoutContents(count: 0, isComplete: true), "contents")
            try expect(try await scene.reportPieces(), is: [[1]], "report")
        },
        StoreCheck("the same part twice changes nothing, neither places nor matches nor what a person said") { scene in
            let part = scene.part([scene.line("a"), scene.line("b"), scene.line("c")])
            try await scene.store.keep(part)
            try await scene.store.keep(
                [
                    scene.match("a", scene.share("1"), at: .suspense),
                    scene.noMatch("b", why: "of no order", at: .beforeStart),
                ], of: scene.payoutKey())
            try await scene.store.settle("c", of: scene.payoutKey(), as: scene.word())
            let (before, contents) = (try await scene.kept(), try await scene.store.contents(of: scene.payoutKey()))

            try await scene.store.keep(part)

            try expect(try await scene.kept(), is: before, "lines")
            try expect(try await scene.store.contents(of: scene.payoutKey()), is: contents, "contents")
            try expect(try await scene.reportPieces().count, is: 1, "pieces of the report")
        },
        StoreCheck("a payout that is taken in from its beginning again after a crash is whole, nothing of it twice") {
            scene in
            // A provider's first page may have no line that counts.
            let pages = [[]] + (1..<4).map { page in (0..<3).map { (page, $0) } }
            func keep(_ page: Int, of id: String, _ scene: StoreScene) async throws {
                let lines = pages[page].map { scene.line("txn_\($0)\($1) of \(id)") }
                try await scene.store.keep(
                    scene.part(lines, of: id, report: .own([UInt8(page)]), isLast: page == pages.count - 1))
            }
            for begun in pages.indices {
                for page in 0...begun { try await keep(page, of: "\(begun)", scene) }
            }

            let next = try await scene.afterACrash()
            for id in pages.indices.map(String.init) {
                for page in pages.indices { try await keep(page, of: id, next) }

                let key = next.payoutKey(id)
                let lines = pages.joined().map { "txn_\($0)\($1) of \(id)" }
                try expect(try await next.kept(key).map(\.line.id), is: lines, "lines of \(id)")
                let contents = try await next.store.contents(of: key)
                try expect(contents, is: PayoutContents(count: 9, isComplete: true), "contents of \(id)")
                try expect(try await next.reportPieces(key), is: [[0], [1], [2], [3]], "report of \(id)")
            }
        },
        net, verified, otherAmounts, oncePerMovement, completeIsWhole, drawers, known, together, cancelled,
    ]

    private static let net = StoreCheck(
        "what a payout's lines come to is told, unless there are none or of several currencies"
    ) { scene in
        let (key, store) = (scene.payoutKey(), scene.store)
        try expect(try await store.net(of: key), is: nil, "net before any part")
        try await store.keep(scene.part([], isLast: false))
        try expect(try await store.net(of: key), is: nil, "net of no line")

        try await store.keep(
            scene.part(
                [
                    scene.line("a"), scene.line("b", "-50.00", fee: "-1.00", .refund),
                    scene.line("c", "-0.99", fee: "0.00", .fee),
                ],
                isLast: false))
        try await store.keep(scene.part([scene.line("d", "1000.00")], of: "2"))
        try expect(try await store.net(of: key), is: Sample.money("46.11"), "net")

        var foreign = scene.line("e")
        let euro = Sample.currency("EUR")
        (foreign.amount, foreign.fee) = (Sample.money("1.00", euro), Sample.money("0.00", euro))
        try await store.keep(scene.part([foreign]))
        try expect(try await store.net(of: key), is: nil, "net of several currencies")
    }

    private static let verified = StoreCheck(
        "whether a part could be kept is told as keeping it would, and nothing is kept"
    ) { scene in
        let (key, store) = (scene.payoutKey(), scene.store)
        try await store.verify(scene.part([scene.line("a")]))
        try expect(try await store.contents(of: key), is: nil, "contents of what was only looked at")
        try expect(try await scene.reportPieces(), is: [], "report of what was only looked at")
        try await scene.keep("a", "b")
        try await store.keep(scene.part([scene.line("c")], of: "2", isLast: false))
        let before = try await scene.kept()

        try await store.verify(scene.part([scene.line("b"), scene.line("a")]))
        try await store.verify(scene.part([scene.line("d"), scene.line("c")], of: "2"))
        let bad = [
            ("another amount", scene.line("a", "99.01")), ("another fee", scene.line("a", fee: "2.91")),
            ("another payout's movement", scene.line("c")), ("a line more than all", scene.line("e")),
        ]
        for (what, line) in bad {
            try await scene.refused(what) { try await store.verify(scene.part([scene.line("b"), line])) }
        }

        try expect(try await scene.kept(), is: before, "lines")
        try expect(try await scene.kept(scene.payoutKey("2")).map(\.line.id), is: ["c"], "lines of the other")
    }

    private static let otherAmounts = StoreCheck(
        "a line that has another amount, fee or currency than before is refused, with all of its part"
    ) { scene in
        let known = scene.line("known")
        try await scene.store.keep(scene.part([known], isLast: false))
        var (amount, fee, currency) = (known, known, known)
        amount.amount = Sample.money("99.01")
        fee.fee = Sample.money("2.91")
        (currency.amount, currency.fee) = (
            Sample.money("99.00", Sample.currency("EUR")), Sample.money("2.90", Sample.currency("EUR"))
        )

        for (index, other) in [amount, fee, currency].enumerated() {
            try await scene.refused("what contradicts it (\(index))") {
                try await scene.store.keep(scene.part([scene.line("new"), other, scene.line("later")]))
            }
            try expect(try await scene.kept().map(\.line), is: [known], "lines")
            let contents = try await scene.store.contents(of: scene.payoutKey())
            try expect(contents, is: PayoutContents(count: 1, isComplete: false), "contents")
            try expect(try await scene.reportPieces().count, is: 1, "pieces of the report")
        }
    }

    private static let oncePerMovement = StoreCheck(
        "a movement is in one payout only: a second that claims it is refused whole, and the first keeps it"
    ) { scene in
        try await scene.keep("a", "b", of: "1")
        let match = scene.match("b", scene.share("1"))
        try await scene.store.keep([match], of: scene.payoutKey("1"))
        let before = try await scene.kept(scene.payoutKey("1"))

        try await scene.refused("the movement of another payout") {
            try await scene.store.keep(scene.part([scene.line("c"), scene.line("b")], of: "2"))
        }

        try expect(try await scene.kept(scene.payoutKey("1")), is: before, "lines of the first")
        try expect(try await scene.kept(scene.payoutKey("2")), is: [], "lines of the second")
        try expect(try await scene.store.contents(of: scene.payoutKey("2")), is: nil, "contents of the second")
        try expect(try await scene.reportPieces(scene.payoutKey("2")), is: [], "report of the second")
        // What was refused with it may come by itself.
        try await scene.keep("c", of: "2")
        try expect(try await scene.kept(scene.payoutKey("2")).map(\.line.id), is: ["c"], "lines afterwards")
    }

    private static let completeIsWhole = StoreCheck("a complete payout takes no more lines, and says so") { scene in
        try await scene.keep("a", "b")

        try await scene.refused("a line more than all") {
            try await scene.store.keep(scene.part([scene.line("a"), scene.line("c")]))
        }

        try expect(try await scene.kept().map(\.line.id), is: ["a", "b"], "lines")
    }

    private static let drawers = StoreCheck(
        "equal ids of payouts and lines are others with another provider, and in another integration"
    ) { scene in
        let drawers = [
            (StoreScene.provider, StoreScene.integration), ("card", StoreScene.integration),
            (StoreScene.provider, "alpine"),
        ]
        for (index, (provider, integration)) in drawers.enumerated() {
            let line = scene.line("a", "\(index + 1).00")
            try await scene.store.keep(
                scene.part([line], from: provider, in: integration, report: .own([UInt8(index)])))
            let key = scene.payoutKey(of: provider, in: integration)
            try await scene.store.keep([scene.match("a", scene.share("\(index)"))], of: key)
        }

        for (index, (provider, integration)) in drawers.enumerated() {
            let key = scene.payoutKey(of: provider, in: integration)
            let kept = try await scene.kept(key)
            try expect(kept.map(\.line.amount), is: [Sample.money("\(index + 1).00")], "amounts of \(key)")
            try expect(kept.map { $0.shares.map(\.order.id) }, is: [["\(index)"]], "orders of \(key)")
            try expect(try await scene.reportPieces(key), is: [[UInt8(index)]], "report of \(key)")
            let settlements = try await scene.store.settlements(of: scene.key("\(index)"))
            try expect(settlements.map(\.provider), is: [provider], "settlements of order \(index)")
        }
    }

    private static let known = StoreCheck(
        "which movements are known is told over all payouts of a provider, and of no other"
    ) { scene in
        try await scene.keep("a", "b", of: "1")
        try await scene.store.keep(scene.part([scene.line("c")], of: "2", isLast: false))
        let ids = ["a", "c", "x", "a"]

        func known(_ provider: String, _ integration: String) async throws -> Set<String> {
            try await scene.store.knownLines(ids, provider: provider, integration: integration)
        }
        try expect(try await known(StoreScene.provider, StoreScene.integration), is: ["a", "c"], "known")
        try expect(try await known("card", StoreScene.integration), is: [], "known of another provider")
        try expect(try await known(StoreScene.provider, "alpine"), is: [], "known in another integration")
        let none = try await scene.store.knownLines([], provider: StoreScene.provider, integration: "nordic")
        try expect(none, is: [], "known of none")
    }

    private static let together = StoreCheck(
        "processes that take in a payout at the same time keep each of its lines once"
    ) { scene in
        let other = try await scene.process("second")
        let parts = (0..<10).map { page in (0..<8).map { scene.line("txn_\(page)_\($0)") } }

        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 1...4 {
                group.addTask {
                    let mine = worker.isMultiple(of: 2) ? scene : other
                    for part in parts { try await mine.store.keep(mine.part(part, isLast: false)) }
                }
            }
            try await group.waitForAll()
        }
        try await scene.store.keep(scene.part([]))

        let lines = parts.flatMap(\.self)
        let kept = try await scene.kept()
        try expect(kept.count, is: lines.count, "lines")
        try expect(Set(kept.map(\.line)), is: Set(lines), "different lines")
        let contents = try await scene.store.contents(of: scene.payoutKey())
        try expect(contents, is: PayoutContents(count: lines.count, isComplete: true), "contents")
    }

    private static let cancelled = StoreCheck("a caller that is cancelled does not take back lines and matches") {
        scene in
        let caller = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await scene.keep("a")
            try await scene.store.keep([scene.match("a", scene.share("1"))], of: scene.payoutKey())
        }

        try await caller.value

        try expect(try await scene.kept().map { $0.shares.map(\.order.id) }, is: [["1"]], "orders of the lines")
    }
}
