import ArgumentParser
import ConnectorKit
import Domain
import Engine

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try stopped orders and payouts again, after looking at them afresh in the ERP."
    )

    @Option(name: .long, help: "Only those that stopped with this code.")
    var code: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withIntegration { integration, _ in
            var stopped: [Entity] = []
            for type in RecordType.allCases {
                stopped += try await integration.store.entities(
                    integration: integration.name, type: type, states: [.stopped], limit: 100_000
                ).filter { code == nil || $0.standing.code == code }
            }
            let keys = stopped.map(\.key)
            try await integration.store.markInDoubt(keys)
            try await integration.store.markDue(keys, trigger: .retry)
            return try await FlowRun(integration).toTheEnd()
        }
        if common.json { try Output.json(report) } else { report.lines.forEach(Output.line) }
        if report.needsAttention { throw ExitStatus.attention }
    }
}

/// What people decide about one order: who, and why. It is kept for good.
struct DecisionOptions: ParsableArguments {
    @Argument(help: "What: order.")
    var record: RecordKind

    @Argument(help: "The shop's number or id.")
    var number: String

    @Option(name: .long, help: "Who decides.")
    var by: String

    @Option(name: .long, help: "Why.")
    var reason: String

    @OptionGroup var common: CommonOptions

    func decide(_ kind: Decision.Kind) async throws {
        let report = try await common.withIntegration { integration, _ -> OrderReport? in
            guard let entity = try await OrderReport.entity(number, in: integration) else { return nil }
            let decision = Decision(kind: kind, by: by, at: integration.clock.now(), reason: reason)
            try await integration.store.decide(decision, about: entity.key)
            try await FlowRun(integration).workOff()
            return try await OrderReport.find(number, in: integration)
        }
        guard let report else { throw UsageError("order \(number) is not known here") }
        try report.print(asJSON: common.json)
    }
}

struct ExcludeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exclude", abstract: "Never sync this order; who and why is kept.")

    @OptionGroup var decision: DecisionOptions

    func run() async throws { try await decision.decide(.excluded) }
}

struct BookedByHandCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "booked-by-hand", abstract: "A person has booked this order in the ERP; the number is kept.")

    @Option(name: .long, help: "The ERP's number.")
    var erpNumber: String

    @OptionGroup var decision: DecisionOptions

    func run() async throws { try await decision.decide(.bookedByHand(number: erpNumber)) }
}

struct UnlinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Remove an order's references, so that its documents are looked for, and made again if they are gone."
    )

    @Argument(help: "What: order.")
    var record: RecordKind

    @Argument(help: "The shop's number or id.")
    var number: String

    @Option(name: .long, help: "Who decides.")
    var by: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withIntegration { integration, _ -> OrderReport? in
            guard let entity = try await OrderReport.entity(number, in: integration) else { return nil }
            for document in try await integration.store.documents(of: entity.key)
            where document.reference.kind != .customer {
                try await integration.store.removeReference(
                    document.reference, integration: integration.name, by: by)
            }
            try await integration.store.markDue([entity.key], trigger: .retry)
            try await FlowRun(integration).workOff()
            return try await OrderReport.find(number, in: integration)
        }
        guard let report else { throw UsageError("order \(number) is not known here") }
        try report.print(asJSON: common.json)
        if report.needsAttention { throw ExitStatus.attention }
    }
}
