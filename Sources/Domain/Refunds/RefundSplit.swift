/// How the gross of an order is spread over its VAT rates, and what refunds take of it. Pure, from the shop's facts alone: the
/// same refunds in the same order are always split the same way.
struct RefundSplit {
    /// What one VAT rate has of an order. Lines without VAT are a group of their own, and so is each that is outside VAT: it
    /// has its own account.
    struct Group: Hashable {
        /// The id of the `OrderTax`; `nil` for lines without VAT.
        let taxID: String?
        let percent: ExactDecimal
        /// A line of the group: it tells why there is no VAT where there is none.
        let sample: OrderLine
        var net: Money
        var vat: Money
        /// The net that a document of an ERP must state which computes VAT itself: such that all of them together come to the
        /// VAT of the invoice. It differs from `net` by roundings.
        var computable: Money

        var gross: Money { net + vat }

        /// What such an ERP comes to.
        fileprivate func computedVAT(_ net: Int64) -> Int64 {
            Money(minorUnits: net, self.net.currency).vat(at: percent)?.minorUnits ?? 0
        }

        /// The net nearest to what is meant whose VAT leaves to the rest of the group what an ERP will compute of it.
        fileprivate func computable(for part: Money, gross: Int64, left: Int64) -> Int64 {
            let meant = part.minorUnits
            let near = [0, 1, -1, 2, -2, 3, -3].map { meant + $0 }
            let fitting = near.first { net in
                let vat = computedVAT(net)
                return abs(net + vat - gross) <= 2 && computedVAT(left) - vat == computedVAT(left - net)
            }
            return fitting ?? meant
        }

        /// The line that it is alone with.
        var outside: String? { sample.kind == .outside ? sample.id : nil }

        func holds(_ line: OrderLine, _ tax: OrderTax?) -> Bool {
            taxID == tax?.id && outside == (line.kind == .outside ? line.id : nil)
        }
    }

    private(set) var groups: [Group]
    /// Net that refunds took of a line, by the line's id; `nil` once an amount without lines was taken, because then nobody
    /// can say of which line.
    private(set) var takenOfLines: [String: Money]? = [:]
    private(set) var isUntouched = true
    /// What is left to be given back, roundings of the order included: its groups may come to some minor units more or less.
    private(set) var rest: Money

    init(_ order: Order) {
        rest = order.total
        var groups: [Group] = []
        for line in order.lines {
            let tax = Self.tax(of: line, in: order)
            if let index = groups.firstIndex(where: { $0.holds(line, tax) }) {
                groups[index].net = groups[index].net + line.total
                groups[index].computable = groups[index].net
            } else {
                groups.append(
                    Group(
                        taxID: tax?.id, percent: tax?.percent ?? .zero, sample: line, net: line.total,
                        vat: tax?.amount ?? .zero(order.currency), computable: line.total))
            }
        }
        self.groups = groups
    }

    /// The rate above 0 % that a line bears.
    static func tax(of line: OrderLine, in order: Order) -> OrderTax? {
        line.taxes.lazy.compactMap { bears in
            order.taxes.first { $0.id == bears.taxID && !$0.percent.isZero }
        }.first
    }

    /// Whether nothing is left but roundings. A sale that a gift card paid can have nothing to give back and still stand.
    func isSettled(within minorUnits: Int64) -> Bool { groups.allSatisfy { $0.gross.magnitude <= minorUnits } }

    /// Takes what a refund names line by line; its amount may differ from the lines by a rounding.
    mutating func take(_ lines: [OrderLine], of order: Order, amount: Money) {
        isUntouched = false
        rest = rest - amount
        for line in lines {
            let tax = Self.tax(of: line, in: order)
            guard let index = groups.firstIndex(where: { $0.holds(line, tax) }) else { continue }
            groups[index].net = groups[index].net - line.total
            groups[index].computable = groups[index].computable - line.total
            takenOfLines?[line.id, default: .zero(order.currency)] += line.total
        }
        for tax in order.taxes {
            let exact = lines.flatMap(\.taxes).filter { $0.taxID == tax.id }.map(\.amount).reduce(.zero, +)
            guard let vat = try? Money(rounding: exact, order.currency),
                let index = groups.firstIndex(where: { $0.taxID == tax.id })
            else { continue }
            groups[index].vat = groups[index].vat - vat
        }
    }

    /// Takes an amount that names no lines: spread by what is left of each rate, shipping included, to the minor unit by the
    /// largest remainder (R6, R34). Who takes all that is left gets the VAT that is left.
    ///
    /// - Precondition: `0 <= amount <= rest`.
    mutating func take(_ amount: Money) -> [Group] {
        isUntouched = false
        takenOfLines = nil
        let currency = amount.currency
        let open = groups.indices.filter { groups[$0].gross.minorUnits > 0 }
        // What a gift card paid is taken back with the last of it.
        let isLast = amount.minorUnits >= rest.minorUnits
        rest = rest - amount
        if isLast {
            let taken = groups.filter { !$0.gross.isZero }
            for index in groups.indices {
                (groups[index].net, groups[index].vat) = (.zero(currency), .zero(currency))
                groups[index].computable = .zero(currency)
            }
            return taken
        }
        var taken: [Group] = []
        for (index, share) in zip(open, Self.shares(amount.minorUnits, open.map { groups[$0].gross.minorUnits })) {
            guard share > 0 else { continue }
            var part = groups[index]
            let inside = Money(minorUnits: share, currency).vatInside(at: part.percent)?.minorUnits ?? 0
            let vat = min(inside, max(0, part.vat.minorUnits))
            part.vat = Money(minorUnits: vat, currency)
            part.net = Money(minorUnits: share - vat, currency)
            let left = groups[index].computable.minorUnits
            part.computable = Money(
                minorUnits: part.computable(for: part.net, gross: share, left: left), currency)
            groups[index].computable = groups[index].computable - part.computable
            groups[index].net = groups[index].net - part.net
            groups[index].vat = groups[index].vat - part.vat
            taken.append(part)
        }
        return taken
    }

    /// Whole parts in proportion to weights, that come to the amount exactly.
    static func shares(_ amount: Int64, _ weights: [Int64]) -> [Int64] {
        let whole = Int128(weights.reduce(0, +))
        guard whole > 0 else { return weights.map { _ in 0 } }
        let exact = weights.map { Int128(amount) * Int128($0) }
        var shares = exact.map { Int64($0 / whole) }
        let byRemainder = exact.indices.sorted { (exact[$1] % whole, $0) < (exact[$0] % whole, $1) }
        for index in byRemainder.prefix(Int(amount - shares.reduce(0, +))) { shares[index] += 1 }
        return shares
    }
}
