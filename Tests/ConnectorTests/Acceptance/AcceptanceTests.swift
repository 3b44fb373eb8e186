import Domain
import Foundation
import TestKit
import Testing

/// Every connector through every check of its side; the table is printed.
@Suite struct AcceptanceTests {
    @Test func wooCommerce() async throws {
        try await AcceptanceTable.run(StorefrontCheck.all, "woocommerce", waivers: []) { check in
            try await WooCommerceSubject.open { try await check.run(on: $0) }
        }
    }

    @Test func stripe() async throws {
        try await AcceptanceTable.run(ProviderCheck.all, "stripe", waivers: []) { check in
            try await StripeSubject.open { try await check.run(on: $0) }
        }
    }

    @Test(arguments: [InvoiceWorkflow.invoiceOnly, .orderThenInvoice])
    func fortnox(_ workflow: InvoiceWorkflow) async throws {
        let name = workflow == .invoiceOnly ? "fortnox" : "fortnox/ord"
        try await AcceptanceTable.run(ERPCheck.all, name, waivers: []) { check in
            try await FortnoxSubject.open(workflow) { try await check.run(on: $0) }
        }
    }
}

/// Runs checks one after the other, prints a line for each and fails for those that fail.
enum AcceptanceTable {
    static func run<Check: CustomStringConvertible>(
        _ checks: [Check], _ connector: String, waivers: [Waiver], sourceLocation: SourceLocation = #_sourceLocation,
        _ run: (Check) async throws -> Void
    ) async throws {
        var lines: [String] = []
        for check in checks {
            let verdict = await Verdict.of(check.description, waivers: waivers) { try await run(check) }
            lines.append(verdict.line(connector, check.description))
            if case .failed(let reason) = verdict {
                Issue.record("\(check): \(reason)", sourceLocation: sourceLocation)
            }
        }
        for waiver in waivers where !checks.contains(where: { $0.description.contains(waiver.check) }) {
            Issue.record("a waiver for no check: \(waiver.check)", sourceLocation: sourceLocation)
        }
        FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
    }
}
