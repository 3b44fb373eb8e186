import Foundation
import TestKit
import Testing

/// The page of rules promises tests: they are there.
@Suite struct RulesPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let rows: [String: Substring] = {
        let page = (try? String(contentsOf: root.appending(path: "docs/RULES.md"), encoding: .utf8)) ?? ""
        let lines = page.split(separator: "\n").filter { $0.hasPrefix("| R") }
        return Dictionary(
            lines.map { (String($0.dropFirst(2).prefix { $0 != " " }), $0) }, uniquingKeysWith: { first, _ in first })
    }()

    @Test(arguments: Array(1...14) + Array(31...44))
    func everyRuleHasATestOrAReasonWhyItHasNone(_ number: Int) throws {
        let row = try #require(Self.rows["R\(number)"])
        #expect(row.contains("check R\(number)") || row.contains("`") || row.contains("does not apply"), "R\(number)")
        if row.contains("check R\(number)") {
            let names = ERPCheck.all.map { $0.name.prefix { $0 != ":" }.split(separator: " ") }
            #expect(names.contains { $0.contains("R\(number)") }, "no check is named R\(number)")
        }
    }

    @Test func everyTestThatIsNamedIsThere() throws {
        let tests = Self.root.appending(path: "Tests")
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?.allObjects ?? []
        let code = try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        for row in Self.rows.values {
            let cell = row.split(separator: "|").last ?? ""
            let names = cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map(\.element).filter { $0.first?.isLowercase == true }
            for name in names { #expect(code.contains("func \(name)("), "there is no test \(name)") }
        }
    }
}
