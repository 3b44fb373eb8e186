import ConnectorKit
import Domain
import Synchronization

/// What goes wrong is tried again or told, and is never taken for nothing.
extension ProviderCheck {
    static let failing: [ProviderCheck] = [
        ProviderCheck("each status of the provider leads to the right decision") { subject in
            let payout = try await complete(subject)
            for question in ProviderQuestion.allCases {
                let refused = try await failure(question, subject, payout, .success(HTTPReply(status: 401)))
                try require(refused.decision, is: .pauseConnection, "decision after 401")
                for status in [429, 500, 502, 503] {
                    let error = try await failure(question, subject, payout, .success(HTTPReply(status: status)))
                    try requireRetry(error, "after \(status)")
                }
                // Not of the provider's making: it says nothing about the payout.
                let page = HTTPReply(status: 404, body: Array("<html>no such page</html>".utf8))
                _ = try await failure(question, subject, payout, .success(page))
            }
        },
        ProviderCheck("an answer that cannot be read is neither an empty list nor a payout that is gone") { subject in
            let payout = try await complete(subject)
            for text in ["", "<html>maintenance</html>", "null", "[]", "{}", #"{"error": "busy"}"#, #"{"data": "#] {
                let reply = HTTPReply(status: 200, body: Array(text.utf8))
                try await requireToBeTold(.always(.success(reply)), subject, payout, text.debugDescription)
            }
            // Of these the payout may be known by its id, and say itself that it is damaged.
            for part in [1, 20, 50, 80, 99] {
                let cut = CallFault.changing { reply in
                    HTTPReply(status: 200, body: Array(reply.body.prefix(reply.body.count * part / 100)))
                }
                try await requireToBeTold(cut, subject, payout, "\(part) % of an answer", orBy: .unreadable)
            }
            let unclosed = CallFault.changing { HTTPReply(status: 200, body: $0.body.dropLast()) }
            try await requireToBeTold(unclosed, subject, payout, "all but the last byte", orBy: .unreadable)
        },
        ProviderCheck("an answer that is lost is asked for again or told, and a connection that is refused too") {
            subject in
            let payout = try await complete(subject)
            for question in ProviderQuestion.allCases {
                let sound = try await question.ask(try await subject.connector(nil), about: payout)
                let isFirst = Mutex(true)
                let lossy = try await subject.connector(
                    .after { reply in
                        let isLost = isFirst.withLock { first in
                            defer { first = false }
                            return first
                        }
                        return isLost ? .failure(.noAnswer("cut")) : .success(reply)
                    })
                switch await question.answer(of: lossy, about: payout) {
                case .success(let answer): try require(answer, is: sound, "\(question) after an answer was lost")
                case .failure(let error): try requireRetry(error, "after an answer was lost")
                }
                for cause in [TransportFailure.noAnswer("cut"), .notSent("connection refused")] {
                    let error = try await failure(question, subject, payout, .failure(cause))
                    try requireRetry(error, "after \(cause)")
                    try require(error.problem.code, is: .unreachable, "code after \(cause)")
                }
            }
        },
        ProviderCheck("a provider that asks for patience is asked again no sooner") { subject in
            let payout = try await complete(subject)
            for question in ProviderQuestion.allCases {
                try await requirePatience(question, subject, payout)
                let busy = HTTPReply(status: 429, headers: [("Retry-After", "3600")])
                let error = try await failure(question, subject, payout, .success(busy))
                guard case .retry(let after?) = error.decision, after >= .seconds(3600) else {
                    throw AcceptanceFailure("a wish for an hour is not handed on: \(error.decision)")
                }
            }
        },
        ProviderCheck("cancelling ends a walk without another request") { subject in
            let seen = SeenCalls()
            let walk = Mutex<Task<Void, any Error>?>(nil)
            let provider = try await subject.connector(
                .before { call in
                    seen.add(call)
                    walk.withLock { $0?.cancel() }
                    return .failure(.noAnswer("cut"))
                })
            let task = Task {
                while walk.withLock({ $0 == nil }) { await Task.yield() }
                _ = try await PayoutWalk(provider)
            }
            walk.withLock { $0 = task }
            _ = await task.result
            try require(seen.all.count, is: 1, "requests")
        },
        ProviderCheck("reading changes nothing at the provider") { subject in
            let payout = try await complete(subject)
            let seen = SeenCalls()
            let provider = try await subject.connector(
                .before { call in
                    seen.add(call)
                    return nil
                })
            for question in ProviderQuestion.allCases { _ = try await question.ask(provider, about: payout) }
            _ = await provider.check()
            try require(seen.all.count > 3, "it asked only \(seen.all.count) times")
            try require(seen.all.allSatisfy { $0.method == .get && $0.body == nil }, "it sends more than questions")
        },
    ]

    /// A payout of two payments that is complete.
    static func complete(_ subject: any ProviderSubject) async throws -> Payout {
        for number in ["27", "28"] { _ = try await subject.sell(number) }
        return try await subject.paidOut().payout
    }

    /// How a question fails when every call ends like this.
    static func failure(
        _ question: ProviderQuestion, _ subject: any ProviderSubject, _ payout: Payout,
        _ outcome: Result<HTTPReply, TransportFailure>
    ) async throws -> ConnectorError {
        try await question.failure(of: try await subject.connector(.always(outcome)), about: payout)
    }

    private static func requireRetry(_ error: ConnectorError, _ when: String) throws(AcceptanceFailure) {
        guard case .retry = error.decision else { throw AcceptanceFailure("decision \(when): \(error.decision)") }
    }

    /// Every question has its sound answer, or is to be asked again.
    private static func requireToBeTold(
        _ fault: CallFault, _ subject: any ProviderSubject, _ payout: Payout, _ what: String,
        orBy damage: ProviderQuestion.Answer? = nil
    ) async throws {
        for question in ProviderQuestion.allCases {
            let sound = try await question.ask(try await subject.connector(nil), about: payout)
            switch await question.answer(of: try await subject.connector(fault), about: payout) {
            case .success(let answer):
                try require(answer == sound || answer == damage, "\(what) is read as \(answer)")
            case .failure(let error): try requireRetry(error, "after \(what)")
            }
        }
    }

    /// The first call is answered with a wish for seven seconds.
    private static func requirePatience(
        _ question: ProviderQuestion, _ subject: any ProviderSubject, _ payout: Payout
    ) async throws {
        let sound = try await question.ask(try await subject.connector(nil), about: payout)
        let isFirst = Mutex(true)
        let provider = try await subject.connector(
            .before { _ in
                isFirst.withLock { first -> Result<HTTPReply, TransportFailure>? in
                    defer { first = false }
                    return first ? .success(HTTPReply(status: 429, headers: [("Retry-After", "7")])) : nil
                }
            })
        let began = subject.clock.now()
        switch await question.answer(of: provider, about: payout) {
        case .success(let answer):
            try require(answer, is: sound, "\(question) after a wish")
            try require(subject.clock.now() - began >= .seconds(7), "it was asked again too soon")
        case .failure(let error):
            guard case .retry(let after?) = error.decision, after >= .seconds(7) else {
                throw AcceptanceFailure("the wish is not handed on: \(error.decision)")
            }
        }
    }
}
