import ConnectorKit
import Domain
import TestKit
import Testing

@Suite struct BadSettlementFileTests {
    private static let layout: SettlementLayout = {
        var layout = SettlementLayout()
        layout.type = "Type"
        layout.kinds = [.init("sale", .line(.charge)), .init("total", .ignored)]
        layout.at = [SettlementDateColumn("Date")]
        layout.amounts = SettlementAmounts(
            amount: .signed("Amount"), fees: ["Fee"], net: .signed("Net"), currency: .column("Currency"))
        layout.payout = [.column(["Payout"])]
        return layout
    }()
    private static let header = "Payout,Type,Date,Amount,Fee,Net,Currency\n"

    private func bad(_ row: String) -> [String] { SettlementFile(Self.header + row + "\n", Self.layout).bad }

    @Test(arguments: ["", "\u{FEFF}", "\n\r\n\n"])
    func anEmptyFileIsToldSo(text: String) {
        #expect(SettlementFile(text, Self.layout).failure == "the file is empty; export it again")
    }

    @Test func aFileThatIsAHeaderOnlyIsToldSo() {
        #expect(
            SettlementFile(Self.header, Self.layout).failure
                == "the file has a header and no rows; export it again for a time in which there were payouts")
    }

    @Test func aFileOfSomethingElseIsNotMistakenForCSV() {
        #expect(
            SettlementFile([0xFF, 0xFE] + Array("P\0a\0".utf8), Self.layout).failure
                == "the file is in UTF-16; save it as CSV in UTF-8")
        #expect(
            SettlementFile([0x50, 0x4B, 0x03, 0x04, 0x14], Self.layout).failure
                == "the file is an Excel workbook or packed; save it as CSV, or unpack it")
    }

    @Test func aMarkBeforeAQuotedHeaderIsNoPartOfIt() {
        let quoted = "\u{FEFF}\"Payout\",Type,Date,Amount,Fee,Net,Currency\np,sale,2026-07-01,2,1,1,EUR\n"
        for pieces in 1...8 {
            #expect(SettlementFile(quoted, Self.layout, pieces: pieces).shown == ["charge 2.00 EUR - 1.00 EUR"])
        }
    }

    @Test func theWrongSeparatorIsFoundOutByTheHeader() {
        let file = SettlementFile(Self.header.replacing(",", with: ";"), Self.layout)
        #expect(
            file.failure?.hasPrefix(
                "line 1: the header lacks Type, Amount, Fee, Currency, Date, Payout; it has "
                    + "Payout;Type;Date;Amount;Fee;Net;Curr") == true)
    }

    @Test func aColumnThatIsThereTwiceIsAmbiguous() {
        #expect(
            SettlementFile("Payout,Type,Date,Amount,amount ,Fee,Net,Currency\n", Self.layout).failure
                == "line 1: the header has Amount more than once; leave one of each")
    }

    @Test func brokenQuotesAndEncodingsNameLineAndColumn() {
        #expect(
            SettlementFile(Self.header + "p,\"sale\n", Self.layout).failure
                == "line 2, column 2: a quote is opened and never closed; export the file again, whole")
        #expect(
            SettlementFile(Self.header + "p,\"sale\"x,\n", Self.layout).failure
                == "line 2, column 2: text follows a closing quote; export the file again, or set separator in the layout"
        )
        #expect(
            SettlementFile(Array((Self.header + "p,s").utf8) + [0xE5, 0x2C], Self.layout).failure
                == "line 2, column 2: the text is not in utf8; set encoding in the layout, or save the file as UTF-8")
    }

    @Test func aFileThatFailedOnceGoesOnFailing() throws {
        var reader = SettlementReader(
            Self.layout, provider: "p", timeZone: try #require(TimeZoneName("Europe/Stockholm")), fileID: "f")
        #expect(throws: Problem.self) { try reader.take("a,b\n1,2\n".utf8) }
        #expect(throws: Problem.self) { try reader.take(Self.header.utf8) }
        #expect(throws: Problem.self) { try reader.end() }
    }

    @Test func eachBadCellIsNamedWithItsLineItsColumnAndWhatToDo() {
        #expect(
            bad("p,sale,2026-07-01,12.5x,0,12.5,EUR") == [
                "line 2, column Amount: \"12.5x\" is not an amount like 1234.50; correct the cell, or decimalMark and thousands "
                    + "in the layout"
            ])
        #expect(
            bad("p,sale,07/01/2026,1,0,1,EUR") == [
                "line 2, column Date: \"07/01/2026\" is not a date like 2026-11-23; correct the cell, or dates in the layout"
            ])
        #expect(bad("p,sale,,1,0,1,EUR") == ["line 2, column Date: the row has no date; correct the cell"])
        #expect(
            bad("p,sale,2026-07-01,1,0,1,EURO") == [
                "line 2, column Currency: \"EURO\" is not a currency code like EUR; correct the cell"
            ])
        #expect(
            bad("p,sale,2026-07-01,1,0,1,") == ["line 2, column Currency: the row has no currency; correct the cell"])
        #expect(bad("p,sale,2026-07-01,,0,1,EUR") == ["line 2, column Amount: the row has no amount; correct the cell"])
        #expect(
            bad("p,,2026-07-01,1,0,1,EUR") == [
                "line 2, column Type: the row does not say what it is; correct the cell, or remove the row"
            ])
        #expect(
            bad("p,sale,2026-07-01,99999999999,0,99999999999,EUR") == [
                "line 2, column Amount: an amount is beyond any real one; correct the cell"
            ])
        #expect(
            bad("p,sale,2026-07-01,1.0051,0,1.0051,EUR") == [
                "line 2, column Amount: an amount of EUR has 2 decimals at most; correct the cell, or the decimal mark in the "
                    + "layout"
            ])
    }

    @Test func aThousandThatLooksLikeDecimalsIsABadCell() {
        let hint =
            "\"1.000\" may be a thousand or have three decimals; correct decimalMark and thousands in the layout, or set "
            + "thousands to never"
        for currency in ["SEK", "JPY"] {
            #expect(bad("p,sale,2026-07-01,1.000,0,1.000,\(currency)") == ["line 2, column Amount: \(hint)"])
            #expect(bad("p,sale,2026-07-01,1000,1.000,0,\(currency)") == ["line 2, column Fee: \(hint)"])
        }
        #expect(bad("p,sale,2026-07-01,1.000,0.125,0.875,KWD").isEmpty)
        var layout = Self.layout
        layout.form.thousands = .never
        let row = "p,sale,2026-07-01,1.250,0.000,1.250,SEK\n"
        #expect(SettlementFile(Self.header + row, layout).shown == ["charge 1.25 SEK - 0.00 SEK"])
    }

    @Test func anIdThatASpreadsheetRewroteIsABadCell() {
        var layout = Self.layout
        layout.id = ["Id"]
        layout.keys = SettlementKeyColumns(
            transactionIDs: ["Charge"], orderID: "Order", orderNumber: "Number", invoiceNumber: "Invoice")
        let header = "Payout,Id,Charge,Order,Number,Invoice,Type,Date,Amount,Fee,Net,Currency\n"
        let cells = ["p", "1", "c", "2", "3", "4"]
        let row = ",sale,2026-07-01,2,1,1,EUR\n"
        let columns = header.split(separator: ",")
        for (place, text) in zip(cells.indices, ["1.04219E+11", "1,04219E+11", "1E+11", "104.2e+9", "1.0E+5", "1.E+5"])
        {
            var rewritten = cells
            rewritten[place] = "\"\(text)\""
            let file = SettlementFile(header + rewritten.joined(separator: ",") + row, layout)
            #expect(
                file.bad == [
                    "line 2, column \(columns[place]): a spreadsheet rewrote this id; export the file again"
                ])
            #expect(file.result.payouts.isEmpty)
        }
        #expect(SettlementFile(header + cells.joined(separator: ",") + row, layout).bad.isEmpty)
    }

    @Test func aRowWhosePayoutASpreadsheetRewroteLeavesNoPayoutOfTheFileWhole() {
        let rows = "a,sale,2026-07-01,2,1,1,EUR\n1.04219E+11,sale,2026-07-01,2,1,1,EUR\n"
        let file = SettlementFile(Self.header + rows, Self.layout)
        #expect(file.result.payouts.isEmpty && file.result.refused.map(\.payoutID) == ["a"])
    }

    @Test func aRowThatWasCutOffIsBadAndEmptyCellsTooManyAreNot() {
        #expect(
            bad("p,sale,2026-07-01,1,0") == ["line 2: the row has 5 cells, the header 7; export the file again, whole"])
        #expect(
            bad("p,sale,2026-07-01,1,50,0,1,EUR") == [
                "line 2: the row has 8 cells, the header 7; export the file again, whole"
            ])
        #expect(bad("p,sale,2026-07-01,1,0,1,EUR,,").isEmpty)
    }

    @Test func aCellThatMayBeAPersonsIsNotRepeated() {
        #expect(
            bad("p,sale,2026-07-01,ann@example.com,0,1,EUR").first?.contains("the text there is not an amount") == true)
        #expect(bad("p,sale,2026-07-01,\(String(repeating: "x", count: 25)),0,1,EUR").first?.contains("xx") == false)
    }

    @Test func aLineOfSumsIsLeftOutAndCounted() {
        let file = SettlementFile(
            Self.header + "p,sale,2026-07-01,2,1,1,EUR\n,Total,,2,1,1,\n", Self.layout)
        #expect(file.skipped == ["rows of type Total are no movements": 1])
        #expect(file.result.payouts.count == 1 && file.bad.isEmpty)
    }

    @Test func wordsOfSkippedRowsDoNotFillTheMemory() {
        var layout = Self.layout
        layout.filters = [SettlementFilter("Payout", except: (0..<300).map { "p\($0)" })]
        let rows = (0..<300).map { "p\($0),sale,2026-07-01,2,1,1,EUR\n" }.joined()
        let file = SettlementFile(Self.header + rows, layout, pieces: 4096)
        #expect(file.result.skipped.count == 101)
        #expect(file.result.skipped.values.reduce(0, +) == 300)
    }

    @Test func amountsThatNoPayoutCanHoldDoNotStopTheProcess() {
        let row = "p,sale,2026-07-01,999999999999,0,999999999999,JPY\n"
        let file = SettlementFile(Self.header + String(repeating: row, count: 2000), Self.layout, pieces: 4096)
        #expect(file.result.lines == 2000)
    }

    @Test(arguments: 1...200)
    func noFileStopsTheProcess(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let parts = [
            "\"", ",", "\n", "\r", "p", "sale", "2026-07-01", "1.5", "-", "EUR", "Total", "\u{FEFF}", "é", "0", ";",
            Self.header,
        ]
        let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        let start = Bool.random(using: &random) ? Self.header : ""
        let file = SettlementFile(start + text.joined(), Self.layout, pieces: Int.random(in: 1...9, using: &random))
        #expect(file.failure != nil || file.result.payouts.count + file.result.refused.count <= file.events.count)
    }
}
