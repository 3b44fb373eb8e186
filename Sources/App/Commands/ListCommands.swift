import ArgumentParser
import Domain
import Engine

struct ListEntitiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "entities", abstract: "Orders by where they stand.")

    @Option(name: .long, help: "Only this state; may be given several times.")
    var state: [String] = []

    @Option(name: .long) var limit = 100
    @OptionGroup var common: CommonOptions

    struct Row: Encodable {
        let number: String
        let id: String
        let state: String
        let code: String?
        let reason: String
    }

    func run() async throws {
        let states = try state.map { name in
            guard let state = SyncState(rawValue: name) else {
                throw UsageError("--state knows \(SyncState.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return state
        }
        let rows = try await common.withIntegration(onlyReading: true) { integration, _ in
            try await integration.store.entities(
                integration: integration.name, type: .order, states: states.isEmpty ? SyncState.allCases : states,
                limit: limit
            ).map { entity in
                Row(
                    number: entity.snapshot.number.isEmpty ? entity.key.id : entity.snapshot.number, id: entity.key.id,
                    state: entity.standing.state.rawValue,
                    code: entity.standing.code, reason: entity.standing.reason)
            }
        }
        if common.json { return try Output.json(rows) }
        for row in rows {
            Output.line([row.number, row.state, row.code, row.reason].compactMap(\.self).joined(separator: "  "))
        }
    }
}

struct ListTasksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks", abstract: "The runs of an order, with their steps.")

    @Argument(help: "The shop's number or id, or the ERP's number.")
    var number: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withIntegration(onlyReading: true) { integration, _ in
            try await OrderReport.find(number, in: integration)
        }
        guard let report else { throw UsageError("order \(number) is not known here") }
        if common.json { return try Output.json(report.tasks) }
        for task in report.tasks {
            Output.line("\(task.startedAt)  \(task.trigger)  \(task.state)")
            task.steps.forEach { Output.line("  \($0)") }
        }
    }
}

struct ListLogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What happened; with a number, everything about that order.")

    @Argument(help: "The shop's number or id, or the ERP's number.")
    var number: String?

    @Option(name: .long) var limit = 100
    @OptionGroup var common: CommonOptions

    struct Row: Encodable {
        let at: String
        let level: String
        let order: String?
        let code: String?
        let text: String
    }

    func run() async throws {
        let rows = try await common.withIntegration(onlyReading: true) { integration, _ in
            try await integration.store.logs(integration: integration.name, matching: number, limit: limit).map {
                line in
                Row(
                    at: line.at.iso8601, level: line.level.rawValue, order: line.key?.id, code: line.code,
                    text: line.text)
            }
        }
        if common.json { return try Output.json(rows) }
        for row in rows {
            Output.line([row.at, row.level, row.order, row.code, row.text].compactMap(\.self).joined(separator: "  "))
        }
    }
}

struct ListReferencesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "references", abstract: "Which ERP document belongs to which order.")

    @Argument(help: "The shop's number or id, or the ERP's number; all without it.")
    var number: String?

    @Option(name: .long) var limit = 100
    @OptionGroup var common: CommonOptions

    struct Row: Encodable {
        let order: String
        let kind: String
        let number: String?
        let id: String
        let reference: String
    }

    func run() async throws {
        let rows = try await common.withIntegration(onlyReading: true) { integration, _ in
            try await integration.store.references(integration: integration.name, matching: number, limit: limit)
                .map { link in
                    Row(
                        order: link.number, kind: link.document.reference.kind.title,
                        number: link.document.erp.number, id: link.document.erp.id.text,
                        reference: link.document.reference.key)
                }
        }
        if common.json { return try Output.json(rows) }
        for row in rows {
            Output.line("\(row.order)  \(row.kind)  \(row.number ?? "#\(row.id)")  \(row.reference)")
        }
    }
}
