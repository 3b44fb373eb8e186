import ConnectorKit
import Domain
import Testing

@Suite struct AdyenFileTests {
    private static let header =
        "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,"
        + "Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,"
        + "Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number\n"

    private static let rows = """
        Co,Shop,PSP1,1001,visa,2026-09-15 10:22:31,CEST,Settled,MOD1,EUR,,45.99,1,EUR,,45.10,,0.30,0.09,0.50,118
        Co,Shop,PSP2,1002,visa,2026-09-15 10:25:00,CEST,Settled,MOD2,SEK,,500.00,0.09,EUR,,44.20,0.80,,,,118
        Co,Shop,PSP1,1001,visa,2026-09-15 12:00:00,CEST,Refunded,MOD3,EUR,5.00,,1,EUR,5.10,,0.10,,,,118
        Co,Shop,PSP3,1003,mc,2026-09-16 09:00:00,CEST,Chargeback,MOD4,EUR,20.00,,1,EUR,35.00,,,,,,118
        Co,Shop,PSP0,1000,mc,2026-09-16 09:30:00,CEST,ChargebackReversed,MOD5,EUR,,20.00,1,EUR,,20.00,,,,,118
        Co,Shop,,,,2026-09-16 10:00:00,CEST,Fee,Transaction Fees September 2026,EUR,,,,EUR,2.00,,,,,,118
        Co,Shop,,,,2026-09-16 11:00:00,CEST,DepositCorrection,Deposit Correction,EUR,,,,EUR,5.00,,,,,,118
        Co,Shop,,,,2026-09-16 12:00:00,CEST,InvoiceDeduction,Invoice 201111000553,EUR,,,,EUR,,0.25,,,,,118
        Co,Shop,,,,2026-09-16 12:30:00,CEST,EpaPaid,,EUR,,,,EUR,,1.00,,,,,118

        """
    private static let payout =
        "Co,Shop,,,,2026-09-17 02:00:00,CEST,MerchantPayout,\"TX118XT batch 118, Shop\",EUR,,,,EUR,63.45,,,,,,118\n"

    @Test func aReportBecomesLinesAndTheMerchantPayoutIsWhatTheyAreCheckedAgainst() {
        let file = SettlementFile(Self.header + Self.rows + Self.payout, "adyen")
        #expect(
            file.shown == [
                "charge 45.99 EUR - 0.89 EUR", "charge 45.00 EUR - 0.80 EUR", "refund -5.00 EUR - 0.10 EUR",
                // The fee of a chargeback is not stated here: it is what the net leaves.
                "dispute -20.00 EUR - 15.00 EUR", "disputeWon 20.00 EUR - 0.00 EUR", "fee -2.00 EUR - 0.00 EUR",
                "reserve -5.00 EUR - 0.00 EUR", "feeRefund 0.25 EUR - 0.00 EUR", "unknown 1.00 EUR - 0.00 EUR",
            ])
        #expect(file.payouts == ["Shop-118: 63.45 EUR, made 2026-09-17T00:00:00Z, arrives 2026-09-17"])
        #expect(file.bad.isEmpty && file.refusals.isEmpty && file.skipped.isEmpty)
    }

    @Test func whatTheCustomerPaidInAnotherCurrencyIsKeptBesideWhatThePayoutGets() throws {
        let lines = SettlementFile(Self.header + Self.rows, "adyen").lines
        #expect(lines[0].original == nil)
        #expect(lines[1].original?.description == "500.00 SEK" && lines[1].amount.description == "45.00 EUR")
        #expect(lines[1].keys == PayoutKeys(transactionIDs: ["PSP2", "MOD2"], orderNumber: "1002"))
        #expect(lines[1].at.description == "2026-09-15T08:25:00Z")
    }

    @Test func rowsOfOnePaymentShareItsReferencesAndHaveIdsOfTheirOwn() {
        let ids = SettlementFile(Self.header + Self.rows, "adyen").lines.map(\.id)
        #expect(Set(ids).count == 9)
        #expect(ids.allSatisfy { $0.hasPrefix("row-") })
    }

    @Test func theZoneOfEachRowIsItsOwn() {
        let zones = ["UTC", "BST", "CET", "CEST", "Europe/Zurich", "HKT", "GMT+2", "+05:30", "PDT"]
        let rows = zones.map {
            "Co,Shop,P,1,visa,2026-07-15 12:00:00,\($0),Settled,M,EUR,,1.00,1,EUR,,1.00,,,,,118\n"
        }
        let times = SettlementFile(Self.header + rows.joined(), "adyen").lines.map(\.at.description)
        #expect(
            times.map { String($0.dropFirst(11).prefix(5)) } == [
                "12:00", "11:00", "10:00", "10:00", "10:00", "04:00", "10:00", "06:30", "19:00",
            ])
    }

    @Test func aZoneThatNobodyKnowsIsABadCell() {
        let file = SettlementFile(
            Self.header + "Co,Shop,P,1,visa,2026-07-15 12:00:00,XST,Settled,M,EUR,,1.00,1,EUR,,1.00,,,,,118\n", "adyen")
        #expect(
            file.bad == [
                "line 2, column TimeZone: \"XST\" is not a time zone that is known, such as CET or Europe/Stockholm; set "
                    + "timeZone in the layout instead of the column"
            ])
    }

    @Test func feesInPartsOfACentAreAddedExactly() {
        let row = "Co,Shop,P,1,visa,2026-07-15 12:00:00,CET,Settled,M,EUR,,10.00,1,EUR,,9.75,,0.045,0.105,0.10,118\n"
        #expect(SettlementFile(Self.header + row, "adyen").shown == ["charge 10.00 EUR - 0.25 EUR"])
        let uneven = row.replacing("0.045", with: "0.044").replacing("9.75", with: "9.751")
        #expect(
            SettlementFile(Self.header + uneven, "adyen").bad == [
                "line 2, column Commission (NC): an amount of EUR has 2 decimals at most; correct the cell, or the decimal mark "
                    + "in the layout"
            ])
    }

    @Test func partsOfACentThatHaveThreeDecimalsAreNoThousands() {
        let row = "Co,Shop,P,1,visa,2026-07-15 12:00:00,CET,Settled,M,EUR,,900.00,1,EUR,,897.55,,1.045,1.205,0.20,118\n"
        #expect(SettlementFile(Self.header + row, "adyen").shown == ["charge 900.00 EUR - 2.45 EUR"])
    }

    @Test func aBatchThatIsCarriedToTheNextNeedsNoMerchantPayout() {
        let carried =
            "Co,Other,PSP1,1,visa,2026-09-15 10:00:00,CEST,Refunded,M,EUR,5.00,,1,EUR,5.00,,,,,,7\n"
            + "Co,Other,,,,2026-09-17 02:00:00,CEST,Balancetransfer,,EUR,,,,EUR,,5.00,,,,,7\n"
        let file = SettlementFile(Self.header + Self.rows + Self.payout + carried, "adyen")
        #expect(file.result.payouts.map(\.id) == ["Other-7", "Shop-118"] && file.refusals.isEmpty)
    }

    @Test func debitAndCreditInOneRowIsABadRow() {
        let file = SettlementFile(
            Self.header + "Co,Shop,P,1,visa,2026-07-15 12:00:00,CET,Settled,M,EUR,1.00,2.00,1,EUR,,1.00,,,,,118\n",
            "adyen")
        #expect(
            file.bad == [
                "line 2, column Gross Debit (GC): debit and credit are both filled; correct one of them"
            ])
    }

    @Test func twoMerchantAccountsMayHaveABatchOfOneNumber() {
        let file = SettlementFile(
            Self.header + Self.rows + Self.payout + (Self.rows + Self.payout).replacing("Co,Shop", with: "Co,Other"),
            "adyen")
        #expect(file.result.payouts.map(\.id) == ["Other-118", "Shop-118"])
    }
}
