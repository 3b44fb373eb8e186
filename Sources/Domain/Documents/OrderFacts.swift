/// The parts of an order that an invoice states. A change of any of them after booking needs a correction;
/// a change of anything else does not.
public struct OrderFacts: Hashable, Sendable, Codable {
    public var currency: Currency
    public var total: Money
    public var taxes: [OrderTax]
    public var lines: [OrderLine]
    public var billing: Address
    public var vatNumber: String?

    /// The facts of an order whose business numbers are found by these settings.
    public init(_ order: Order, _ settings: CustomerSettings) { self.init(order.withBusinessNumbers(settings)) }

    init(_ order: Order) {
        currency = order.currency
        total = order.total
        taxes = order.taxes
        lines = order.lines
        billing = order.billing
        vatNumber = order.customer.vatNumber
    }

    /// Which parts differ, in users' words; empty when nothing does.
    public func differences(from other: OrderFacts) -> [String] {
        var found: [String] = []
        if total != other.total || currency != other.currency { found.append("total \(other.total) is now \(total)") }
        if lines != other.lines { found.append("lines") }
        if taxes != other.taxes { found.append("VAT") }
        if billing != other.billing { found.append("billing address") }
        if vatNumber != other.vatNumber { found.append("VAT number") }
        return found
    }
}
