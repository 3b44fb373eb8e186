public import Domain

/// What is wrong with one row of a settlement file, and what to do about it.
public struct SettlementProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Of the file, counted from 1.
    public let line: Int
    /// As the file's header has it; `nil` where the row as a whole is meant.
    public let column: String?
    public let text: String

    public init(line: Int, column: String? = nil, _ text: String) {
        self.line = line
        self.column = column
        self.text = text
    }

    /// `line 12, column Amount: "12.5x" is not an amount like 1234.50; …`
    public var description: String { "line \(line)\(column.map { ", column \($0)" } ?? ""): \(text)" }
    public var problem: Problem { Problem(.settlementFileUnreadable, description) }

    /// A cell as people may see it: a row that slipped can have a person's address where an amount belongs.
    static func shown(_ cell: String) -> String {
        cell.isEmpty
            ? "an empty cell" : cell.count > 24 || cell.contains("@") ? "the text there" : "\"\(cell)\""
    }
}

/// Why a row is no line, though nothing is wrong with it.
public enum SettlementSkip: Hashable, Sendable, CustomStringConvertible {
    /// A word that its filter leaves out: a payout that is pending, a row that moved nothing.
    case filtered(column: String, word: String)
    /// A kind that the layout leaves out.
    case ignored(word: String)
    /// It names no payout; told in the layout's words.
    case noPayout(String)

    public var description: String {
        switch self {
        case .filtered(let column, let word): "\(column) is \(word.isEmpty ? "empty" : word)"
        case .ignored(let word): "rows of type \(word) are no movements"
        case .noPayout(let text): text
        }
    }
}
