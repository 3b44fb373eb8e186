/// One request to an outside system. Redirects are never followed.
public struct HTTPCall: Sendable {
    public enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    public var method: Method
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]?
    /// From now until the whole answer is there.
    public var deadline: Duration
    public var maxReplyBytes: Int

    public init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        deadline: Duration = .seconds(30), maxReplyBytes: Int = 16 * 1024 * 1024
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.maxReplyBytes = maxReplyBytes
    }
}

public struct HTTPReply: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of the name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there is no answer. The difference decides whether a write may be tried again.
public enum TransportFailure: Error, Hashable, Sendable {
    /// Nothing was sent: no connection. Trying again is safe.
    case notSent(String)
    /// Something was sent and no whole answer came: the outside system may have done it.
    case noAnswer(String)
    /// The answer was longer than the call allows.
    case replyTooLarge
}

/// Sends requests. The one implementation for production is `HTTPTransport`; tests play recorded exchanges.
public protocol Transport: Sendable {
    func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply
}
