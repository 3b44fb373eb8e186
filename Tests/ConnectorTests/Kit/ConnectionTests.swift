import ConnectorKit
import Domain
import Testing
import TestKit

@Suite struct ConnectionTests {
    private let clock = VirtualClock(autoAdvance: true)
    private let call = HTTPCall(.get, "https://shop.example/orders?oauth_signature=abc")

    private func connection(_ transport: StubTransport, budget: RateBudget? = nil) -> Connection {
        Connection(
            name: "shop", transport: transport, clock: clock, budget: budget,
            breaker: CircuitBreaker(threshold: 3, pause: .seconds(10)), randomness: Randomness { 0 })
    }

    @Test func aReadIsTriedAgainUntilItIsAnswered() async throws {
        let transport = StubTransport([
            .failure(.noAnswer("cut")), .success(HTTPReply(status: 503)), .success(HTTPReply(status: 200)),
        ])

        let reply = try await connection(transport).read(label: "orders", policy: RetryPolicy()) { call }

        #expect(reply.status == 200)
        #expect(transport.sent.count == 3)
        #expect(clock.slept == [.milliseconds(250), .milliseconds(500)])
    }

    @Test func aSingleSendIsNeverRepeated() async {
        let transport = StubTransport([.failure(.noAnswer("cut"))])

        await #expect(throws: TransportFailure.noAnswer("cut")) {
            try await connection(transport).send(call, label: "write")
        }
        #expect(transport.sent.count == 1)
    }

    @Test func retryAfterIsWaitedForNotLess() async throws {
        let transport = StubTransport([
            .success(HTTPReply(status: 429, headers: [("Retry-After", "7")])), .success(HTTPReply(status: 200)),
        ])
        let start = clock.now()

        _ = try await connection(transport).read(label: "orders", policy: RetryPolicy()) { call }

        #expect(clock.now() - start >= .seconds(7))
        #expect(clock.now() - start < .seconds(9))
    }

    @Test func aRetryAfterBeyondThePolicysPatienceIsHandedOnInsteadOfWaitedFor() async throws {
        let transport = StubTransport([.success(HTTPReply(status: 429, headers: [("Retry-After", "600")]))])
        let connection = connection(transport)

        let reply = try await connection.read(label: "orders", policy: RetryPolicy()) { call }

        #expect(reply.status == 429)
        #expect(transport.sent.count == 1)
        #expect(await connection.pause() == .seconds(600))
    }

    @Test func anOpenBreakerFailsCallsAtOnceWithoutSendingThem() async throws {
        let transport = StubTransport(statuses: 500)
        let connection = connection(transport)
        for _ in 1...3 { _ = try await connection.send(call, label: "orders") }

        await #expect(throws: TransportFailure.self) { try await connection.send(call, label: "orders") }

        #expect(transport.sent.count == 3)
        #expect(await connection.pause() == .seconds(10))
        clock.advance(by: .seconds(10))
        _ = try await connection.send(call, label: "orders")
        #expect(transport.sent.count == 4)
    }

    @Test func aReadIsNotRepeatedAgainstAnOpenBreaker() async throws {
        let transport = StubTransport(statuses: 500)
        let policy = RetryPolicy(maxAttempts: 10)

        let reply = try await connection(transport).read(label: "orders", policy: policy) { call }

        #expect(reply.status == 500)
        #expect(transport.sent.count == 3)
    }

    @Test func waitingForTheBudgetCountsAgainstTheDeadline() async throws {
        let budget = RateBudget(capacity: 1, perSecond: 0.5, clock: clock)
        let transport = StubTransport(statuses: 200)
        let connection = connection(transport, budget: budget)
        var quick = call
        quick.deadline = .seconds(3)
        _ = try await connection.send(quick, label: "orders")

        _ = try await connection.send(quick, label: "orders")
        #expect(transport.sent.last?.deadline == .seconds(1))

        quick.deadline = .seconds(1)
        await #expect(throws: TransportFailure.self) { try await connection.send(quick, label: "orders") }
        #expect(transport.sent.count == 2)
    }

    @Test func callsAreCountedByLabel() async throws {
        let connection = connection(StubTransport(statuses: 200))
        for label in ["list", "list", "get"] { _ = try await connection.send(call, label: label) }

        #expect(connection.calls.byLabel == ["list": 2, "get": 1])
        #expect(connection.calls.total == 3)
    }

    @Test func neitherACallNorASecretPrintsWhatItHolds() {
        let secret = Secret("cs_very_secret")
        let call = HTTPCall(
            .get, "https://user:pass@shop.example/orders?consumer_secret=cs_very_secret#cs_very_secret",
            headers: [("Authorization", "Basic cs_very_secret")], body: Array("cs_very_secret".utf8))
        var dumped = ""
        dump(call, to: &dumped)
        dump(secret, to: &dumped)

        let printed = ["\(call)", "\(secret)", String(reflecting: call), String(reflecting: [secret]), dumped].joined()

        #expect(!printed.contains("very_secret"))
        #expect(!printed.contains("pass"))
        #expect("\(call)" == "GET https://shop.example/orders")
    }
}
