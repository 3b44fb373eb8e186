import Domain

/// What is told of a payment when it is made.
struct StripeSale: Sendable {
    var amount: Int
    /// In small letters.
    var currency: String
    /// The shop's order number.
    var order: String?
    var metadata: [String: String]
    /// `Shop - Order 123` where there is none and an order.
    var description: String?
}

/// Payments and what customers take back of them.
extension StripeAccount {
    mutating func authorise(_ sale: StripeSale, isManual: Bool, at time: Int64) -> StripeIntent {
        var metadata = sale.metadata
        if let order = sale.order, let key = settings.orderMetadataKey { metadata[key] = metadata[key] ?? order }
        let intent = StripeIntent(
            id: nextID("pi"), sequence: nextSequence(), created: time, amount: sale.amount, currency: sale.currency,
            description: sale.description ?? sale.order.map { "\(settings.shopName) - Order \($0)" },
            metadata: metadata, isManual: isManual, method: nextID("pm"))
        intents.add(intent)
        touch(time)
        return intent
    }

    /// Takes a part of what was consented to, or what is left. `nil` where that is not enough.
    mutating func capture(
        _ amount: Int?, of id: String, as chargeID: String?, fee: Int?, at time: Int64
    ) -> String? {
        guard let intent = intents[id] else { return nil }
        let left = intent.amount - intent.received
        let amount = amount ?? left
        guard amount > 0, amount <= left else { return nil }
        return charge(amount, intent, as: chargeID, fee: fee, at: time)
    }

    /// Takes what was consented to; answers the charge's id.
    mutating func charge(
        _ amount: Int, _ intent: StripeIntent, as id: String?, fee: Int?, at time: Int64
    ) -> String {
        var charge = StripeCharge(
            id: id ?? nextID("ch"), sequence: nextSequence(), created: time, amount: amount,
            currency: intent.currency, description: intent.description, metadata: intent.metadata,
            intent: intent.id, method: intent.method)
        let (gross, currency, rate) = settled(amount, intent.currency)
        let transaction = post(
            StripeTransaction(
                type: "charge", category: "charge", amount: gross,
                fees: fees(on: gross, currency, isConverted: rate != nil, fixed: fee), currency: currency,
                exchangeRate: rate, created: time, availableOn: Self.midnight(time, plus: settings.delayDays),
                source: charge.id, description: intent.description))
        charge.transaction = transaction.id
        charges.add(charge)
        intents.update(intent.id) {
            $0.received += amount
            $0.charges.append(charge.id)
        }
        tell("charge.succeeded", charge: charge.id, at: time)
        return charge.id
    }

    /// The beginning of a day, UTC.
    static func midnight(_ time: Int64, plus days: Int = 0) -> Int64 { (time / day + Int64(days)) * day }

    /// What is kept of a charge. `fixed` is the whole of it where a test says how much.
    private func fees(
        on amount: Int, _ currency: String, isConverted: Bool, fixed: Int?
    ) -> [StripeTransaction.Fee] {
        if let fixed {
            return fixed == 0 ? [] : [.init(amount: fixed, description: "Stripe processing fees")]
        }
        let processing = Self.part(settings.feeBasisPoints, of: amount) + (settings.fixedFees[currency] ?? 0)
        let conversion = isConverted ? Self.part(settings.conversionBasisPoints, of: amount) : 0
        let tax = Self.part(settings.feeTaxBasisPoints, of: processing + conversion)
        let fees: [StripeTransaction.Fee] = [
            .init(amount: processing, description: "Stripe processing fees"),
            .init(amount: conversion, description: "Stripe currency conversion fee"),
            .init(amount: tax, type: "tax", description: "VAT"),
        ]
        return fees.filter { $0.amount != 0 }
    }

    /// Hundredths of a percent of an amount; halves go up.
    private static func part(_ basisPoints: Int, of amount: Int) -> Int { (amount * basisPoints + 5_000) / 10_000 }

    // MARK: Refunds

    /// Gives a part back, or what is left. The fee of the charge stays with Stripe. `nil` where it is more than is left, and
    /// while the bank has the money back already.
    mutating func refund(_ id: String, _ amount: Int?, metadata: [String: String], at time: Int64) -> String? {
        guard let charge = charges[id], !isChargedBack(charge) else { return nil }
        let left = charge.amount - charge.refunded
        let amount = amount ?? left
        guard amount > 0, amount <= left else { return nil }
        var refund = StripeRefund(
            id: nextID("re"), sequence: nextSequence(), created: time, amount: amount, currency: charge.currency,
            charge: id, intent: charge.intent, method: charge.method, metadata: metadata)
        let (gross, currency, rate) = settled(amount, charge.currency)
        let transaction = post(
            StripeTransaction(
                type: "refund", category: "refund", amount: -gross, currency: currency, exchangeRate: rate,
                created: time, availableOn: time, source: refund.id,
                description: "REFUND FOR CHARGE" + (charge.description.map { " (\($0))" } ?? "")))
        refund.transaction = transaction.id
        refunds.add(refund)
        charges.update(id) {
            $0.refunded += amount
            $0.refunds.append(refund.id)
        }
        tell("refund.created", .refund(refund), at: time)
        tell("charge.refunded", charge: id, at: time)
        return refund.id
    }

    private func isChargedBack(_ charge: StripeCharge) -> Bool {
        guard let dispute = charge.dispute.flatMap({ disputes[$0] }), !dispute.isInquiry else { return false }
        return dispute.status != "won"
    }

    /// The customer's bank does not take it: the money comes back.
    mutating func failRefund(_ id: String, at time: Int64) -> Bool {
        guard let refund = refunds[id], refund.status == "succeeded", let taken = transactions[refund.transaction]
        else { return false }
        let back = post(
            StripeTransaction(
                type: "refund_failure", category: "refund_failure", amount: -taken.amount, currency: taken.currency,
                exchangeRate: taken.exchangeRate, created: time, availableOn: time, source: id,
                description: "REFUND FAILURE" + (taken.description.map { " (\($0))" } ?? "")))
        charges.update(refund.charge) { $0.refunded -= refund.amount }
        let failed = refunds.update(id) {
            $0.status = "failed"
            $0.failureTransaction = back.id
        }
        guard let failed else { return false }
        tell("refund.updated", .refund(failed), at: time)
        tell("refund.failed", .refund(failed), at: time)
        return true
    }

    // MARK: Disputes

    /// A cardholder's bank wants the money back. It is taken at once, with a fee, unless the bank only asks.
    mutating func dispute(
        _ id: String, _ amount: Int?, fee: Int?, reason: String, isInquiry: Bool, at time: Int64
    ) -> String? {
        guard let charge = charges[id], charge.dispute == nil else { return nil }
        let amount = amount ?? charge.amount - charge.refunded
        guard amount > 0, amount <= charge.amount else { return nil }
        var dispute = StripeDispute(
            id: nextID("dp"), sequence: nextSequence(), created: time, amount: amount, currency: charge.currency,
            charge: id, intent: charge.intent, reason: reason, isInquiry: isInquiry,
            status: isInquiry ? "warning_needs_response" : "needs_response")
        if !isInquiry {
            let (gross, currency, _) = settled(amount, charge.currency)
            let kept = fee ?? settings.disputeFees[currency] ?? 0
            // Also where money was converted no rate was recorded.
            let transaction = post(
                StripeTransaction(
                    type: "adjustment", category: "dispute", amount: -gross,
                    fees: kept == 0 ? [] : [.init(amount: kept, description: "Dispute fee")], currency: currency,
                    created: time, availableOn: time, source: dispute.id,
                    description: "Chargeback withdrawal for \(id)"))
            dispute.transactions = [transaction.id]
        }
        disputes.add(dispute)
        charges.update(id) { $0.dispute = dispute.id }
        tell("charge.dispute.created", dispute: dispute.id, at: time)
        if !isInquiry { tell("charge.dispute.funds_withdrawn", dispute: dispute.id, at: time) }
        return dispute.id
    }

    /// The merchant was right: what was withdrawn comes back, its fee only if the settings say so.
    mutating func win(_ id: String, at time: Int64) -> Bool {
        guard let dispute = disputes[id], dispute.isOpen else { return false }
        if let taken = dispute.transactions.first.flatMap({ transactions[$0] }) {
            let fees = settings.returnsDisputeFee ? taken.fees : []
            let back = post(
                StripeTransaction(
                    type: "adjustment", category: "dispute_reversal", amount: -taken.amount,
                    fees: fees.map { .init(amount: -$0.amount, description: "Dispute fee refund") },
                    currency: taken.currency, created: time, availableOn: time, source: id,
                    description: "Chargeback reversal for \(dispute.charge)"))
            disputes.update(id) { $0.transactions.append(back.id) }
            tell("charge.dispute.funds_reinstated", dispute: id, at: time)
        }
        return close(id, dispute.isInquiry ? "warning_closed" : "won", at: time)
    }

    /// The money stays with the customer.
    mutating func lose(_ id: String, at time: Int64) -> Bool {
        guard let dispute = disputes[id], dispute.isOpen else { return false }
        return close(id, dispute.isInquiry ? "warning_closed" : "lost", at: time)
    }

    private mutating func close(_ id: String, _ status: String, at time: Int64) -> Bool {
        disputes.update(id) { $0.status = status }
        tell("charge.dispute.closed", dispute: id, at: time)
        return true
    }
}
