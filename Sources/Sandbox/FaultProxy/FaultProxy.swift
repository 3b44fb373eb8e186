public import ConnectorKit
import Domain
import Synchronization

/// Stands between a client and a real system and loses, delays or replaces what passes, request by request.
public final class FaultProxy: Sendable {
    public struct ProxiedRequest: Sendable {
        /// 1 for the first request that the proxy saw.
        public let number: Int
        public let method: String
        public let path: String
        public let query: String
        /// The `method` of a JSON-RPC body: `model.sale.sale.create`.
        public let rpcMethod: String?
        public let body: [UInt8]
    }

    public enum Fault: Sendable {
        case pass
        /// The request never arrives; the client sees a closed connection.
        case loseBefore
        /// The request has its effect; the client sees a closed connection instead of the answer.
        case loseAfter
        /// Forwarded only when the closure returns, even if the client has long gone.
        case hold(until: @Sendable () async -> Void)
        /// Not forwarded; the client gets this.
        case answer(HTTPReply)
        /// Forwarded, with a closure run before it and one after the system's whole answer came, before it is passed on.
        case callThen(before: @Sendable () async -> Void = {}, after: @Sendable () async -> Void = {})
    }

    public typealias Decision = @Sendable (ProxiedRequest) async -> Fault

    private struct State {
        var log: [ProxiedRequest] = []
        var decision: Decision
        var server: LoopbackServer?
        var forwarding: [Int: Task<LoopbackAnswer, Never>] = [:]
    }

    private let upstream: String
    private let transport = HTTPTransport(readTimeout: .seconds(600))
    private let state: Mutex<State>

    /// `upstream` is `http://host:port` of the real system.
    public init(upstream: String, _ decision: @escaping Decision = { _ in .pass }) {
        self.upstream = upstream
        state = Mutex(State(decision: decision))
    }

    /// Starts listening on loopback; with port 0 the system gives one.
    public func start(port: Int = 0) async throws {
        let server = LoopbackServer(port: port) { [weak self] request in await self?.handle(request) ?? .cut }
        state.withLock { $0.server = server }
        try await server.start()
    }

    /// Stops listening and waits until what was accepted has been forwarded.
    public func stop() async {
        let (server, forwarding) = state.withLock { ($0.server, Array($0.forwarding.values)) }
        await server?.stop()
        for task in forwarding { _ = await task.value }
        try? await transport.shutdown()
    }

    public var address: String { state.withLock { $0.server }?.address ?? "" }

    /// What passed so far, in order.
    public var log: [ProxiedRequest] { state.withLock { $0.log } }

    /// Decides anew from now on.
    public func decide(_ decision: @escaping Decision) { state.withLock { $0.decision = decision } }

    // MARK: One request

    private func handle(_ request: LoopbackRequest) async -> LoopbackAnswer {
        let (seen, decision) = state.withLock { state in
            let seen = ProxiedRequest(
                number: state.log.count + 1, method: request.method, path: request.path, query: request.query,
                rpcMethod: JSONElements.text(of: "method", in: request.body[...]), body: request.body)
            state.log.append(seen)
            return (seen, state.decision)
        }
        // A task of its own: a client that leaves must not take its request back.
        let task = Task { await self.perform(await decision(seen), request) }
        state.withLock { $0.forwarding[seen.number] = task }
        let answer = await task.value
        state.withLock { $0.forwarding[seen.number] = nil }
        return answer
    }

    private func perform(_ fault: Fault, _ request: LoopbackRequest) async -> LoopbackAnswer {
        switch fault {
        case .pass:
            return await forward(request)
        case .loseBefore:
            return .cut
        case .loseAfter:
            _ = await forward(request)
            return .cut
        case .hold(let until):
            await until()
            return await forward(request)
        case .answer(let reply):
            return .reply(reply)
        case .callThen(let before, let after):
            await before()
            let answer = await forward(request)
            await after()
            return answer
        }
    }

    private func forward(_ request: LoopbackRequest) async -> LoopbackAnswer {
        guard let method = HTTPCall.Method(rawValue: request.method) else {
            return .reply(HTTPReply(status: 501))
        }
        let call = HTTPCall(
            method, upstream + request.path + (request.query.isEmpty ? "" : "?" + request.query),
            headers: Self.endToEnd(request.headers, and: ["host"]),
            body: request.body.isEmpty ? nil : request.body,
            deadline: .seconds(600), maxReplyBytes: 256 * 1024 * 1024)
        do throws(TransportFailure) {
            var reply = try await transport.send(call)
            reply.headers = Self.endToEnd(reply.headers)
            return .reply(reply)
        } catch {
            if case .notSent = error { return .reply(HTTPReply(status: 502)) }
            return .cut
        }
    }

    /// Headers that concern one connection only (RFC 9110, 7.6.1), and the length, which each side states for itself.
    private static let perConnection: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "content-length",
    ]

    private static func endToEnd(
        _ headers: [(name: String, value: String)], and others: Set<String> = []
    ) -> [(name: String, value: String)] {
        headers.filter { !perConnection.contains($0.name.lowercased()) && !others.contains($0.name.lowercased()) }
    }
}
