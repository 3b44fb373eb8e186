public import ConnectorKit
import Synchronization

/// A way to a system that breaks at the first call that performs a step.
public final class FaultyTransport: Transport {
    private let base: any Transport
    private let fault: ERPFault
    private let performs: @Sendable (HTTPCall) -> Bool
    private let isSpent = Mutex(false)

    /// `performs` says which calls perform the fault's step.
    public init(_ base: any Transport, _ fault: ERPFault, performs: @escaping @Sendable (HTTPCall) -> Bool) {
        self.base = base
        self.fault = fault
        self.performs = performs
    }

    public func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        guard performs(call), strikes() else { return try await base.send(call) }
        switch fault.manner {
        case .lostBefore:
            throw .noAnswer("cut")
        case .lostAfter:
            _ = try await base.send(call)
            throw .noAnswer("cut")
        case .serverError: return HTTPReply(status: 500)
        case .tooManyCalls: return HTTPReply(status: 429)
        case .unreachable: throw .notSent("connection refused")
        }
    }

    private func strikes() -> Bool {
        if case .unreachable = fault.manner { return true }
        if case .tooManyCalls = fault.manner { return true }
        return isSpent.withLock { spent in
            defer { spent = true }
            return !spent
        }
    }
}
