import ArgumentParser
import Domain
import Engine

struct PayoutShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "The statement of a payout: sums by type, fees, VAT, the bank, every line.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv, html }

    @Option(name: .long, help: "text, json, csv (the lines) or html (to print).")
    var format = Format.text

    @OptionGroup var argument: PayoutArgument

    func run() async throws {
        try await argument.common.withIntegration(onlyReading: true) { integration, _ in
            let entity = try await argument.find(in: integration)
            let reader = PayoutReader(integration)
            guard let statement = try await reader.statement(of: entity) else {
                throw UsageError("payout \(argument.payout) cannot be read: \(entity.standing.reason)")
            }
            switch argument.common.json ? .json : format {
            case .text:
                StatementText(statement).lines.forEach(Output.line)
                try await reader.eachLine(of: entity.key) { Output.line(StatementText.line($0)) }
            case .json:
                var lines: [StatementJSON.Line] = []
                try await reader.eachLine(of: entity.key) { lines.append(StatementJSON.Line($0)) }
                try Output.json(StatementJSON(statement, lines))
            case .csv:
                Output.line(StatementCSV.header)
                try await reader.eachLine(of: entity.key) { Output.line(StatementCSV.row($0)) }
            case .html:
                let page = StatementPage(statement)
                page.beginning.forEach(Output.line)
                try await reader.eachLine(of: entity.key) { Output.line(page.row($0)) }
                page.end.forEach(Output.line)
            }
        }
    }
}
