import ConnectorKit
import Domain

/// Why a call came to nothing, and what that proves. Each case carries its decision.
enum TrytonFailure: Error, Hashable, Sendable {
    /// Tryton said no and rolled the call back.
    case refused(TrytonRefusal)
    /// Tryton asks for a person's consent and rolled the call back.
    case warning(TrytonWarning)
    /// Nothing was done, and it will pass: not sent, too many calls, a row that others had locked.
    case busy(after: Duration?, Problem)
    /// Nothing was done, and nothing of anybody's will be until a person mends the connection.
    case barred(Problem)
    /// It may or may not have been done.
    case unknown(Problem)

    static func unreadable(_ what: String) -> Self {
        .unknown(Problem(.answerUnreadable, "Tryton's answer holds \(what)"))
    }

    var problem: Problem {
        switch self {
        case .refused(let refusal): refusal.problem
        case .warning(let warning): warning.problem
        case .busy(_, let problem), .barred(let problem), .unknown(let problem): problem
        }
    }

    /// The same failure of a call that changes nothing: what is unknown may simply be asked again.
    var ofRead: TrytonFailure {
        if case .unknown(let problem) = self { .busy(after: nil, problem) } else { self }
    }

    /// What a batch came to whose call failed so.
    var outcome: BatchOutcome {
        switch self {
        case .refused(let refusal): .refused(refusal.problem)
        case .warning(let warning): .refused(warning.problem)
        case .busy(let after, let problem): .retry(after: after, problem)
        case .barred(let problem): .retry(after: nil, problem)
        case .unknown(let problem): .unknown(problem.detail)
        }
    }

    var connectorError: ConnectorError {
        switch self {
        case .refused, .warning: ConnectorError(.stop, problem)
        case .busy(let after, let problem): ConnectorError(.retry(after: after), problem)
        case .barred(let problem): ConnectorError(.pauseConnection, problem)
        case .unknown(let problem): ConnectorError(.retry(after: nil), problem)
        }
    }

    /// After something was done: whatever goes wrong with reading it back, the doing is not undone.
    static func afterWriting(_ failure: TrytonFailure) -> TrytonFailure {
        .unknown(Problem(failure.problem.code, "done, but not read back: \(failure.problem.detail)"))
    }
}

/// A refusal by Tryton's rules. The message may name people, so only the problem made from it leaves the connector.
struct TrytonRefusal: Hashable, Sendable {
    /// What it is about, where the connector acts on it.
    enum Kind: Hashable, Sendable {
        case duplicateWebID, duplicateCode
        /// A button that the record's state does not offer, a locked field, or a record that is gone.
        case wrongState
        /// The number series has been used for a later date.
        case dateBeforeSeries
        /// An identifier or a phone number that Tryton holds to be no real one; the text is what was sent.
        case invalidIdentifier(String)
        case invalidPhone(String)
        case other
    }

    let kind: Kind
    let problem: Problem

    init(_ problem: Problem) {
        kind = .other
        self.problem = problem
    }

    /// Reads the first line of an English message.
    init(message: String) {
        let line = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        kind = Self.kind(line)
        let shown = TrytonMessage.withoutPersonalData(line)
        problem = Problem(Self.code(line), "Tryton says: \(shown.isEmpty ? "no, without a reason" : shown)")
    }

    private static func kind(_ line: String) -> Kind {
        if line.contains("web ID on the sale must be unique") { return .duplicateWebID }
        if line.contains("code on party must be unique") { return .duplicateCode }
        if line.contains("must set an invoice date after") { return .dateBeforeSeries }
        if line.hasPrefix("You can not call") || line.contains("that don't exist")
            || line.hasPrefix("You are not allowed to modify the field")
        {
            return .wrongState
        }
        guard line.hasSuffix("is not valid."), line.contains("for party") else { return .other }
        let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
        guard quoted.count > 1 else { return .other }
        let value = String(quoted[1])
        return line.hasPrefix("The phone number") ? .invalidPhone(value) : .invalidIdentifier(value)
    }

    private static func code(_ line: String) -> ProblemCode {
        if line.contains("must reopen the period") || line.contains("must reopen the fiscal year") {
            return .periodClosed
        }
        if line.contains("must create a period") || line.contains("must create a fiscal year") { return .periodMissing }
        if line.hasPrefix("No rate found for currency") { return .currencyNotInERP }
        let permissions = ["access", "create records", "read records", "write to records", "delete records", "execute"]
        if permissions.contains(where: { line.hasPrefix("You are not allowed to \($0)") })
            || line.hasPrefix("Calling button")
        {
            return .permissionMissing
        }
        return .refusedByERP
    }
}

/// A question that Tryton asks before it goes on.
struct TrytonWarning: Hashable, Sendable {
    /// `9601eb23….invoice_date_future`: the records it is about, hashed, and what about them.
    let name: String
    let message: String

    var kind: String { name.split(separator: ".", maxSplits: 1).last.map(String.init) ?? name }

    var problem: Problem {
        let line = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return Problem(.consentNeeded, "Tryton warns: \(TrytonMessage.withoutPersonalData(line))")
    }
}

/// What an HTTP answer to a call means.
enum TrytonAnswer {
    /// The call's result, or the failure it stands for. 401 is not for here: it renews the session first.
    static func read(_ reply: HTTPReply, now: Instant) throws(TrytonFailure) -> JSONValue {
        guard reply.status == 200 else { throw failure(reply, now: now) }
        // Tryton calls long answers compressed even when nobody asked for that and they are not: the bytes decide.
        guard !reply.body.starts(with: [0x1F, 0x8B]) else { throw .unreadable("compressed bytes, unasked") }
        let answer: JSONValue
        do throws(Problem) {
            answer = try JSONReader.decode(reply.body)
        } catch {
            throw .unreadable("no JSON: \(error.detail)")
        }
        if let error = answer["error"] { throw failure(error) }
        guard case .object(let members) = answer, let result = members["result"] else {
            throw .unreadable("neither result nor error")
        }
        return result
    }

    /// `["UserError",[message,description,domain]]`, `["UserWarning",[name,message,description]]`, or `[text,""]` for
    /// what Tryton's authors did not foresee. All of them rolled the call back.
    private static func failure(_ error: JSONValue) -> TrytonFailure {
        let details = error[1]
        switch error[0]?.string {
        case "UserError":
            return .refused(TrytonRefusal(message: details?[0]?.string ?? ""))
        case "UserWarning":
            return .warning(TrytonWarning(name: details?[0]?.string ?? "", message: details?[1]?.string ?? ""))
        case "ConcurrencyException":
            return .busy(after: nil, Problem(.refusedByERP, "Tryton says that the record was changed meanwhile"))
        case "LoginException":
            return .barred(Problem(.unauthorised, "Tryton asks for more than user name and password"))
        case let text?:
            let shown = TrytonMessage.withoutPersonalData(String(text.prefix(200)))
            return .refused(TrytonRefusal(Problem(.refusedByERP, "Tryton failed: \(shown)")))
        case nil:
            return .unreadable("an error of unknown form")
        }
    }

    private static func failure(_ reply: HTTPReply, now: Instant) -> TrytonFailure {
        let problem = Problem(.unreachable, "Tryton answered with HTTP \(reply.status)")
        switch reply.status {
        case 429:
            return .busy(after: reply.retryAfter(now: now), problem)
        case 503 where isLockMessage(reply.body):
            return .busy(after: reply.retryAfter(now: now), Problem(.unreachable, "Tryton is busy: a record is locked"))
        case 408, 500...599:
            return .unknown(problem)
        case 300..<400:
            let text = "the address of Tryton redirects (HTTP \(reply.status)): give its final address"
            return .barred(Problem(.answerUnreadable, text))
        case 403:
            let text = "Tryton does not offer this call (HTTP 403): a module is missing, or the user may not"
            return .barred(Problem(.permissionMissing, text))
        case 404:
            // A wrong name of the database, or one that Tryton cannot reach just now: it says the same of both.
            let text = "Tryton knows no such database or cannot reach it (HTTP 404)"
            return .busy(after: nil, Problem(.unreachable, text))
        default:
            // 4xx: not let in, so nothing was done.
            return .refused(TrytonRefusal(Problem(.answerUnreadable, problem.detail)))
        }
    }

    /// Tryton tries a locked row five times, rolls back and says so. Any other 503 may come from a proxy that gave up
    /// waiting while Tryton went on.
    private static func isLockMessage(_ body: [UInt8]) -> Bool {
        String(decoding: body.prefix(4000), as: UTF8.self).contains("could not obtain lock")
    }
}
