/// What is to be credited of an invoice.
enum Credit: Hashable {
    case refund(OrderRefund)
    /// All that no refund took: the sale was called off or changed.
    case rest(Closing)
}

/// Why the rest of an invoice is credited, and when that was settled.
struct Closing: Hashable {
    let because: String
    let at: Instant
}

extension Order {
    /// References under which credit notes of the order may stand in the ERP, of one generation.
    public func creditNoteReferences(in shop: ShopIdentity, ordinal: Int) -> [ExternalReference] {
        let refunds = refunds.filter { !$0.amount.isZero }.map { CreditMapper.record(.refund($0), self) }
        return (refunds + [record]).map {
            ExternalReference(shop: shop, record: $0, kind: .creditNote, ordinal: ordinal)
        }
    }

    /// The shop took the sale back: what no refund gave back is to be credited too.
    var calledOff: Closing? {
        guard status == .cancelled || status == .refunded else { return nil }
        return Closing(because: "Order \(number) was \(statusText) in the shop", at: modifiedAt)
    }
}

/// Maps refunds of an order to credit notes. A refund is mapped as a small order in reverse, so that its lines get the
/// articles, taxes and roundings of the invoice that it credits (R7). Pure.
struct CreditMapper {
    let shop: ShopIdentity
    let settings: Settings
    let rules: ERPRules
    /// The generation of the invoice.
    var ordinal = 1
    /// The invoice's lines.
    var original: [DraftLine] = []
    /// Nothing is to be made of it: a setting that is missing by now is none of its concern.
    var isOnlyRead = false

    /// A credit note as it should stand in the ERP; amounts are those given back.
    struct Mapped: Hashable {
        let reference: ExternalReference
        /// The shop's order number.
        let number: String
        let lines: [DraftLine]
        let taxes: [DocumentTax]
        let total: Money
        let facts: OrderFacts
        let date: Day
        let text: String
    }

    /// Everything that is to be credited, in the order of the refunds, or the first reason why something cannot be.
    func credits(of order: Order, closing: Closing?) throws(Problem) -> [Mapped] {
        var split = RefundSplit(order)
        var mapped: [Mapped] = []
        let refunds = order.refunds.filter { !$0.amount.isZero }.map { Credit.refund($0) }
        for credit in refunds + (closing.map { [.rest($0)] } ?? []) {
            guard let part = try part(of: order, credit, &split) else { continue }
            let mapper = OrderMapper(
                shop: shop, settings: settings, rules: rules, ordinal: ordinal,
                linesRounded: order.lines.count + 2 * order.refunds.count * split.groups.count,
                original: originals(split))
            let draft = try mapper.draft(of: part.order)
            mapped.append(
                Mapped(
                    reference: ExternalReference(
                        shop: shop, record: Self.record(credit, order), kind: .creditNote, ordinal: ordinal),
                    number: draft.number, lines: draft.lines, taxes: draft.taxes, total: draft.total,
                    facts: draft.facts, date: part.at.day(in: settings.timeZone), text: part.text))
        }
        return mapped
    }

    /// The order as an invoice has to state it that leaves out what these refunds gave back: their lines are on it in
    /// reverse.
    func order(_ order: Order, without refunds: Set<String>) throws(Problem) -> Order {
        guard !refunds.isEmpty else { return order }
        var split = RefundSplit(order)
        var view = order
        for refund in order.refunds where !refund.amount.isZero {
            guard let part = try part(of: order, .refund(refund), &split) else { continue }
            guard refunds.contains(refund.id) else { continue }
            view.lines += part.order.lines.map { $0.reversed("\(Self.reversedPrefix)\(refund.id)-") }
            for tax in part.order.taxes {
                guard let index = view.taxes.firstIndex(where: { $0.id == tax.id }) else { continue }
                view.taxes[index].amount = view.taxes[index].amount - tax.amount
            }
            view.totalTax = view.totalTax - part.order.totalTax
            view.total = view.total - part.order.total
        }
        view.refunds = order.refunds.filter { !refunds.contains($0.id) }
        view.reducedBy = refunds.sorted()
        return view
    }

    /// What ids of reversed lines begin with.
    static let reversedPrefix = "less-"

    static func record(_ credit: Credit, _ order: Order) -> String {
        switch credit {
        case .refund(let refund): "refund-\(refund.id)"
        case .rest: order.record
        }
    }

    /// Lines that only sum up a rate bear the tax of the lines they are of.
    private func originals(_ split: RefundSplit) -> OriginalLines {
        var known = OriginalLines(original)
        for group in split.groups {
            let article = group.taxID == nil ? nil : settings.articles.refund
            known.add(Self.id(of: group), like: group.sample.id, article: article)
        }
        return known
    }

    private static func id(of group: RefundSplit.Group) -> String { "refund-\(group.outside ?? group.taxID ?? "0")" }

    // MARK: Parts of an order

    private struct Part {
        let order: Order
        let at: Instant
        let text: String
    }

    /// The part of the order that a credit gives back; `nil` when nothing is left of it.
    private func part(of order: Order, _ credit: Credit, _ split: inout RefundSplit) throws(Problem) -> Part? {
        switch credit {
        case .rest(let closing):
            let rest = split.rest
            let isPaidOtherwise = rest.isZero && order.lines.contains { $0.kind == .outside }
            guard rest.minorUnits > 0 || (isPaidOtherwise && !split.isSettled(within: Int64(order.lines.count)))
            else { return nil }
            let groups = split.groups
            let whole = restOfLines(order, split)
            let lines = if let whole { whole } else { try self.lines(split.take(rest), closing.because) }
            var part = reduced(order, to: lines, total: rest)
            // Who takes what is left takes the VAT that is left, however the lines' own would be rounded.
            for index in part.taxes.indices {
                guard let left = groups.first(where: { $0.taxID == part.taxes[index].id }) else { continue }
                part.taxes[index].amount = left.vat
            }
            part.totalTax = part.taxes.map(\.amount).sum(order.currency)
            return Part(order: part, at: closing.at, text: closing.because)
        case .refund(let refund):
            let rest = split.rest
            guard (1...max(1, rest.minorUnits)).contains(refund.amount.minorUnits), rest.minorUnits > 0 else {
                throw Problem(
                    .refundExceedsInvoice, "refund \(refund.id) gives back \(refund.amount), but only \(rest) is left")
            }
            let lines = try lines(of: refund, order, &split)
            let reason = refund.reason.isEmpty ? "" : ": \(refund.reason)"
            return Part(
                order: reduced(order, to: lines, total: refund.amount), at: refund.createdAt ?? order.modifiedAt,
                text: "Refund \(refund.id) of order \(order.number)\(reason)")
        }
    }

    private func lines(
        of refund: OrderRefund, _ order: Order, _ split: inout RefundSplit
    ) throws(Problem) -> [OrderLine] {
        guard let named = refund.lines else {
            throw Problem(.refundNotRead, "what refund \(refund.id) gives back was not read")
        }
        var lines: [OrderLine] = []
        for part in named where !part.total.isZero || part.taxes.contains(where: { !$0.amount.isZero }) {
            guard var line = order.lines.first(where: { $0.id == part.lineID }) else {
                throw Problem(
                    .refundDoesNotAddUp, "refund \(refund.id) names line \(part.lineID), which the order does not have")
            }
            line.quantity = part.quantity.isZero ? .one : part.quantity
            (line.subtotal, line.total, line.taxes) = (part.total, part.total, part.taxes)
            lines.append(line)
        }
        guard !lines.isEmpty else {
            let isWhole = split.isUntouched && refund.amount == split.rest
            let groups = split.take(refund.amount)
            return isWhole ? order.lines : try self.lines(groups, refund.reason)
        }
        let vat = VATOfLines(lines, order)
        let sum = lines.map(\.total).sum(order.currency) + vat.sum
        guard (refund.amount - sum).magnitude <= Int64(lines.count) else {
            throw Problem(
                .refundDoesNotAddUp, "refund \(refund.id) gives back \(refund.amount), its lines come to \(sum)")
        }
        split.take(lines, of: order, amount: refund.amount)
        return lines
    }

    /// The order's own lines less what refunds took of them; `nil` when an amount without lines was given back before.
    private func restOfLines(_ order: Order, _ split: RefundSplit) -> [OrderLine]? {
        if split.isUntouched { return order.lines }
        guard let taken = split.takenOfLines else { return nil }
        let touched = order.lines.filter { taken[$0.id] != nil }
        // Of a line that was given back in part nobody knows how its VAT was rounded: such a rest goes by rate.
        guard touched.allSatisfy({ taken[$0.id] == $0.total }) else { return nil }
        return order.lines.filter { taken[$0.id] == nil }
    }

    /// One line for each VAT rate, by the article for refunds without lines.
    private func lines(_ groups: [RefundSplit.Group], _ reason: String) throws(Problem) -> [OrderLine] {
        var lines: [OrderLine] = []
        for group in groups {
            var line = group.sample
            line.id = Self.id(of: group)
            line.quantity = .one
            let net = rules.vat == .fromNetPerRate ? group.computable : group.net
            (line.subtotal, line.total) = (net, net)
            line.taxes = group.taxID.map { [LineTax(taxID: $0, amount: group.vat.decimal)] } ?? []
            if group.taxID != nil {
                guard let article = settings.articles.refund ?? (isOnlyRead ? "" : nil) else {
                    throw Problem(.refundNotMapped, "a refund without lines has no article")
                }
                (line.kind, line.sku, line.methodID) = (.goods, article, nil)
            }
            line.name = reason.isEmpty ? "Refund" : reason
            lines.append(line)
        }
        return lines
    }

    private func reduced(_ order: Order, to lines: [OrderLine], total: Money) -> Order {
        var part = order
        let vat = VATOfLines(lines, order)
        part.lines = lines
        part.taxes = vat.taxes
        part.totalTax = vat.sum
        part.total = total
        return part
    }
}

/// VAT of some lines of an order, by rate, to the minor unit.
private struct VATOfLines {
    let taxes: [OrderTax]
    let sum: Money

    init(_ lines: [OrderLine], _ order: Order) {
        let isWhole = lines == order.lines
        taxes = order.taxes.compactMap { tax in
            let bearing = lines.flatMap(\.taxes).filter { $0.taxID == tax.id }
            guard !bearing.isEmpty else { return nil }
            var tax = tax
            if !isWhole {
                tax.amount =
                    (try? Money(rounding: bearing.map(\.amount).reduce(.zero, +), order.currency)) ?? tax.amount
            }
            return tax
        }
        sum = taxes.map(\.amount).sum(order.currency)
    }
}

extension OrderLine {
    /// The same with the opposite sign, as a line of its own.
    fileprivate func reversed(_ prefix: String) -> OrderLine {
        var line = self
        line.id = prefix + id
        line.quantity = -quantity
        (line.subtotal, line.total) = (-subtotal, -total)
        line.taxes = taxes.map { LineTax(taxID: $0.taxID, amount: -$0.amount) }
        return line
    }
}
