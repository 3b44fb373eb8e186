public import Domain

/// What customers, banks, Stripe and the merchant do, each told when. Amounts are whole minor units, positive unless it is
/// said otherwise; a currency is spelt `sek`, and is the first settlement currency where none is given.
extension StripeSandbox {
    // MARK: Time

    /// Makes the automatic payouts of every day up to then, and lets payouts be sent, arrive and be reconciled. Times that
    /// have passed stay as they were told.
    public func advance(to time: Instant) { server.withAccount { $0.advance(to: time.unixTime) } }

    /// What one minor unit of a currency is worth in the first settlement currency from now on.
    public func setExchangeRate(_ rate: ExactDecimal, of currency: String) {
        server.withAccount { $0.rates[currency.lowercased()] = rate }
    }

    // MARK: Payments

    /// A customer pays more than nothing. Answers the charge's id, which may be chosen, as a shop has it already; one that is
    /// there is not charged again. `order` is the shop's order number, `fee` the whole fee in place of what the settings say.
    @discardableResult
    public func charge(
        _ amount: Int, _ currency: String, order: String? = nil, id: String? = nil, metadata: [String: String] = [:],
        description: String? = nil, fee: Int? = nil, at time: Instant
    ) -> String {
        let sale = Self.sale(amount, currency, order, metadata, description)
        return server.withAccount { account in
            if let id, account.charges[id] != nil { return id }
            let intent = account.authorise(sale, isManual: false, at: time.unixTime)
            return account.charge(amount, intent, as: id, fee: fee, at: time.unixTime)
        }
    }

    /// A customer agrees to pay, and is charged later, perhaps in parts. Answers the payment intent's id.
    public func authorise(
        _ amount: Int, _ currency: String, order: String? = nil, metadata: [String: String] = [:],
        description: String? = nil, at time: Instant
    ) -> String {
        let sale = Self.sale(amount, currency, order, metadata, description)
        return server.withAccount { $0.authorise(sale, isManual: true, at: time.unixTime).id }
    }

    /// Takes a part, or what is left: a charge of its own. Answers its id; `nil` where more is taken than was agreed to.
    @discardableResult
    public func capture(
        _ amount: Int? = nil, of intent: String, id: String? = nil, fee: Int? = nil, at time: Instant
    ) -> String? {
        server.withAccount { account in
            if let id, account.charges[id] != nil { return id }
            return account.capture(amount, of: intent, as: id, fee: fee, at: time.unixTime)
        }
    }

    private static func sale(
        _ amount: Int, _ currency: String, _ order: String?, _ metadata: [String: String], _ description: String?
    ) -> StripeSale {
        StripeSale(
            amount: amount, currency: currency.lowercased(), order: order, metadata: metadata,
            description: description)
    }

    /// Gives a part back, or what is left, in the currency of the charge. Answers the refund's id; `nil` where Stripe
    /// refuses it.
    @discardableResult
    public func refund(
        _ charge: String, _ amount: Int? = nil, metadata: [String: String] = [:], at time: Instant
    ) -> String? {
        server.withAccount { $0.refund(charge, amount, metadata: metadata, at: time.unixTime) }
    }

    /// The customer's bank sends a refund back.
    @discardableResult
    public func failRefund(_ refund: String, at time: Instant) -> Bool {
        server.withAccount { $0.failRefund(refund, at: time.unixTime) }
    }

    /// A cardholder disputes a charge or a part of it. Answers the dispute's id; `nil` where there is no such charge or it is
    /// disputed already. The fee is in the settlement currency. An inquiry moves no money.
    @discardableResult
    public func dispute(
        _ charge: String, _ amount: Int? = nil, fee: Int? = nil, reason: String = "fraudulent",
        isInquiry: Bool = false, at time: Instant
    ) -> String? {
        server.withAccount {
            $0.dispute(charge, amount, fee: fee, reason: reason, isInquiry: isInquiry, at: time.unixTime)
        }
    }

    @discardableResult
    public func win(_ dispute: String, at time: Instant) -> Bool {
        server.withAccount { $0.win(dispute, at: time.unixTime) }
    }

    @discardableResult
    public func lose(_ dispute: String, at time: Instant) -> Bool {
        server.withAccount { $0.lose(dispute, at: time.unixTime) }
    }

    // MARK: Movements of no order; each answers the id of its balance transaction

    /// Stripe corrects the balance; negative takes money away.
    @discardableResult
    public func adjust(
        _ amount: Int, _ currency: String? = nil, description: String = "Balance adjustment", at time: Instant
    ) -> String {
        move("adjustment", category: "other_adjustment", amount, currency, description: description, at: time)
    }

    /// A fee that stands alone: the product's name is its description. VAT comes on top.
    @discardableResult
    public func chargeFee(
        _ product: String, _ amount: Int, _ currency: String? = nil, tax: Int = 0, at time: Instant
    ) -> String {
        server.withAccount {
            $0.chargeFee(product, amount, currency?.lowercased(), tax: tax, at: time.unixTime)
        }
    }

    /// A fee comes back.
    @discardableResult
    public func refundFee(
        _ product: String, _ amount: Int, _ currency: String? = nil, at time: Instant
    ) -> String {
        move("stripe_fee", category: "fee", amount, currency, description: "\(product) refund", at: time)
    }

    /// How Stripe calls it when it holds money back: it has had three ways.
    public enum ReserveStyle: Sendable, CaseIterable { case reservedFunds, reserveTransaction, reserveHold }

    /// Money is held back.
    @discardableResult
    public func holdReserve(
        _ amount: Int, _ currency: String? = nil, style: ReserveStyle = .reservedFunds, at time: Instant
    ) -> String {
        move(
            StripeAccount.reserveType(style, isRelease: false), category: "risk_reserved_funds", -amount, currency,
            description: "Risk reserve hold", at: time)
    }

    /// Money that was held back is free again.
    @discardableResult
    public func releaseReserve(
        _ amount: Int, _ currency: String? = nil, style: ReserveStyle = .reservedFunds, at time: Instant
    ) -> String {
        move(
            StripeAccount.reserveType(style, isRelease: true), category: "risk_reserved_funds", amount, currency,
            description: "Risk reserve release", at: time)
    }

    /// The merchant puts money into the balance.
    @discardableResult
    public func topUp(_ amount: Int, _ currency: String? = nil, at time: Instant) -> String {
        server.withAccount { $0.topUp(amount, currency?.lowercased(), at: time.unixTime) }
    }

    /// Money goes to another account.
    @discardableResult
    public func transfer(_ amount: Int, _ currency: String? = nil, at time: Instant) -> String {
        server.withAccount { $0.transfer(amount, currency?.lowercased(), at: time.unixTime) }
    }

    /// A movement of any type, also one that a future API may have; negative takes money away.
    @discardableResult
    public func move(
        _ type: String, category: String, _ amount: Int, _ currency: String? = nil, fee: Int = 0,
        description: String? = nil, at time: Instant
    ) -> String {
        let fees: [StripeTransaction.Fee] =
            fee == 0 ? [] : [.init(amount: fee, description: "Stripe processing fees")]
        return server.withAccount {
            $0.move(type, category, amount, currency?.lowercased(), fees: fees, description, at: time.unixTime)
        }
    }

    // MARK: Payouts

    /// An automatic payout takes everything that is available then and was not paid out; below zero it is withdrawn from the
    /// bank account. One by hand takes an amount, or everything, and nobody knows of what. Answers its id; `nil` where there
    /// is nothing to pay out.
    @discardableResult
    public func payOut(
        _ currency: String? = nil, automatic: Bool = true, amount: Int? = nil, arrivalDays: Int? = nil,
        at time: Instant
    ) -> String? {
        server.withAccount { account in
            let currency = currency?.lowercased() ?? account.settings.defaultCurrency
            return automatic
                ? account.payOut(currency, arrivalDays: arrivalDays, at: time.unixTime)
                : account.payOutByHand(amount, currency, arrivalDays: arrivalDays, at: time.unixTime)
        }
    }

    /// The bank sends a payout back, on its way or after it was paid. The money waits for a later payout.
    @discardableResult
    public func fail(_ payout: String, code: String = "account_closed", at time: Instant) -> Bool {
        server.withAccount { $0.failPayout(payout, code: code, at: time.unixTime) }
    }

    /// Only while it is pending.
    @discardableResult
    public func cancel(_ payout: String, at time: Instant) -> Bool {
        server.withAccount { $0.cancelPayout(payout, at: time.unixTime) }
    }

    /// An automatic payout's content is complete, whatever the settings say.
    @discardableResult
    public func reconcile(_ payout: String, at time: Instant) -> Bool {
        server.withAccount { $0.reconcile(payout, at: time.unixTime) }
    }
}
