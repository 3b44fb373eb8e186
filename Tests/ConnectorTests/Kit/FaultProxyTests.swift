import ConnectorKit
import Synchronization
import Testing

@testable import Sandbox

@Suite struct FaultProxyTests {
    private let transport = HTTPTransport()

    /// A system that counts what reaches it, behind a proxy.
    private func proxied(
        _ decision: @escaping FaultProxy.Decision, _ body: (FaultProxy, Counter) async throws -> Void
    ) async throws {
        let counter = Counter()
        let system = LoopbackServer(port: 0) { request in
            counter.add(request)
            return .reply(
                HTTPReply(
                    status: 200, headers: [("Content-Encoding", "gzip"), ("X-System", "yes")],
                    body: Array("plain ".utf8) + request.body))
        }
        try await system.start()
        let proxy = FaultProxy(upstream: system.address, decision)
        try await proxy.start()
        try await body(proxy, counter)
        await proxy.stop()
        await system.stop()
    }

    private func call(_ proxy: FaultProxy) -> HTTPCall {
        HTTPCall(
            .post, proxy.address + "/db/?a=%20b", headers: [("Authorization", "Session x")],
            body: Array(#"{"id":1,"method":"model.sale.sale.create","params":[]}"#.utf8))
    }

    @Test func whatPassesArrivesAndReturnsAsItWas() async throws {
        try await proxied({ _ in .pass }) { proxy, counter in
            let reply = try await transport.send(call(proxy))

            #expect(reply.status == 200)
            #expect(reply.header("Content-Encoding") == "gzip")
            #expect(String(decoding: reply.body, as: UTF8.self).hasPrefix("plain {\"id\":1"))
            let seen = counter.requests.first
            #expect(seen?.path == "/db/")
            #expect(seen?.query == "a=%20b")
            #expect(seen?.header("Authorization") == "Session x")
            #expect(proxy.log.map(\.rpcMethod) == ["model.sale.sale.create"])
        }
    }

    @Test func aRequestLostBeforeNeverArrives() async throws {
        try await proxied({ _ in .loseBefore }) { proxy, counter in
            await #expect(throws: TransportFailure.self) { try await transport.send(call(proxy)) }
            #expect(counter.requests.isEmpty)
        }
    }

    @Test func anAnswerLostAfterLeavesItsEffect() async throws {
        try await proxied({ _ in .loseAfter }) { proxy, counter in
            await #expect(throws: TransportFailure.self) { try await transport.send(call(proxy)) }
            #expect(counter.requests.count == 1)
        }
    }

    @Test func aHeldRequestArrivesAlthoughItsClientHasGone() async throws {
        let gate = Gate()
        try await proxied({ _ in .hold { await gate.wait() } }) { proxy, counter in
            var impatient = call(proxy)
            // On a busy machine a short deadline can pass before the request is out: then it is held nowhere.
            for milliseconds in [200, 2000, 20_000] {
                impatient.deadline = .milliseconds(milliseconds)
                let failure = await #expect(throws: TransportFailure.self) { try await transport.send(impatient) }
                if case .notSent? = failure { continue }
                #expect(counter.requests.isEmpty)
                await gate.open()
                return await counter.arrived(1)
            }
            Issue.record("the request was never out")
        }
    }

    @Test func anAnswerCanBeGivenInTheSystemsPlace() async throws {
        try await proxied({ $0.number == 1 ? .answer(HTTPReply(status: 503)) : .pass }) { proxy, counter in
            let first = try await transport.send(call(proxy))
            let second = try await transport.send(call(proxy))

            #expect([first.status, second.status] == [503, 200])
            #expect(counter.requests.count == 1)
        }
    }

    @Test func closuresRunBeforeTheSystemIsCalledAndAfterItAnswered() async throws {
        let order = Mutex<[String]>([])
        try await proxied({ _ in
            .callThen(
                before: { order.withLock { $0.append("before") } }, after: { order.withLock { $0.append("after") } })
        }) { proxy, counter in
            _ = try await transport.send(call(proxy))
            #expect(order.withLock { $0 } == ["before", "after"])
            #expect(counter.requests.count == 1)
        }
    }

    @Test func aSystemThatIsDownIs502() async throws {
        let proxy = FaultProxy(upstream: "http://127.0.0.1:1")
        try await proxy.start()
        #expect(try await transport.send(call(proxy)).status == 502)
        await proxy.stop()
    }
}

/// What reached a system.
final class Counter: Sendable {
    private struct State {
        var requests: [LoopbackRequest] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var requests: [LoopbackRequest] { state.withLock { $0.requests } }

    func add(_ request: LoopbackRequest) {
        let ready = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            defer { state.watchers.removeAll { $0.count <= count } }
            return state.watchers.filter { $0.count <= count }
        }
        for watcher in ready { watcher.continuation.resume() }
    }

    func arrived(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.requests.count < count else { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
