public import Domain

/// An order that the shop goes on changing, and what its books must come to: by whole öre, with no code of the mapper's.
public struct LivingOrder {
    public private(set) var order: Order
    private var random: SeededGenerator
    /// Net and VAT that refunds by line gave back, by line.
    private var givenBack: [String: (net: Int64, vat: Int64)] = [:]
    public private(set) var amountRefunds = 0
    private let sku: String?
    private var nextLine = 1
    /// Ids of all refunds there ever were.
    public private(set) var refundsEver: [String] = []

    /// With a SKU all its lines are of that article.
    public init(_ id: String, at now: Instant, _ random: SeededGenerator, sku: String? = nil) {
        self.random = random
        self.sku = sku
        order = Sample.order(id)
        order.paidAt = nil
        (order.status, order.statusText) = (.pending, "pending")
        (order.createdAt, order.modifiedAt) = (now, now)
        order.customer = Customer(email: "buyer\(id)@example.test")
        order.lines = []
        for _ in 0..<Int.random(in: 1...3, using: &self.random) { addLine() }
        sum()
    }

    // MARK: What the books must say

    /// What all documents together come to, with their VAT by tax. Where an amount was given back without lines, how much of it was
    /// whose VAT is not known here.
    public var truth: (total: Int64, vat: [String: Int64]) {
        if order.status == .cancelled || left == 0 { return (0, [:]) }
        var vat: [String: Int64] = [:]
        for tax in order.taxes { vat["VAT\(tax.percent)", default: 0] += tax.amount.minorUnits }
        for line in order.lines {
            guard let back = givenBack[line.id], let rate = line.taxes.first?.taxID else { continue }
            vat["VAT" + rate.dropFirst(), default: 0] -= back.vat
        }
        return (order.total.minorUnits - refunded, vat.filter { $0.value != 0 })
    }

    private var refunded: Int64 { order.refunds.map(\.amount.minorUnits).reduce(0, +) }
    private var left: Int64 { order.total.minorUnits - refunded }

    // MARK: What may happen

    /// Something that a shop does; answers whether anything was changed.
    public mutating func live(at now: Instant) -> Bool {
        let before = order
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: pay(now)
        case 2: ship(now)
        case 3: addLine()
        case 4: changeLine()
        case 5: removeLine()
        case 6: refundLine(now)
        case 7: refundAmount(now)
        case 8: cancelOrRestore()
        case 9: order.customerNote = "note \(Int.random(in: 0..<100, using: &random))"
        case 10: order.billing.city = ["Göteborg", "Lund", "Umeå"].randomElement(using: &random) ?? "Lund"
        default: refundTheRest(now)
        }
        guard order != before else { return false }
        sum()
        order.modifiedAt = now
        return true
    }

    private mutating func pay(_ now: Instant) {
        guard order.paidAt == nil, order.status == .pending else { return }
        order.paidAt = now
        (order.status, order.statusText) = (.processing, "processing")
    }

    private mutating func ship(_ now: Instant) {
        guard order.status == .processing, order.shippedAt == nil else { return }
        order.shippedAt = now
        (order.status, order.statusText) = (.completed, "completed")
    }

    private mutating func cancelOrRestore() {
        switch order.status {
        case .pending, .processing: (order.status, order.statusText) = (.cancelled, "cancelled")
        case .cancelled:
            (order.status, order.statusText) =
                order.paidAt == nil ? (.pending, "pending") : (.processing, "processing")
        default: break
        }
    }

    private mutating func addLine() {
        guard order.lines.count < 6, ![.cancelled, .refunded].contains(order.status) else { return }
        let percent = [25, 12, 6].randomElement(using: &random) ?? 25
        let net = Money(minorUnits: Int64.random(in: 100...90_000, using: &random), Sample.sek)
        order.lines.append(
            OrderLine(
                id: String(nextLine), kind: .goods, sku: sku ?? "SKU-\(nextLine)", name: "Article \(nextLine)",
                quantity: ExactDecimal(Int.random(in: 1...4, using: &random)), subtotal: net, total: net,
                taxes: [LineTax(taxID: "r\(percent)", amount: Self.exactVAT(net, percent))]))
        nextLine += 1
    }

    /// Only lines that no refund named, in orders that no amount was given back of, so that the arithmetic stays plain.
    private mutating func changeLine() {
        guard let index = freeLine() else { return }
        let net = Money(minorUnits: Int64.random(in: 100...90_000, using: &random), Sample.sek)
        let percent = Int(order.lines[index].taxes[0].taxID.dropFirst()) ?? 0
        (order.lines[index].subtotal, order.lines[index].total) = (net, net)
        order.lines[index].taxes[0].amount = Self.exactVAT(net, percent)
    }

    private mutating func removeLine() {
        guard order.lines.count > 1, let index = freeLine() else { return }
        order.lines.remove(at: index)
    }

    private mutating func freeLine() -> Int? {
        guard amountRefunds == 0, ![.cancelled, .refunded].contains(order.status) else { return nil }
        return order.lines.indices.filter { givenBack[order.lines[$0].id] == nil }.randomElement(using: &random)
    }

    // MARK: Refunds

    private var mayRefund: Bool { order.paidAt != nil && order.status != .cancelled && left > 0 }

    private mutating func refundLine(_ now: Instant) {
        guard mayRefund, amountRefunds == 0,
            let line = order.lines.filter({ givenBack[$0.id] == nil }).randomElement(using: &random)
        else { return }
        let percent = Int64(line.taxes[0].taxID.dropFirst()) ?? 0
        let isWhole = Bool.random(using: &random)
        let net = isWhole ? line.total.minorUnits : Int64.random(in: 1...line.total.minorUnits, using: &random)
        let vat = (net * percent + 50) / 100
        givenBack[line.id] = (net, vat)
        give(
            net + vat, now,
            [
                RefundLine(
                    lineID: line.id, quantity: isWhole ? line.quantity : .zero,
                    total: Money(minorUnits: net, Sample.sek),
                    taxes: [LineTax(taxID: line.taxes[0].taxID, amount: ExactDecimal(units: vat, decimals: 2))])
            ])
    }

    private mutating func refundAmount(_ now: Instant) {
        guard mayRefund, left > 10 else { return }
        amountRefunds += 1
        give(Int64.random(in: 1...left, using: &random), now, [])
    }

    private mutating func refundTheRest(_ now: Instant) {
        guard mayRefund, Int.random(in: 0..<3, using: &random) == 0 else { return }
        amountRefunds += 1
        give(left, now, [])
        (order.status, order.statusText) = (.refunded, "refunded")
    }

    /// Deletes a refund and touches the order, so that it is read again; answers whether there was one.
    public mutating func deleteRefund(at now: Instant) -> Bool {
        guard order.status != .refunded, order.status != .cancelled,
            let index = order.refunds.indices.randomElement(using: &random)
        else { return false }
        let refund = order.refunds.remove(at: index)
        let lines = refund.lines ?? []
        if lines.isEmpty { amountRefunds -= 1 }
        for line in lines { givenBack[line.lineID] = nil }
        order.modifiedAt = now
        return true
    }

    private mutating func give(_ amount: Int64, _ now: Instant, _ lines: [RefundLine]) {
        refundsEver.append("\(order.id)-\(refundsEver.count + 1)")
        order.refunds.append(
            OrderRefund(
                id: refundsEver[refundsEver.count - 1], amount: Money(minorUnits: amount, Sample.sek),
                reason: "", createdAt: now, lines: lines))
    }

    // MARK: Sums

    private static func exactVAT(_ net: Money, _ percent: Int) -> ExactDecimal {
        net.decimal * ExactDecimal(units: Int64(percent), decimals: 2)
    }

    private mutating func sum() {
        var vat: [Int64: Int64] = [:]
        for line in order.lines {
            let percent = Int64(line.taxes[0].taxID.dropFirst()) ?? 0
            vat[percent, default: 0] += (line.total.minorUnits * percent + 50) / 100
        }
        let net = order.lines.map(\.total.minorUnits).reduce(0, +)
        order.taxes = vat.sorted { $0.key < $1.key }.map { percent, amount in
            OrderTax(
                id: "r\(percent)", label: "VAT", percent: ExactDecimal(Int(percent)),
                amount: Money(minorUnits: amount, Sample.sek))
        }
        order.totalTax = Money(minorUnits: vat.values.reduce(0, +), Sample.sek)
        order.total = Money(minorUnits: net, Sample.sek) + order.totalTax
    }
}
