import ConnectorKit
import Domain
import Synchronization

/// What goes wrong is told as what it is.
extension StorefrontCheck {
    static let failing: [StorefrontCheck] = [
        StorefrontCheck("bad settings are told field by field, all at once, without their values") { subject in
            let (keys, problems) = subject.problemsOfBadSettings()
            try require(
                Set(problems.map(\.path)).isSuperset(of: keys), "of \(keys) only \(problems.map(\.path)) are told")
            try require(problems.allSatisfy { !$0.text.isEmpty }, "a problem says nothing")
            try refuse(subject.secrets, in: "\(problems)")
        },
        StorefrontCheck("wrong credentials are unauthorised and pause the connection") { subject in
            let shop = try await subject.connectorWithWrongCredentials()
            let error = try await failure(of: shop)
            try require(error.problem.code, is: .unauthorised, "code")
            try require(error.decision, is: .pauseConnection, "decision")
            try require(await shop.check().map(\.code).contains(.unauthorised), "a check does not tell")
            try refuse(subject.secrets, in: "\(error)")
        },
        StorefrontCheck("each status of the shop leads to the right decision") { subject in
            _ = try await subject.place(1)
            let refused = try await failure(subject, .success(HTTPReply(status: 401)))
            try require(refused.decision, is: .pauseConnection, "decision after 401")
            for status in [429, 500, 502, 503] {
                let error = try await failure(subject, .success(HTTPReply(status: status)))
                guard case .retry = error.decision else {
                    throw AcceptanceFailure("decision after \(status): \(error.decision)")
                }
            }
            let page = HTTPReply(status: 200, body: Array("<html>maintenance</html>".utf8))
            _ = try await failure(subject, .success(page))
        },
        StorefrontCheck("a connection that is cut or refused is tried again later") { subject in
            _ = try await subject.place(1)
            for cause in [TransportFailure.noAnswer("cut"), .notSent("connection refused")] {
                let error = try await failure(subject, .failure(cause))
                guard case .retry = error.decision else {
                    throw AcceptanceFailure("decision after \(cause): \(error.decision)")
                }
                try refuse(subject.secrets, in: "\(error)")
            }
        },
        StorefrontCheck("a shop that asks for patience is asked again no sooner") { subject in
            let placed = try await subject.place(1)
            let isFirst = Mutex(true)
            let shop = try await subject.connector { _ in
                isFirst.withLock { first -> Result<HTTPReply, TransportFailure>? in
                    defer { first = false }
                    return first ? .success(HTTPReply(status: 429, headers: [("Retry-After", "7")])) : nil
                }
            }
            let began = subject.clock.now()
            let walk: StorefrontWalk
            do {
                walk = try await StorefrontWalk(shop, since: .distantPast)
            } catch let error as ConnectorError {
                guard case .retry(let after?) = error.decision, after >= .seconds(7) else {
                    throw AcceptanceFailure("the wish is not handed on: \(error.decision)")
                }
                return
            }
            try require(walk.ids, is: placed, "orders")
            try require(subject.clock.now() - began >= .seconds(7), "it was asked again too soon")
        },
        StorefrontCheck("cancelling ends a walk without another request") { subject in
            _ = try await subject.place(2 * subject.pageSize)
            let seen = SeenCalls()
            let walk = Mutex<Task<Void, any Error>?>(nil)
            let shop = try await subject.connector { call in
                seen.add(call)
                walk.withLock { $0?.cancel() }
                return .failure(.noAnswer("cut"))
            }
            let task = Task {
                while walk.withLock({ $0 == nil }) { await Task.yield() }
                _ = try await StorefrontWalk(shop, since: .distantPast)
            }
            walk.withLock { $0 = task }
            _ = await task.result
            try require(seen.all.count, is: 1, "requests")
        },
    ]

    /// How reading fails when every call ends like this.
    private static func failure(
        _ subject: any StorefrontSubject, _ outcome: Result<HTTPReply, TransportFailure>
    ) async throws -> ConnectorError {
        try await failure(of: try await subject.connector { _ in outcome })
    }

    private static func failure(of shop: any Storefront) async throws(AcceptanceFailure) -> ConnectorError {
        do throws(ConnectorError) {
            let page = try await shop.orders(changedSince: .distantPast, cursor: nil)
            throw ConnectorError(.stop, Problem(.internalError, "\(page.records.count) orders were read"))
        } catch {
            if error.problem.code == .internalError { throw AcceptanceFailure(error.problem.detail) }
            return error
        }
    }
}
