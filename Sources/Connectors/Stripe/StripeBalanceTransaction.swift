import ConnectorKit
import Domain

/// One movement of the account's balance, as Stripe writes it.
struct StripeBalanceTransaction: Hashable, Sendable {
    let id: String
    /// One of about fifty words, such as `charge`.
    let type: String
    /// Stripe's own grouping of them for the books, such as `dispute`.
    let category: String
    /// Gross.
    let amount: Money
    let fee: Money
    let net: Money
    /// The amount as Stripe counts it.
    let units: Int64
    let created: Instant
    /// From the source's currency to this one; `nil` where nothing was converted.
    let exchangeRate: ExactDecimal?
    let source: StripeSource?

    /// - Throws: `RECORD_UNREADABLE` and the like, naming the field.
    init(_ payload: [UInt8]) throws(Problem) {
        let wire = try WireObject(try JSONReader.decode(payload))
        let currency = try wire.stripeCurrency("currency")
        id = try wire.text("id")
        guard StripeID.isOne(id) else { throw Problem(.recordUnreadable, "id is no id of Stripe's") }
        type = try wire.text("type")
        category = try wire.text("reporting_category")
        units = try wire.whole("amount")
        amount = try wire.stripeAmount("amount", currency)
        fee = try wire.stripeAmount("fee", currency)
        net = try wire.stripeAmount("net", currency)
        created = try wire.stripeTime("created")
        exchangeRate = wire.members["exchange_rate"]?.number
        source = StripeSource(wire.members["source"])
    }
}

/// What a balance transaction comes from: a charge, a refund, a dispute, or anything else. Only asked for what it may say.
struct StripeSource: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case charge, refund, dispute, other }

    let id: String
    let kind: Kind
    /// Stripe wrote it out, as it was asked to.
    let isWrittenOut: Bool
    private let value: JSONValue

    /// From an id, or from the object that has it; `nil` where there is neither.
    init?(_ value: JSONValue?) {
        guard let value, let id = StripeID.of(value) else { return nil }
        self.id = id
        self.value = value
        if let object = value["object"]?.string {
            isWrittenOut = true
            kind =
                switch object {
                case "charge": .charge
                case "refund": .refund
                case "dispute": .dispute
                default: .other
                }
        } else {
            isWrittenOut = false
            kind =
                switch id.prefix(while: { $0 != "_" }) {
                case "ch", "py": .charge
                case "re", "pyr": .refund
                case "dp", "du": .dispute
                default: .other
                }
        }
    }

    /// What may stand in the shop's order as the payment's id.
    var transactionIDs: [String] {
        let intent = StripeID.of(value["payment_intent"])
        let charge = StripeID.of(value["charge"])
        let ids: [String?] =
            switch kind {
            case .charge: [id, intent]
            case .refund: [charge, intent, id]
            case .dispute: [charge, intent]
            case .other: []
            }
        return ids.compactMap(\.self)
    }

    /// What the shop's plugin wrote there under a key.
    func metadata(_ key: String) -> String? {
        guard let text = value["metadata"]?[key]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// In capital letters, as ISO 4217 has it.
    var currency: String? { value["currency"]?.string?.uppercased() }

    /// What a row of it may be of, as Stripe counts: of a charge what was captured of it, or else all that was authorised.
    var amounts: [Int64] {
        let keys = kind == .charge ? ["amount_captured", "amount"] : ["amount"]
        return keys.compactMap { value[$0]?.int }.filter { $0 > 0 }.map { Int64($0) }
    }
}
