import ConnectorKit
import Domain

/// Why a call came to nothing, and what that proves. Each case carries its decision.
enum FortnoxFailure: Error, Hashable, Sendable {
    /// Fortnox said no and did nothing.
    case refused(FortnoxRefusal)
    /// Nothing was done, and it will pass: not sent, too many calls, a token being renewed.
    case busy(after: Duration?, Problem)
    /// Nothing was done, and nothing of anybody's will be until a person mends the connection.
    case barred(Problem)
    /// It may or may not have been done.
    case unknown(Problem)

    static func unreadable(_ what: String) -> Self {
        .unknown(Problem(.answerUnreadable, "Fortnox's answer holds \(what)"))
    }

    var problem: Problem {
        switch self {
        case .refused(let refusal): refusal.problem
        case .busy(_, let problem), .barred(let problem), .unknown(let problem): problem
        }
    }

    /// The same failure of a call that changes nothing: what is unknown may simply be asked again.
    var ofRead: FortnoxFailure {
        if case .unknown(let problem) = self { .busy(after: nil, problem) } else { self }
    }

    /// What a step came to whose call failed so.
    var outcome: StepOutcome {
        switch self {
        case .refused(let refusal): .rejected(refusal.problem)
        case .busy(let after, let problem): .retry(after: after, problem)
        case .barred(let problem): .retry(after: nil, problem)
        case .unknown(let problem): .unknown(problem.detail)
        }
    }

    /// Whether the next call will hardly fare better: then the rest of a batch is not tried.
    var isOfConnection: Bool {
        switch self {
        case .refused: false
        case .busy, .barred, .unknown: true
        }
    }

    var connectorError: ConnectorError {
        switch self {
        case .refused: ConnectorError(.stop, problem)
        case .busy(let after, let problem): ConnectorError(.retry(after: after), problem)
        case .barred(let problem): ConnectorError(.pauseConnection, problem)
        case .unknown(let problem): ConnectorError(.retry(after: nil), problem)
        }
    }

    /// After something was done: whatever goes wrong with reading it back, the doing is not undone.
    static func afterWriting(_ failure: FortnoxFailure) -> FortnoxFailure {
        .unknown(Problem(failure.problem.code, "done, but not read back: \(failure.problem.detail)"))
    }
}

/// A refusal by Fortnox's rules: `ErrorInformation` with a code, and a message in Swedish that may name people.
struct FortnoxRefusal: Hashable, Sendable {
    let status: Int
    let code: Int?
    let problem: Problem

    /// Reads both of Fortnox's spellings, `Code` and `code`.
    init(status: Int, body: [UInt8]) {
        let value = try? JSONReader.decode(body)
        let information = value?["ErrorInformation"] ?? value ?? .null
        let code = information["Code"]?.int ?? information["code"]?.int
        let message = information["Message"]?.string ?? information["message"]?.string ?? ""
        self.status = status
        self.code = code
        let shown = Self.withoutPersonalData(message)
        let text = shown.isEmpty ? "no, without a reason" : shown
        problem = Problem(Self.problemCode(code), "Fortnox says\(code.map { " (\($0))" } ?? ""): \(text)")
    }

    init(_ problem: Problem) {
        status = 0
        code = nil
        self.problem = problem
    }

    /// Fortnox itself says that the record is not there: a page of anybody else's with this status proves nothing.
    var isNotFound: Bool { code != nil && (status == 404 || Self.notFound.contains(code ?? 0)) }

    /// A customer has, or once had, the number we chose.
    var isNumberTaken: Bool { code == 2_000_637 }

    private static let notFound: Set<Int> = [2_000_428, 2_000_433, 2_000_434, 2_000_439]

    private static func problemCode(_ code: Int?) -> ProblemCode {
        switch code {
        case 2_000_428: .articleNotFound
        case 2_000_433, 2_000_434, 2_000_439: .documentGone
        case 2_001_304: .accountNotInERP
        case 2_000_663, 2_001_101, 2_001_103: .permissionMissing
        case 2_004_167: .taxNotInERP
        default: .refusedByERP
        }
    }

    /// Quoted words and e-mail addresses can be a person's; numbers are shown.
    static func withoutPersonalData(_ message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let pieces = line.split(omittingEmptySubsequences: false) { "\"'“”".contains($0) }
        let unquoted = pieces.enumerated().map { index, piece in
            index.isMultiple(of: 2) || piece.allSatisfy({ $0.isNumber || $0 == "-" }) ? String(piece) : "…"
        }
        return unquoted.joined(separator: "\"").split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.contains("@") ? "…" : String($0) }.joined(separator: " ").prefix(300).description
    }
}
