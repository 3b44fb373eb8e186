/// What a connector did instead of what a check asks for.
public struct AcceptanceFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Why a connector need not pass a check. It is printed on every run, and a waiver whose check would pass is a failure.
public struct Waiver: Sendable {
    /// A part of the check's name.
    public let check: String
    public let reason: String

    public init(_ check: String, because reason: String) {
        self.check = check
        self.reason = reason
    }
}

/// How a connector stood a check.
public enum Verdict: Sendable, Equatable {
    case passed
    case waived(String)
    case failed(String)

    /// Runs a check, or proves that its waiver is still needed.
    public static func of(_ check: String, waivers: [Waiver], _ run: () async throws -> Void) async -> Verdict {
        let waiver = waivers.first { check.contains($0.check) }
        do {
            try await run()
            return waiver.map { .failed("it passes, so its waiver must go: \($0.reason)") } ?? .passed
        } catch {
            return waiver.map { .waived($0.reason) } ?? .failed("\(error)")
        }
    }

    /// One line of the table: `fortnox     passed  a step that is performed twice …`.
    public func line(_ connector: String, _ check: String) -> String {
        let name = connector + String(repeating: " ", count: max(1, 12 - connector.count))
        return switch self {
        case .passed: "\(name)passed  \(check)"
        case .waived(let reason): "\(name)WAIVED  \(check): \(reason)"
        case .failed(let reason): "\(name)FAILED  \(check): \(reason)"
        }
    }
}

func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(AcceptanceFailure) {
    if !holds { throw AcceptanceFailure(otherwise()) }
}

func require<Value: Equatable>(_ value: Value, is wanted: Value, _ what: String) throws(AcceptanceFailure) {
    if value != wanted { throw AcceptanceFailure("\(what): \(value) instead of \(wanted)") }
}
