import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// Settlement files from their bytes to the books: each movement once, a file whole or not at all.
@Suite struct SettlementImportTests {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    // MARK: Once

    @Test func theSameFileTwiceIsBookedOnceAndIsKnownTheSecondTime() async throws {
        let world = try World.ofFiles()
        world.shop.put(Sample.order("1"))
        let file = SettlementText([.sale("1"), .paidOut("96.10")])
        let process = try await world.process()
        let first = try await world.take(file.bytes, process)
        #expect(first.told == ["A7: 96.10 SEK"])
        try await world.settle(process)
        expectPaidOut(world)
        let writes = world.erp.writeCalls

        let second = try await world.take(file.bytes, process)
        #expect(second.told == ["A7: 96.10 SEK, known"])
        #expect(second.problems.isEmpty && second.lines == 1)
        try await world.settle(process)
        expectPaidOut(world)
        #expect(world.erp.writeCalls == writes)
        #expect(try await report(ofPayout: "A7", process) == file.bytes)
    }

    private func expectPaidOut(_ world: World, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(world.erp.documents(.payment).count == 1, "payments", sourceLocation: sourceLocation)
        #expect(world.erp.documents(.journalEntry).count == 1, "entries", sourceLocation: sourceLocation)
        #expect(world.erp.documents(.invoice).allSatisfy { $0.state == .paid }, sourceLocation: sourceLocation)
        #expect(world.erp.balance("1580") == 0, "clearing", sourceLocation: sourceLocation)
        #expect(world.erp.balance("1930") == 9610, "bank", sourceLocation: sourceLocation)
        #expect(world.erp.balance("6570") == 290, "fees", sourceLocation: sourceLocation)
    }

    private func report(ofPayout id: String, _ process: Integration) async throws -> [UInt8] {
        let entity = try #require(try await PayoutReader(process).payout(id))
        var bytes: [UInt8] = []
        var piece = 1
        while let next = try await process.store.report(of: entity.key, piece: piece) {
            bytes += next
            piece += 1
        }
        return bytes
    }

    /// A spreadsheet that saved the file once more changes its bytes and nothing that it says.
    @Test(arguments: SettlementKind.allCases)
    func theSameRowsWrittenOtherwiseAreBookedOnce(kind: SettlementKind) async throws {
        let world = try World.ofFiles()
        var rows = [SettlementRow.sale("1"), .correction("txn_c", "-5.00"), .correction("txn_d", "-5.00")]
        if !kind.isActivity { rows.append(.paidOut("86.10")) }
        let file = SettlementText(rows)
        let process = try await world.process()
        #expect(try await world.take(file.bytes, process, kind).payouts.map(\.isKnown) == [false])
        try await world.settle(process)
        let others: [(name: String, bytes: [UInt8], encoding: CSVParser.Encoding)] = [
            ("a mark of the encoding", Self.mark + file.bytes, .utf8),
            ("other line ends", Array(file.written(end: "\r\n").utf8), .utf8),
            ("quotes", Array(file.written(quoted: true).utf8), .utf8),
            ("no last line end", file.bytes.dropLast(), .utf8),
            ("columns moved and added", file.turned.bytes, .utf8),
            ("another encoding", file.latin1, .latin1),
        ]
        for (name, bytes, encoding) in others {
            let again = try await world.take(bytes, process, kind, encoding: encoding)
            // A file that names no payout is known by its bytes, and by its rows only as those of another.
            if kind == .wholeFile {
                #expect(again.codes == [.payoutChanged], "\(name): \(again.problems)")
            } else {
                #expect(again.problems.isEmpty, "\(name): \(again.problems)")
                #expect(again.payouts.map(\.isKnown) == [true], "\(name): \(again.told)")
            }
            try await world.settle(process)
        }
        #expect(try await world.movements(process).count == 3)
        #expect(world.erp.documents(.journalEntry).count == 1)
        #expect(world.erp.balance("3999") == 1000)
        #expect(world.erp.balance("1930") == (kind.isActivity ? 0 : 8610))
    }

    // MARK: Bad rows

    @Test(arguments: [
        ("Belopp", "12.5x", "line 3, column Belopp: \"12.5x\" is not an amount"),
        ("Netto", "96.11", "line 3, column Netto: an amount of 99.00 less a fee of 2.90 is not a net of 96.11"),
        ("Tid", "20/11/2026", "line 3, column Tid: \"20/11/2026\" is not a date"),
        ("Valuta", "KRONOR", "line 3, column Valuta: \"KRONOR\" is not a currency code"),
    ])
    func aBadRowIsToldWithItsPlaceAndNothingOfTheFileIsTakenUntilItIsMended(
        column: String, text: String, told: String
    ) async throws {
        let world = try World.ofFiles()
        // The other payout of the file is whole; a file is taken whole or not at all.
        let file = SettlementText([.sale("1"), .sale("2", payout: "B8"), .sale("3", payout: "B8")])
        let process = try await world.process()
        let refused = try await world.take(file.with(column, of: 2, text).bytes, process)
        #expect(refused.text.contains(told), "\(refused.text)")
        #expect(refused.codes.allSatisfy { $0 == .settlementFileUnreadable })
        #expect(refused.payouts.isEmpty)
        try await expectNothing(world, process)

        let mended = try await world.take(file.bytes, process)
        #expect(mended.told == ["A7: 96.10 SEK", "B8: 192.20 SEK"])
        try await world.settle(process)
        #expect(world.erp.balance("1930") == 28830)
        #expect(world.erp.documents(.journalEntry).count == 2)
    }

    private func expectNothing(
        _ world: World, _ process: Integration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await world.settle(process)
        let payouts = try await process.store.payouts(integration: "test", after: "", limit: 10)
        #expect(payouts.isEmpty, sourceLocation: sourceLocation)
        for id in ["A7", "B8"] {
            let contents = try await process.store.contents(of: process.payoutKey("pays-\(id)"))
            #expect(contents == nil, "\(id)", sourceLocation: sourceLocation)
        }
        #expect(world.erp.writeCalls == 0, sourceLocation: sourceLocation)
    }

    @Test func everyBadRowIsToldAtOnceAndAFileOfNothingElseSaysNoMoreThanAHundred() async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        let rows = (1...150).map { SettlementRow.correction("txn_\($0)", "1.00") }
        var file = SettlementText(rows)
        for row in [2, 77] { file = file.with("Belopp", of: row, "1.0x") }
        let two = try await world.take(file.bytes, process)
        #expect(two.problems.count == 2, "\(two.text)")
        #expect(two.text.contains("line 3, ") && two.text.contains("line 78, "), "\(two.text)")
        for row in 1...150 { file = file.with("Belopp", of: row, "1.0x") }
        #expect(try await world.take(file.bytes, process).problems.count == 100)
    }

    // MARK: What is no settlement file

    @Test(arguments: [
        ("", "the file is empty; export it again"),
        (SettlementText([]).text, "the file has a header and no rows"),
        ("Bokföringsdag;Text;Belopp\n2026-11-20;Kaffe;45,00\n", "line 1: the header lacks "),
        ("{\"payouts\": []}", "line 1: the header lacks "),
        (SettlementText([.sale("1")]).text + "txn_2,Köp,\"2026", "a quote is opened and never closed"),
    ])
    func whatIsEmptyCutOffOrOfAnUnknownLayoutIsToldAndNothingIsTaken(text: String, told: String) async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        let report = try await world.take(Array(text.utf8), process)
        #expect(report.codes == [.settlementFileUnreadable])
        #expect(report.text.contains(told), "\(report.text)")
        try await expectNothing(world, process)
    }

    @Test func aFileWhoseSumsDoNotAddUpIsToldWithBothSumsAndNothingIsTaken() async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        let rows = [
            SettlementRow.sale("1"), .sale("2", payout: "B8"), .paidOut("96.11", payout: "B8"), .paidOut("96.10"),
        ]
        let report = try await world.take(SettlementText(rows).bytes, process)
        #expect(report.codes == [.payoutDoesNotAddUp])
        #expect(report.text.contains("payout B8 is of 96.11 SEK"), "\(report.text)")
        #expect(report.text.contains("96.10 SEK"), "\(report.text)")
        try await expectNothing(world, process)
    }

    /// The second row of an id would be taken for the first one's, and its money lost.
    @Test(arguments: [SettlementKind.withIDs, .activity], ["10.00", "20.00"])
    func anIdThatStandsInAFileTwiceIsToldWithItsLineAndNothingIsTaken(
        kind: SettlementKind, amount: String
    ) async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        let rows = [SettlementRow.correction("txn_1", "10.00"), .correction("txn_2", "5.00")]
        let twice = SettlementText(rows + [.correction("txn_1", amount)])
        let refused = try await world.take(twice.bytes, process, kind)
        #expect(refused.codes == [.settlementFileUnreadable], "\(refused.told)")
        #expect(refused.text.contains("line 4: id \"txn_1\" stands in the file twice"), "\(refused.text)")
        try await expectNothing(world, process)

        let mended = SettlementText(rows + [.correction("txn_3", amount)])
        #expect(try await world.take(mended.bytes, process, kind).problems.isEmpty)
        try await world.settle(process)
        #expect(world.erp.balance("3999") == -(1500 + Sample.money(amount).minorUnits))
    }

    @Test func aFileThatGrowsWhileItIsReadIsNotTaken() async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        let (half, whole) = (SettlementText([.sale("1")]), SettlementText([.sale("1"), .sale("2")]))
        var looks = 0
        let refused = try await SettlementImport(process, SettlementKind.withIDs.layout(), provider: "pays").run {
            looks += 1
            // It was half when it was checked.
            return World.reading(looks <= 2 ? half.bytes : whole.bytes)
        }
        #expect(refused.payouts.isEmpty, "\(refused.told)")
        #expect(refused.codes == [.settlementFileUnreadable], "\(refused.problems)")
        try await world.settle(process)
        #expect(world.erp.writeCalls == 0)

        #expect(try await world.take(whole.bytes, process).told == ["A7: 192.20 SEK"])
        try await world.settle(process)
        #expect(world.erp.balance("1930") == 19220)
        #expect(try await report(ofPayout: "A7", process) == whole.bytes)
    }

    // MARK: Exports of a balance that overlap

    /// Four days of movements, several of them alike.
    private func month(_ seed: UInt64, _ ids: Bool) -> [[SettlementRow]] {
        var random = SeededGenerator(seed: seed)
        return (16...19).map { day in
            (0..<Int.random(in: 1...5, using: &random)).map { number in
                var row = SettlementRow.correction(
                    ids ? "m\(day)-\(number)" : "", "\(Int.random(in: 1...3, using: &random)).00")
                row.at = "2026-11-\(day)T1\(Int.random(in: 0...1, using: &random)):00:00Z"
                return row
            }
        }
    }

    @Test(arguments: [SettlementKind.activity, .activityWithoutIDs], UInt64(1)...4)
    func twoActivityFilesThatOverlapInDaysTakeEachMovementOnce(kind: SettlementKind, seed: UInt64) async throws {
        let days = month(seed, kind == .activity)
        let all = days.flatMap(\.self)
        var random = SeededGenerator(seed: seed &+ 100)
        // The third day was not over when the first file was made.
        let soon = days[2].prefix(Int.random(in: 0...days[2].count, using: &random))
        let files = [days[0] + days[1] + soon, days[1] + days[2] + days[3], all].map { SettlementText($0) }
        let world = try World.ofFiles()
        let process = try await world.process()
        for file in files {
            let report = try await world.take(file.bytes, process, kind)
            #expect(report.problems.isEmpty, "seed \(seed): \(report.problems)")
            try await world.settle(process)
        }
        let kept = try await world.movements(process)
        #expect(kept.count == all.count, "seed \(seed)")
        #expect(Set(kept.map(\.line.id)).count == all.count, "seed \(seed)")
        let sum = all.map { Sample.money($0.amount) }.sum(Sample.sek)
        #expect(kept.map(\.line.amount).sum(Sample.sek) == sum, "seed \(seed)")
        #expect(world.erp.balance("3999") == -sum.minorUnits, "seed \(seed)")
        #expect(world.erp.balance("1580") == sum.minorUnits, "seed \(seed)")
        let payouts = try await process.store.payouts(integration: "test", after: "", limit: 100)
        #expect(payouts.allSatisfy { $0.standing.state == .completed }, "seed \(seed): \(payouts.map(\.standing))")
        // A day that had more in the second file is two records, and every other day one.
        let parts = soon.isEmpty || soon.count == days[2].count ? 4 : 5
        #expect(payouts.count == parts && world.erp.documents(.journalEntry).count == parts, "seed \(seed)")
    }

    @Test func aDayThatIsKnownAlreadyIsToldByTheRecordThatIsThere() async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        let file = SettlementText([.correction("m1", "5.00"), .correction("m2", "7.00")])
        #expect(try await world.take(file.bytes, process, .activity).told == ["2026-11-20-SEK: 12.00 SEK"])
        let again = try await world.take(file.bytes, process, .activity)
        #expect(again.told == ["2026-11-20-SEK: 12.00 SEK, known"])
        for entry in again.payouts { #expect(try await PayoutReader(process).payout(entry.payout.id) != nil) }
    }

    // MARK: Contradictions

    /// The second file says something else of a movement or of a payout that is kept.
    @Test(arguments: Contradiction.allCases)
    func aFileThatContradictsWhatIsKeptIsToldAndLosesNothing(contradiction: Contradiction) async throws {
        let world = try World.ofFiles()
        world.shop.put(Sample.order("1"))
        let process = try await world.process()
        let kept = [SettlementRow.sale("1"), .correction("txn_c", "-5.00")]
        _ = try await world.take(SettlementText(kept).bytes, process)
        try await world.settle(process)
        let (movements, writes) = (try await world.movements(process).map(\.line), world.erp.writeCalls)

        // What is new in the file is not taken either: a person has to see the whole of it.
        let new = SettlementRow.correction("txn_n", "20.00", payout: "B8")
        // Where one payout of a file has its row, the others need theirs.
        let more = contradiction == .oneLess ? [new, .paidOut("20.00", payout: "B8")] : [new]
        let refused = try await world.take(SettlementText(contradiction.rows(kept) + more).bytes, process)
        #expect(refused.payouts.isEmpty, "\(refused.told)")
        #expect(refused.codes == [.payoutChanged], "\(refused.problems)")
        #expect(refused.text.contains(contradiction.named), "\(refused.text)")
        try await world.settle(process)
        #expect(try await world.movements(process).map(\.line) == movements)
        #expect(world.erp.writeCalls == writes)
        #expect(try await world.standing(ofPayout: "A7", process)?.state == .completed)

        let mended = try await world.take(SettlementText(kept + [new]).bytes, process)
        #expect(mended.told == ["A7: 91.10 SEK, known", "B8: 20.00 SEK"])
        try await world.settle(process)
        #expect(world.erp.balance("1930") == 9110 + 2000)
        #expect(world.erp.documents(.journalEntry).count == 2)
    }

    enum Contradiction: String, CaseIterable {
        case otherAmount, otherFee, otherPayout, oneMore, oneLess

        func rows(_ kept: [SettlementRow]) -> [SettlementRow] {
            var rows = kept
            switch self {
            case .otherAmount: rows[0].amount = "98.00"
            case .otherFee: rows[0].fee = "3.90"
            case .otherPayout: rows[0].payout = "C9"
            case .oneMore: rows.append(.correction("txn_d", "-1.00"))
            case .oneLess: rows = [rows[0], .paidOut("96.10")]
            }
            return rows
        }

        /// What a person needs, to find it.
        var named: String {
            switch self {
            case .otherAmount, .otherFee: "line txn_1 of payout A7"
            case .otherPayout: "line txn_1 of payout C9"
            case .oneMore: "payout A7 is complete"
            case .oneLess: "payout A7 is of 91.10 SEK, the rows of the file come to 96.10 SEK"
            }
        }
    }

    /// A file that was refused or not finished may have been wrong in everything it said.
    @Test(arguments: [SettlementKind.withIDs, .withoutIDs])
    func whatWasLeftOfARefusedFileDoesNotStandInTheWayOfTheRightOne(kind: SettlementKind) async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        _ = try await world.take(SettlementText([.correction("txn_1", "5.00")]).bytes, process, kind)
        let news = (1...6).map { SettlementRow.correction("txn_n\($0)", "10.00", payout: "B\($0)") }
        let wrong = SettlementText([.correction("txn_1", "6.00")] + news)
        #expect(try await world.take(wrong.bytes, process, kind).codes == [.payoutChanged])

        var right = news
        for index in right.indices { right[index].amount = "20.00" }
        let report = try await world.take(SettlementText(right).bytes, process, kind)
        #expect(report.problems.isEmpty, "\(report.text)")
        #expect(report.told == (1...6).map { "B\($0): 20.00 SEK" })
        try await world.settle(process)
        #expect(world.erp.balance("1930") == 500 + 6 * 2000)
        let payouts = try await process.store.payouts(integration: "test", after: "", limit: 100)
        #expect(payouts.allSatisfy { $0.standing.state == .completed }, "\(payouts.map(\.standing))")
    }

    @Test func aMovementOfABalanceThatSaysSomethingElseThanBeforeIsToldAndNotLost() async throws {
        let world = try World.ofFiles()
        let process = try await world.process()
        let rows = [SettlementRow.correction("m1", "5.00"), .correction("m2", "7.00")]
        _ = try await world.take(SettlementText(rows).bytes, process, .activity)
        var other = rows + [.correction("m3", "9.00")]
        other[1].amount = "70.00"
        let refused = try await world.take(SettlementText(other).bytes, process, .activity)
        #expect(refused.codes == [.payoutChanged], "\(refused.told)")
        #expect(refused.text.contains("line m2 "), "\(refused.text)")
        try await world.settle(process)
        #expect(world.erp.balance("3999") == -1200)

        let mended = SettlementText(rows + [.correction("m3", "9.00")])
        #expect(try await world.take(mended.bytes, process, .activity).told == ["2026-11-20-SEK-2: 9.00 SEK"])
        try await world.settle(process)
        #expect(world.erp.balance("3999") == -2100)
    }

    // MARK: Crashes

    private static let crashed = [
        SettlementRow.correction("txn_1", "10.00"), .correction("txn_2", "20.00"),
        .correction("txn_3", "30.00", payout: "B8"),
    ]

    @Test(arguments: [SettlementKind.withIDs, .activityWithoutIDs])
    func aCrashAtAnyCallOfTheStoreLeavesAllOrNothingAndTheNextRunCompletes(kind: SettlementKind) async throws {
        var rows = Self.crashed
        rows[2].at = "2026-11-21T10:00:00Z"
        let file = SettlementText(rows)
        let rehearsal = CrashPoint()
        let unharmed = try World.ofFiles()
        _ = try await unharmed.take(file.bytes, try await unharmed.process(crash: rehearsal), kind, pieces: .max)
        let boundaries = rehearsal.passed
        for call in ["keepReport", "keep part", "record"] { #expect(boundaries.contains { $0.hasSuffix(call) }) }

        for (number, boundary) in boundaries.enumerated() {
            let world = try World.ofFiles()
            let crash = CrashPoint(at: number)
            let dying = try await world.process(crash: crash)
            await #expect(throws: CrashPoint.Died.self, "\(number) \(boundary)") {
                try await world.take(file.bytes, dying, kind, pieces: .max)
            }
            let restarted = try await world.process()
            try await world.settle(restarted)
            let there = world.erp.documents(.journalEntry).count
            #expect(there == 0 || there == 2, "\(number) \(boundary): \(there) of 2 payouts")

            let again = try await world.take(file.bytes, restarted, kind, pieces: .max)
            #expect(again.problems.isEmpty && again.payouts.count == 2, "\(number) \(boundary): \(again)")
            try await world.settle(restarted)
            try await expectBookedWhole(world, restarted, kind, "\(number) \(boundary)")
        }
    }

    private func expectBookedWhole(
        _ world: World, _ process: Integration, _ kind: SettlementKind, _ boundary: String
    ) async throws {
        #expect(world.erp.documents(.journalEntry).count == 2, "\(boundary)")
        #expect(world.erp.balance("3999") == -6000, "\(boundary)")
        #expect(world.erp.balance("1930") == (kind.isActivity ? 0 : 6000), "\(boundary)")
        #expect(try await world.movements(process).count == 3, "\(boundary)")
        let payouts = try await process.store.payouts(integration: "test", after: "", limit: 10)
        #expect(payouts.allSatisfy { $0.standing.state == .completed }, "\(boundary): \(payouts.map(\.standing))")
    }

    @Test func aCrashInTheMiddleOfALargeFileBooksNothingUntilTheFileComesAgain() async throws {
        let world = try World.ofFiles()
        // More than are kept at once, and all alike: only their number tells them apart.
        let file = SettlementText((1...2001).map { _ in .correction("", "0.01") })
        // One piece of the report, the first lines, and then the rest that never comes.
        let dying = try await world.process(crash: CrashPoint(at: 4))
        await #expect(throws: CrashPoint.Died.self) {
            try await world.take(file.bytes, dying, .withoutIDs, pieces: .max)
        }
        let process = try await world.process()
        let half = try await process.store.contents(of: process.payoutKey("pays-A7"))
        #expect(half == PayoutContents(count: 2000, isComplete: false))
        try await world.settle(process)
        #expect(world.erp.writeCalls == 0)

        #expect(try await world.take(file.bytes, process, .withoutIDs, pieces: .max).told == ["A7: 20.01 SEK"])
        try await world.settle(process)
        #expect(world.erp.balance("1930") == 2001)
        #expect(try await world.standing(ofPayout: "A7", process)?.state == .completed)
        #expect(try await report(ofPayout: "A7", process) == file.bytes)
    }

    /// The provider's key was taken out of the configuration before the lines were read: they come by file.
    @Test func aPayoutThatWaitsForItsLinesIsBookedWhenTheyComeByFileWhateverCrashed() async throws {
        let file = SettlementText([.sale("1"), .paidOut("96.10")])
        let told = Payout(
            provider: "stripe", id: "A7", net: Sample.money("96.10"), createdAt: Sample.instant("2026-11-20T10:00:00Z"),
            arrivesOn: Sample.day("2026-11-22"))
        // Once the lines are there, and nothing has made the payout due yet.
        for number in 4..<8 {
            let world = try World.ofFiles(provider: "stripe")
            world.provider.put(told, [])
            let first = try await world.process()
            _ = try await PayoutPickup(first).run()
            let alone = first.withoutProviders
            try await world.settle(alone)
            #expect(try await world.standing(ofPayout: "A7", alone)?.state == .waiting)

            let dying = try await world.process(crash: CrashPoint(at: number)).withoutProviders
            await #expect(throws: CrashPoint.Died.self) {
                try await world.take(file.bytes, dying, provider: "stripe", pieces: .max)
            }
            let restarted = try await world.process().withoutProviders
            _ = try await world.take(file.bytes, restarted, provider: "stripe", pieces: .max)
            try await world.settle(restarted)
            #expect(world.erp.balance("1930") == 9610, "boundary \(number)")
            #expect(world.erp.documents(.journalEntry).count == 1, "boundary \(number)")
        }
    }
}

extension Integration {
    fileprivate var withoutProviders: Integration {
        Integration(
            name: name, shop: shop, storefront: storefront, erp: erp, settings: settings, store: store, clock: clock,
            epoch: epoch, logger: logger)
    }
}
