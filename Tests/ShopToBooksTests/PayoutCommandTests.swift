import ConnectorKit
import Domain
import Engine
import Foundation
import Sandbox
import Storage
import TestKit
import Testing

@testable import App

/// `ordersync payouts` as an accountant runs it, with the product as a process of its own.
@Suite struct PayoutCommandTests {
    private static let rows = [
        KlarnaReport.Row(type: "SALE", order: "\"<b>1001</b> & co\"", amount: "300.00"),
        .init(type: "FEE", order: "", amount: "9.05"),
        // A word that no layout knows, and that a spreadsheet would take for a formula.
        .init(type: "=1+1", order: "", amount: "4.00"),
    ]

    // MARK: import, list, show, report

    @Test func aFileIsTakenListedShownAndGivenBackByteForByte() async throws {
        try await PayoutDesk.open { desk in
            // As a spreadsheet saves it, and longer than what is read at once.
            let long = (1...3).map { KlarnaReport.Row(type: "SALE", order: "\($0)", amount: "1.00", note: filler) }
            let report = KlarnaReport(rows: Self.rows + long)
            let bytes = "\u{FEFF}" + report.written(net: "297.95", end: "\r\n")
            let file = try desk.write("klarna.csv", bytes)
            let taken = try await desk.run(
                "payouts", "import", file, "--provider", "klarna", "--layout", "klarna", expecting: .attention)
            #expect(taken.output.contains("klarna.csv: 1 payout, 6 lines\n"), "\(taken.output)")
            #expect(taken.output.contains("  XISA93DJ  297.95 SEK  arrives \(KlarnaReport.moment.prefix(10))"))
            // Four sales name orders that are not here: somebody has to look, and is told so now.
            #expect(taken.output.contains("PAYOUT_LINE_NOT_MATCHED"), "\(taken.output)")

            try await expectListed(desk)
            try await expectShown(desk)
            let back = try await desk.run("payouts", "report", "XISA93DJ").output
            #expect(Array(back.utf8) == Array(bytes.utf8))

            let again = try await desk.run(
                "payouts", "import", file, "--provider", "klarna", "--layout", "klarna", expecting: .attention)
            #expect(again.output.contains("known already"), "\(again.output)")
            #expect(desk.world.fortnox.books.vouchers.filter { $0.description.contains("XISA93DJ") }.count == 1)
        }
    }

    private var filler: String { String(repeating: "x", count: 400_000) }

    private struct Listed: Decodable {
        let payout: String
        let provider: String
        let net: String
        let state: String
        let code: String?
    }

    private func expectListed(_ desk: PayoutDesk) async throws {
        let text = try await desk.run("payouts", "list").output
        #expect(text.contains("XISA93DJ  \(KlarnaReport.moment.prefix(10))  297.95 SEK  stopped"), "\(text)")
        let listed = try await desk.json([Listed].self, "payouts", "list")
        #expect(listed.map(\.payout) == ["XISA93DJ"] && listed.map(\.net) == ["297.95 SEK"])
        #expect(listed.map(\.code) == ["PAYOUT_LINE_NOT_MATCHED"])
    }

    private struct Shown: Decodable {
        struct Sum: Decodable {
            let kind: String
            let type: String
            let count: Int
            let net: String
        }
        struct Entry: Decodable {
            struct Row: Decodable {
                let account: String
                let amount: String
            }
            let rows: [Row]
        }
        struct Line: Decodable {
            let net: String
            let kind: String
            let orders: [String]
            let why: String?
        }
        let net: String
        let gross: String
        let fees: String
        let bank: String
        let sums: [Sum]
        let entries: [Entry]
        let lines: [Line]
    }

    private func expectShown(_ desk: PayoutDesk) async throws {
        let text = try await desk.run("payouts", "show", "XISA93DJ").output
        #expect(text.contains("4 SALE: 303.00 SEK, fee kept 0.00 SEK, net 303.00 SEK"), "\(text)")
        #expect(text.contains("in all: gross 307.00 SEK, fees 9.05 SEK, net 297.95 SEK"), "\(text)")

        let shown = try await desk.json(Shown.self, "payouts", "show", "XISA93DJ")
        #expect([shown.net, shown.gross, shown.fees, shown.bank] == ["297.95", "307.00", "9.05", "297.95"])
        #expect(shown.lines.count == 6 && sum(shown.lines.map(\.net)) == Sample.money("297.95"))
        #expect(sum(shown.sums.map(\.net)) == Sample.money("297.95"))
        #expect(shown.entries.count == 1 && sum(shown.entries.flatMap(\.rows).map(\.amount)).isZero)
        #expect(shown.lines.filter { $0.kind == "charge" }.allSatisfy { $0.why?.contains("is of no order") == true })

        try await expectTable(desk)
        try await expectPage(desk)
    }

    private func sum(_ amounts: [String]) -> Money { amounts.map { Sample.money($0) }.sum(Sample.sek) }

    private func expectTable(_ desk: PayoutDesk) async throws {
        let csv = try await desk.run("payouts", "show", "XISA93DJ", "--format", "csv").output
        var parser = CSVParser()
        let rows = try parser.rows(in: csv.utf8).map(\.fields)
        #expect(rows.count == 7 && rows.allSatisfy { $0.count == 12 }, "\(csv)")
        let net = try #require(rows.first?.firstIndex(of: "net"))
        #expect(sum(rows.dropFirst().map { $0[net] }) == Sample.money("297.95"))
        // What would be a formula is a text, and an amount stays an amount.
        #expect(rows.contains { $0.contains("'=1+1") } && rows.contains { $0.contains("-9.05") }, "\(csv)")
    }

    private func expectPage(_ desk: PayoutDesk) async throws {
        let page = try await desk.run("payouts", "show", "XISA93DJ", "--format", "html").output
        #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
        #expect(page.contains("&lt;b&gt;1001&lt;/b&gt; &amp; co") && !page.contains("<b>"), "\(page)")
        #expect(page.contains("<td class=\"amount\">297.95</td>"), "\(page)")
        #expect(!page.contains("http"), "the page needs nothing but itself")
    }

    @Test func aFileThatIsRefusedIsToldWithStatusOneAndNothingIsThere() async throws {
        try await PayoutDesk.open { desk in
            var rows = Self.rows
            rows[1] = .init(type: "FEE", order: "", amount: "9.0x")
            let file = try desk.write("klarna.csv", KlarnaReport(rows: rows).written(net: "294.95"))
            let options = ["--provider", "klarna", "--layout", "klarna"]
            let told = try await desk.run(
                "payouts", "import", file, options[0], options[1], options[2], options[3], expecting: .attention)
            #expect(told.output.contains("klarna.csv: nothing was taken, 1 problem\n"), "\(told.output)")
            #expect(told.output.contains("SETTLEMENT_FILE_UNREADABLE: line 5, column amount: \"9.0x\""))

            struct Refused: Decodable {
                let payouts: [String]
                let problems: [String]
            }
            let refused = try await desk.json(
                Refused.self, "payouts", "import", file, options[0], options[1], options[2], options[3],
                expecting: .attention)
            #expect(refused.payouts.isEmpty && refused.problems.count == 1)

            let wrong = try desk.write("sums.csv", KlarnaReport(rows: Self.rows).written(net: "294.96"))
            let sums = try await desk.run(
                "payouts", "import", wrong, options[0], options[1], options[2], options[3], expecting: .attention)
            #expect(sums.output.contains("PAYOUT_DOES_NOT_ADD_UP: payout XISA93DJ is of 294.96 SEK"), "\(sums.output)")
            #expect(try await desk.run("payouts", "list").output == "no payouts yet\n")
            #expect(try await desk.json([Listed].self, "payouts", "list").isEmpty)
        }
    }

    // MARK: Wrong usage

    @Test func whatCannotBeMeantIsRefusedWithStatusTwoAndWordsThatHelp() async throws {
        try await PayoutDesk.open { desk in
            let file = try desk.write("klarna.csv", KlarnaReport(rows: Self.rows).text)
            try await desk.run(
                "payouts", "import", file, "--provider", "klarna", "--layout", "klarna", expecting: .attention)
            let lines = try await desk.run("payouts", "show", "XISA93DJ", "--format", "csv").output
                .split(whereSeparator: \.isNewline).dropFirst().compactMap {
                    $0.split(separator: ",").first.map(String.init)
                }
            let (sale, fee) = (lines[0], lines[1])
            let word = ["--by", "Eva", "--reason", "test"]
            let misuses: [([String], String)] = [
                (["show", "nobody"], "payout nobody is not known here; ordersync payouts list shows those that are"),
                (["report", "nobody"], "payout nobody is not known here"),
                (["match", "nobody", sale, "--order", "1"] + word, "payout nobody is not known here"),
                (["match", "XISA93DJ", "row-0", "--order", "1"] + word, "payout XISA93DJ has no line row-0"),
                (["match", "XISA93DJ", fee, "--order", "1"] + word, "only charges and refunds belong to an order"),
                (["match", "XISA93DJ", sale, "--order", "999999"] + word, "order 999999 is not known here"),
                // A payout is no order, whatever it is called.
                (["match", "XISA93DJ", sale, "--order", "XISA93DJ"] + word, "order XISA93DJ is not known here"),
                (["match", "XISA93DJ", sale, "--order", "1", "--reason", "test"], "--by"),
                (["settle", "XISA93DJ", "row-0"] + word, "payout klarna-XISA93DJ has no line row-0"),
                (["settle", "XISA93DJ", sale, "--by", "Eva"], "--reason"),
                (["show", "XISA93DJ", "--format", "pdf"], "text, json, csv"),
                (["import", file + "x", "--provider", "klarna", "--layout", "klarna"], "klarna.csvx cannot be read"),
                (["import", file, "--provider", "klarna"], "give --layout, one of adyen, klarna"),
                (["import", file, "--provider", "klarna", "--layout", "clarna"], "--layout knows adyen, klarna"),
                // Under a name that no account is set for it could neither be booked nor taken again.
                (["import", file, "--provider", "clarna", "--layout", "klarna"], "one of klarna, stripe"),
                (["proof"], "name one with --provider and --currency: stripe in SEK, klarna in SEK"),
                (["proof", "--provider", "klarna", "--currency", "EUR"], "klarna in SEK"),
                (["list", "--integration", "other"], "there is no integration other; there are demo-shop"),
            ]
            for (arguments, told) in misuses {
                let result = try await Command.finished(
                    Setup.executable, ["payouts"] + arguments + ["--config", desk.world.configurationFile])
                #expect(result.status == 2, "\(arguments): \(result.output)")
                #expect(result.error.contains(told), "\(arguments): \(result.error)")
                #expect(result.output.isEmpty, "\(arguments): \(result.output)")
            }
            #expect(try await desk.json([Listed].self, "payouts", "list").map(\.provider) == ["klarna"])
        }
    }

    @Test(arguments: ["list", "try", "proof", "show", "report", "match", "settle"])
    func aStoreThatIsNotThereIsStatusThree(command: String) async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "ordersync.yaml")
        let yaml = DemoConfiguration(
            store: folder.url.appending(path: "nowhere/ordersync.db").path, shop: "http://127.0.0.1:1",
            fortnox: "http://127.0.0.1:1", stripe: "http://127.0.0.1:1", firstDay: "2026-01-01", callsPer5Seconds: 0
        ).yaml
        try Data(yaml.utf8).write(to: file)
        let word = ["--by", "Eva", "--reason", "test"]
        let more: [String: [String]] = [
            "proof": ["--provider", "klarna"], "show": ["po_1"], "report": ["po_1"],
            "match": ["po_1", "txn_1", "--order", "1"] + word, "settle": ["po_1", "txn_1"] + word,
        ]
        let result = try await Command.finished(
            Setup.executable, ["payouts", command] + (more[command] ?? []) + ["--config", file.path])
        #expect(result.status == 3, "\(result.output)\(result.error)")
        #expect(result.output.isEmpty && result.error.contains("nowhere/ordersync.db"), "\(result.error)")
    }

    // MARK: match, settle, try, proof

    @Test func linesAreMatchedAndSettledByWordPaidOnceAndTheClearingAccountIsProved() async throws {
        try await PayoutDesk.open(orders: 24) { desk in
            let orders = desk.klarnaOrders()
            try #require(orders.count >= 3, "\(orders)")
            let (known, first, second) = (orders[0], orders[1], orders[2])
            try await desk.syncOrders()
            #expect(desk.open(known.number) == known.total.decimal)
            let rows = [
                KlarnaReport.Row(type: "SALE", order: known.number, amount: known.total.amountText),
                .init(type: "SALE", order: "basket-9", amount: (first.total + second.total).amountText),
                .init(type: "FEE", order: known.number, amount: "9.05"),
                .init(type: "RETURN", order: "nobody", amount: "50.00"),
            ]
            let file = try desk.write("klarna.csv", KlarnaReport(rows: rows).text)
            try await desk.run(
                "payouts", "import", file, "--provider", "klarna", "--layout", "klarna", expecting: .attention)
            #expect(desk.open(known.number) == .zero)
            try await expectTrial(desk)

            let lines = try await desk.lines(of: "XISA93DJ")
            try await expectMatched(desk, lines, known, [first, second])
            try await expectSettled(desk, lines)
            try await expectProof(desk)
        }
    }

    private func expectTrial(_ desk: PayoutDesk) async throws {
        struct Trial: Decodable {
            let lines: Int
            let matched: [String: Int]
            let unmatched: [String]
        }
        let trial = try await desk.json(Trial.self, "payouts", "try")
        #expect(trial.lines == 3 && trial.matched == ["order number": 1] && trial.unmatched.count == 2)
        let text = try await desk.run("payouts", "try").output
        #expect(text.hasPrefix("3 charges and refunds\n  1 by order number\n  2 not matched\n"), "\(text)")
        #expect(text.contains("order number basket-9 is of no order"), "\(text)")
    }

    private func expectMatched(
        _ desk: PayoutDesk, _ lines: [String], _ known: (number: String, total: Money),
        _ orders: [(number: String, total: Money)]
    ) async throws {
        func match(
            _ line: String, _ more: String..., expecting ending: PayoutDesk.Ending = .success
        ) async throws -> Command.Result {
            let result = try await Command.finished(
                Setup.executable,
                ["payouts", "match", "XISA93DJ", line, "--by", "Eva", "--reason", "one basket"] + more
                    + ["--config", desk.world.configurationFile])
            #expect(result.status == ending.rawValue, "\(more): \(result.output)\(result.error)")
            return result
        }
        let (first, second) = (orders[0], orders[1])
        let both = first.total + second.total
        let parts = [first.total.amountText, second.total.amountText]
        let apart = try await match(
            lines[1], "--order", first.number, "--amount", parts[0], "--order", second.number, "--amount", "0.01",
            expecting: .usage)
        #expect(apart.error.contains("together they come to \(both)"), "\(apart.error)")
        let words = try await match(lines[1], "--order", first.number, "--amount", "all", expecting: .usage)
        #expect(words.error.contains("--amount takes an amount of SEK, not all"), "\(words.error)")
        #expect(desk.open(first.number) == first.total.decimal)

        let matched = try await match(
            lines[1], "--order", first.number, "--amount", parts[0], "--order", second.number, "--amount", parts[1])
        #expect(
            matched.output.contains(
                "line \(lines[1]) matched to \(first.number), \(second.number); the payout: stopped"),
            "\(matched.output)")
        #expect(desk.open(first.number) == .zero && desk.open(second.number) == .zero)

        // What is paid stays paid: the ERP would know nothing of another word about it.
        let late = try await match(lines[0], "--order", first.number, expecting: .usage)
        #expect(late.error.contains("has paid order \(known.number)"), "\(late.error)")
    }

    private func expectSettled(_ desk: PayoutDesk, _ lines: [String]) async throws {
        let late = try await desk.run(
            "payouts", "settle", "XISA93DJ", lines[0], "--by", "Eva", "--reason", "test", expecting: .usage)
        #expect(late.error.contains("has paid order"), "\(late.error)")
        let settled = try await desk.run(
            "payouts", "settle", "XISA93DJ", lines[3], "--by", "Eva", "--reason", "booked by hand")
        #expect(settled.output.contains("line \(lines[3]) settled; the payout: completed"), "\(settled.output)")
        let text = try await desk.run("payouts", "show", "XISA93DJ").output
        #expect(text.contains("settled by a person"), "\(text)")
    }

    private func expectProof(_ desk: PayoutDesk) async throws {
        struct Proof: Decodable {
            let account: String
            let balance: String
            let explained: String
            let isProved: Bool
        }
        let proof = try await desk.json(Proof.self, "payouts", "proof", "--provider", "klarna")
        #expect(proof.account == "1581" && proof.isProved)
        #expect(proof.balance == "50.00" && proof.explained == "50.00")
        #expect(desk.world.fortnox.books.balances[1581] ?? .zero == ExactDecimal(50))
        #expect(desk.world.fortnox.books.areBalanced)
        let text = try await desk.run("payouts", "proof", "--provider", "klarna").output
        let ages = text.split(separator: "\n").suffix(4).map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(ages.map { $0.prefix { $0 != ":" } } == ["0-7 days", "8-30 days", "31-90 days", "older"], "\(text)")
    }

    // MARK: The folder, and the other shop

    @Test func syncPayoutsTellsOfFilesInTheFolderAndHasStatusOneWhereOneIsRefused() async throws {
        try await PayoutDesk.open { desk in
            let folder = desk.folder.appending(path: "klarna", directoryHint: .isDirectory)
            try desk.configure { text in
                text.replacing(#/    providers:\n(      .*\n|    .*\n)*?(?=    settings:)/#) { _ in
                    "    settlementFiles:\n      - {provider: klarna, layout: klarna, folder: \"\(folder.path)\"}\n"
                }
            }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let fees = KlarnaReport(rows: [.init(type: "FEE_REFUND", order: "", amount: "4.00")])
            for (name, text) in [("good.csv", fees.text), ("bad.csv", fees.written(net: "4.01"))] {
                let file = URL(filePath: try desk.write("klarna/" + name, text))
                let rested = SystemClock().now() - .seconds(60)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: Double(rested.milliseconds) / 1000)],
                    ofItemAtPath: file.path)
            }
            struct Synced: Decodable {
                struct File: Decodable {
                    let file: String
                    let problems: [String]
                }
                let files: [File]?
            }
            let synced = try await desk.json(Synced.self, "sync", "payouts", expecting: .attention)
            #expect(synced.files?.map(\.file) == ["bad.csv", "good.csv"])
            #expect(synced.files?.map(\.problems.count) == [1, 0])
            // The next run has nothing to tell.
            #expect(try await desk.json(Synced.self, "sync", "payouts").files == nil)
            #expect(try await desk.json([Listed].self, "payouts", "list").map(\.state) == ["completed"])
        }
    }

    @Test func anOrderOfTheOtherShopIsNamedWithItsShopWhereBothHaveTheNumber() async throws {
        try await PayoutDesk.open { desk in
            try desk.configure { $0.withAnotherShop(polling: false) }
            let store = try await SQLStore.open(
                url: "sqlite:\(desk.world.folder.appending(path: "ordersync.db").path)", clock: SystemClock(),
                process: "test")
            let now = SystemClock().now()
            for (shop, number) in [("demo-shop", "7"), ("other-shop", "7"), ("other-shop", "8")] {
                _ = try await store.record(
                    [Self.onHold(number, of: shop, at: now)], trigger: .schedule, force: false, moving: nil)
            }
            let rows = ["a", "b"].map { KlarnaReport.Row(type: "SALE", order: $0, amount: "99.00") }
            let file = try desk.write("klarna.csv", KlarnaReport(rows: rows).text)
            let shop = ["--integration", "demo-shop"]
            try await desk.run(
                "payouts", "import", file, "--provider", "klarna", "--layout", "klarna", shop[0], shop[1],
                expecting: .attention)
            let lines = try await desk.lines(of: "XISA93DJ", in: "demo-shop")
            let word = ["--by", "Eva", "--reason", "seen at the provider"] + shop
            func match(_ line: String, _ order: String, _ ending: PayoutDesk.Ending) async throws -> Command.Result {
                let result = try await Command.finished(
                    Setup.executable,
                    ["payouts", "match", "XISA93DJ", line, "--order", order] + word
                        + ["--config", desk.world.configurationFile])
                #expect(result.status == ending.rawValue, "\(order): \(result.output)\(result.error)")
                return result
            }
            let either = try await match(lines[0], "7", .usage)
            #expect(either.error.contains("write demo-shop/7 or other-shop/7"), "\(either.error)")
            _ = try await match(lines[0], "other-shop/7", .success)
            _ = try await match(lines[1], "8", .success)
            for number in ["7", "8"] {
                let key = EntityKey(integration: "other-shop", type: .order, id: number)
                #expect(try await store.settlements(of: key).map(\.paid) == [Sample.money("99.00")])
            }
            let own = EntityKey(integration: "demo-shop", type: .order, id: "7")
            #expect(try await store.settlements(of: own).isEmpty)
            try store.close()
        }
    }

    /// Waits for its payment, so that no ERP is asked for anything.
    private static func onHold(_ number: String, of shop: String, at now: Instant) -> Snapshot {
        var order = Sample.order(number)
        (order.status, order.paidAt, order.createdAt, order.modifiedAt) = (.onHold, nil, now, now)
        return Snapshot(
            key: EntityKey(integration: shop, type: .order, id: number), number: number, payload: Array(number.utf8),
            content: .order(order), hash: number, createdAt: now, modifiedAt: now, fetchBegan: now)
    }

    @Test func twoShopsThatBothTakeThePayoutsOfOneAccountAreRefused() async throws {
        try await PayoutDesk.open { desk in
            try desk.configure { $0.withAnotherShop(polling: true) }
            let result = try await desk.run("payouts", "list", "--integration", "demo-shop", expecting: .usage)
            #expect(result.error.contains("alsoOrdersOf"), "\(result.error)")
            #expect(result.error.contains("reads this account already"), "\(result.error)")
        }
    }
}

extension String {
    /// The demo's configuration with a second shop whose orders are paid out with the first one's.
    fileprivate func withAnotherShop(polling: Bool) -> String {
        let whole = replacing("    payments:\n", with: "    payments:\n        alsoOrdersOf: [other-shop]\n")
        guard let start = range(of: "  - name: ") else { return whole }
        var other = String(self[start.lowerBound...]).replacing("name: demo-shop", with: "name: other-shop")
        if !polling { other = other.replacing(#/    providers:\n(      .*\n|    .*\n)*?(?=    settings:)/#, with: "") }
        return whole + other
    }
}
