import ConnectorKit
import Domain
import Testing
import TestKit

@Suite struct VirtualClockTests {
    @Test func aSleeperWakesWhenTheClockIsMovedPastItsTimeNotBefore() async throws {
        let clock = VirtualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(10)) }
        await clock.sleepers()

        clock.advance(by: .seconds(9))
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .seconds(1))

        try await sleeper.value
        #expect(clock.slept == [.seconds(10)])
    }

    @Test func aCancelledSleeperEndsWithCancellationError() async {
        let clock = VirtualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(10)) }
        await clock.sleepers()

        sleeper.cancel()

        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func withAutoAdvanceASleepMovesTheTimeItself() async throws {
        let clock = VirtualClock(autoAdvance: true)
        let start = clock.now()

        try await clock.sleep(for: .seconds(3))

        #expect(clock.now() - start == .seconds(3))
    }
}
