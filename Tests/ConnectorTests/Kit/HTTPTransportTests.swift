import ConnectorKit
import Domain
import Testing

@testable import Sandbox

@Suite struct HTTPTransportTests {
    private let transport = HTTPTransport(connectTimeout: .seconds(2), readTimeout: .seconds(60))

    /// Runs `body` against a server that answers by `handler`.
    private func serving(
        _ handler: @escaping LoopbackServer.Handler, _ body: (String) async throws -> Void
    ) async throws {
        let server = LoopbackServer(port: 0, handler: handler)
        try await server.start()
        do {
            try await body(server.address)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func failure(_ call: HTTPCall) async -> TransportFailure? {
        do throws(TransportFailure) {
            _ = try await transport.send(call)
            return nil
        } catch {
            return error
        }
    }

    @Test func statusHeadersAndBodyComeAsTheyWereSentEvenWithAWrongContentEncoding() async throws {
        try await serving({ request in
            .reply(
                HTTPReply(
                    status: 201, headers: [("Content-Encoding", "gzip"), ("X-Seen", request.header("X-Asked") ?? "")],
                    body: Array("not zipped".utf8) + request.body))
        }) { address in
            let reply = try await transport.send(
                HTTPCall(.post, address + "/a?b=c", headers: [("X-Asked", "yes")], body: Array("!".utf8)))

            #expect(reply.status == 201)
            #expect(reply.header("content-encoding") == "gzip")
            #expect(reply.header("x-seen") == "yes")
            #expect(reply.body == Array("not zipped!".utf8))
        }
    }

    @Test func compressionIsNotAskedFor() async throws {
        try await serving({ .reply(HTTPReply(status: 200, body: Array(($0.header("Accept-Encoding") ?? "none").utf8))) }
        ) {
            let reply = try await transport.send(HTTPCall(.get, $0))
            #expect(reply.body == Array("none".utf8))
        }
    }

    @Test func redirectsAreAnswers() async throws {
        try await serving({ _ in .reply(HTTPReply(status: 302, headers: [("Location", "/elsewhere")])) }) {
            let reply = try await transport.send(HTTPCall(.get, $0))
            #expect(reply.status == 302)
        }
    }

    @Test(arguments: [HTTPCall.Method.get, .post])
    func aClosedPortIsNotSent(method: HTTPCall.Method) async throws {
        let server = LoopbackServer(port: 0) { _ in .cut }
        try await server.start()
        let address = server.address
        await server.stop()

        let body = method == .post ? Array("{}".utf8) : nil
        guard case .notSent = await failure(HTTPCall(method, address, body: body)) else {
            Issue.record("a refused connection sends nothing")
            return
        }
    }

    @Test func aNameThatDoesNotExistIsNotSent() async {
        guard case .notSent = await failure(HTTPCall(.get, "http://no-such-host.invalid/")) else {
            Issue.record("without an address nothing is sent")
            return
        }
    }

    @Test(arguments: [(HTTPCall.Method.get, nil), (.post, "{}"), (.post, ""), (.delete, nil)])
    func aConnectionThatIsCutWithoutAnAnswerIsNoAnswerAndNothingIsSentTwice(
        method: HTTPCall.Method, body: String?
    ) async throws {
        let proxy = FaultProxy(upstream: "http://127.0.0.1:1") { _ in .loseBefore }
        try await proxy.start()

        let failure = await failure(HTTPCall(method, proxy.address, body: body.map { Array($0.utf8) }))

        guard case .noAnswer = failure else {
            Issue.record("the other side may have acted: \(String(describing: failure))")
            return
        }
        #expect(proxy.log.count == 1)
        await proxy.stop()
    }

    @Test func aBodyThatIsCutIsNoAnswer() async throws {
        let reply = HTTPReply(status: 200, body: Array("[1,2,3]".utf8))
        try await serving({ _ in .cutBody(reply, after: 3) }) { address in
            guard case .noAnswer = await failure(HTTPCall(.get, address)) else {
                Issue.record("half an answer is none")
                return
            }
        }
    }

    @Test func anAnswerBeyondTheLimitIsRefusedWithAndWithoutAnAnnouncedLength() async throws {
        try await serving({ _ in .reply(HTTPReply(status: 200, body: Array(repeating: 1, count: 1_000_000))) }) {
            var call = HTTPCall(.get, $0)
            call.maxReplyBytes = 999_999
            #expect(await failure(call) == .replyTooLarge)
            call.maxReplyBytes = 1_000_000
            #expect(await failure(call) == nil)
        }
    }

    @Test func theDeadlineHoldsForTheWholeAnswer() async throws {
        let gate = Gate()
        try await serving({ _ in
            await gate.wait()
            return .cut
        }) { address in
            var call = HTTPCall(.post, address, body: Array("{}".utf8))
            // On a busy machine a short deadline can pass before the request is out, and then it says so.
            for milliseconds in [200, 2000, 20_000] {
                call.deadline = .milliseconds(milliseconds)
                let failure = await failure(call)
                if case .notSent = failure { continue }
                if case .noAnswer = failure {} else { Issue.record("\(failure as Any)") }
                return await gate.open()
            }
            Issue.record("the request was never out")
        }
    }

    @Test func cancellingEndsAReadButNotAWrite() async throws {
        let gate = Gate()
        try await serving({ _ in
            await gate.wait()
            return .reply(HTTPReply(status: 200))
        }) { address in
            let transport = transport
            let read = Task { try await transport.send(HTTPCall(.get, address)) }
            let write = Task { try await transport.send(HTTPCall(.post, address, body: Array("{}".utf8))) }
            await gate.waiters(2)
            read.cancel()
            write.cancel()

            await #expect(throws: TransportFailure.self) { try await read.value }
            await gate.open()
            let reply = try await write.value
            #expect(reply.status == 200)
        }
    }

    @Test func afterShutdownCallsAreNotSent() async throws {
        try await transport.shutdown()
        try await transport.shutdown()
        guard case .notSent = await failure(HTTPCall(.get, "http://127.0.0.1:1/")) else {
            Issue.record("nothing can be sent any more")
            return
        }
    }

    @Test func noFailureShowsWhatTheRequestHeld() async {
        let call = HTTPCall(
            .post, "http://127.0.0.1:1/?consumer_secret=cs_hidden", headers: [("Authorization", "Basic cs_hidden")],
            body: Array("cs_hidden".utf8))
        #expect(!"\(String(describing: await failure(call)))".contains("cs_hidden"))
    }
}

/// Holds whoever waits until it is opened.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func wait() async {
        guard !isOpen else { return }
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            for watcher in watchers where watcher.count <= waiting.count { watcher.continuation.resume() }
            watchers.removeAll { $0.count <= waiting.count }
        }
    }

    /// Returns when this many wait.
    func waiters(_ count: Int) async {
        guard waiting.count < count else { return }
        await withCheckedContinuation { watchers.append((count, $0)) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
