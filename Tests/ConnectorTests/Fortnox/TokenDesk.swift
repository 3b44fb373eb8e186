import ConnectorKit
import Domain
import Foundation
import Synchronization

/// The token endpoint of Fortnox: every renewal brings a new refresh token and ends the one before it.
final class TokenDesk: Transport {
    enum Fault: Sendable {
        case none, notSent, lostBefore, lostAfter, serverError
    }

    fileprivate struct State {
        var refreshToken = "refresh-0"
        var issued = 0
        var faults: [Fault] = []
        var asked = 0
    }

    private let state = Mutex(State())

    var refreshToken: String { state.withLock { $0.refreshToken } }
    var asked: Int { state.withLock { $0.asked } }

    /// What happens to the next requests.
    func fail(_ faults: Fault...) { state.withLock { $0.faults = faults } }

    func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        let form = String(decoding: call.body ?? [], as: UTF8.self)
        let (fault, reply) = state.withLock { state in
            state.asked += 1
            let fault = state.faults.isEmpty ? Fault.none : state.faults.removeFirst()
            switch fault {
            case .notSent, .lostBefore, .serverError: return (fault, HTTPReply(status: 502))
            case .none, .lostAfter: return (fault, state.answer(form))
            }
        }
        switch fault {
        case .none, .serverError: return reply
        case .notSent: throw .notSent("connection refused")
        case .lostBefore, .lostAfter: throw .noAnswer("cut")
        }
    }
}

extension TokenDesk.State {
    fileprivate mutating func answer(_ form: String) -> HTTPReply {
        let isCode = form.contains("grant_type=authorization_code") && form.contains("code=good")
        let isRefresh = form.contains("grant_type=refresh_token") && form.hasSuffix("refresh_token=\(refreshToken)")
        guard isCode || isRefresh else {
            return HTTPReply(status: 400, body: Array(#"{"error":"invalid_grant"}"#.utf8))
        }
        issued += 1
        refreshToken = "refresh-\(issued)"
        let text =
            #"{"access_token":"access-\#(issued)","refresh_token":"\#(refreshToken)","expires_in":3600,"token_type":"bearer"}"#
        return HTTPReply(status: 200, body: Array(text.utf8))
    }
}

/// A memory whose process can die: from then on nothing is kept any more. What was kept outlives it.
final class MortalMemory: ConnectionMemory {
    private let kept: VolatileMemory
    private let writesLeft: Mutex<Int?>

    init(_ kept: VolatileMemory, dyingAfter writes: Int? = nil) {
        self.kept = kept
        writesLeft = Mutex(writes)
    }

    struct Death: Error {}

    func die(after writes: Int) { writesLeft.withLock { $0 = writes } }
    func revive() { writesLeft.withLock { $0 = nil } }

    func recall(_ name: String) async throws -> KeptValue? { try await kept.recall(name) }

    func remember(_ value: Secret, under name: String, replacing version: Int64) async throws -> Int64? {
        let lives = writesLeft.withLock { left in
            guard let count = left else { return true }
            left = count - 1
            return count > 0
        }
        guard lives else { throw Death() }
        return try await kept.remember(value, under: name, replacing: version)
    }
}
