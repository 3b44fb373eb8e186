import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// Files, the vouchers that they are tied to, and voucher series, in the shapes of the published description.
@Suite struct FortnoxSandboxFileTests {
    private typealias Bench = FortnoxSandboxBench

    /// A voucher by hand in the series A; answers its number.
    private static func voucher(_ bench: FortnoxSandboxBench, date: String = "2026-11-20") throws -> Int {
        let made = bench.company.perform(
            "POST", "vouchers",
            [
                "Voucher": [
                    "Description": "Utbetalning", "VoucherSeries": "A", "TransactionDate": .string(date),
                    "VoucherRows": [["Account": 1930, "Debit": 98], ["Account": 1580, "Credit": 98]],
                ]
            ])
        return try #require(made.body["Voucher"]?["VoucherNumber"]?.int)
    }

    private static func connection(_ file: String, number: String = "1", more: String = "") -> String {
        #"{"VoucherFileConnection":{"FileId":"\#(file)","VoucherSeries":"A","VoucherNumber":"\#(number)"\#(more)}}"#
    }

    private static func uploaded(_ bench: FortnoxSandboxBench, _ name: String = "report.csv") throws -> String {
        try #require(bench.company.upload(name, [1, 2, 3]))
    }

    /// A record's members, each with the type of its value.
    private static func members(_ value: JSONValue?) -> [String: String] {
        guard case .object(let members)? = value else { return [:] }
        return members.mapValues { member in
            switch member {
            case .string: "text"
            case .number: "number"
            case .array: "list"
            default: "something else"
            }
        }
    }

    // MARK: The inbox

    @Test func aFileLiesInItsFolderByteForByte() async throws {
        try await Bench.open { bench in
            let content = Array(UInt8.min...UInt8.max) + Array("\r\n--b\r\n".utf8)
            let reply = try await bench.upload("rapport å.csv", content)
            let file = try JSONReader.decode(reply.body)["File"]
            #expect(reply.status == 201)
            let row = [
                "@url": "text", "ArchiveFileId": "text", "Comments": "text", "Id": "text", "Name": "text",
                "Path": "text", "Size": "number",
            ]
            #expect(Self.members(file) == row)
            #expect(file?.text("Name") == "rapport å.csv")
            #expect(file?["Size"]?.int == content.count)

            let folder = try await bench.json(.get, "inbox/inbox_v")["Folder"]
            #expect(folder?["Files"] == .array([file ?? .null]))
            let id = try #require(file?.text("Id"))
            #expect(try await bench.send(.get, "inbox/\(id)").body == content)
        }
    }

    @Test func theRootHasNineFoldersAndTakesFilesToo() async throws {
        try await Bench.open { bench in
            #expect(try await bench.upload("a.txt", [], to: "inbox").status == 201)
            #expect(try await bench.upload("b.txt", [], to: "inbox?folderId=Inbox_V").status == 201)
            let root = try await bench.json(.get, "inbox")["Folder"]
            let members = [
                "@url": "text", "Email": "text", "Files": "list", "Folders": "list", "Id": "text", "Name": "text",
            ]
            #expect(Self.members(root) == members)
            #expect(root?["Folders"]?.array?.count == 9)
            #expect(Self.members(root?["Folders"]?[0]) == ["@url": "text", "Id": "text", "Name": "text"])
            #expect(root?["Files"]?.array?.compactMap { $0.text("Path") } == ["inbox"])
            #expect(bench.company.books.files.map(\.content) == [[], []])
        }
    }

    @Test func aFileThatFortnoxDoesNotTakeIsRefused() async throws {
        try await Bench.open { bench in
            let noForm = try await bench.refusal(.post, "inbox", #"{"File":{}}"#)
            #expect(noForm == "400 2001392")
            #expect(try await bench.upload("a/b.txt", [1]).status == 400)
            #expect(try await bench.upload("a.txt", [1], to: "inbox?path=inbox_x").status == 404)
            #expect(try await bench.refusal(.get, "inbox/f1") == "404 9000060")
            #expect(try await bench.refusal(.delete, "inbox/f1") == "404 9000060")
            #expect(bench.company.books.files.isEmpty)
        }
    }

    @Test func aFileThatIsThrownAwayIsGone() async throws {
        try await Bench.open { bench in
            let file = try Self.uploaded(bench)
            #expect(try await bench.send(.delete, "inbox/\(file)").status == 204)
            #expect(try await bench.refusal(.get, "inbox/\(file)") == "404 9000060")
            #expect(bench.company.books.files.isEmpty)
        }
    }

    // MARK: Connections

    @Test(arguments: [true, false])
    func aFileThatIsTiedToAVoucherLeavesTheInboxUntilItIsUntied(_ isNamed: Bool) async throws {
        var settings = Bench.settings
        settings.namesConnectedFiles = isNamed
        try await Bench.open(settings) { bench in
            _ = try Self.voucher(bench)
            let file = try Self.uploaded(bench)
            let made = try await bench.json(.post, "voucherfileconnections", Self.connection(file))
            var members = [
                "@url": "text", "FileId": "text", "VoucherDescription": "text", "VoucherNumber": "text",
                "VoucherSeries": "text", "VoucherYear": "number",
            ]
            members["Name"] = isNamed ? "text" : nil
            #expect(Self.members(made["VoucherFileConnection"]) == members)
            #expect(made.text("VoucherFileConnection.VoucherDescription") == "Utbetalning")
            #expect(made.text("VoucherFileConnection.Name") == (isNamed ? "report.csv" : nil))
            let alone = try await bench.json(.get, "voucherfileconnections/\(file)")
            #expect(alone == made)
            #expect(bench.company.books.files.map(\.voucher) == ["2/A/1"])
            #expect(try await bench.json(.get, "inbox/inbox_v")["Folder"]?["Files"] == .array([]))
            #expect(try await bench.refusal(.get, "inbox/\(file)") == "404 9000060")

            #expect(try await bench.send(.delete, "voucherfileconnections/\(file)").status == 204)
            #expect(try await bench.refusal(.get, "voucherfileconnections/\(file)") == "404 9000064")
            #expect(try await bench.json(.get, "inbox/inbox_v")["Folder"]?["Files"]?.array?.count == 1)
        }
    }

    @Test func theYearOfTheVoucherIsNamedInTheAddressOnly() async throws {
        try await Bench.open { bench in
            for date in ["2025-12-31", "2026-11-20"] { _ = try Self.voucher(bench, date: date) }
            let files = try ["a", "b", "c"].map { try Self.uploaded(bench, $0) }
            for (file, query) in zip(files, ["", "?financialyear=1", "?financialyeardate=2025-01-01"]) {
                _ = try await bench.json(.post, "voucherfileconnections" + query, Self.connection(file))
            }
            #expect(bench.company.books.files.map(\.voucher) == ["2/A/1", "1/A/1", "1/A/1"])
            let year = Self.connection(try Self.uploaded(bench), more: #","VoucherYear":1"#)
            #expect(try await bench.refusal(.post, "voucherfileconnections", year) == "400 2001399")
        }
    }

    @Test func whatIsNotThereOrTiedAlreadyIsNotTied() async throws {
        try await Bench.open { bench in
            _ = try Self.voucher(bench)
            let file = try Self.uploaded(bench)
            func tie(_ connection: String) async throws -> String {
                try await bench.refusal(.post, "voucherfileconnections", connection)
            }
            #expect(try await tie(Self.connection("f1")) == "404 9000060")
            #expect(try await tie(Self.connection(file, number: "2")) == "404 9000050")
            #expect(try await tie(#"{"VoucherFileConnection":{"FileId":"\#(file)"}}"#) == "400 9000004")
            _ = try await bench.json(.post, "voucherfileconnections", Self.connection(file))
            #expect(try await tie(Self.connection(file)) == "400 9000063")
        }
    }

    @Test func connectionsAreListedByPagesAndFoundByOneParameter() async throws {
        try await Bench.open { bench in
            for _ in 1...12 {
                let number = try Self.voucher(bench)
                let file = try Self.uploaded(bench, "\(number).csv")
                bench.company.perform(
                    "POST", "voucherfileconnections",
                    [
                        "VoucherFileConnection": [
                            "FileId": .string(file), "VoucherSeries": "A", "VoucherNumber": .string(String(number)),
                        ]
                    ])
            }
            func numbers(_ query: String) async throws -> [String] {
                let list = try await bench.json(.get, "voucherfileconnections?" + query)
                return list["VoucherFileConnections"]?.array?.compactMap { $0.text("VoucherNumber") } ?? []
            }
            let page = try await bench.json(.get, "voucherfileconnections?limit=5&page=3")
            #expect(page["MetaInformation"] == ["@TotalResources": 12, "@TotalPages": 3, "@CurrentPage": 3])
            #expect(page["VoucherFileConnections"]?.array?.count == 2)
            #expect(try await numbers("vouchernumber=1") == ["1", "10", "11", "12"])
            #expect(try await numbers("voucheryear=2").count == 12)
            #expect(try await numbers("voucherseries=B").isEmpty)
            let two = try await bench.refusal(.get, "voucherfileconnections?vouchernumber=1&voucherseries=A")
            #expect(two == "400 2000588")
            #expect(try await bench.refusal(.get, "voucherfileconnections?financialyear=2") == "400 2000588")
        }
    }

    @Test(arguments: [("inbox", "inbox/inbox_v"), ("connectfile", "voucherfileconnections")])
    func eachOfTheTwoHasAPermissionOfItsOwn(_ scope: String, _ path: String) async throws {
        var settings = Bench.settings
        settings.scope = settings.scope.replacing(scope, with: "")
        try await Bench.open(settings) { bench in
            let refusal = try await bench.refusal(.get, path)
            #expect(refusal == "403 2001101")
        }
    }

    // MARK: Voucher series

    @Test func onlyAManualSeriesTakesVouchersByHand() async throws {
        try await Bench.open { bench in
            let list = try await bench.json(.get, "voucherseries")["VoucherSeriesCollection"]?.array ?? []
            #expect(list.compactMap { $0.text("Code") } == ["A", "B", "C"])
            #expect(list.map { $0["Manual"] } == [true, false, false])
            let body =
                #"{"Voucher":{"Description":"a","VoucherSeries":"B","TransactionDate":"2026-11-20","#
                + #""VoucherRows":[{"Account":1930,"Debit":1},{"Account":1580,"Credit":1}]}}"#
            #expect(try await bench.refusal(.post, "vouchers", body) == "400 9000053")
        }
    }
}
