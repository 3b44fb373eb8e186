import ConnectorKit
import Domain
import TestKit
import Testing

@Suite struct CallLimitTests {
    private let start = Instant(milliseconds: 1_795_420_800_000)

    /// The instants at which calls were admitted, when one is wanted whenever it is allowed and takes `each`.
    private func admissions(_ limit: Int, during time: Duration, each: Duration) -> [Instant] {
        var window = SlidingWindow(limit: limit, window: .seconds(5))
        var (now, admitted) = (start, [Instant]())
        while now < start + time {
            let wait = window.take(now: now)
            if wait > .zero {
                now = now + wait
                continue
            }
            admitted.append(now)
            now = now + each
            window.ended(now: now)
        }
        return admitted
    }

    @Test(arguments: [0, 1, 40, 180, 400])
    func noWindowEverHoldsMoreCallsThanAreAllowed(_ milliseconds: Int) {
        let admitted = admissions(25, during: .seconds(60), each: .milliseconds(milliseconds))
        for (index, first) in admitted.enumerated() {
            let inWindow = admitted[index...].prefix { $0 < first + .seconds(5) }
            #expect(inWindow.count <= 25)
        }
    }

    @Test func callsThatAreShortUseAlmostAllThatIsAllowed() {
        let admitted = admissions(25, during: .seconds(60), each: .milliseconds(5))
        #expect(admitted.count >= 25 * 60 / 5 * 95 / 100)
    }

    @Test func aCallUnderWayKeepsItsPlace() {
        var window = SlidingWindow(limit: 1, window: .seconds(5))
        #expect(window.take(now: start) == .zero)
        #expect(window.take(now: start + .seconds(60)) > .zero)

        window.ended(now: start + .seconds(60))

        #expect(window.take(now: start + .seconds(64)) == .seconds(1))
        #expect(window.take(now: start + .seconds(65)) == .zero)
    }

    @Test func tooManyMeansThatSomebodyElseCallsTooAndAWholeWindowIsWaited() {
        var limit = SlidingWindow(limit: 25, window: .seconds(5))
        _ = limit.take(now: start)
        limit.refused(retryAfter: nil, now: start)
        #expect(limit.take(now: start) == .seconds(5))
        limit.refused(retryAfter: .seconds(30), now: start)
        #expect(limit.blocked(now: start) == .seconds(30))
    }

    @Test func withoutALimitTheOtherSidesWishIsStillObeyed() {
        var limit = Unlimited()
        #expect((0..<1000).allSatisfy { _ in limit.take(now: start) == .zero })
        limit.refused(retryAfter: .seconds(7), now: start)
        #expect(limit.take(now: start) == .seconds(7))
        #expect(limit.take(now: start + .seconds(7)) == .zero)
    }

    @Test func manyTasksShareOneBudget() async throws {
        let clock = VirtualClock(start, autoAdvance: true)
        let budget = RateBudget(SlidingWindow(limit: 25, window: .seconds(5)), clock: clock)
        for _ in 0..<100 {
            _ = try await budget.admit(within: .seconds(60))
            await budget.ended()
        }
        #expect(clock.now() - start == .seconds(15))
    }
}
