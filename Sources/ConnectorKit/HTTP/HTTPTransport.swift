import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Sends requests over the network with AsyncHTTPClient: HTTP/1.1, no redirects, no decompression.
///
/// A body is handed to the client as a stream of one piece, so that it is known whether the client ever asked for it: a
/// failure before that provably sent no request that the other side could act on. Nothing is ever sent twice: a
/// connection that the peer closes while a request is on it fails that request as `noAnswer`.
public final class HTTPTransport: Transport {
    private let client: HTTPClient
    private let eventLoops: any EventLoopGroup
    private let isShutDown = Mutex(false)

    /// - Parameters:
    ///   - connectTimeout: For the connection with its TLS handshake.
    ///   - readTimeout: The longest silence while an answer is awaited.
    ///   - idleTimeout: How long an unused connection is kept. Short, because web servers close theirs after 5 seconds
    ///     and a request that meets the closing is lost.
    public init(
        connectTimeout: Duration = .seconds(10), readTimeout: Duration = .seconds(60),
        idleTimeout: Duration = .seconds(4)
    ) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        configuration.timeout = .init(
            connect: TimeAmount(connectTimeout), read: TimeAmount(readTimeout))
        configuration.httpVersion = .http1Only
        configuration.connectionPool = .init(idleTimeout: TimeAmount(idleTimeout))
        // A refused connection is told at once; who may try again is for `RetryPolicy` to say.
        configuration.connectionPool.retryConnectionEstablishment = false
        eventLoops = HTTPClient.defaultEventLoopGroup
        client = HTTPClient(eventLoopGroup: eventLoops, configuration: configuration)
    }

    deinit {
        guard !isShutDown.withLock({ $0 }) else { return }
        client.shutdown { _ in }
    }

    /// Closes all connections. Requests that are under way fail as `noAnswer`.
    public func shutdown() async throws {
        let first = isShutDown.withLock { done in
            defer { done = true }
            return !done
        }
        if first { try await client.shutdown() }
    }

    /// Cancelling the caller ends a GET; any other request runs to its end or deadline, because cutting it would leave
    /// its effect unknown.
    public func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        let client = client
        let exchange = Task { await Exchange(call).run(client) }
        let alarm = eventLoops.next().scheduleTask(in: TimeAmount(call.deadline)) { exchange.cancel() }
        defer { alarm.cancel() }
        let result =
            if call.method == .get {
                await withTaskCancellationHandler {
                    await exchange.value
                } onCancel: {
                    exchange.cancel()
                }
            } else {
                await exchange.value
            }
        return try result.get()
    }
}

/// One request and its answer.
private struct Exchange: Sendable {
    let call: HTTPCall
    /// `nil` for a request without a body, or with an empty one: nothing proves what was sent of it.
    let body: BodyOnce?

    init(_ call: HTTPCall) {
        self.call = call
        body = call.body.flatMap { $0.isEmpty ? nil : BodyOnce(ByteBuffer(bytes: $0)) }
    }

    func run(_ client: HTTPClient) async -> Result<HTTPReply, TransportFailure> {
        do {
            let response = try await client.execute(request, deadline: .now() + TimeAmount(call.deadline))
            guard let bytes = try await collect(response) else { return .failure(.replyTooLarge) }
            // Iteration can end without an error when it was cancelled: then the answer may be cut.
            try Task.checkCancellation()
            let headers = response.headers.map { (name: $0.name, value: $0.value) }
            return .success(HTTPReply(status: Int(response.status.code), headers: headers, body: bytes))
        } catch {
            return .failure(TransportFailure(error, bodyWasTaken: body?.wasTaken))
        }
    }

    private var request: HTTPClientRequest {
        var request = HTTPClientRequest(url: call.url)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        for header in call.headers { request.headers.add(name: header.name, value: header.value) }
        if !request.headers.contains(name: "User-Agent") { request.headers.add(name: "User-Agent", value: "OrderSync") }
        if let body { request.body = .stream(body, length: .known(Int64(body.buffer.readableBytes))) }
        return request
    }

    /// The whole body; `nil` as soon as it is longer than the call allows.
    private func collect(_ response: HTTPClientResponse) async throws -> [UInt8]? {
        let announced = response.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        guard announced <= call.maxReplyBytes else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(announced)
        for try await piece in response.body {
            guard bytes.count + piece.readableBytes <= call.maxReplyBytes else { return nil }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }
}

/// A body that is given out once and remembers that it was.
private struct BodyOnce: AsyncSequence, Sendable {
    final class Mark: Sendable {
        let taken = Atomic(false)
    }

    struct Iterator: AsyncIteratorProtocol {
        var buffer: ByteBuffer?
        let mark: Mark

        mutating func next() async -> ByteBuffer? {
            mark.taken.store(true, ordering: .sequentiallyConsistent)
            defer { buffer = nil }
            return buffer
        }
    }

    let buffer: ByteBuffer
    private let mark = Mark()

    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    var wasTaken: Bool { mark.taken.load(ordering: .sequentiallyConsistent) }

    func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer, mark: mark) }
}

extension TransportFailure {
    /// `bodyWasTaken` is `nil` for a request without a body.
    init(_ error: any Error, bodyWasTaken: Bool?) {
        let reason = Self.reason(error)
        let isUnsent = bodyWasTaken == false || (bodyWasTaken == nil && Self.isBeforeSending(error))
        self = isUnsent ? .notSent(reason) : .noAnswer(reason)
    }

    /// Failures that the client knows only before it has a connection.
    private static func isBeforeSending(_ error: any Error) -> Bool {
        if error is NIOConnectionError { return true }
        if let error = error as? IOError { return error.errnoCode == 111 || error.errnoCode == 61 }
        guard let error = error as? HTTPClientError else { return false }
        let known: [HTTPClientError] = [
            .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .invalidURL, .emptyHost, .emptyScheme,
            .alreadyShutdown,
        ]
        return known.contains(error)
    }

    /// Only texts that cannot hold an address, a header or a body.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: "no connection to \(error.host):\(error.port)"
        case let error as IOError: "input/output error \(error.errnoCode)"
        case let error as HTTPClientError: error.shortDescription
        case is CancellationError: "no whole answer within the deadline, or cancelled"
        default: "\(type(of: error))"
        }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) { self = .milliseconds(max(0, duration.milliseconds)) }
}
