public import ConnectorKit

/// What can be done to one request to a stand-in, on purpose.
public enum SandboxFault: Sendable {
    /// Instead of its own answer; the request has no effect.
    case answer(HTTPReply)
    /// The request has no effect; the client sees a closed connection.
    case loseBefore
    /// The request has its effect; the client sees a closed connection.
    case loseAfter
    /// The request has its effect; the answer is cut after this many bytes of its body.
    case cutBody(after: Int)
    /// The request has its effect, and is answered, only when the closure returns.
    case hold(until: @Sendable () async -> Void)
}

/// What a stand-in tells of a request before it decides about a fault.
public struct SandboxRequest: Sendable {
    /// 1 for the first request that came.
    public let number: Int
    public let method: String
    public let path: String
    /// Decoded.
    public let query: [String: String]
    public let body: [UInt8]

    public init(number: Int, method: String, path: String, query: [String: String], body: [UInt8]) {
        self.number = number
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }
}

/// Decides by request; `nil` lets it pass.
public typealias SandboxFaultRule = @Sendable (SandboxRequest) async -> SandboxFault?

extension LoopbackAnswer {
    /// What becomes of a request under a fault: `answered` gives it its effect and its answer.
    static func under(_ fault: SandboxFault?, _ answered: @Sendable () -> HTTPReply) async -> LoopbackAnswer {
        switch fault {
        case nil: return .reply(answered())
        case .answer(let reply): return .reply(reply)
        case .loseBefore: return .cut
        case .loseAfter:
            _ = answered()
            return .cut
        case .cutBody(let count): return .cutBody(answered(), after: count)
        case .hold(let until):
            await until()
            return .reply(answered())
        }
    }
}
