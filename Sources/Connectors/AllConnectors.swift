public import ConnectorKit
public import Domain

/// A storefront as configured, ready to be made.
public struct StorefrontConnector: Sendable {
    public let make: @Sendable (ConnectorTools) -> any Storefront

    /// Every storefront, by the name that configurations use.
    private static let all: [String: @Sendable (FieldReader) -> StorefrontConnector?] = [
        "woocommerce": { WooCommerceConnector.configured($0) }
    ]

    /// Reads `connector` and its keys; problems are left in the reader.
    public init?(_ reader: FieldReader) {
        guard let found = reader.chosen(from: Self.all) else { return nil }
        self = found
    }

    init(_ make: @escaping @Sendable (ConnectorTools) -> any Storefront) { self.make = make }
}

/// An ERP as configured, ready to be made.
public struct ERPConnector: Sendable {
    public let make: @Sendable (ConnectorTools) -> any ERP

    /// Every ERP, by the name that configurations use.
    private static let all: [String: @Sendable (FieldReader) -> ERPConnector?] = [
        "fortnox": { reader in
            let configuration = FortnoxConfiguration(reader)
            return ERPConnector { tools in FortnoxConnector(configuration, tools) }
        },
        "tryton": { reader in
            let configuration = TrytonConfiguration(reader)
            return ERPConnector { tools in TrytonConnector(configuration, tools) }
        },
    ]

    /// Reads `connector` and its keys; problems are left in the reader.
    public init?(_ reader: FieldReader) {
        guard let found = reader.chosen(from: Self.all) else { return nil }
        self = found
    }

    init(_ make: @escaping @Sendable (ConnectorTools) -> any ERP) { self.make = make }
}

/// A payment provider as configured, ready to be made under its name in the settings.
public struct PaymentProviderConnector: Sendable {
    /// Which account it reads, without its secret: two integrations that read one would each book its payouts.
    public let account: String
    public let make: @Sendable (ConnectorTools, _ name: String) -> any PaymentProvider

    /// Every payment provider with an API, by the name that configurations use.
    private static let all: [String: @Sendable (FieldReader) -> PaymentProviderConnector?] = [
        "stripe": { reader in
            let configuration = StripeConfiguration(reader)
            return PaymentProviderConnector(account: "stripe:\(configuration.account)") { tools, name in
                StripeConnector(configuration, tools, name: name)
            }
        }
    ]

    /// Reads `connector` and its keys; problems are left in the reader.
    public init?(_ reader: FieldReader) {
        guard let found = reader.chosen(from: Self.all) else { return nil }
        self = found
    }

    init(account: String, _ make: @escaping @Sendable (ConnectorTools, String) -> any PaymentProvider) {
        self.account = account
        self.make = make
    }
}

extension FieldReader {
    fileprivate func chosen<Connector>(
        from all: [String: @Sendable (FieldReader) -> Connector?]
    ) -> Connector? {
        let name = requiredString("connector")
        guard let read = all[name] else {
            if !name.isEmpty {
                report("connector", "knows \(all.keys.sorted().joined(separator: ", ")), not \"\(name)\"")
            }
            return nil
        }
        let connector = read(self)
        refuseUnknownKeys()
        return connector
    }
}
