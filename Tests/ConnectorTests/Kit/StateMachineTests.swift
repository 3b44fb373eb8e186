import ConnectorKit
import Domain
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(maxAttempts: 4, base: .seconds(1), cap: .seconds(6))

    @Test(arguments: [(1, 0.0, 500), (1, 0.5, 750), (2, 0.0, 1000), (3, 0.0, 2000), (3, 0.999, 3998)])
    func theWaitDoublesAndChanceTakesUpToHalfOfIt(attempt: Int, random: Double, milliseconds: Int) {
        #expect(policy.delay(after: attempt, random: random) == .milliseconds(milliseconds))
    }

    @Test func afterTheLastAttemptThereIsNoWaitButTheEnd() {
        #expect(policy.delay(after: 4, random: 0) == nil)
        #expect(RetryPolicy.never.delay(after: 1, random: 0) == nil)
    }

    @Test func aWishIsNeverUndercutAndOneBeyondTheCapEndsTheTrying() {
        #expect(policy.delay(after: 1, retryAfter: .seconds(5), random: 0) == .seconds(5))
        #expect(policy.delay(after: 3, retryAfter: .seconds(1), random: 0.5) == .seconds(3))
        #expect(policy.delay(after: 1, retryAfter: .seconds(7), random: 0) == nil)
    }

    @Test func noWaitIsLongerThanTheCapHoweverManyAttempts() {
        let patient = RetryPolicy(maxAttempts: 1000, base: .seconds(1), cap: .seconds(6))
        for attempt in [5, 64, 999] { #expect((patient.delay(after: attempt, random: 0.9) ?? .zero) <= .seconds(6)) }
    }
}

@Suite struct RetryAfterTests {
    private let now = Instant(milliseconds: 1_445_412_470_000)  // 2015-10-21T07:27:50Z

    @Test(arguments: [("120", 120), ("0", 0), (" 5 ", 5), ("Wed, 21 Oct 2015 07:28:00 GMT", 10)])
    func secondsAndDatesAreUnderstood(text: String, seconds: Int) {
        #expect(RetryAfter.duration(text, now: now) == .seconds(seconds))
    }

    @Test func aDateThatHasPassedIsNoWait() {
        #expect(RetryAfter.duration("Wed, 21 Oct 2015 07:00:00 GMT", now: now) == .zero)
    }

    @Test(arguments: ["", "soon", "-1", "1.5", "Wed, 21 Okt 2015 07:28:00 GMT", "2015-10-21T07:28:00Z"])
    func anythingElseIsNoWish(text: String) {
        #expect(RetryAfter.duration(text, now: now) == nil)
    }
}

@Suite struct CircuitBreakerTests {
    private let start = Instant(milliseconds: 1_000_000)

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(threshold: 2, pause: .seconds(10), longestPause: .seconds(60))
        breaker.record(success: false, now: start)
        breaker.record(success: false, now: start)
        return breaker
    }

    @Test func itOpensAfterFailuresInARowAndASuccessBetweenStartsTheCountAgain() {
        var breaker = CircuitBreaker(threshold: 2, pause: .seconds(10))
        breaker.record(success: false, now: start)
        breaker.record(success: true, now: start)
        breaker.record(success: false, now: start)
        #expect(breaker.admit(now: start) == .allowed)
        breaker.record(success: false, now: start)
        #expect(breaker.admit(now: start + .seconds(4)) == .refused(for: .seconds(6)))
    }

    @Test func afterItsPauseItLetsOneCallThroughToSee() {
        var breaker = opened()
        let later = start + .seconds(10)

        #expect(breaker.admit(now: later) == .allowed)
        #expect(breaker.admit(now: later) == .refused(for: .seconds(10)))
        breaker.record(success: true, now: later)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func aProbeThatFailsOpensItForTwiceAsLongUpToALimit() {
        var breaker = opened()
        var now = start
        var pauses: [Duration] = []
        for _ in 1...4 {
            guard case .open(let until) = breaker.state else { break }
            pauses.append(until - now)
            now = until
            _ = breaker.admit(now: now)
            breaker.record(success: false, now: now)
        }
        #expect(pauses == [.seconds(10), .seconds(20), .seconds(40), .seconds(60)])
    }

    @Test func anAdmissionThatWasNotUsedIsGivenToTheNextCaller() {
        var breaker = opened()
        let later = start + .seconds(10)
        _ = breaker.admit(now: later)
        breaker.release(now: later)
        #expect(breaker.admit(now: later) == .allowed)
    }

    @Test func lateFailuresOfCallsFromBeforeTheOpeningChangeNothing() {
        var breaker = opened()
        breaker.record(success: false, now: start + .seconds(5))
        #expect(breaker.state == .open(until: start + .seconds(10)))
    }
}

@Suite struct TokenBucketTests {
    private let start = Instant(milliseconds: 1_000_000)

    @Test func aRestAllowsABurstAndThenCallsComeAtTheSteadyRate() {
        var bucket = TokenBucket(capacity: 3, perSecond: 2, now: start)
        let waits = (1...4).map { _ in bucket.take(now: start) }
        #expect(waits == [.zero, .zero, .zero, .milliseconds(500)])
        #expect(bucket.take(now: start + .milliseconds(500)) == .zero)
        #expect(bucket.take(now: start + .milliseconds(600)) == .milliseconds(400))
    }

    @Test func a429StopsEverythingUntilItsTimeAndThenOneCallGoesAtATime() {
        var bucket = TokenBucket(capacity: 10, perSecond: 1, now: start)
        bucket.refused(retryAfter: .seconds(30), now: start)
        #expect(bucket.take(now: start + .seconds(10)) == .seconds(20))
        #expect(bucket.blocked(now: start + .seconds(10)) == .seconds(20))
        #expect(bucket.take(now: start + .seconds(30)) == .zero)
    }

    @Test func aShorterWishDoesNotShortenALongerOne() {
        var bucket = TokenBucket(capacity: 10, perSecond: 1, now: start)
        bucket.refused(retryAfter: .seconds(30), now: start)
        bucket.refused(retryAfter: .seconds(1), now: start)
        #expect(bucket.blocked(now: start) == .seconds(30))
    }

    @Test func aClockThatIsSetBackNeitherGivesNorTakes() {
        var bucket = TokenBucket(capacity: 1, perSecond: 1, now: start)
        #expect(bucket.take(now: start) == .zero)
        #expect(bucket.take(now: start - .seconds(100)) == .seconds(1))
        #expect(bucket.take(now: start + .seconds(1)) == .zero)
    }
}
