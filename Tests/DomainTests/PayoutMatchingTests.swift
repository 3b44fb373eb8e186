import Domain
import TestKit
import Testing

/// Lines of payouts find their order by reference, never by amount.
@Suite struct PayoutMatchingTests {
    private let other = ShopIdentity("other-shop")

    private func candidate(
        _ id: String, transaction: String? = nil, invoices: [String] = [], shop: ShopIdentity? = nil,
        total: String = "99.00"
    ) -> PayoutCandidate {
        PayoutCandidate(
            shop: shop ?? Sample.shop, orderID: id, number: id, transactionID: transaction, invoiceNumbers: invoices,
            total: Sample.money(total))
    }

    private func line(_ keys: PayoutKeys, _ amount: String = "99.00", _ kind: PayoutLine.Kind = .charge) -> PayoutLine {
        PayoutLine(
            id: "txn_1", kind: kind, kindText: kind.rawValue, amount: Sample.money(amount), fee: Sample.money("0.00"),
            at: Sample.instant("2026-11-23T12:00:00Z"), keys: keys)
    }

    private func found(_ match: PayoutMatch) -> String? {
        guard case .orders(let shares, let key) = match else { return nil }
        return shares.map(\.order.orderID).joined(separator: "+") + " by \(key)"
    }

    private func why(_ match: PayoutMatch) -> String {
        if case .unmatched(let why) = match { why } else { "" }
    }

    @Test func theKeysAreTriedFromTheStrongestToTheWeakest() {
        let matcher = PayoutMatcher([candidate("1", transaction: "ch_1", invoices: ["F-1"]), candidate("2")])
        #expect(
            found(matcher.match(line(PayoutKeys(transactionIDs: ["pi_9", "ch_1"], orderID: "2")))) == "1 by transaction"
        )
        #expect(found(matcher.match(line(PayoutKeys(transactionIDs: ["ch_0"], orderID: "2")))) == "2 by orderID")
        #expect(found(matcher.match(line(PayoutKeys(orderNumber: " #1 ")))) == "1 by orderNumber")
        #expect(found(matcher.match(line(PayoutKeys(invoiceNumber: "F-1")))) == "1 by invoiceNumber")
    }

    @Test func r21TwoOrdersOfOneAmountGoToTheirOwnInvoicesAndNoneGoesByAmount() {
        let matcher = PayoutMatcher([candidate("1", transaction: "ch_1"), candidate("2", transaction: "ch_2")])
        #expect(found(matcher.match(line(PayoutKeys(transactionIDs: ["ch_2"])))) == "2 by transaction")
        #expect(found(matcher.match(line(PayoutKeys(transactionIDs: ["ch_1"])))) == "1 by transaction")
        let lost = matcher.match(line(PayoutKeys(transactionIDs: ["ch_3"])))
        #expect(found(lost) == nil)
        #expect(why(lost).contains("transaction id ch_3 is of no order"))
    }

    @Test func twoShopsOnOneAccountAreToldApartOrNotMatchedAtAll() {
        let matcher = PayoutMatcher([
            candidate("7", transaction: "ch_1"), candidate("7", transaction: "ch_2", shop: other),
        ])
        #expect(
            found(matcher.match(line(PayoutKeys(transactionIDs: ["ch_2"], orderNumber: "7")))) == "7 by transaction")
        let doubtful = matcher.match(line(PayoutKeys(orderNumber: "7", invoiceNumber: "F-1")))
        #expect(found(doubtful) == nil)
        #expect(why(doubtful).contains("order number 7 is of order 7 of nordic-shop, order 7 of other-shop"))
    }

    @Test func oneTransactionOfSeveralOrdersPaysThemAllIfItComesToAllOfThemExactly() {
        let orders = [
            candidate("1", transaction: "ch_1", total: "60.00"), candidate("2", transaction: "ch_1", total: "39.00"),
        ]
        let match = PayoutMatcher(orders).match(line(PayoutKeys(transactionIDs: ["ch_1"])))
        #expect(found(match) == "1+2 by transaction")
        if case .orders(let shares, _) = match {
            #expect(shares.map(\.paid.amountText) == ["60.00", "39.00"])
        }
        let other = PayoutMatcher(orders).match(line(PayoutKeys(transactionIDs: ["ch_1"]), "98.99"))
        #expect(why(other) == "transaction id ch_1 is of order 1 of nordic-shop, order 2 of nordic-shop")
    }

    @Test func linesOfNoOrderAreNotLookedFor() {
        let matcher = PayoutMatcher([candidate("1", transaction: "ch_1")])
        for kind in [PayoutLine.Kind.fee, .reserve, .release, .transfer, .unknown] {
            #expect(matcher.match(line(PayoutKeys(transactionIDs: ["ch_1"]), "1.00", kind)) == .none)
        }
        #expect(
            found(matcher.match(line(PayoutKeys(transactionIDs: ["ch_1"]), "-99.00", .refund))) == "1 by transaction")
    }

    @Test func aLineWithoutKeysSaysSo() {
        let match = PayoutMatcher([candidate("1", total: "5.00")]).match(line(PayoutKeys()))
        #expect(why(match) == "the line names neither transaction, order nor invoice")
    }
}
