import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import Storage

@testable import App

/// The product within the test's process, wired by its own wiring from its own configuration file.
final class InProcess {
    let setup: Setup
    let integration: Integration
    private let wiring: Wiring
    private let tools: ConnectorTools

    init(_ setup: Setup) async throws {
        self.setup = setup
        let file = try ConfigurationFile(path: setup.configuration.path, environment: [:])
        let configuration = try AppConfiguration(file)
        guard let configured = configuration.integrations.first else { throw UsageError("no integration") }
        wiring = try await Wiring.start(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        tools = wiring.tools(for: configured)
        integration = try await wiring.integration(configured, tools)
    }

    func stop() async throws { try await wiring.stop() }

    func sync() async throws {
        _ = try await OrderPickup(integration).run()
        try await Worker(integration, name: "test").workOff()
    }

    func standing(of id: String) async throws -> Standing? {
        try await integration.store.entity(EntityKey(integration: integration.name, type: .order, id: id))?.standing
    }

    /// Calls to the ERP that change something there.
    var writes: Int {
        let writing: Set = [
            "create", "write", "delete", "quote", "confirm", "process", "validate_invoice", "post", "cancel",
        ]
        return tools.callCounts().filter { label, _ in
            label.split(separator: ".").last.map { writing.contains(String($0)) } == true
        }.values.reduce(0, +)
    }

    func rewindTimeHistory() async throws {
        try await integration.store.moveTimeHistory(
            TimeHistory(
                integration: integration.name, type: .order, loadedThrough: .distantPast,
                movedAt: integration.clock.now(), movedBy: "test", reason: "again"))
    }
}
