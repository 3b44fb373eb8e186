import Domain
import Foundation
import Testing

/// The error catalogue as people read it is printed from the code, so that the two cannot part.
@Suite struct ErrorPageTests {
    @Test func thePageOfErrorsIsTheCatalogue() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = root.appending(path: "docs/ERRORS.md")
        if ProcessInfo.processInfo.environment["ORDERSYNC_WRITE_DOCS"] != nil {
            try Data(Self.text.utf8).write(to: page)
        }
        let found = FileManager.default.contents(atPath: page.path).map { String(decoding: $0, as: UTF8.self) }
        #expect(found == Self.text, "print it anew: ORDERSYNC_WRITE_DOCS=1 swift test --filter ErrorPageTests")
    }

    private static var text: String {
        var lines = [
            "# Errors", "", "Why an order can stop or wait, what lies behind it and what to do.",
            "Printed from the code.", "",
        ]
        for code in ProblemCode.allCases {
            lines += ["## \(code.rawValue)", "", code.entry.cause, "", "*Fix:* \(code.entry.fix)", ""]
        }
        lines += ["# Exclusions", "", "Rules by which an order is not synced, as shown with the order.", ""]
        lines += Exclusion.Rule.allCases.map { "- `\($0.rawValue)`" }
        return lines.joined(separator: "\n") + "\n"
    }
}
