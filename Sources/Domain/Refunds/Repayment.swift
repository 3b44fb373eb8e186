/// A paid order whose credit notes and repayments do not match: what an accountant asks for before closing a month.
public struct Repayment: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The books owe the customer money that the shop has not given back.
        case creditedNotRepaid
        /// The shop has given money back that the books do not know of.
        case repaidNotCredited
    }

    public let kind: Kind
    public let amount: Money

    /// `nil` where both agree, nothing is booked, or nothing was paid; also where a change of the order waits to be corrected:
    /// then the order itself stops and says so.
    public init?(_ order: Order, _ documents: [Document]) {
        let generations = OrderDocuments(documents, ofOrder: order.id)
        let booked = generations.generations.filter(\.isBooked)
        guard order.paidAt != nil, let newest = booked.last, let facts = newest.invoice?.madeFrom?.facts
        else { return nil }
        let taken = generations.refundsCredited(before: newest.ordinal).union(facts.reducedBy ?? [])
        let reduced = order.refunds.filter { taken.contains($0.id) }.map(\.amount).sum(order.currency)
        guard facts.currency == order.currency, facts.total + reduced == order.total else { return nil }
        let repaid = order.refunds.map(\.amount).sum(order.currency)
        let documents = booked.flatMap { [$0.invoice].compactMap(\.self) + $0.notes }
        let net = documents.filter { $0.erp.state.isBooked }.compactMap(\.erp.total).sum(order.currency)
        let owed = order.total - repaid - net
        if owed.isZero { return nil }
        kind = owed.isNegative ? .repaidNotCredited : .creditedNotRepaid
        amount = Money(minorUnits: owed.magnitude, order.currency)
    }
}
