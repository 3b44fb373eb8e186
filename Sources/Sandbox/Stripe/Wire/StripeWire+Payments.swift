import Domain

/// Charges, refunds, disputes and payment intents. What an accounting sync does not look at is as in the samples: the same in
/// every record.
extension StripeWire {
    func charge(_ charge: StripeCharge, _ refunds: [StripeRefund]) -> JSONValue {
        .object([
            "id": .string(charge.id), "object": "charge", "amount": JSONValue(charge.amount),
            "amount_captured": JSONValue(charge.amount), "amount_refunded": JSONValue(charge.refunded),
            "application": nil, "application_fee": nil, "application_fee_amount": nil,
            "balance_transaction": .string(charge.transaction), "billing_details": Self.billing,
            "calculated_statement_descriptor": .string(settings.shopName.uppercased()), "captured": true,
            "created": JSONValue(Int(charge.created)), "currency": .string(charge.currency), "customer": nil,
            "description": JSONValue(text: charge.description), "disputed": .bool(charge.dispute != nil),
            "failure_balance_transaction": nil, "failure_code": nil, "failure_message": nil,
            "fraud_details": .object([:]), "livemode": .bool(settings.isLive),
            "metadata": Self.texts(charge.metadata), "on_behalf_of": nil, "outcome": Self.outcome, "paid": true,
            "payment_intent": .string(charge.intent), "payment_method": .string(charge.method),
            "payment_method_details": cardDetails(charge.amount), "receipt_email": nil, "receipt_number": nil,
            "receipt_url": .string("https://pay.stripe.com/receipts/payment/\(charge.id)"),
            "refunded": .bool(charge.refunded == charge.amount),
            "refunds": Self.list(
                refunds.reversed().map { refund($0) }, hasMore: false, url: "/v1/charges/\(charge.id)/refunds"),
            "review": nil, "shipping": nil, "source": nil, "source_transfer": nil, "statement_descriptor": nil,
            "statement_descriptor_suffix": nil, "status": "succeeded", "transfer_data": nil, "transfer_group": nil,
        ])
    }

    private static let billing: JSONValue = [
        "address": [
            "city": nil, "country": nil, "line1": nil, "line2": nil, "postal_code": nil, "state": nil,
        ],
        "email": nil, "name": nil, "phone": nil, "tax_id": nil,
    ]

    private static let outcome: JSONValue = [
        "advice_code": nil, "network_advice_code": nil, "network_decline_code": nil,
        "network_status": "approved_by_network", "reason": nil, "seller_message": "Payment complete.",
        "type": "authorized",
    ]

    private func cardDetails(_ amount: Int) -> JSONValue {
        var card = Self.card
        card["amount_authorized"] = JSONValue(amount)
        card["overcapture"] = ["maximum_amount_capturable": JSONValue(amount), "status": "unavailable"]
        return ["card": .object(card), "type": "card"]
    }

    private static let card: [String: JSONValue] = [
        "authorization_code": nil, "brand": "visa",
        "checks": ["address_line1_check": nil, "address_postal_code_check": nil, "cvc_check": "pass"],
        "country": "SE", "exp_month": 8, "exp_year": 2030, "extended_authorization": ["status": "disabled"],
        "fingerprint": "AOB934RVNwzk6xtn", "funding": "credit",
        "incremental_authorization": ["status": "unavailable"], "installments": nil, "last4": "4242", "mandate": nil,
        "multicapture": ["status": "unavailable"], "network": "visa", "network_token": ["used": false],
        "network_transaction_id": nil, "regulated_status": nil, "three_d_secure": nil, "transaction_link_id": nil,
        "wallet": nil,
    ]

    func refund(_ refund: StripeRefund) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(refund.id), "object": "refund", "amount": JSONValue(refund.amount),
            "balance_transaction": .string(refund.transaction), "charge": .string(refund.charge),
            "created": JSONValue(Int(refund.created)), "currency": .string(refund.currency), "customer": nil,
            "customer_account": nil, "destination_details": ["card": ["type": "refund"], "type": "card"],
            "metadata": Self.texts(refund.metadata), "payment_intent": .string(refund.intent),
            "payment_method": .string(refund.method), "reason": nil, "receipt_number": nil,
            "source_transfer_reversal": nil, "status": .string(refund.status), "transfer_reversal": nil,
        ]
        if let failure = refund.failureTransaction {
            members["failure_balance_transaction"] = .string(failure)
            members["failure_reason"] = "expired_or_canceled_card"
        }
        return .object(members)
    }

    func dispute(_ dispute: StripeDispute, _ transactions: [StripeTransaction]) -> JSONValue {
        .object([
            "id": .string(dispute.id), "object": "dispute", "amount": JSONValue(dispute.amount),
            "balance_transactions": .array(transactions.map { transaction($0) }), "charge": .string(dispute.charge),
            "created": JSONValue(Int(dispute.created)), "currency": .string(dispute.currency),
            "enhanced_eligibility_types": .array([]), "evidence": Self.evidence,
            "evidence_details": [
                "due_by": JSONValue(Int(StripeAccount.midnight(dispute.created, plus: 9) - 1)),
                "enhanced_eligibility": .object([:]), "has_evidence": false, "past_due": false, "submission_count": 0,
            ],
            "is_charge_refundable": .bool(dispute.isInquiry), "livemode": .bool(settings.isLive),
            "metadata": .object([:]), "payment_intent": .string(dispute.intent),
            "payment_method_details": [
                "card": [
                    "brand": "visa", "case_type": dispute.isInquiry ? "inquiry" : "chargeback", "network": "visa",
                    "network_reason_code": "10.4",
                ],
                "type": "card",
            ],
            "reason": .string(dispute.reason), "status": .string(dispute.status),
        ])
    }

    private static let evidence: JSONValue = {
        let texts = [
            "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
            "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
            "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
            "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
            "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
            "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
            "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
        ]
        var members: [String: JSONValue] = texts.reduce(into: [:]) { $0[$1] = .null }
        members["enhanced_evidence"] = .object([:])
        return .object(members)
    }()

    func intent(_ intent: StripeIntent) -> JSONValue {
        .object([
            "id": .string(intent.id), "object": "payment_intent", "amount": JSONValue(intent.amount),
            "amount_capturable": JSONValue(intent.isManual ? intent.amount - intent.received : 0),
            "amount_details": ["tip": .object([:])], "amount_received": JSONValue(intent.received),
            "application": nil, "application_fee_amount": nil, "automatic_payment_methods": ["enabled": true],
            "canceled_at": nil, "cancellation_reason": nil,
            "capture_method": intent.isManual ? "manual" : "automatic",
            "client_secret": .string("\(intent.id)_secret_sandbox"), "confirmation_method": "automatic",
            "created": JSONValue(Int(intent.created)), "currency": .string(intent.currency), "customer": nil,
            "customer_account": nil, "description": JSONValue(text: intent.description),
            "excluded_payment_method_types": nil, "last_payment_error": nil,
            "latest_charge": JSONValue(text: intent.charges.last), "livemode": .bool(settings.isLive),
            "managed_payments": ["enabled": false], "metadata": Self.texts(intent.metadata), "next_action": nil,
            "on_behalf_of": nil, "payment_method": .string(intent.method),
            "payment_method_configuration_details": nil, "payment_method_options": .object([:]),
            "payment_method_types": ["card"], "processing": nil, "receipt_email": nil, "review": nil,
            "setup_future_usage": nil, "shipping": nil, "source": nil, "statement_descriptor": nil,
            "statement_descriptor_suffix": nil,
            "status": intent.received == 0 ? "requires_capture" : "succeeded", "transfer_data": nil,
            "transfer_group": nil,
        ])
    }
}
