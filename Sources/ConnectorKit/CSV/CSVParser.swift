/// Reads CSV (RFC 4180, and what spreadsheets make of it) piece by piece, so that a file of any length needs the memory of one row.
/// Ours because reports have millions of rows and a person has to be told the line and column of a bad one; the libraries at hand
/// read whole files and tell neither.
public struct CSVParser: Sendable {
    public struct Row: Hashable, Sendable {
        /// The line of the file that the row begins on, counted from 1: a quoted field can hold line breaks.
        public let line: Int
        public let fields: [String]

        public init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    public enum Encoding: String, Hashable, Sendable, Codable, CaseIterable {
        case utf8
        /// ISO 8859-1.
        case latin1
    }

    /// A file that is not what it should be; lines and columns are counted from 1.
    public enum Failure: Error, Hashable, Sendable {
        case quoteNotClosed(line: Int, column: Int)
        case textAfterQuote(line: Int, column: Int)
        case notInEncoding(line: Int, column: Int)
        case rowTooLong(line: Int)
    }

    /// A row longer than this, in bytes, is none: a quote was left open.
    static let longestRow = 1 << 20

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private enum State { case fieldBegins, plain, quoted, quoteInQuoted }

    private let separator: UInt8
    private let encoding: Encoding
    private var state = State.fieldBegins
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var rowBytes = 0
    /// Of the last row.
    private var columns = 0
    private var line = 1
    private var rowLine = 1
    private var afterReturn = false
    private var isAtStart = true

    public init(separator: UInt8 = UInt8(ascii: ","), encoding: Encoding = .utf8) {
        self.separator = separator
        self.encoding = encoding
    }

    /// Takes the next piece of the file; answers the rows that ended in it. Empty lines are no rows.
    public mutating func rows(in piece: some Sequence<UInt8>) throws(Failure) -> [Row] {
        var rows: [Row] = []
        for byte in piece { if let row = try take(byte) { rows.append(row) } }
        return rows
    }

    /// The file has ended; answers the row that no line break ended.
    public mutating func end() throws(Failure) -> Row? {
        if state == .quoted { throw .quoteNotClosed(line: rowLine, column: fields.count + 1) }
        return try endRow()
    }

    private mutating func take(_ byte: UInt8) throws(Failure) -> Row? {
        defer { afterReturn = byte == UInt8(ascii: "\r") }
        rowBytes += 1
        guard rowBytes <= Self.longestRow else { throw .rowTooLong(line: rowLine) }
        let isBreak = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        // The second half of a line break that was counted already.
        let isSecondHalf = byte == UInt8(ascii: "\n") && afterReturn
        if isBreak, !isSecondHalf { line += 1 }
        switch state {
        case .quoted:
            if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { field.append(byte) }
            return nil
        case .quoteInQuoted where byte == UInt8(ascii: "\""):
            field.append(byte)
            state = .quoted
            return nil
        case .fieldBegins where byte == UInt8(ascii: "\""):
            state = .quoted
            return nil
        // A mark of the byte order stands before the quote.
        case .plain where byte == UInt8(ascii: "\"") && isAtStart && field == Self.byteOrderMark:
            field.removeAll(keepingCapacity: true)
            state = .quoted
            return nil
        case .fieldBegins, .plain, .quoteInQuoted:
            if isSecondHalf {
                (rowBytes, rowLine) = (0, line)
                return nil
            }
            if isBreak { return try endRow() }
            if byte == separator {
                try endField()
                return nil
            }
            if state == .quoteInQuoted { throw .textAfterQuote(line: rowLine, column: fields.count + 1) }
            field.append(byte)
            state = .plain
            return nil
        }
    }

    private mutating func endField() throws(Failure) {
        if isAtStart {
            isAtStart = false
            if encoding == .utf8, field.starts(with: Self.byteOrderMark) { field.removeFirst(3) }
        }
        switch encoding {
        // Most fields need no look at what they mean.
        case .utf8 where field.allSatisfy { $0 < 0x80 }: fields.append(String(decoding: field, as: UTF8.self))
        case .utf8:
            guard let text = String(validating: field, as: UTF8.self) else {
                throw .notInEncoding(line: rowLine, column: fields.count + 1)
            }
            fields.append(text)
        case .latin1: fields.append(String(String.UnicodeScalarView(field.map { Unicode.Scalar($0) })))
        }
        field.removeAll(keepingCapacity: true)
        state = .fieldBegins
    }

    private mutating func endRow() throws(Failure) -> Row? {
        defer {
            (rowBytes, rowLine, columns) = (0, line, fields.count)
            fields = []
            fields.reserveCapacity(columns)
        }
        if fields.isEmpty, field.isEmpty, state == .fieldBegins { return nil }
        try endField()
        return Row(line: rowLine, fields: fields)
    }
}
