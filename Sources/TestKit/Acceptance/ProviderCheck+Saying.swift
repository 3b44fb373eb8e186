import ConnectorKit
import Domain

/// What is wrong with the settings is told to a person, and gives nothing away.
extension ProviderCheck {
    static let saying: [ProviderCheck] = [
        ProviderCheck("bad settings are told field by field, all at once, without their values") { subject in
            let (keys, problems) = subject.problemsOfBadSettings()
            try require(
                Set(problems.map(\.path)).isSuperset(of: keys), "of \(keys) only \(problems.map(\.path)) are told")
            try require(problems.allSatisfy { !$0.text.isEmpty }, "a problem says nothing")
            try StorefrontCheck.refuse(subject.secrets, in: "\(problems)")
        },
        ProviderCheck("wrong credentials are unauthorised and pause the connection") { subject in
            let payout = try await complete(subject)
            for question in ProviderQuestion.allCases {
                let error = try await question.failure(
                    of: try await subject.connectorWithWrongCredentials(), about: payout)
                try require(error.problem.code, is: .unauthorised, "code")
                try require(error.decision, is: .pauseConnection, "decision")
                try StorefrontCheck.refuse(subject.secrets, in: "\(error)")
            }
            let problems = await (try subject.connectorWithWrongCredentials()).check()
            try require(problems.map(\.code).contains(.unauthorised), "the check does not tell")
            try StorefrontCheck.refuse(subject.secrets, in: "\(problems)")
        },
        ProviderCheck("the check is empty when all is well, and names what is missing when it is not") { subject in
            for count in 0...1 {
                _ = try await subject.payOut(count)
                let problems = await (try subject.connector(nil)).check()
                try require(problems.isEmpty, "all is well, but \(problems)")
            }
            let (provider, named) = try await subject.connectorWithoutPermission()
            let missing = await provider.check()
            try require(missing.map(\.code).contains(.permissionMissing), "a permission is missing: \(missing)")
            for word in named { try require("\(missing)".contains(word), "\(word) is not named: \(missing)") }
            let away = await (try subject.connector(.always(.failure(.notSent("connection refused"))))).check()
            try require(away.map(\.code).contains(.unreachable), "the provider is away: \(away)")
            try StorefrontCheck.refuse(subject.secrets, in: "\(missing) \(away)")
        },
        ProviderCheck("no error gives a secret away, whatever the provider repeats of a request") { subject in
            let payout = try await complete(subject)
            for question in ProviderQuestion.allCases {
                for (status, isJSON) in statuses.flatMap({ [($0, true), ($0, false)] }) {
                    let provider = try await subject.connector(
                        .before { .success(echo($0, status, isJSON: isJSON, subject.secrets)) })
                    let answer = await question.answer(of: provider, about: payout)
                    if case .success(let read) = answer { try require(read, is: .unreadable, "an echo with \(status)") }
                    try StorefrontCheck.refuse(subject.secrets, in: "\(answer) \(await provider.check())")
                }
            }
        },
    ]

    private static let statuses = [200, 301, 400, 401, 403, 404, 409, 422, 429, 500]

    /// An answer that repeats all of the call, as proxies and pages for developers do, and the credential wherever an error
    /// may have a name.
    private static func echo(_ call: HTTPCall, _ status: Int, isJSON: Bool, _ secrets: [String]) -> HTTPReply {
        let headers = call.headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        let text = "\(call.method.rawValue) \(call.url) \(headers)".filter { $0 != "\"" && $0 != "\\" }
        let secret = secrets.first { text.contains($0) } ?? ""
        let names = ["type", "code", "param", "title"].map { #""\#($0)": "\#(secret)""# }.joined(separator: ", ")
        let error = #"{\#(names), "message": "\#(text)", "detail": "\#(text)"}"#
        let body =
            isJSON ? #"{"error": \#(error), "errors": [\#(error)], "message": "\#(text)"}"# : "<html>\(text)</html>"
        return HTTPReply(status: status, headers: call.headers, body: Array(body.utf8))
    }
}
