import Domain
import Foundation
import Sandbox
import TestKit
import Testing

/// Gift cards sold and used, tips and cash rounding, from a simulated shop into a simulated Fortnox: what the accounts hold
/// then, worked out by hand.
@Suite struct TendersToBooksTests {
    @Test func giftCardsAndTipsEndOnTheirOwnAccountsAndLeaveVATWhereItBelongs() async throws {
        try await TenderShop.open { shop in
            // A card of 500.00 is sold: owed, no VAT.
            shop.place { $0.lines = [.init(productID: 20)] }
            // 100.00 of it pays a mug of 99.00 and chocolate of 112.00 in part, as a coupon of the shop: 49.50 and 50.50.
            shop.place {
                $0.coupons = ["gc-7f3a"]
                $0.lines = [
                    .init(productID: 10, amount: .gross(subtotal: 9_900, total: 4_950)),
                    .init(productID: 12, amount: .gross(subtotal: 11_200, total: 6_150)),
                ]
            }
            // 50.00 of a mug as a negative fee, which the shop taxes: -40.00 and -10.00.
            shop.place {
                $0.lines = [.init(productID: 10)]
                $0.fees = [.init(name: "Presentkort 7F3A", net: -4_000, isTaxable: false)]
            }
            // 25.00 of a mug that a plugin takes off the total alone.
            shop.place {
                $0.lines = [.init(productID: 10)]
                $0.takenOffTotal = 2_500
                $0.fields = [.init("_cards", ["used": "25.00"])]
            }
            // A mug paid whole by card: nothing is left to pay, and it is a sale all the same.
            shop.place {
                $0.coupons = ["GC-7F3A"]
                $0.lines = [.init(productID: 10, amount: .gross(subtotal: 9_900, total: 0))]
            }
            // A mug with a tip of 10.00.
            shop.place {
                $0.lines = [.init(productID: 10)]
                $0.fees = [.init(name: "Dricks", net: 1_000, isTaxable: false)]
            }
            // A mug with a discount of 9.90, which is a discount.
            shop.place {
                $0.coupons = ["TIO"]
                $0.lines = [.init(productID: 10, amount: .gross(subtotal: 9_900, total: 8_910))]
            }
            try await shop.sync()

            #expect(try await shop.states() == Array(repeating: "completed", count: 7))
            #expect(shop.books.areBalanced)
            #expect(
                shop.balances == [
                    // 500 + 111 + 49 + 74 + 0 + 109 + 89.10
                    1510: "932.1",
                    // 500 sold less 100, 50, 25 and 99 used.
                    2421: "-226",
                    // Five mugs of 79.20 and one of 71.28; VAT of 19.80 and 17.82.
                    3001: "-467.28", 2611: "-116.82",
                    // The chocolate of 112.00.
                    3002: "-100", 2621: "-12",
                    2890: "-10",
                ])
        }
    }

    @Test func whatIsGivenBackComesOffEveryAccountThatItWentTo() async throws {
        try await TenderShop.open { shop in
            // Two mugs of 99.00 each, of which a card paid 98.00; one comes back, then the other.
            let mugs = shop.place {
                $0.coupons = ["gc-7f3a"]
                $0.lines = [.init(productID: 10, quantity: 2, amount: .gross(subtotal: 19_800, total: 10_000))]
            }
            // A mug that a card paid whole is sent back: no money moves.
            let paidWhole = shop.place {
                $0.coupons = ["gc-7f3a"]
                $0.lines = [.init(productID: 10, amount: .gross(subtotal: 9_900, total: 0))]
            }
            try await shop.sync()
            shop.refund(mugs, quantity: 1, net: 4_000, tax: 1_000)
            try await shop.sync()
            #expect(shop.balances == [1510: "50", 2421: "148", 3001: "-158.4", 2611: "-39.6"])

            shop.refund(mugs, quantity: 1, net: 4_000, tax: 1_000)
            shop.setStatus(paidWhole, "refunded")
            try await shop.sync()
            #expect(try await shop.states() == ["completed", "completed"])
            #expect(shop.balances == [:], "nothing is left of either sale")
            #expect(shop.books.areBalanced)
        }
    }

    @Test func whatCannotBeToldApartIsNotBooked() async throws {
        try await TenderShop.open { shop in
            shop.place {
                $0.coupons = ["gc-7f3a", "gratis-frakt"]
                $0.lines = [.init(productID: 10, amount: .gross(subtotal: 9_900, total: 4_950))]
            }
            shop.place {
                $0.lines = [.init(productID: 10)]
                $0.fees = [.init(name: "Dricks", net: 1_000)]
            }
            shop.place {
                $0.lines = [.init(productID: 10)]
                $0.fields = [.init("_cards", ["used": "25.00"])]
            }
            shop.place {
                $0.lines = [.init(productID: 10)]
                $0.fees = [.init(name: "Avdrag", net: -1_000)]
            }
            shop.place { $0.lines = [.init(productID: 21)] }
            try await shop.sync()
            // A coupon of nothing is in nobody's way.
            #expect(
                try await shop.states() == [
                    "completed", "FEE_BEARS_VAT", "TENDER_DOES_NOT_ADD_UP", "NEGATIVE_FEE_NOT_MAPPED",
                    "VOUCHER_BEARS_VAT",
                ])
            #expect(shop.books.invoices.count == 1)
        }
    }
}
