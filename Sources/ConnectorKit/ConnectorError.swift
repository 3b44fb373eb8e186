public import Domain

/// Why a call to an outside system failed, with what to do about it.
public struct ConnectorError: Error, Hashable, Sendable {
    public enum Decision: Hashable, Sendable {
        /// It will pass: try again, not before the given time.
        case retry(after: Duration?)
        /// Nothing of this connection will work until a person renews its credentials.
        case pauseConnection
        /// It will not pass by itself.
        case stop
    }

    public let decision: Decision
    public let problem: Problem

    public init(_ decision: Decision, _ problem: Problem) {
        self.decision = decision
        self.problem = problem
    }

    /// The same, said of one of several systems.
    public func naming(_ system: String) -> ConnectorError {
        ConnectorError(decision, Problem(problem.code, "\(system): \(problem.detail)"))
    }
}

extension ConnectorError: CustomStringConvertible {
    public var description: String { problem.description }
}
