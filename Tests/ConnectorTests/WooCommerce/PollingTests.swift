import ConnectorKit
import Connectors
import Domain
import Sandbox
import Synchronization
import TestKit
import Testing

@Suite struct WooCommercePollingTests {
    private func fill(_ shop: ReplayShop, _ count: Int, perSecond: Int = 1) {
        for index in 0..<count { shop.put(wireOrder(100 + index, modified: at(index / perSecond))) }
    }

    @Test(arguments: [0, 1, 2, 3, 4, 6, 7, 20], [1, 2, 3, 5, 100])
    func everyOrderIsReadAndTheWalkEnds(count: Int, perSecond: Int) async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, count, perSecond: perSecond)

            let haul = try await bench.haul()

            #expect(haul.distinct == Array(100..<(100 + count)))
            #expect(haul.covered?.milliseconds == (count == 0 ? nil : newest(count, perSecond).milliseconds))
        }
    }

    private func newest(_ count: Int, _ perSecond: Int) -> Instant { Sample.instant(at((count - 1) / perSecond) + "Z") }

    @Test func fromEveryPositionTheWalkGoesOnToExactlyTheRest() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 11, perSecond: 4)
            let whole = try await bench.haul()
            #expect(whole.cursors.count > 5)
            var pages = 0
            for cursor in whole.cursors {
                pages += 1
                let rest = try await bench.haul(from: PageCursor(String(cursor.text)))
                let seenBefore = try await firstPages(bench, pages)
                #expect(Set(rest.ids + seenBefore) == Set(whole.ids))
            }
        }
    }

    private func firstPages(_ bench: ShopBench, _ count: Int) async throws -> [Int] {
        var ids: [Int] = []
        var cursor: PageCursor?
        for _ in 1...count {
            let page = try await bench.connector.orders(changedSince: ShopBench.beginning, cursor: cursor)
            ids += page.records.compactMap { Int($0.id) }
            cursor = page.next
        }
        return ids
    }

    @Test func anUnknownPositionBeginsAgain() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 5)
            let haul = try await bench.haul(from: PageCursor("from another version"))
            #expect(haul.distinct == [100, 101, 102, 103, 104])
        }
    }

    @Test(arguments: 1...12)
    func nothingIsLostWhileOrdersChangeDuringTheWalk(seed: UInt64) async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 17, perSecond: Int(seed % 5) + 1)
            var random = SeededGenerator(seed: seed)
            var last: [Int: String] = [:]
            let haul = try await bench.haul { number in
                guard number < 12 else { return }
                let id = Int.random(in: 100..<118, using: &random)
                last[id] = at(600 + number)
                bench.shop.put(wireOrder(id, modified: at(600 + number), status: "completed"))
            }

            // What changed after the walk's last look at the list is for the next walk.
            let next = try await bench.haul(since: haul.covered ?? ShopBench.beginning)

            for index in 0..<17 { #expect(haul.ids.contains(100 + index)) }
            let seen = Set((haul.records + next.records).map(\.payload))
            for (id, modified) in last {
                #expect(
                    seen.contains(wireOrder(id, modified: modified, status: "completed")), "order \(id) at \(modified)")
            }
        }
    }

    @Test func ordersThatLeaveACrowdedSecondWhileItIsDrainedHideNobody() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 14, perSecond: 14)
            let haul = try await bench.haul { number in
                if (3...5).contains(number) { bench.shop.put(wireOrder(97 + number, modified: at(700 + number))) }
            }
            #expect(haul.distinct == Array(100..<114))
        }
    }

    @Test func aNextRunFromWhatWasCoveredMissesNothing() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 4)
            let first = try await bench.haul()
            // In the very second that was the newest, and later.
            bench.shop.put(wireOrder(200, modified: at(3)))
            bench.shop.put(wireOrder(201, modified: at(4)))

            let second = try await bench.haul(since: first.covered ?? ShopBench.beginning)

            #expect(Set(second.ids).isSuperset(of: [200, 201]))
        }
    }

    @Test func draftsOfTheCheckoutAndTheTrashAreSeen() async throws {
        try await ShopBench.open { bench in
            bench.shop.put(wireOrder(1, modified: at(1), status: "checkout-draft"))
            bench.shop.put(wireOrder(2, modified: at(2), status: "trash"))
            for id in 3...9 { bench.shop.put(wireOrder(id, modified: at(30), status: "trash")) }

            let haul = try await bench.haul()

            #expect(haul.distinct == Array(1...9))
            #expect(haul.covered?.iso8601 == at(1) + "Z")
        }
    }

    @Test func anOrderInTheTrashIsNotLostWhenALongWalkIsCutShort() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 9)
            bench.shop.put(wireOrder(50, modified: at(1), status: "trash"))
            bench.clock.set(Sample.instant("2026-11-24T00:00:00Z"))
            var seen: [String] = []
            var covered: Instant?
            var cursor: PageCursor?
            for _ in 1...4 {
                let page = try await bench.connector.orders(changedSince: ShopBench.beginning, cursor: cursor)
                seen += page.records.map(\.id)
                covered = page.coveredThrough ?? covered
                cursor = page.next
            }
            bench.shop.put(wireOrder(108, modified: "2026-11-23T23:59:59", status: "trash"))

            let next = try await bench.haul(since: (try #require(covered)) + .seconds(60))

            #expect(seen.contains("50"), "thrown away before the walk")
            #expect(next.ids.contains(108), "thrown away during it")
        }
    }

    @Test func theRecordedTimelineIsReadStepByStepEachSnapshotByteForByte() async throws {
        let timeline = try Recordings.timeline.map { try Recordings.order($0).payload }
        try await ShopBench.open(timeline: timeline) { bench in
            var seen: Set<[UInt8]> = []
            var since = ShopBench.beginning
            while bench.shop.advance() {
                let haul = try await bench.haul(since: since)
                seen.formUnion(haul.records.map(\.payload))
                since = max(since, haul.covered ?? since)
            }
            let missed = Recordings.timeline.filter { name in
                (try? Recordings.order(name).payload).map { !seen.contains($0) } ?? true
            }
            #expect(missed.isEmpty)
        }
    }

    @Test func aQuietPickUpCostsTwoCalls() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 2)
            _ = try await bench.haul(since: Sample.instant("2026-11-23T06:20:00Z"))
            #expect(bench.connector.connection.calls.byLabel == ["orders.list": 1, "orders.trash": 1])
        }
    }

    // MARK: By id and number

    @Test func ordersAreFoundByIdWhereverTheyAreAndTheRestIsGone() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 250)
            bench.shop.put(wireOrder(7, modified: at(9), status: "trash"))

            let asked = (100..<350).map(String.init) + ["7", "8", "abc"]
            let answer = try await bench.connector.orders(ids: asked)

            #expect(Set(answer.found.map(\.id)) == Set(asked.dropLast(2)))
            #expect(answer.gone == ["8", "abc"])
        }
    }

    @Test func anOrderIsTheSameBytesAloneAndInAList() async throws {
        try await ShopBench.open { bench in
            bench.shop.put(Array(" \n".utf8) + wireOrder(7, modified: at(1)) + Array("\n\n".utf8))
            bench.shop.put(wireOrder(8, modified: at(1)))

            let alone = try await bench.connector.orders(ids: ["7"]).found
            let listed = try await bench.connector.orders(ids: ["8", "7"]).found

            #expect(alone.map(\.payload) == [wireOrder(7, modified: at(1))])
            #expect(Set(listed.map(\.id)) == ["7", "8"])
        }
    }

    @Test func aNumberIsComparedExactlyNotBySearch() async throws {
        try await ShopBench.open { bench in
            bench.shop.put(wireOrder(12, modified: at(1)))
            bench.shop.put(wireOrder(1234, modified: at(1)))
            let text = String(decoding: wireOrder(50, modified: at(1)), as: UTF8.self)
            bench.shop.put(Array(text.replacing("\"number\":\"50\"", with: "\"number\":\"W-1234\"").utf8))

            var found: [String?] = []
            for number in ["1234", "W-1234", "50", "W-123", ""] {
                found.append(try await bench.connector.order(number: number)?.id)
            }

            #expect(found == ["1234", "50", nil, nil, nil])
        }
    }

    @Test func aFetchIsDatedByWhenItsRequestWasSent() async throws {
        try await ShopBench.open { bench in
            fill(bench.shop, 1)
            bench.shop.onRequest { $0.number == 1 ? .answer(HTTPReply(status: 503)) : nil }
            let before = bench.clock.now()

            let haul = try await bench.haul(since: Sample.instant("2026-11-23T05:40:00Z"))

            #expect(haul.records.allSatisfy { $0.fetchBegan > before })
        }
    }
}
