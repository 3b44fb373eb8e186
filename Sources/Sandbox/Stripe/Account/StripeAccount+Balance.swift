import Domain

/// Movements that belong to no order.
extension StripeAccount {
    /// How a reserve is told of: Stripe had three words for it over the years.
    static func reserveType(_ style: StripeSandbox.ReserveStyle, isRelease: Bool) -> String {
        switch style {
        case .reservedFunds: "reserved_funds"
        case .reserveTransaction: "reserve_transaction"
        case .reserveHold: isRelease ? "reserve_release" : "reserve_hold"
        }
    }

    /// A movement of any type; answers its id.
    mutating func move(
        _ type: String, _ category: String, _ amount: Int, _ currency: String?, fees: [StripeTransaction.Fee] = [],
        source: String? = nil, _ description: String?, at time: Int64
    ) -> String {
        post(
            StripeTransaction(
                type: type, category: category, amount: amount, fees: fees,
                currency: currency ?? settings.defaultCurrency, created: time, availableOn: time, source: source,
                description: description)
        ).id
    }

    /// A fee that stands alone, with VAT on it where there is some.
    mutating func chargeFee(
        _ product: String, _ amount: Int, _ currency: String?, tax: Int, at time: Int64
    ) -> String {
        let fees: [StripeTransaction.Fee] =
            tax == 0 ? [] : [.init(amount: tax, type: "tax", description: "VAT")]
        return move("stripe_fee", "fee", -amount, currency, fees: fees, product, at: time)
    }

    /// Money that the merchant puts into the balance.
    mutating func topUp(_ amount: Int, _ currency: String?, at time: Int64) -> String {
        let id = nextID("tu")
        let transaction = move("topup", "topup", amount, currency, source: id, "TOPUP", at: time)
        others[id] = .object([
            "id": .string(id), "object": "topup", "amount": JSONValue(amount),
            "balance_transaction": .string(transaction), "created": JSONValue(Int(time)),
            "currency": .string(currency ?? settings.defaultCurrency), "description": "TOPUP",
            "expected_availability_date": JSONValue(Int(time)), "failure_code": nil, "failure_message": nil,
            "livemode": .bool(settings.isLive), "metadata": .object([:]), "source": nil,
            "statement_descriptor": nil, "status": "succeeded", "transfer_group": nil,
        ])
        return transaction
    }

    /// Money that goes to another account.
    mutating func transfer(_ amount: Int, _ currency: String?, at time: Int64) -> String {
        let id = nextID("tr")
        let transaction = move("transfer", "transfer", -amount, currency, source: id, nil, at: time)
        others[id] = .object([
            "id": .string(id), "object": "transfer", "amount": JSONValue(amount), "amount_reversed": 0,
            "balance_transaction": .string(transaction), "created": JSONValue(Int(time)),
            "currency": .string(currency ?? settings.defaultCurrency), "description": nil,
            "destination": "acct_1SbxOtherAccount", "destination_payment": nil, "livemode": .bool(settings.isLive),
            "metadata": .object([:]),
            "reversals": StripeWire.list([], hasMore: false, url: "/v1/transfers/\(id)/reversals"),
            "reversed": false, "source_transaction": nil, "source_type": "card", "transfer_group": nil,
        ])
        return transaction
    }
}
