import ConnectorKit
import Domain
import TestKit
import Testing

@testable import Connectors

/// A refresh token is good for one renewal: what a crash or a lost answer may cost, and what it may not.
@Suite struct TokenTests {
    private let clock = VirtualClock(autoAdvance: true)
    private let desk = TokenDesk()
    private let kept = VolatileMemory()

    private func tokens(
        _ memory: (any ConnectionMemory)? = nil, refreshToken: String? = "refresh-0", clock: VirtualClock? = nil
    ) -> FortnoxTokens {
        let clock = clock ?? self.clock
        return FortnoxTokens(
            configuration: FortnoxConfiguration(
                clientID: "client", clientSecret: Secret("hidden"), refreshToken: refreshToken.map { Secret($0) }),
            connection: Connection(name: "ERP", transport: desk, clock: clock), memory: memory ?? kept, clock: clock,
            name: "nordic")
    }

    private func code(_ tokens: FortnoxTokens) async -> ProblemCode? {
        do throws(FortnoxFailure) {
            _ = try await tokens.access()
            return nil
        } catch {
            return error.problem.code
        }
    }

    @Test func aTokenIsUsedForItsTimeAndThenRenewed() async throws {
        let tokens = tokens()
        #expect(try await tokens.access() == Secret("access-1"))
        clock.advance(by: .seconds(44 * 60))
        #expect(try await tokens.access() == Secret("access-1"))
        clock.advance(by: .seconds(120))
        #expect(try await tokens.access() == Secret("access-2"))
        #expect(desk.asked == 2)
    }

    @Test func manyCallsAtOnceRenewOnce() async throws {
        let tokens = tokens()
        let all = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<20 { group.addTask { try await tokens.access() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(all) == [Secret("access-1")])
        #expect(desk.asked == 1)
    }

    @Test func theNextProcessGoesOnWithWhatWasKept() async throws {
        _ = try await tokens().access()
        #expect(try await tokens().access() == Secret("access-1"))
        clock.advance(by: .seconds(3600))
        #expect(try await tokens().access() == Secret("access-2"))
        #expect(desk.asked == 2)
    }

    @Test func twoProcessesThatRenewAtOnceAskOnceAndShareTheToken() async throws {
        // Time stands still until the first is done: nobody takes it for dead.
        let clock = VirtualClock()
        let (one, other) = (tokens(clock: clock), tokens(clock: clock))
        let first = Task { try await one.access() }
        let second = Task { try await other.access() }
        let waiting = Task {
            while !Task.isCancelled {
                if clock.sleeperCount > 0 { clock.advance(by: .milliseconds(500)) }
                await Task.yield()
            }
        }
        let both = try await [first.value, second.value]
        waiting.cancel()
        #expect(both == [Secret("access-1"), Secret("access-1")])
        #expect(desk.asked == 1)
    }

    @Test func aStoreThatFailsWhenTheNewTokenIsKeptNeverBringsTheSpentOneBack() async throws {
        let memory = MortalMemory(kept)
        let tokens = tokens(memory)
        _ = try await tokens.access()
        clock.advance(by: .seconds(46 * 60))
        memory.die(after: 1)
        #expect(await code(tokens) == .internalError)

        memory.revive()

        #expect(try await tokens.access() == Secret("access-2"), "what was renewed is kept as soon as that works")
        clock.advance(by: .seconds(3600))
        #expect(try await self.tokens().access() == Secret("access-3"))
    }

    @Test func aRefusedTokenThatAnotherProcessRenewedIsNotRenewedAgain() async throws {
        let (one, other) = (tokens(), tokens())
        let first = try await one.access()
        #expect(try await other.access() == first)
        await one.refused(first)
        #expect(try await one.access() == Secret("access-2"))
        await other.refused(first)
        #expect(try await other.access() == Secret("access-2"))
        #expect(desk.asked == 2)
    }

    @Test func aCrashBetweenRenewalAndKeepingLeavesTheOldAccessTokenToWorkWithAndAsksAPerson() async throws {
        _ = try await tokens().access()
        clock.advance(by: .seconds(46 * 60))
        // The mark that a renewal begins is kept, the renewed tokens are not.
        let dying = tokens(MortalMemory(kept, dyingAfter: 1))
        #expect(await code(dying) == .internalError)
        #expect(desk.refreshToken == "refresh-2")

        let restarted = tokens()
        clock.advance(by: .seconds(91))
        #expect(try await restarted.access() == Secret("access-1"), "its time is not over")
        clock.advance(by: .seconds(15 * 60))
        #expect(await code(restarted) == .tokenLost)
    }

    @Test func aCrashBeforeTheRenewalWasSentCostsNothing() async throws {
        _ = try await tokens().access()
        clock.advance(by: .seconds(46 * 60))
        desk.fail(.notSent)
        let dying = tokens(MortalMemory(kept, dyingAfter: 1))
        _ = await code(dying)

        clock.advance(by: .seconds(91))
        #expect(try await tokens().access() == Secret("access-2"))
    }

    @Test(arguments: [TokenDesk.Fault.notSent, .lostBefore, .serverError])
    func aRenewalThatNeverHappenedIsTriedAgainWithTheSameToken(_ fault: TokenDesk.Fault) async throws {
        let tokens = tokens()
        _ = try await tokens.access()
        clock.advance(by: .seconds(46 * 60))
        desk.fail(fault)
        #expect(try await tokens.access() == Secret("access-1"), "the old one is good for a while")
        clock.advance(by: .seconds(61))
        #expect(try await tokens.access() == Secret("access-2"))
    }

    @Test func anAnswerLostAfterTheRenewalIsToldAsALostTokenOnceTheAccessTokenHasEnded() async throws {
        let tokens = tokens()
        _ = try await tokens.access()
        clock.advance(by: .seconds(46 * 60))
        desk.fail(.lostAfter)
        #expect(try await tokens.access() == Secret("access-1"))
        clock.advance(by: .seconds(61))
        #expect(try await tokens.access() == Secret("access-1"))
        clock.advance(by: .seconds(14 * 60))
        #expect(await code(tokens) == .tokenLost)
    }

    @Test func aStoreThatFailsForAMomentLosesNoToken() async throws {
        let memory = MortalMemory(kept, dyingAfter: 1)
        let tokens = tokens(memory)
        #expect(await code(tokens) == .internalError, "what is not kept is not used")

        memory.revive()

        #expect(try await tokens.access() == Secret("access-1"))
        clock.advance(by: .seconds(3600))
        #expect(try await self.tokens().access() == Secret("access-2"))
    }

    @Test func aTokenThatFortnoxRefusesBeforeItsTimeIsRenewed() async throws {
        let tokens = tokens()
        let first = try await tokens.access()
        await tokens.refused(first)
        #expect(try await tokens.access() == Secret("access-2"))
        await tokens.refused(first)
        #expect(try await tokens.access() == Secret("access-2"), "only the token of now counts")
    }

    @Test func aPersonsNewTokenBeginsANewChain() async throws {
        _ = try await tokens().access()
        clock.advance(by: .seconds(3600))
        desk.fail(.lostAfter)
        #expect(await code(tokens()) != nil)
        // A person authorises anew at Fortnox and writes the token into the configuration.
        let again = tokens(refreshToken: desk.refreshToken)
        #expect(try await again.access() == Secret("access-3"))
        #expect(try await tokens(refreshToken: "refresh-2").access() == Secret("access-3"), "and it is not begun twice")
    }

    @Test func aCodeFromTheBrowserBecomesTokensThatOutliveTheConfiguredOne() async throws {
        let tokens = tokens()
        _ = try await tokens.access()
        try await tokens.authorise(code: "good", redirect: "http://localhost/authorised")
        #expect(try await self.tokens().access() == Secret("access-2"))
        clock.advance(by: .seconds(3600))
        #expect(try await self.tokens().access() == Secret("access-3"))
    }

    @Test func aConnectionThatWasNeverAuthorisedSaysHow() async {
        let tokens = tokens(refreshToken: nil)
        do throws(FortnoxFailure) {
            _ = try await tokens.access()
            #expect(Bool(false), "there is no token")
        } catch {
            #expect(error.problem.code == .unauthorised)
            #expect(error.problem.detail.contains("ordersync authorise"))
        }
    }

    @Test func aRefusedTokenIsUnauthorisedAndNamedNowhere() async {
        let tokens = tokens(refreshToken: "refresh-wrong")
        do throws(FortnoxFailure) {
            _ = try await tokens.access()
            #expect(Bool(false), "the token is wrong")
        } catch {
            #expect(error.problem.code == .unauthorised)
            #expect(!"\(error)".contains("refresh-wrong"))
        }
    }
}
