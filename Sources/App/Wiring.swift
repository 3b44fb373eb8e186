import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import ServiceLifecycle
import Storage

/// Everything that runs, put together from the configuration. The only place that knows every part.
struct Wiring {
    let configuration: AppConfiguration
    let store: SQLStore
    let epoch: CurrentEpoch
    let transport: HTTPTransport
    let clock: SystemClock
    let logger: Logger
    private let memory: SealedMemory
    private let shared = SharedParts()
    private let onlyReading: Bool

    /// With `onlyReading` no new life of the store begins: commands that only look must not put the past in doubt.
    static func start(
        _ configuration: AppConfiguration, logger: Logger, onlyReading: Bool = false
    ) async throws -> Wiring {
        let clock = SystemClock()
        let process = "\(ProcessInfo.processInfo.processIdentifier)-\(clock.now().milliseconds)"
        let store = try await SQLStore.open(url: configuration.store, clock: clock, process: process)
        let epoch = CurrentEpoch(
            onlyReading ? Epoch(number: 0, startedAt: clock.now()) : try await store.start())
        let (given, file) = (configuration.connectionKey.flatMap { KeyFile.key($0.revealed) }, configuration.keyFile)
        let memory = SealedMemory(store) { try given ?? file.key() }
        return Wiring(
            configuration: configuration, store: store, epoch: epoch, transport: HTTPTransport(), clock: clock,
            logger: logger, memory: memory, onlyReading: onlyReading)
    }

    func stop() async throws { try await transport.shutdown() }

    private func settings(_ configured: IntegrationConfiguration) async throws -> SettingsVersion {
        guard onlyReading else {
            return try await store.adopt(configured.settings, integration: configured.name, by: "configuration")
        }
        return SettingsVersion(version: 0, settings: configured.settings, at: clock.now(), by: "configuration")
    }

    func tools(for configured: IntegrationConfiguration) -> ConnectorTools {
        ConnectorTools(
            transport: transport, clock: clock, shop: configured.shop, timeZone: configured.settings.timeZone,
            memory: memory, shared: shared)
    }

    func integration(
        _ configured: IntegrationConfiguration, _ given: ConnectorTools? = nil
    ) async throws -> Integration {
        let tools = given ?? tools(for: configured)
        var logger = logger
        logger[metadataKey: "integration"] = "\(configured.name)"
        return Integration(
            name: configured.name,
            shop: configured.shop,
            storefront: configured.storefront.make(tools),
            erp: configured.erp.make(tools),
            providers: configured.providers.reduce(into: [:]) { $0[$1.key] = $1.value.make(tools, $1.key) },
            alsoOrdersOf: shops(of: configured.settings.payments?.alsoOrdersOf ?? []),
            settings: try await settings(configured),
            store: store,
            clock: clock,
            epoch: epoch,
            logger: logger
        )
    }

    private func shops(of names: [String]) -> [String: ShopIdentity] {
        configuration.integrations.filter { names.contains($0.name) }.reduce(into: [:]) { $0[$1.name] = $1.shop }
    }

    /// What runs all the time: heartbeat, pick-ups and workers of every integration.
    func services() async throws -> [any Service] {
        var services: [any Service] = [HeartbeatService(store: store, epoch: epoch, clock: clock)]
        for configured in configuration.integrations {
            let integration = try await integration(configured)
            services.append(PickupService(integration, of: .order, every: configured.pollEvery))
            if !integration.providers.isEmpty {
                services.append(PickupService(integration, of: .payout, every: configured.pollPayoutsEvery))
            }
            for files in configured.settlementFiles {
                guard let folder = files.folder else { continue }
                services.append(SettlementFolder(integration, files, folder: folder, every: configured.pollEvery))
            }
            for number in 1...configured.workers {
                services.append(WorkService(integration, worker: "serve-\(number)"))
            }
        }
        return services
    }
}
