/// What credit notes left of a booked invoice, by the documents alone: for taking a sale back whatever the shop shows of it by
/// now. Pure.
struct RestOfInvoice: Hashable {
    let lines: [DraftLine]
    /// Per ERP tax code, sorted by code.
    let taxes: [DocumentTax]
    let total: Money

    /// `nil` when nothing is left. `facts` and `lines` are what the invoice was made from.
    init?(
        _ invoice: ERPDocument, _ facts: OrderFacts, _ lines: [DraftLine], less notes: [Document], settings: Settings,
        rules: ERPRules
    ) throws(Problem) {
        let total = (invoice.total ?? facts.total) + notes.compactMap(\.erp.total).sum(facts.currency)
        var rows = try Self.lines(lines, less: notes, settings.articles.refund)
        // What a gift card paid can be left where no money is.
        let rounding = Int64(lines.count + notes.count)
        guard total.minorUnits > 0 || total.isZero && rows.contains(where: { $0.net.magnitude > rounding }) else {
            return nil
        }
        let taxes: [DocumentTax] =
            switch rules.vat {
            case .settable: (invoice.taxes + notes.flatMap(\.erp.taxes)).summed
            case .fromNetPerRate: try Self.computed(rows, invoice, facts, lines)
            }
        let difference = total - rows.map(\.net).sum(total.currency) - taxes.map(\.amount).sum(total.currency)
        if !difference.isZero {
            guard difference.magnitude <= rounding else {
                throw Problem(
                    .refundDoesNotAddUp, "what is left of it is \(total), its lines and VAT differ by \(difference)")
            }
            rows.append(try .rounding(difference, settings.articles))
        }
        (self.lines, self.taxes, self.total) = (rows, taxes, total)
    }

    /// The invoice's lines that no note names, or where a part of one was credited, a line for each tax.
    private static func lines(
        _ lines: [DraftLine], less notes: [Document], _ article: String?
    ) throws(Problem) -> [DraftLine] {
        var credited: [DraftLine] = []
        for note in notes {
            guard let lines = note.madeFrom?.lines else {
                throw Problem(.refundDoesNotAddUp, "which lines \(note.title) credits is not known")
            }
            credited += lines
        }
        let taken = Dictionary(grouping: credited, by: \.source).mapValues { $0.map(\.net) }
        let isByLine = credited.allSatisfy { note in
            note.source != nil && lines.contains { $0.source == note.source && taken[$0.source] == [$0.net] }
        }
        if isByLine { return lines.filter { taken[$0.source] == nil } }
        let shares = Dictionary(grouping: lines.indices) { Share(lines[$0]) }
        return shares.values.sorted { $0[0] < $1[0] }.compactMap { own in
            var line = lines[own[0]]
            let currency = line.net.currency
            let taken = credited.filter { Share($0) == Share(line) }.map(\.net).sum(currency)
            let left = own.map { lines[$0].net }.sum(currency) - taken
            if left.isZero { return nil }
            if line.tax != nil, let article { (line.article, line.articleIfMissing) = (article, nil) }
            (line.source, line.quantity, line.net) = (nil, .one, left)
            (line.unitPrice, line.basePrice) = (left.decimal, left.decimal)
            return line
        }
    }

    /// Lines of one tax; those outside VAT are told apart by article, because each has its account.
    private struct Share: Hashable {
        let tax: String?
        let article: String?

        init(_ line: DraftLine) { (tax, article) = (line.tax, line.tax == nil ? line.article : nil) }
    }

    /// What an ERP comes to that computes VAT itself, at the rate that the invoice's own VAT shows.
    private static func computed(
        _ rows: [DraftLine], _ invoice: ERPDocument, _ facts: OrderFacts, _ lines: [DraftLine]
    ) throws(Problem) -> [DocumentTax] {
        let rates = facts.taxes.map(\.percent) + [.zero]
        var computed: [DocumentTax] = []
        for code in Set(rows.compactMap(\.tax)).sorted() {
            func net(_ lines: [DraftLine]) -> Money {
                lines.filter { $0.tax == code }.map(\.net).sum(facts.currency)
            }
            let stated = invoice.taxes.first { $0.code == code }?.amount ?? .zero(facts.currency)
            guard let rate = rates.first(where: { net(lines).vat(at: $0) == stated }),
                let amount = net(rows).vat(at: rate)
            else { throw Problem(.refundDoesNotAddUp, "its VAT \(code) of \(stated) is at no rate of the order") }
            computed.append(DocumentTax(code: code, amount: amount))
        }
        return computed
    }
}
