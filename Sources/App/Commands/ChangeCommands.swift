import ArgumentParser
import ConnectorKit
import Domain
import Engine

/// What people decide about a change of an order whose invoice is booked. The decision is about the order as it is now: another
/// change asks again.
struct CorrectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: "Let the books follow a change after booking: credit the invoice and make a new one.")

    @OptionGroup var decision: DecisionOptions

    func run() async throws { try await decision.decideOnChange { .correct($0) } }
}

struct KeepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Leave a booked invoice as it is, though the order was changed since.")

    @OptionGroup var decision: DecisionOptions

    func run() async throws { try await decision.decideOnChange { .keep($0) } }
}

struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract:
            "Take back what was made of an order: withdraw what is not booked, credit what is. Refused in closed periods."
    )

    @OptionGroup var decision: DecisionOptions

    func run() async throws { try await decision.decide(.undone) }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Sync an order after all that was excluded, booked by hand or undone.")

    @OptionGroup var decision: DecisionOptions

    func run() async throws { try await decision.decide(.withdrawn) }
}

extension DecisionOptions {
    fileprivate func decideOnChange(_ kind: (OrderChange) -> Decision.Kind) async throws {
        let change = try await common.withIntegration { integration, _ -> OrderChange? in
            guard let entity = try await OrderReport.entity(number, in: integration),
                let order = entity.order
            else { return nil }
            // The shop's newest word has to be looked at before anybody can decide about it.
            guard [.stopped, .completed, .waiting].contains(entity.standing.state) else {
                throw UsageError("order \(number) is \(entity.standing.state.rawValue): let it be synced first")
            }
            return try Domain.change(
                of: order, in: integration.shop, documents: try await integration.store.documents(of: entity.key),
                settings: integration.settings.settings, books: try await integration.erp.books())
        }
        guard let change else { throw UsageError("order \(number) has no booked invoice here") }
        try await decide(kind(change))
    }
}
