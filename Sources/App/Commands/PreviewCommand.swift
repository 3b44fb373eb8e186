import ArgumentParser
import ConnectorKit
import Domain
import Engine

struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "The ERP documents as they would be; nothing is sent.")

    @Argument(help: "What: order.")
    var record: RecordKind

    @Argument(help: "The shop's number.")
    var number: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let preview = try await common.withIntegration(onlyReading: true) { integration, _ in
            try await Preview(integration).order(number: number)
        }
        guard let preview else { throw UsageError("the shop has no order with the number \(number)") }
        if common.json {
            try Output.json(PreviewReport(preview))
        } else {
            PreviewReport(preview).lines.forEach(Output.line)
        }
        if !preview.problems.isEmpty { throw ExitStatus.attention }
    }
}

/// What `preview` tells.
private struct PreviewReport: Encodable {
    let number: String
    let outcome: String
    let document: SalesOrderDraft?
    let creditNote: CreditNoteDraft?
    let problems: [String]

    init(_ preview: Preview.Result) {
        number = preview.number
        outcome = preview.outcome
        document = preview.draft
        creditNote = preview.credit
        problems = preview.problems.map(\.description)
    }

    var lines: [String] {
        var lines = ["order \(number): \(outcome)"]
        if let creditNote {
            lines.append("  credit note of \(creditNote.date): \(creditNote.text)")
            lines += content(creditNote.lines, creditNote.taxes, creditNote.total)
        } else if let document {
            lines.append(
                "  date \(document.date), \(document.currency), customer reference \(document.customerReference)")
            lines += content(document.lines, document.taxes, document.total)
        }
        return lines + problems.map { "  ! \($0)" }
    }

    private func content(_ lines: [DraftLine], _ taxes: [DocumentTax], _ total: Money) -> [String] {
        lines.map { "  \($0.quantity) × \($0.article)  \($0.unitPrice)  = \($0.net)  \($0.tax ?? "no VAT")" }
            + taxes.map { "  VAT  \($0.code)  \($0.amount)" } + ["  total  \(total)"]
    }
}
