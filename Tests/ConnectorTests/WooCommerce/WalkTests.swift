import ConnectorKit
import Domain
import TestKit
import Testing

@testable import Connectors

@Suite struct WooCommerceWalkTests {
    private let now = Sample.instant("2026-11-23T12:00:00Z")
    private let size = 3

    private func second(_ text: String) -> Int64 { Sample.instant(text).milliseconds / 1000 }

    private func walk(since: String = "2026-11-23T11:50:00Z") -> WooCommerceWalk {
        WooCommerceWalk(since: Sample.instant(since), overlapSeconds: 5, now: now)
    }

    private func value(_ name: String, _ walk: WooCommerceWalk) -> String? {
        walk.query(pageSize: size).first { $0.name == name }?.value
    }

    @Test func itReachesBackByTheOverlapAndOneSecondInUTCWithoutAMarker() {
        #expect(value("modified_after", walk()) == "2026-11-23T11:49:54")
        #expect(value("dates_are_gmt", walk()) == "true")
        #expect(value("status", walk()) == nil)
    }

    @Test func aFullPageGoesOnFromJustBeforeItsLastSecond() throws {
        var walk = walk()
        let isDone = try walk.advance(
            over: .init(count: 3, newest: second("2026-11-23T11:55:00Z"), total: 9), pageSize: size)

        #expect(!isDone)
        #expect(value("modified_after", walk) == "2026-11-23T11:54:59")
    }

    @Test func aSecondThatFillsAPageIsDrainedByIdAndThenLeftBehind() throws {
        var walk = walk()
        let crowded = second("2026-11-23T11:49:55Z")
        for total in [nil, 7, 7] {
            _ = try walk.advance(over: .init(count: 3, newest: crowded, total: total), pageSize: size)
        }
        #expect(value("orderby", walk) == "id")
        #expect(value("page", walk) == "3")
        #expect(value("modified_before", walk) == "2026-11-23T11:49:56")

        _ = try walk.advance(over: .init(count: 1, newest: crowded, total: 7), pageSize: size)
        #expect(value("orderby", walk) == "modified")
        #expect(value("modified_after", walk) == "2026-11-23T11:49:55")
    }

    @Test(arguments: [(3, 6), (2, 5), (0, 0)])
    func aDrainStartsAgainWhenItsOrdersShift(count: Int, total: Int) throws {
        var walk = walk()
        let crowded = second("2026-11-23T11:49:55Z")
        for _ in 1...2 { _ = try walk.advance(over: .init(count: 3, newest: crowded, total: 7), pageSize: size) }
        #expect(value("page", walk) == "2")

        _ = try walk.advance(over: .init(count: count, newest: crowded, total: total), pageSize: size)
        #expect(value("page", walk) == "1")
        #expect(value("orderby", walk) == "id")
    }

    @Test func aDrainWhoseLastPageWasFullEndsAtTheEmptyPageAfterIt() throws {
        var walk = walk()
        let crowded = second("2026-11-23T11:49:55Z")
        for _ in 1...3 { _ = try walk.advance(over: .init(count: 3, newest: crowded, total: 6), pageSize: size) }
        _ = try walk.advance(over: .init(count: 0, newest: nil, total: 0), pageSize: size)
        #expect(value("orderby", walk) == "modified")
    }

    @Test func afterTheLastPageComesTheTrashThenTheEnd() throws {
        var walk = walk()
        let newest = second("2026-11-23T11:51:00Z")
        #expect(try !walk.advance(over: .init(count: 1, newest: newest, total: 1), pageSize: size))
        #expect(value("status", walk) == "trash")
        #expect(walk.covered(isDone: false) == nil)

        let trashed = second("2026-11-23T11:59:00Z")
        #expect(try walk.advance(over: .init(count: 1, newest: trashed, total: 1), pageSize: size))
        #expect(walk.covered(isDone: true) == newest)
    }

    @Test func aLongWalkReadsTheTrashFirstAndThenSaysWhatItCoversOnTheWay() throws {
        var walk = walk(since: "2026-11-01T00:00:00Z")
        #expect(value("status", walk) == "trash")
        _ = try walk.advance(over: .init(count: 0, newest: nil, total: 0), pageSize: size)
        #expect(value("status", walk) == nil)

        _ = try walk.advance(over: .init(count: 3, newest: second("2026-11-10T00:00:00Z"), total: 9), pageSize: size)
        #expect(walk.covered(isDone: false) == second("2026-11-09T23:59:59Z"))

        _ = try walk.advance(over: .init(count: 3, newest: second("2026-11-23T11:59:00Z"), total: 9), pageSize: size)
        #expect(walk.covered(isDone: false) == second("2026-11-23T11:00:00Z"))
    }

    @Test func aShopThatIgnoresTheFilterIsFoundOutInsteadOfReadForEver() throws {
        var walk = walk()
        #expect(throws: WooCommerceWalk.Stuck.olderThanAsked) {
            try walk.advance(over: .init(count: 3, newest: second("2020-01-01T00:00:00Z"), total: 9), pageSize: size)
        }
        #expect(throws: WooCommerceWalk.Stuck.noDate) {
            try walk.advance(over: .init(count: 3, newest: nil, total: 9), pageSize: size)
        }
    }

    @Test func aPositionSurvivesBeingWrittenDownAndAnUnknownOneIsRefused() throws {
        var walk = walk(since: "2026-11-01T00:00:00Z")
        #expect(WooCommerceWalk(cursorText: walk.cursorText) == walk)
        _ = try walk.advance(over: .init(count: 0, newest: nil, total: 0), pageSize: size)
        let crowded = second("2026-11-01T00:00:00Z") - 5
        for _ in 1...2 {
            _ = try walk.advance(over: .init(count: 3, newest: crowded, total: 7), pageSize: size)
            #expect(WooCommerceWalk(cursorText: walk.cursorText) == walk)
        }
        #expect(WooCommerceWalk(cursorText: "0 1 2") == nil)
        #expect(WooCommerceWalk(cursorText: "") == nil)
    }
}
