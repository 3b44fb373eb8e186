import ConnectorKit
import TestKit
import Testing

@Suite struct CSVParserTests {
    /// Fed in pieces of this many bytes: where a piece ends must not matter.
    private func rows(
        _ bytes: [UInt8], pieces: Int = 3, separator: Character = ",", encoding: CSVParser.Encoding = .utf8
    ) throws(CSVParser.Failure) -> [CSVParser.Row] {
        var parser = CSVParser(separator: separator.asciiValue ?? 0, encoding: encoding)
        var rows: [CSVParser.Row] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            rows += try parser.rows(in: bytes[start..<min(start + pieces, bytes.count)])
        }
        return rows + [try parser.end()].compactMap(\.self)
    }

    private func failure(_ text: String) -> CSVParser.Failure? {
        do throws(CSVParser.Failure) {
            _ = try rows(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: 1...9)
    func quotesSeparatorsAndLineBreaksOfEverySystemAreReadWhereverAPieceEnds(pieces: Int) throws {
        let text = "\u{FEFF}Order,Amount\r\n\"#1 \"\"big\"\"\",\"12,50\"\n\r\n\"two\r\nlines\",\r3,4"
        #expect(
            try rows(Array(text.utf8), pieces: pieces) == [
                .init(line: 1, fields: ["Order", "Amount"]), .init(line: 2, fields: ["#1 \"big\"", "12,50"]),
                .init(line: 4, fields: ["two\r\nlines", ""]), .init(line: 6, fields: ["3", "4"]),
            ])
    }

    @Test func otherSeparatorsAndEncodingsAreRead() throws {
        let latin: [UInt8] = Array("Namn;Belopp\n".utf8) + [0xC5] + Array("sa;1 000,50\n".utf8)
        #expect(
            try rows(latin, separator: ";", encoding: .latin1).map(\.fields) == [
                ["Namn", "Belopp"], ["Åsa", "1 000,50"],
            ])
    }

    @Test func aBadFileNamesLineAndColumn() throws {
        #expect(failure("a,b\n1,\"2\n3,4\n") == .quoteNotClosed(line: 2, column: 2))
        #expect(failure("a,b\n\"1\"x,2\n") == .textAfterQuote(line: 2, column: 1))
        #expect(throws: CSVParser.Failure.notInEncoding(line: 2, column: 2)) {
            try rows(Array("a,b\n1,".utf8) + [0xC5, 0x0A])
        }
        #expect(failure("a\n\"" + String(repeating: "x", count: 1 << 20)) == .rowTooLong(line: 2))
    }

    @Test(arguments: 1...100)
    func whatIsWrittenIsReadBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let letters = Array("ab,\"\n\r;å 1")
        let table = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            (0..<3).map { _ in
                String(
                    (0..<Int.random(in: 1...6, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a"
                    })
            }
        }
        let text = table.map { row in
            row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
        }.joined(separator: "\r\n")
        let read = try rows(Array(text.utf8), pieces: Int.random(in: 1...8, using: &random))
        // Characters, not bytes, are compared: a return and a newline that meet become one.
        #expect(read.map(\.fields) == table, "seed \(seed)")
    }
}
