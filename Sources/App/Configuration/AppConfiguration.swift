import ConnectorKit
import Connectors
import Domain
import Storage

/// The whole configuration, typed. Keys:
///
/// - `store`: `sqlite:FILE`; default `sqlite:ordersync.db`.
/// - `connectionKey`: seals the tokens that the store keeps; 32 bytes in base64. Default: a file beside the store.
/// - `server.host`, `server.port`: where `serve` listens; default 127.0.0.1 and 8080.
/// - `integrations`: at least one; see `IntegrationConfiguration`.
struct AppConfiguration {
    let store: String
    let connectionKey: Secret?
    let host: String
    let port: Int
    let integrations: [IntegrationConfiguration]

    /// - Throws: `InvalidConfiguration` with every problem of the file.
    init(_ file: ConfigurationFile) throws {
        let reader = FieldReader(file.tree)
        store = reader.string("store", default: "sqlite:ordersync.db")
        connectionKey = reader.string("connectionKey").map { Secret($0) }
        if let connectionKey, KeyFile.key(connectionKey.revealed) == nil {
            reader.report("connectionKey", "must be 32 bytes in base64; make one with: openssl rand -base64 32")
        }
        let server = reader.group("server")
        host = server.string("host", default: "127.0.0.1")
        port = server.int("port", default: 8080, in: 1...65_535)
        server.refuseUnknownKeys()
        let read = reader.list("integrations", IntegrationConfiguration.read)
        integrations = read.compactMap(\.self)
        if read.isEmpty { reader.report("integrations", "needs at least one integration") }
        let names = integrations.map(\.name)
        for name in Set(names) where names.count(where: { $0 == name }) > 1 {
            reader.report("integrations", "two integrations are named \(name)")
        }
        let shops = integrations.map(\.shop)
        for shop in Set(shops) where shops.count(where: { $0 == shop }) > 1 {
            reader.report("integrations", "two integrations have the shop identity \(shop): give one its own `shop`")
        }
        for (index, one) in integrations.enumerated() {
            for name in one.settings.payments?.alsoOrdersOf ?? [] where !names.contains(name) || name == one.name {
                reader.report(
                    "integrations[\(index)].settings.payments.alsoOrdersOf", "there is no other integration \(name)")
            }
        }
        Self.refuseSharedAccounts(integrations, reader)
        reader.refuseUnknownKeys()
        let problems = file.problems + reader.problems
        guard problems.isEmpty else { throw InvalidConfiguration(problems: problems) }
    }
}

extension AppConfiguration {
    /// Of two shops on one account one reads it, and finds the other's orders by `alsoOrdersOf`.
    private static func refuseSharedAccounts(_ integrations: [IntegrationConfiguration], _ reader: FieldReader) {
        for (index, one) in integrations.enumerated() {
            let accounts = Set(one.providers.values.map(\.account))
            let other = integrations[..<index].first { !accounts.isDisjoint(with: $0.providers.values.map(\.account)) }
            guard let other else { continue }
            reader.report(
                "integrations[\(index)].providers",
                "\(other.name) reads this account already: leave it out here, and name \(one.name) in alsoOrdersOf of \(other.name)"
            )
        }
    }
    /// Where the key is kept that seals tokens, unless the configuration gives one: `ordersync.db.key`.
    var keyFile: KeyFile {
        KeyFile(path: String(store.split(separator: ":", maxSplits: 1).last ?? "ordersync") + ".key")
    }
}

/// One integration. Keys:
///
/// - `name`: how people call it; also the shop identity unless `shop` is given.
/// - `shop`: the shop identity, given once and for ever.
/// - `live`: whether anything is written to the ERP; default false.
/// - `timeZone`: the merchant's, such as Europe/Stockholm; decides document dates.
/// - `pollEvery`: seconds between pick-ups; default 60.
/// - `pollPayoutsEvery`: seconds between looks at payment providers; default 300.
/// - `workers`: how many work at once while `serve` runs; default 2.
/// - `storefront`, `erp`: `connector` and the connector's own keys.
/// - `providers`: payment providers that are read by their API: `connector`, its keys, and `name` where the settings call it
///   otherwise than the connector is called.
/// - `settlementFiles`: reports of providers without an API: `provider`, `layout` or `ownLayout`, and the `folder` that is
///   watched.
/// - `settings`: see `Settings`.
struct IntegrationConfiguration {
    let name: String
    let shop: ShopIdentity
    let pollEvery: Duration
    let pollPayoutsEvery: Duration
    let workers: Int
    let storefront: StorefrontConnector
    let erp: ERPConnector
    let providers: [String: PaymentProviderConnector]
    let settlementFiles: [SettlementFiles]
    let settings: Settings

    static func read(_ reader: FieldReader) -> IntegrationConfiguration? {
        let name = reader.requiredString("name")
        let identity = reader.string("shop") ?? name
        let shop = ShopIdentity(identity)
        if shop == nil {
            reader.report(
                reader.string("shop") == nil ? "name" : "shop", "must be 1 to 32 lower-case letters, digits and dashes")
        }
        let zone = reader.parsed("timeZone", "a time zone name like Europe/Stockholm") { TimeZoneName($0) }
        if zone == nil, reader.string("timeZone") == nil { reader.report("timeZone", "is required") }
        let live = reader.bool("live", default: false)
        let pollEvery = reader.int("pollEvery", default: 60, in: 1...86_400)
        let pollPayoutsEvery = reader.int("pollPayoutsEvery", default: 300, in: 1...86_400)
        let workers = reader.int("workers", default: 2, in: 1...16)
        let settings = Settings(reader.group("settings"), live: live, timeZone: zone ?? .utc)
        let storefront = StorefrontConnector(reader.group("storefront"))
        let erp = ERPConnector(reader.group("erp"))
        let providers = providers(reader, settings)
        let files = reader.list("settlementFiles") { reader in
            let provider = reader.requiredString("provider")
            let folder = reader.string("folder")
            return SettlementLayouts.read(reader).map {
                SettlementFiles(provider: provider, layout: $0, folder: folder)
            }
        }
        let folders = files.map { $0?.folder }
        for (index, folder) in folders.enumerated() where folder != nil && folders[..<index].contains(folder) {
            reader.report("settlementFiles[\(index)].folder", "is that of another provider: give each its own")
        }
        guard let shop, let storefront, let erp else { return nil }
        return IntegrationConfiguration(
            name: name, shop: shop, pollEvery: .seconds(pollEvery), pollPayoutsEvery: .seconds(pollPayoutsEvery),
            workers: workers, storefront: storefront, erp: erp,
            providers: providers, settlementFiles: files.compactMap(\.self), settings: settings
        )
    }

    private static func providers(_ reader: FieldReader, _ settings: Settings) -> [String: PaymentProviderConnector] {
        let read = reader.list("providers") { reader in
            let name = reader.string("name") ?? reader.string("connector") ?? ""
            return (name, PaymentProviderConnector(reader))
        }
        for (index, entry) in read.enumerated() where read[..<index].contains(where: { $0.0 == entry.0 }) {
            reader.report("providers[\(index)].name", "two providers are named \(entry.0)")
        }
        if !read.isEmpty, settings.payments == nil {
            reader.report("settings.payments", "is required with providers: which accounts payouts go to")
        }
        return read.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
}

struct InvalidConfiguration: Error, CustomStringConvertible {
    let problems: [SettingsProblem]
    var description: String {
        "the configuration has \(problems.count) problem\(problems.count == 1 ? "" : "s"):\n"
            + problems.map { "  \($0)" }.joined(separator: "\n")
    }
}
