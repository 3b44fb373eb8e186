/// One thing that keeps a record from going through, told to a person: what happened and to which part.
/// Cause and fix come from the catalogue by its code.
public struct Problem: Error, Hashable, Sendable, Codable {
    public let code: ProblemCode
    /// What exactly, without personal data and secrets: `article MUG-001 is not in the ERP`.
    public let detail: String

    public init(_ code: ProblemCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

extension Problem: CustomStringConvertible {
    /// `ARTICLE_NOT_FOUND: article MUG-001 is not in the ERP. Create the article …`.
    public var description: String { "\(code.rawValue): \(detail). \(code.entry.fix)" }
}
