/// The settings by which parts of an order are read as outside VAT: fees that are no part of the sale, and payments that the
/// shop shows as something else.
public struct ReadingRules: Hashable, Sendable, Codable {
    public var fees: [FeeRule]
    public var tenders: [TenderRule]

    public init(fees: [FeeRule] = [], tenders: [TenderRule] = []) {
        self.fees = fees
        self.tenders = tenders
    }

    var isEmpty: Bool { fees.isEmpty && tenders.isEmpty }

    /// The rule for a fee that is outside VAT; `nil` where the first rule for it says otherwise.
    func outsideFee(_ line: OrderLine) -> FeeRule? {
        guard let rule = fees.first(where: { matches($0.name, nil, line.name) }), rule.outsideVAT == true else {
            return nil
        }
        return line.total.isNegative && !rule.allowNegative ? nil : rule
    }

    /// The rule for a negative fee that is a payment.
    func tender(_ fee: OrderLine) -> TenderRule? {
        guard fee.total.isNegative else { return nil }
        return tenders.first { if case .fee(let name) = $0.shown { matches(name, nil, fee.name) } else { false } }
    }

    /// The rule for a coupon that is a payment. Shops take codes in any case.
    func tender(_ coupon: OrderCoupon) -> TenderRule? {
        tenders.first { rule in
            guard case .coupon(let code) = rule.shown else { return false }
            return matches(code.lowercased(), nil, coupon.code.lowercased())
        }
    }

    /// What the order's custom fields say of payments: each with its rule and what stands in the field.
    func fields(of order: Order) -> [(rule: TenderRule, path: String, text: String)] {
        tenders.compactMap { rule in
            guard case .field(let path) = rule.shown,
                let text = JSONValue.object(order.customFields).value(at: path)?.text, !text.isEmpty,
                ExactDecimal(text)?.isZero != true
            else { return nil }
            return (rule, path, text)
        }
    }

    /// Whether anything of the order is paid by a tender: such an order is a sale even if its total is zero.
    func findsTender(in order: Order) -> Bool {
        order.lines.contains { $0.kind == .fee && tender($0) != nil }
            || (order.coupons ?? []).contains { !$0.isFree && tender($0) != nil } || !fields(of: order).isEmpty
    }
}

extension Settings {
    var reading: ReadingRules { ReadingRules(fees: fees, tenders: tenders ?? []) }
}

extension OrderCoupon {
    /// It took nothing off the lines; free shipping, for instance.
    var isFree: Bool { discount.isZero && discountTax.isZero }
}
