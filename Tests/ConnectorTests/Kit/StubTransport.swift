import ConnectorKit
import Synchronization

/// Answers from a list, in order; the last entry repeats. Remembers what it was sent.
final class StubTransport: Transport {
    private struct State {
        var outcomes: [Result<HTTPReply, TransportFailure>]
        var sent: [HTTPCall] = []
    }

    private let state: Mutex<State>

    init(_ outcomes: [Result<HTTPReply, TransportFailure>]) { state = Mutex(State(outcomes: outcomes)) }

    convenience init(statuses: Int...) { self.init(statuses.map { .success(HTTPReply(status: $0)) }) }

    var sent: [HTTPCall] { state.withLock { $0.sent } }

    func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        let outcome = state.withLock { state in
            state.sent.append(call)
            return state.outcomes.count > 1 ? state.outcomes.removeFirst() : state.outcomes.first
        }
        return try (outcome ?? .failure(.notSent("nothing to answer"))).get()
    }
}
