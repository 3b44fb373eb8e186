import ConnectorKit
import Domain
import Testing

@Suite struct KlarnaFileTests {
    private static let totalsHeader =
        "total_sale_amount;total_fee_amount;total_return_amount;total_reversal_amount;total_tax_amount;total_holdback_amount;"
        + "total_repay_amount;total_release_amount;total_settlement_amount;payment_reference;settlement_currency;"
        + "payout_date;merchant_id\n"
    private static let header =
        "type;capture_date;sale_date;order_id;short_order_id;capture_id;merchant_reference1;merchant_reference2;amount;"
        + "posting_currency;detailed_type\n"
    /// 300 - 9 - 40 - 10 - 2.25 - 15 - 20 + 5 = 208.75
    private static let totals =
        "300.00;9.00;40.00;10.00;2.25;15.00;20.00;5.00;208.75;XISA93DJ;SEK;2026-08-12T07:45:00Z;K123456\n"
    private static let rows = """
        SALE;2026-08-10T07:45:00Z;2026-08-09T22:30:00Z;c504a9bb;9875QW2;8e93b66;1001;;200.00;SEK;PURCHASE
        FEE;2026-08-10T07:45:00Z;2026-08-09T22:30:00Z;c504a9bb;9875QW2;8e93b66;1001;;6.00;SEK;PURCHASE_FEE_PERCENTAGE
        SALE;2026-08-10T08:00:00Z;2026-08-10T07:59:00Z;d7;77;c7;1002;;100.00;SEK;PURCHASE
        FEE;2026-08-10T08:00:00Z;2026-08-10T07:59:00Z;d7;77;c7;1002;;3.00;SEK;PURCHASE_FEE_FIXED
        RETURN;2026-08-11T08:00:00Z;2026-08-01T07:59:00Z;e1;11;;0990;;40.00;SEK;PURCHASE_RETURN
        REVERSAL;2026-08-11T09:00:00Z;2026-08-01T07:59:00Z;f1;12;;0991;;10.00;SEK;REVERSAL
        HOLDBACK;2026-08-11T10:00:00Z;;;;;;;15.00;SEK;ROLLING_RESERVE
        RELEASE;2026-08-11T10:00:00Z;;;;;;;5.00;SEK;ROLLING_RESERVE

        """

    @Test func theTotalsNameThePayoutAndTheRowsAndWhatHasNoneComeToThem() {
        let file = SettlementFile(Self.totalsHeader + Self.totals + Self.header + Self.rows, "klarna")
        #expect(
            file.shown == [
                "charge 200.00 SEK - 0.00 SEK", "fee -6.00 SEK - 0.00 SEK", "charge 100.00 SEK - 0.00 SEK",
                "fee -3.00 SEK - 0.00 SEK", "refund -40.00 SEK - 0.00 SEK", "dispute -10.00 SEK - 0.00 SEK",
                "reserve -15.00 SEK - 0.00 SEK", "release 5.00 SEK - 0.00 SEK",
                // Tax on the fees and an older debt are in the totals alone.
                "fee -2.25 SEK - 0.00 SEK", "transfer -20.00 SEK - 0.00 SEK",
            ])
        #expect(file.payouts == ["XISA93DJ: 208.75 SEK, made 2026-08-12T07:45:00Z, arrives 2026-08-12"])
        #expect(file.refusals.isEmpty && file.bad.isEmpty)
        #expect(Set(file.lines.map(\.id)).count == 10)
        #expect(file.lines[0].keys == PayoutKeys(transactionIDs: ["c504a9bb", "8e93b66"], orderNumber: "1001"))
        #expect(file.lines.suffix(2).map(\.id) == ["XISA93DJ-total_tax_amount", "XISA93DJ-total_repay_amount"])
    }

    @Test func amountsWithSignsOfTheirOwnMeanTheSame() {
        let signed = Self.rows.replacing("FEE;2026", with: "FEE;2026").replacing(";6.00;", with: ";-6.00;")
            .replacing(";3.00;", with: ";-3.00;").replacing(";40.00;", with: ";-40.00;")
        let file = SettlementFile(Self.totalsHeader + Self.totals + Self.header + signed, "klarna")
        #expect(file.result.payouts.count == 1)
    }

    @Test func taxThatHasRowsIsNotCountedTwice() {
        let file = SettlementFile(
            Self.totalsHeader + Self.totals + Self.header + Self.rows
                + "TAX;2026-08-10T08:00:00Z;;d7;77;;1002;;2.00;SEK;TAX\n", "klarna")
        #expect(file.result.payouts.count == 1)
        #expect(
            file.shown.filter { $0.hasPrefix("fee") }.suffix(2) == [
                "fee -2.00 SEK - 0.00 SEK", "fee -0.25 SEK - 0.00 SEK",
            ])
    }

    @Test func totalsThatTheRowsDoNotComeToAreAProblem() {
        let file = SettlementFile(
            Self.totalsHeader + Self.totals + Self.header + Self.rows.replacing("200.00", with: "201.00"), "klarna")
        #expect(file.result.payouts.isEmpty)
        #expect(
            file.refusals == [
                "PAYOUT_DOES_NOT_ADD_UP: payout XISA93DJ is of 208.75 SEK, its 10 lines, from line 2 on, come to 209.75 SEK"
            ])
    }

    @Test func aFileMayHoldSeveralPayoutsOneAfterTheOther() {
        let first = Self.totalsHeader + Self.totals + Self.header + Self.rows
        let second = first.replacing("XISA93DJ", with: "YISA94DK").replacing("SEK", with: "EUR")
        let file = SettlementFile(first + second, "klarna")
        #expect(
            file.payouts == [
                "XISA93DJ: 208.75 SEK, made 2026-08-12T07:45:00Z, arrives 2026-08-12",
                "YISA94DK: 208.75 EUR, made 2026-08-12T07:45:00Z, arrives 2026-08-12",
            ])
        #expect(
            SettlementFile(first + first, "klarna").failure
                == "line 13: payout XISA93DJ is in the file twice; export each payout once")
    }

    @Test func aFileWithoutTotalsSaysWhatItsFirstLineLacks() {
        #expect(
            SettlementFile(Self.header + Self.rows, "klarna").failure?.hasPrefix(
                "line 1: the header lacks total_settlement_amount, payment_reference, settlement_currency, payout_date; it has "
                    + "type, capture_date") == true)
    }

    @Test func aFileThatWasCutOffInItsTotalsIsToldSo() {
        #expect(
            SettlementFile(Self.totalsHeader, "klarna").failure
                == "the file ends after the header of its totals; export it again, whole")
        #expect(
            SettlementFile(Self.totalsHeader + "300.00;9.00\n", "klarna").failure
                == "line 2: the row of totals has fewer cells than its header; export the file again, whole")
        #expect(
            SettlementFile(Self.totalsHeader + Self.totals.replacing("XISA93DJ", with: ""), "klarna").failure
                == "line 2, column payment_reference: the totals name no payout; export the file again")
    }

    @Test func aPayoutThatIsNothingButTotalsIsReadToo() {
        let file = SettlementFile(
            Self.totalsHeader + "0;0;0;0;0;0;0;5.00;5.00;XISA93DJ;SEK;2026-08-12T07:45:00Z;K123456\n", "klarna")
        #expect(file.shown == ["release 5.00 SEK - 0.00 SEK"])
        #expect(file.result.payouts.count == 1)
    }
}
