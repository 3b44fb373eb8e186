public import Domain

/// Believable random orders of a Swedish shop whose totals add up by arithmetic of the generator's own: whole öre,
/// counted with integers.
public struct OrderGenerator {
    private var random: SeededGenerator
    private let percents = [25, 12, 6]

    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    public mutating func order(_ id: String, createdAt: Instant) -> Order {
        var order = Sample.order(id)
        let lineCount = Int.random(in: 1...6, using: &random)
        var lines: [OrderLine] = []
        var tax: [Int: Int64] = [:]
        var net: Int64 = 0
        for number in 1...lineCount {
            let percent = percents.randomElement(using: &random) ?? 25
            let line = line(number, percent)
            lines.append(line.value)
            tax[percent, default: 0] += line.tax
            net += line.value.total.minorUnits
        }
        let rounding = Int64.random(in: -1...1, using: &random)
        let sek = Sample.sek
        order.lines = lines
        order.taxes = tax.sorted { $0.key < $1.key }.map { percent, amount in
            OrderTax(
                id: "r\(percent)", label: "VAT", percent: ExactDecimal(percent), amount: Money(minorUnits: amount, sek))
        }
        order.totalTax = Money(minorUnits: tax.values.reduce(0, +), sek)
        order.total = Money(minorUnits: net + tax.values.reduce(0, +) + rounding, sek)
        order.createdAt = createdAt
        order.modifiedAt = createdAt
        order.paidAt = createdAt
        let buyer = Int.random(in: 1...40, using: &random)
        order.customer = Customer(email: Bool.random(using: &random) ? "buyer\(buyer)@example.test" : nil)
        return order
    }

    private mutating func line(_ number: Int, _ percent: Int) -> (value: OrderLine, tax: Int64) {
        let sek = Sample.sek
        let quantity = Int.random(in: 1...9, using: &random)
        let before = Int64.random(in: 1...500_000, using: &random)
        let discount = Bool.random(using: &random) ? Int64.random(in: 0...before / 2, using: &random) : 0
        let net = before - discount
        let tax = (net * Int64(percent) + 50) / 100
        let isShipping = Int.random(in: 0..<5, using: &random) == 0
        return (
            OrderLine(
                id: String(number), kind: isShipping ? .shipping : .goods,
                sku: isShipping ? nil : "SKU-\(Int.random(in: 1...20, using: &random))", name: "Article \(number)",
                methodID: isShipping ? "flat_rate" : nil, quantity: isShipping ? .one : ExactDecimal(quantity),
                subtotal: Money(minorUnits: before, sek), total: Money(minorUnits: net, sek),
                taxes: [
                    LineTax(
                        taxID: "r\(percent)",
                        amount: ExactDecimal(units: net, decimals: 2) * ExactDecimal(units: Int64(percent), decimals: 2)
                    )
                ]),
            tax
        )
    }
}
