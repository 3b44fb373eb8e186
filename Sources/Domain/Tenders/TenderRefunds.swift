/// An order's refunds, told of its lines as they are read. The shop gives back a part of what the customer paid for a line;
/// the invoice states the whole of it, so the same part of the whole is credited, and the gift card gets the difference back.
/// Amounts stay what the shop gave back.
struct TenderRefunds {
    private let before: Order
    private let after: Order
    /// What refunds so far gave back of a line and of its taxes, as the shop states it.
    private var given: [String: ExactDecimal] = [:]
    /// What is left of each line that is outside VAT, negative for what a gift card paid.
    private var left: [String: Money]

    init(before: Order, after: Order) {
        self.before = before
        self.after = after
        left = after.lines.filter { $0.kind == .outside && $0.total.isNegative }
            .reduce(into: [:]) { $0[$1.id] = $1.total }
    }

    var refunds: [OrderRefund] {
        var copy = self
        return before.refunds.map { copy.read($0) }
    }

    private mutating func read(_ refund: OrderRefund) -> OrderRefund {
        guard let parts = refund.lines else { return refund }
        var refund = refund
        let read = parts.map { self.read($0) }
        refund.lines = read + takenBack(gross(read) - gross(parts))
        return refund
    }

    private mutating func read(_ part: RefundLine) -> RefundLine {
        guard let old = before.lines.first(where: { $0.id == part.lineID }),
            let new = after.lines.first(where: { $0.id == part.lineID }),
            (old.total, old.taxes) != (new.total, new.taxes)
        else { return part }
        var part = part
        if new.kind == .outside {
            (part.total, part.taxes) = (gross([part]), [])
            left[new.id] = left[new.id].map { $0 - part.total }
            return part
        }
        let pieces = Share(of: old.quantity, given: part.quantity)
        let net = Share(of: old.total.decimal, given: part.total.decimal)
        part.taxes = new.taxes.map { tax in
            let share = Share(of: cents(old.taxes, tax.taxID), given: cents(part.taxes, tax.taxID))
            let amount = portion(
                cents([tax], tax.taxID), [share, net, pieces], of: "\(old.id) \(tax.taxID)")
            return LineTax(taxID: tax.taxID, amount: amount.decimal)
        }
        part.total = portion(new.total.decimal, [net, pieces], of: old.id)
        return part
    }

    private struct Share {
        let of: ExactDecimal
        let given: ExactDecimal
    }

    /// As much of an amount as was given back of what the customer paid of it; where the gift card paid all of that, as much as
    /// of the goods. Counted by what was given back up to now, so that the parts come to the whole.
    private mutating func portion(_ amount: ExactDecimal, _ shares: [Share], of key: String) -> Money {
        guard let share = shares.first(where: { !$0.of.isZero }) else { return .zero(after.currency) }
        let from = given[key] ?? .zero
        let to = from + share.given
        given[key] = to
        let marks = [to, from].map { mark in
            (amount * mark).divided(by: share.of, decimals: after.currency.decimals) ?? .zero
        }
        return (try? Money(rounding: marks[0] - marks[1], after.currency)) ?? .zero(after.currency)
    }

    /// The tax of one rate in minor units: shops state it unrounded on lines and rounded on refunds.
    private func cents(_ taxes: [LineTax], _ id: String) -> ExactDecimal {
        let exact = taxes.filter { $0.taxID == id }.map(\.amount).reduce(.zero, +)
        return (try? after.rounded(exact))?.decimal ?? .zero
    }

    /// What the gift cards get back, in the order they were used.
    private mutating func takenBack(_ amount: Money) -> [RefundLine] {
        var open = amount.minorUnits
        var lines: [RefundLine] = []
        for line in after.lines {
            guard open > 0, let rest = left[line.id], rest.isNegative else { continue }
            let back = Money(minorUnits: min(open, rest.magnitude), after.currency)
            left[line.id] = rest + back
            open -= back.minorUnits
            lines.append(RefundLine(lineID: line.id, quantity: .one, total: -back, taxes: []))
        }
        return lines
    }

    /// With VAT, rounded by rate as a credit note's is.
    private func gross(_ parts: [RefundLine]) -> Money {
        let byRate = Dictionary(grouping: parts.flatMap(\.taxes), by: \.taxID)
        let vat = byRate.values.map { taxes in
            (try? Money(rounding: taxes.map(\.amount).reduce(.zero, +), after.currency)) ?? .zero(after.currency)
        }
        return parts.map(\.total).sum(after.currency) + vat.sum(after.currency)
    }
}
