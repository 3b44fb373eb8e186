import Domain

/// Writes the account's records as the API shows them.
struct StripeWire {
    let settings: StripeSandbox.Settings
    /// The time that decides what is available.
    let now: Int64

    static func list(_ data: [JSONValue], hasMore: Bool, url: String) -> JSONValue {
        ["object": "list", "data": .array(data), "has_more": .bool(hasMore), "url": .string(url)]
    }

    static func texts(_ texts: [String: String]) -> JSONValue { .object(texts.mapValues { .string($0) }) }

    // MARK: The balance

    func transaction(_ transaction: StripeTransaction) -> JSONValue {
        .object([
            "id": .string(transaction.id), "object": "balance_transaction", "amount": JSONValue(transaction.amount),
            "available_on": JSONValue(Int(transaction.availableOn)), "balance_type": "payments",
            "created": JSONValue(Int(transaction.created)), "currency": .string(transaction.currency),
            "description": JSONValue(text: transaction.description),
            "exchange_rate": transaction.exchangeRate.map { JSONValue($0) } ?? .null,
            "fee": JSONValue(transaction.fee),
            "fee_details": .array(transaction.fees.map { fee($0, transaction.currency) }),
            "net": JSONValue(transaction.net), "reporting_category": .string(transaction.category),
            "source": JSONValue(text: transaction.source),
            "status": transaction.availableOn <= now ? "available" : "pending", "type": .string(transaction.type),
        ])
    }

    private func fee(_ fee: StripeTransaction.Fee, _ currency: String) -> JSONValue {
        [
            "amount": JSONValue(fee.amount), "application": nil, "currency": .string(currency),
            "description": .string(fee.description), "type": .string(fee.type),
        ]
    }

    func balance(_ account: StripeAccount) -> JSONValue {
        func amounts(_ amount: (String) -> Int, hasTypes: Bool = true) -> JSONValue {
            .array(
                account.currencies.map { currency in
                    let amount = JSONValue(amount(currency))
                    var members: [String: JSONValue] = ["amount": amount, "currency": .string(currency)]
                    if hasTypes { members["source_types"] = ["card": amount] }
                    return .object(members)
                })
        }
        return [
            "object": "balance", "available": amounts { account.balance(of: $0).available },
            "connect_reserved": amounts({ _ in 0 }, hasTypes: false), "livemode": .bool(settings.isLive),
            "pending": amounts { account.balance(of: $0).pending },
        ]
    }

    // MARK: Payouts

    func payout(_ payout: StripePayout) -> JSONValue {
        .object([
            "id": .string(payout.id), "object": "payout", "amount": JSONValue(payout.amount), "application_fee": nil,
            "application_fee_amount": nil, "arrival_date": JSONValue(Int(payout.arrival)),
            "automatic": .bool(payout.isAutomatic), "balance_transaction": .string(payout.transaction),
            "created": JSONValue(Int(payout.created)), "currency": .string(payout.currency),
            "description": "STRIPE PAYOUT", "destination": .string(payout.destination),
            "failure_balance_transaction": JSONValue(text: payout.failureTransaction),
            "failure_code": JSONValue(text: payout.failureCode),
            "failure_message": JSONValue(text: payout.failureMessage), "livemode": .bool(settings.isLive),
            "metadata": .object([:]), "method": "standard", "original_payout": nil, "payout_method": nil,
            "reconciliation_status": .string(payout.reconciliationStatus), "reversed_by": nil, "source_type": "card",
            "statement_descriptor": nil, "status": .string(payout.status), "trace_id": trace(payout),
            "type": "bank_account",
        ])
    }

    private func trace(_ payout: StripePayout) -> JSONValue {
        if payout.isOnItsWay { return ["status": "pending", "value": nil] }
        guard payout.status == "paid" else { return ["status": "unsupported", "value": nil] }
        return ["status": "supported", "value": .string("TRACE\(payout.sequence)")]
    }

    // MARK: Events

    func event(_ event: StripeEvent, waitingWebhooks: Int = 0) -> JSONValue {
        [
            "id": .string(event.id), "object": "event", "api_version": .string(settings.apiVersion),
            "created": JSONValue(Int(event.created)), "data": ["object": subject(event)],
            "livemode": .bool(settings.isLive), "pending_webhooks": JSONValue(waitingWebhooks),
            "request": ["id": nil, "idempotency_key": nil], "type": .string(event.type),
        ]
    }

    /// As it was then: what became of it since does not change an event.
    private func subject(_ event: StripeEvent) -> JSONValue {
        let then = StripeWire(settings: settings, now: event.created)
        return switch event.subject {
        case .charge(let charge, let refunds): then.charge(charge, refunds)
        case .refund(let refund): then.refund(refund)
        case .dispute(let dispute, let transactions): then.dispute(dispute, transactions)
        case .payout(let payout): then.payout(payout)
        }
    }

    // MARK: The account

    func account(created: Int64) -> JSONValue {
        [
            "id": .string(settings.accountID), "object": "account",
            "business_profile": [
                "mcc": nil, "name": .string(settings.shopName), "support_email": nil, "support_phone": nil, "url": nil,
            ],
            "business_type": "company", "capabilities": ["card_payments": "active", "transfers": "active"],
            "charges_enabled": true, "country": .string(settings.country), "created": JSONValue(Int(created)),
            "default_currency": .string(settings.defaultCurrency), "details_submitted": true, "email": nil,
            "external_accounts": Self.list(
                [], hasMore: false, url: "/v1/accounts/\(settings.accountID)/external_accounts"),
            "metadata": .object([:]), "payouts_enabled": true, "settings": accountSettings, "type": "standard",
        ]
    }

    private var accountSettings: JSONValue {
        [
            "branding": ["icon": nil, "logo": nil, "primary_color": nil, "secondary_color": nil],
            "card_payments": ["statement_descriptor_prefix": nil],
            "dashboard": ["display_name": .string(settings.shopName), "timezone": "Europe/Stockholm"],
            "payments": ["statement_descriptor": nil],
            "payouts": [
                "debit_negative_balances": .bool(settings.withdrawsNegativeBalance),
                "schedule": [
                    "delay_days": JSONValue(settings.delayDays),
                    "interval": settings.payoutEveryDays == nil ? "manual" : "daily",
                ],
                "statement_descriptor": nil,
            ],
        ]
    }
}

extension JSONValue {
    init(text: String?) { self = text.map { .string($0) } ?? .null }
}
