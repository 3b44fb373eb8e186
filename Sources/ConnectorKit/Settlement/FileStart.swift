/// Looks at the first bytes of a file: a mark of UTF-8 is taken off, before a quote after it is taken for text, and a file that is no
/// CSV at all is told apart from a broken one.
struct FileStart: Sendable {
    enum Kind: Error {
        /// What spreadsheets call Unicode text.
        case utf16
        /// An Excel workbook, or a report that is packed still.
        case archive
    }

    private var held: [UInt8] = []
    private var isOver = false

    /// The bytes to read now; the first few are held back until it is known what they are.
    mutating func take(_ bytes: [UInt8]) throws(Kind) -> [UInt8] {
        if isOver { return bytes }
        held += bytes
        return held.count < 4 ? [] : try end()
    }

    /// What was held back, when a file ends this soon.
    mutating func end() throws(Kind) -> [UInt8] {
        isOver = true
        defer { held = [] }
        if held.starts(with: [0xFF, 0xFE]) || held.starts(with: [0xFE, 0xFF]) { throw .utf16 }
        if held.starts(with: [0x50, 0x4B, 0x03, 0x04]) { throw .archive }
        return held.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(held.dropFirst(3)) : held
    }
}
