import ConnectorKit
import Connectors
import Domain
import Testing

@Suite struct StripeFileTests {
    private static let header =
        "automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,currency,gross,fee,net,"
        + "reporting_category,source_id,payment_intent_id,charge_id,customer_facing_amount,customer_facing_currency,"
        + "payment_metadata[order_id]\n"

    private static let rows = """
        po_1,2026-09-17 00:00:00,txn_1,2026-09-15 10:22:31,gbp,45.99,0.89,45.10,charge,ch_1,pi_1,ch_1,53.20,eur,27
        po_1,2026-09-17 00:00:00,txn_2,2026-09-15 12:00:00,gbp,-5.00,0.00,-5.00,refund,re_1,pi_1,ch_1,-5.79,eur,27
        po_1,2026-09-17 00:00:00,txn_3,2026-09-16 09:00:00,gbp,-20.00,15.00,-35.00,dispute,dp_1,pi_2,ch_2,,,
        po_1,2026-09-17 00:00:00,txn_4,2026-09-16 09:30:00,gbp,20.00,0.00,20.00,dispute_reversal,dp_0,pi_0,ch_0,,,
        po_1,2026-09-17 00:00:00,txn_5,2026-09-16 10:00:00,gbp,-2.00,0.00,-2.00,fee,fee_1,,,,,
        po_1,2026-09-17 00:00:00,txn_6,2026-09-16 11:00:00,gbp,-5.00,0.00,-5.00,risk_reserved_funds,rsv_1,,,,,

        """
    private static let payout =
        "po_1,2026-09-17 00:00:00,txn_7,2026-09-17 00:00:01,gbp,-18.10,0.00,-18.10,payout,po_1,,,,,\n"

    @Test func aReportBecomesLinesAndThePayoutsOwnRowIsWhatTheyAreCheckedAgainst() throws {
        let file = SettlementFile(Self.header + Self.rows + Self.payout, "stripe")
        #expect(
            file.shown == [
                "charge 45.99 GBP - 0.89 GBP", "refund -5.00 GBP - 0.00 GBP", "dispute -20.00 GBP - 15.00 GBP",
                "disputeWon 20.00 GBP - 0.00 GBP", "fee -2.00 GBP - 0.00 GBP", "reserve -5.00 GBP - 0.00 GBP",
            ])
        #expect(file.payouts == ["po_1: 18.10 GBP, made 2026-09-17T00:00:01Z, arrives 2026-09-17"])
        #expect(
            file.events.last
                == .net(
                    payoutID: "po_1", try Money("18.10", try #require(Currency(code: "GBP"))),
                    arrivesOn: Day("2026-09-17")))
    }

    @Test func linesHaveTheProvidersIdsAndTheShopsOrder() throws {
        let lines = SettlementFile(Self.header + Self.rows, "stripe").lines
        #expect(lines.map(\.id) == ["txn_1", "txn_2", "txn_3", "txn_4", "txn_5", "txn_6"])
        #expect(lines.first?.keys == PayoutKeys(transactionIDs: ["ch_1", "pi_1"], orderID: "27"))
        #expect(lines[1].keys.transactionIDs == ["ch_1", "pi_1", "re_1"])
        #expect(lines[0].original?.description == "53.20 EUR" && lines[1].original?.description == "-5.79 EUR")
        #expect(lines[2].original == nil)
    }

    @Test func aReportWithoutThePayoutsRowIsWorthTheSumOfItsLines() {
        let file = SettlementFile(Self.header + Self.rows, "stripe")
        #expect(file.payouts == ["po_1: 18.10 GBP, made 2026-09-16T11:00:00Z, arrives 2026-09-17"])
    }

    @Test func aReportThatLacksALineDoesNotAddUp() {
        let lacking = Self.rows.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
        let file = SettlementFile(Self.header + lacking + Self.payout, "stripe")
        #expect(file.result.payouts.isEmpty)
        #expect(
            file.refusals == [
                "PAYOUT_DOES_NOT_ADD_UP: payout po_1 is of 18.10 GBP, its 5 lines, from line 2 on, come to -27.00 GBP"
            ])
    }

    @Test func aRowThatIsInNoAutomaticPayoutIsCounted() {
        let file = SettlementFile(
            Self.header + Self.rows + ",,txn_9,2026-09-18 10:00:00,gbp,7.00,0.10,6.90,charge,ch_9,pi_9,ch_9,,,\n",
            "stripe")
        #expect(file.skipped == ["in no automatic payout": 1])
        #expect(file.result.payouts.count == 1 && file.bad.isEmpty)
    }

    @Test func aPayoutWithoutItsOwnRowBesideOnesThatHaveTheirsIsRefusedByName() {
        let part = "po_2,2026-09-18 00:00:00,txn_9,2026-09-16 12:00:00,gbp,9.00,0.30,8.70,charge,ch_9,pi_9,ch_9,,,\n"
        let file = SettlementFile(Self.header + Self.rows + Self.payout + part, "stripe")
        #expect(file.result.payouts.map(\.id) == ["po_1"])
        #expect(
            file.refusals == [
                "PAYOUT_DOES_NOT_ADD_UP: payout po_2 has lines, from line 9 on, and no row of its own as others of the file "
                    + "have: it may be here in part; export the itemized payout reconciliation report"
            ])
    }

    @Test func theFileAndTheAPIGiveTheSameLinesForAPayoutThatCostAFee() async throws {
        let file = SettlementFile(
            """
            automatic_payout_id,balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,charge_id,payment_intent_id
            po_1,txn_1,2026-09-22 00:00:00,sek,1000.00,30.00,970.00,charge,ch_1,pi_1
            po_1,txn_2,2026-09-22 00:00:00,sek,-960.00,10.00,-970.00,payout,,
            """, "stripe")
        let charge = StripeSamples.charge(amount: 1000_00, metadata: "{}")
        let bench = StripeBench([
            StripeSamples.list([
                StripeSamples.row("txn_1", "charge", amount: 1000_00, fee: 30_00, source: charge),
                StripeSamples.row("txn_2", "payout", amount: -960_00, fee: 10_00, source: #""po_1""#),
            ])
        ])
        let payout = bench.payout(net: "960.00")
        let lines = try await bench.connector.lines(of: payout, cursor: nil).lines
        #expect(file.lines == lines)
        #expect(file.shown == ["charge 1000.00 SEK - 30.00 SEK", "fee -10.00 SEK - 0.00 SEK"])
        #expect(file.result.payouts.map(\.net) == [payout.net] && file.refusals.isEmpty)
    }

    @Test func aPayoutInTwoCurrenciesIsAProblem() {
        let file = SettlementFile(
            Self.header + Self.rows
                + "po_1,2026-09-17 00:00:00,txn_9,2026-09-16 11:00:00,eur,1.00,0.00,1.00,charge,ch_9,,,,,\n", "stripe")
        #expect(
            file.bad == [
                "line 8: payout po_1 is in GBP and this row in EUR; export one file for each currency"
            ])
        #expect(file.refusals == ["SETTLEMENT_FILE_UNREADABLE: payout po_1 has a row that cannot be read, on line 8"])
    }

    @Test func aReportMadeWithoutAColumnThatIsNeededSaysWhichAndWhatItHas() {
        let file = SettlementFile(
            "created_utc,currency,gross,fee,net\n2026-09-15 10:22:31,gbp,1.00,0.00,1.00\n", "stripe")
        #expect(
            file.failure
                == "line 1: the header lacks balance_transaction_id, reporting_category, automatic_payout_id; it has "
                + "created_utc, currency, gross, fee, net. Export the file with these columns, or name them in the layout as "
                + "the file does")
    }

    @Test func aReportWithoutNetNeedsTheFee() {
        let text = """
            automatic_payout_id,balance_transaction_id,created_utc,currency,gross,reporting_category
            po_1,txn_1,2026-09-15 10:22:31,gbp,1.00,charge
            """
        #expect(SettlementFile(text, "stripe").failure?.contains("the header lacks fee;") == true)
        let withFee = text.replacing("gross", with: "gross,fee").replacing("1.00", with: "1.00,0.20")
        #expect(SettlementFile(withFee, "stripe").shown == ["charge 1.00 GBP - 0.20 GBP"])
        let withNet = text.replacing("gross", with: "gross,net").replacing("1.00", with: "1.00,0.80")
        #expect(SettlementFile(withNet, "stripe").shown == ["charge 1.00 GBP - 0.20 GBP"])
    }
}
