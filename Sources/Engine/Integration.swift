public import ConnectorKit
public import Domain
public import Logging

/// One storefront, one ERP and the settings that tie them: everything a flow needs, with its clock and its store.
public struct Integration: Sendable {
    public let name: String
    public let shop: ShopIdentity
    public let storefront: any Storefront
    public let erp: any ERP
    /// Payment providers that are read by their API, by the name that settings use.
    public let providers: [String: any PaymentProvider]
    /// The shops of this and of all integrations that its payouts may have orders of, by the integration's name.
    public let shops: [String: ShopIdentity]
    public let settings: SettingsVersion
    public let store: any Store
    public let clock: any WallClock
    public let epoch: CurrentEpoch
    public let logger: Logger

    public init(
        name: String, shop: ShopIdentity, storefront: any Storefront, erp: any ERP,
        providers: [String: any PaymentProvider] = [:], alsoOrdersOf: [String: ShopIdentity] = [:],
        settings: SettingsVersion, store: any Store, clock: any WallClock, epoch: CurrentEpoch, logger: Logger
    ) {
        self.name = name
        self.shop = shop
        self.storefront = storefront
        self.erp = erp
        self.providers = providers
        shops = alsoOrdersOf.merging([name: shop]) { _, own in own }
        self.settings = settings
        self.store = store
        self.clock = clock
        self.epoch = epoch
        self.logger = logger
    }

    func orderKey(_ id: String) -> EntityKey { EntityKey(integration: name, type: .order, id: id) }
    public func payoutKey(_ record: String) -> EntityKey { EntityKey(integration: name, type: .payout, id: record) }
}
