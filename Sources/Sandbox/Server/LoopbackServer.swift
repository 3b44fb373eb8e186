public import ConnectorKit
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A request as a stand-in for an outside system receives it.
public struct LoopbackRequest: Sendable {
    public let method: String
    /// Without the query.
    public let path: String
    /// As it was sent, still encoded; empty when there was none.
    public let query: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What a stand-in does with a request.
public enum LoopbackAnswer: Sendable {
    case reply(HTTPReply)
    /// Closes the connection without a byte.
    case cut
    /// Announces the whole body, sends this many bytes of it and closes the connection.
    case cutBody(HTTPReply, after: Int)
}

/// An HTTP/1.1 server on loopback whose connections can be cut on purpose.
final class LoopbackServer: Sendable {
    typealias Handler = @Sendable (LoopbackRequest) async -> LoopbackAnswer

    private struct State {
        var run: Task<Void, any Error>?
        var group: ServiceGroup?
        var listener: (any Channel)?
        var channels: [ObjectIdentifier: any Channel] = [:]
    }

    private let wantedPort: Int
    private let handler: Handler
    private let state = Mutex(State())

    /// With port 0 the system gives one.
    init(port: Int, handler: @escaping Handler) {
        wantedPort = port
        self.handler = handler
    }

    /// Starts listening; returns when requests can come.
    func start() async throws {
        // Who uses a stand-in says where it listens.
        let logger = Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() }
        let (listeners, found) = AsyncStream.makeStream(of: (any Channel).self)
        let application = Application(
            responder: Responder(server: self),
            configuration: .init(address: .hostname("127.0.0.1", port: wantedPort)),
            onServerRunning: { channel in
                found.yield(channel)
                found.finish()
            },
            logger: logger
        )
        let group = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: logger))
        let run = Task {
            defer { found.finish() }
            try await group.run()
        }
        state.withLock { ($0.run, $0.group) = (run, group) }
        for await listener in listeners { state.withLock { $0.listener = listener } }
        if state.withLock({ $0.listener == nil }) {
            try await run.value
            throw NotListening(port: wantedPort)
        }
    }

    /// Serves until it is stopped or cancelled.
    func run() async throws {
        if state.withLock({ $0.run == nil }) { try await start() }
        let run = state.withLock { $0.run }
        try await withTaskCancellationHandler {
            try await run?.value
        } onCancel: {
            run?.cancel()
        }
    }

    /// Stops listening and closes every connection. The framework is asked to, because it traps where a connection that came in
    /// is dropped before anybody served it.
    func stop() async {
        let (run, group) = state.withLock { ($0.run, $0.group) }
        await group?.triggerGracefulShutdown()
        let channels = state.withLock { state in
            defer { state.channels = [:] }
            return state.channels.values
        }
        for channel in channels { try? await channel.close() }
        _ = await run?.result
    }

    /// `http://127.0.0.1:PORT`; only once it listens.
    var address: String { "http://127.0.0.1:\(state.withLock { $0.listener?.localAddress?.port } ?? wantedPort)" }

    fileprivate func answer(_ request: Request, _ channel: any Channel) async -> Response {
        remember(channel)
        let body = try? await request.body.collect(upTo: 64 * 1024 * 1024)
        let (path, query) = Self.parts(request.head.path ?? "/")
        let received = LoopbackRequest(
            method: request.method.rawValue, path: path, query: query,
            headers: request.headers.map { (name: $0.name.rawName, value: $0.value) },
            body: body.map { Array($0.readableBytesView) } ?? [])
        switch await handler(received) {
        case .reply(let reply):
            return Self.response(reply, ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
        case .cut:
            try? await channel.close()
            return Response(status: .internalServerError)
        case .cutBody(let reply, let count):
            let part = ByteBuffer(bytes: reply.body.prefix(count))
            let body = ResponseBody(contentLength: reply.body.count) { writer in
                try await writer.write(part)
                try await channel.close()
            }
            return Self.response(reply, body)
        }
    }

    private func remember(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isNew = state.withLock { $0.channels.updateValue(channel, forKey: id) == nil }
        guard isNew else { return }
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.channels[id] = nil } }
    }

    private static func parts(_ target: String) -> (path: String, query: String) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
    }

    private static func response(_ reply: HTTPReply, _ body: ResponseBody) -> Response {
        var headers = HTTPFields()
        for header in reply.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        return Response(status: .init(code: reply.status), headers: headers, body: body)
    }
}

/// The port is taken.
struct NotListening: Error {
    let port: Int
}

private struct Responder: HTTPResponder {
    let server: LoopbackServer

    func respond(to request: Request, context: ChannelContext) async throws -> Response {
        await server.answer(request, context.channel)
    }
}

private struct ChannelContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
