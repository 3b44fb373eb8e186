import Domain
import Engine

/// The reports that payouts came in: what an accountant keeps.
extension StoreCheck {
    static let payoutReports = [
        StoreCheck("a payout's own report comes back piece by piece, byte for byte, and then nothing") { scene in
            let pieces: [[UInt8]] = [
                [0x22, 0, 0x22, 0], Array("å 🧾 e\u{301}\r\n".utf8), [0xFF, 0xC0, 0x80, 0xED], [], [7],
            ]
            for (index, piece) in pieces.enumerated() {
                try await scene.store.keep(
                    scene.part([scene.line("txn_\(index)")], report: .own(piece), isLast: index == pieces.count - 1))
            }

            let other = try await scene.process("second")
            try expect(try await other.reportPieces(), is: pieces, "pieces")
            let before = try await other.store.report(of: other.payoutKey(), piece: 0)
            try expect(before, is: nil, "the piece before the first")
            let unknown = try await other.store.report(of: other.payoutKey("9"), piece: 1)
            try expect(unknown, is: nil, "the report of a payout that is not there")
        },
        StoreCheck("payouts of one report answer it each, and a piece that is there stays as it is") { scene in
            let (store, integration) = (scene.store, StoreScene.integration)
            let pieces: [[UInt8]] = [Array("id;net\n".utf8), [0xFF, 0]]
            for (index, piece) in pieces.enumerated() {
                try await store.keepReport("file-1", integration: integration, piece: index + 1, piece)
            }
            try await store.keepReport("file-2", integration: integration, piece: 1, [2])
            try await store.keepReport("file-1", integration: "alpine", piece: 1, [3])
            for id in ["1", "2"] {
                try await store.keep(scene.part([scene.line("of \(id)")], of: id, report: .shared("file-1")))
            }

            try await store.keepReport("file-1", integration: integration, piece: 1, [9])

            for id in ["1", "2"] {
                try expect(try await scene.reportPieces(scene.payoutKey(id)), is: pieces, "report of payout \(id)")
            }
        },
        StoreCheck("a payout that another report completes is answered with that one, and then stays with it") {
            scene in
            let (store, integration) = (scene.store, StoreScene.integration)
            for (id, byte) in [("refused", 1), ("mended", 2), ("again", 3)] as [(String, UInt8)] {
                try await store.keepReport(id, integration: integration, piece: 1, [byte])
            }
            let lines = [scene.line("a"), scene.line("b")]
            // A file of which only the beginning was taken.
            try await store.keep(scene.part([lines[0]], report: .shared("refused"), isLast: false))

            try await store.keep(scene.part(lines, report: .shared("mended")))
            try await store.keep(scene.part(lines, report: .shared("again")))

            try expect(try await scene.reportPieces(), is: [[2]], "report")
        },
        StoreCheck("after a crash payouts are there with their lines, what became of these, and reports") { scene in
            try await scene.restingOrders("1", "2")
            try await scene.record(scene.payoutSnapshot(scene.head()))
            try await scene.keep("a", "b", "c")
            try await scene.store.keep(
                [scene.match("a", scene.share("1")), scene.noMatch("b", why: "of no order", at: .suspense)],
                of: scene.payoutKey())
            try await scene.store.settle("c", of: scene.payoutKey(), as: scene.word(scene.share("2")))
            let (lines, contents) = (try await scene.kept(), try await scene.store.contents(of: scene.payoutKey()))
            let settlements = try await scene.store.settlements(of: scene.key("2"))

            let next = try await scene.afterACrash()

            try expect(try await next.kept(), is: lines, "lines")
            try expect(try await next.store.contents(of: next.payoutKey()), is: contents, "contents")
            try expect(try await next.store.settlements(of: next.key("2")), is: settlements, "settlements")
            try expect(try await next.reportPieces(), is: [Array("report".utf8)], "report")
            try expect(
                try await next.due(next.key("1"), next.key("2"), next.payoutKey()), is: [true, true, true], "due")
        },
    ]
}
