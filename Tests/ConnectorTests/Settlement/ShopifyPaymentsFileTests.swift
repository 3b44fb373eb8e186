import ConnectorKit
import Connectors
import Domain
import Testing

@Suite struct ShopifyPaymentsFileTests {
    private static let header =
        "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,Net,"
        + "Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency,VAT\n"

    private static let export =
        header + """
            2026-07-01 07:33:09 +0200,charge,#1001,master,online,paid,2026-07-03,90001,2026-07-03,45.00,1.20,43.80,#686,card,45.00,SEK,SEK,0.00
            2026-07-01 09:00:00 +0200,charge,#1002,visa,online,paid,2026-07-03,90001,2026-07-03,115.10,3.10,112.00,#687,card,10.00,EUR,SEK,0.00
            2026-07-02 08:12:57 +0200,refund,#1001,master,online,paid,2026-07-03,90001,2026-07-03,-10.00,0.00,-10.00,#686,card,1.00,EUR,SEK,0.00
            2026-07-02 10:00:00 +0200,chargeback,#0990,visa,online,paid,2026-07-06,90002,2026-07-06,-20.00,15.00,-35.00,,,-20.00,SEK,SEK,0.00
            2026-07-02 11:00:00 +0200,chargeback,#0980,visa,online,paid,2026-07-06,90002,2026-07-06,50.00,-15.00,65.00,,,50.00,SEK,SEK,0.00
            2026-07-02 12:00:00 +0200,shop_cash_credit,,,,paid,2026-07-06,90002,2026-07-06,5.00,0.00,5.00,,,,,SEK,0.00
            2026-07-03 10:00:00 +0200,charge,#1003,visa,online,pending,,,,30.00,1.00,29.00,,card,30.00,SEK,SEK,0.00
            2026-07-03 11:00:00 +0200,charge,#1004,visa,online,in_transit,2026-07-08,90003,,30.00,1.00,29.00,,card,30.00,SEK,SEK,0.00

            """

    @Test(arguments: [1, 3, 64, 5000])
    func anExportBecomesLinesAndPayoutsAndWhatIsPendingIsCounted(pieces: Int) {
        let file = SettlementFile(Self.export, SettlementLayouts.all["shopify-payments"] ?? .init(), pieces: pieces)
        #expect(
            file.shown == [
                "charge 45.00 SEK - 1.20 SEK", "charge 115.10 SEK - 3.10 SEK", "refund -10.00 SEK - 0.00 SEK",
                "dispute -20.00 SEK - 15.00 SEK", "disputeWon 50.00 SEK - -15.00 SEK", "unknown 5.00 SEK - 0.00 SEK",
            ])
        #expect(
            file.payouts == [
                "90001: 145.80 SEK, made 2026-07-02T06:12:57Z, arrives 2026-07-03",
                "90002: 35.00 SEK, made 2026-07-02T10:00:00Z, arrives 2026-07-06",
            ])
        #expect(file.skipped == ["Payout Status is pending": 1, "Payout Status is in_transit": 1])
        #expect(file.bad.isEmpty && file.refusals.isEmpty)
    }

    @Test func aLineHasItsOrderItsTimeAndWhatTheCustomerPaidInAnotherCurrency() throws {
        let lines = SettlementFile(Self.export, "shopify-payments").lines
        try #require(lines.count == 6)
        #expect(lines[0].keys == PayoutKeys(orderNumber: "1001"))
        #expect(lines[0].at.description == "2026-07-01T05:33:09Z")
        #expect(lines[0].original == nil)
        #expect(lines[1].original?.description == "10.00 EUR")
        // The report writes what a refund gave back without a sign.
        #expect(lines[2].original?.description == "-1.00 EUR")
        #expect(lines[5].kindText == "shop_cash_credit" && lines[5].keys == PayoutKeys())
    }

    @Test func anOlderExportWithoutPayoutIdsIsGroupedByTheDayAndCurrencyOfThePayout() {
        let file = SettlementFile(
            """
            Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Available On,Amount,Fee,Net,Currency
            2026-09-01 10:00:00 -0400,charge,#1001,visa,online,paid,2026-09-03,2026-09-03,45.00,1.61,43.39,USD
            2026-09-02 10:00:00 -0400,refund,#1001,visa,online,paid,2026/9/4,2026-09-04,-10.00,0.00,-10.00,USD
            2026-09-02 10:00:00 -0400,charge,#1001,visa,online,paid,2026-09-04,2026-09-04,10.00,0.00,10.00,CAD
            """, "shopify-payments")
        #expect(
            file.payouts == [
                "2026-09-03-USD: 43.39 USD, made 2026-09-01T14:00:00Z, arrives 2026-09-03",
                "2026-09-04-CAD: 10.00 CAD, made 2026-09-02T14:00:00Z, arrives 2026-09-04",
                "2026-09-04-USD: -10.00 USD, made 2026-09-02T14:00:00Z, arrives 2026-09-04",
            ])
    }

    @Test func aRowThatIsPaidAndNamesNoPayoutIsBadAndLeavesNoPayoutWhole() {
        let file = SettlementFile(
            Self.export + "2026-07-01 07:33:09 +0200,charge,#7,,,paid,,,,1.00,0.00,1.00,,,,,SEK,0.00\n",
            "shopify-payments")
        #expect(
            file.bad == [
                "line 10: the row counts and names no payout; export the file again"
            ])
        #expect(file.result.payouts.isEmpty)
        #expect(
            file.refusals.first
                == "SETTLEMENT_FILE_UNREADABLE: payout 90001 may be incomplete: line 10 cannot be read and may belong to it"
        )
    }

    @Test func aBadRowSpoilsItsOwnPayoutOnly() {
        let file = SettlementFile(
            Self.export + "2026-07-01 07:33:09 +0200,charge,#7,,,paid,2026-07-06,90002,,1.00,0.10,1.00,,,,,SEK,0.00\n",
            "shopify-payments")
        #expect(
            file.bad == [
                "line 10, column Net: an amount of 1.00 less a fee of 0.10 is not a net of 1.00; export the file again, or "
                    + "correct the fee columns and their sign in the layout"
            ])
        #expect(file.result.payouts.map(\.id) == ["90001"])
        #expect(
            file.refusals == [
                "SETTLEMENT_FILE_UNREADABLE: payout 90002 has a row that cannot be read, on line 10"
            ])
    }
}
