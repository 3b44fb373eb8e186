import ConnectorKit
import Domain
import Testing

@Suite struct PayPalFileTests {
    private static let header =
        "\"Date\",\"Time\",\"TimeZone\",\"Name\",\"Type\",\"Status\",\"Currency\",\"Gross\",\"Fee\",\"Net\","
        + "\"From Email Address\",\"To Email Address\",\"Transaction ID\",\"Reference Txn ID\",\"Invoice Number\","
        + "\"Balance\",\"Balance Impact\"\n"
    private static let rows = """
        "10/01/2026","10:00:00","CEST","Jana Mala","Express Checkout Payment","Completed","EUR","1,250.00","-43.40","1,206.60","jana@example.com","shop@example.com","1AB","","777","1,206.60","Credit"
        "10/01/2026","12:00:00","CEST","Jana Mala","Payment Refund","Completed","EUR","-50.00","1.50","-48.50","shop@example.com","jana@example.com","2AB","1AB","777","1,158.10","Debit"
        "10/01/2026","12:30:00","CEST","Supplier","General Payment","Completed","EUR","-20.00","0.00","-20.00","shop@example.com","s@example.com","2ZZ","","","1,138.10","Debit"
        "10/02/2026","09:00:00","CEST","","General Authorization","Completed","EUR","10.00","0.00","10.00","","","2CD","","","","Memo"
        "10/02/2026","09:00:00","CEST","","General Withdrawal","Completed","EUR","-1,000.00","0.00","-1,000.00","","","3EF","","","138.10","Debit"
        "10/02/2026","09:30:00","CEST","Peter","Express Checkout Payment","Pending","EUR","5.00","-0.40","4.60","","","4GH","","","","Memo"
        "10/02/2026","10:30:00","CEST","Ann","Express Checkout Payment","Completed","USD","5.00","-0.40","4.60","","","5GH","","778","","Credit"

        """

    @Test func aDownloadIsTheActivityOfEachDayAndCurrency() {
        let file = SettlementFile("\u{FEFF}" + Self.header + Self.rows, "paypal")
        #expect(
            file.shown == [
                "charge 1250.00 EUR - 43.40 EUR", "refund -50.00 EUR - -1.50 EUR", "unknown -20.00 EUR - 0.00 EUR",
                "transfer -1000.00 EUR - 0.00 EUR", "charge 5.00 USD - 0.40 USD",
            ])
        #expect(
            file.payouts == [
                "2026-10-01-EUR: 1138.10 EUR, made 2026-10-01T10:30:00Z, arrives 2026-10-01",
                "2026-10-02-EUR: -1000.00 EUR, made 2026-10-02T07:00:00Z, arrives 2026-10-02",
                "2026-10-02-USD: 4.60 USD, made 2026-10-02T08:30:00Z, arrives 2026-10-02",
            ])
        #expect(file.result.payouts.allSatisfy { $0.content == .activity && $0.banked.isZero })
        #expect(file.skipped == ["Balance Impact is Memo": 1, "Status is Pending": 1])
        #expect(file.bad.isEmpty)
    }

    @Test func aRefundNamesThePaymentThatItGivesBack() {
        let lines = SettlementFile(Self.header + Self.rows, "paypal").lines
        #expect(lines[0].keys == PayoutKeys(transactionIDs: ["1AB"], orderNumber: "777"))
        #expect(lines[1].keys == PayoutKeys(transactionIDs: ["2AB", "1AB"], orderNumber: "777"))
        #expect(lines[0].at.description == "2026-10-01T08:00:00Z")
    }

    @Test func anAccountThatWritesDaysFirstAndDecimalCommasHasItsOwnLayout() {
        let file = SettlementFile(
            Self.header
                + "\"13/10/2026\",\"10:00:00\",\"CEST\",\"A\",\"Website Payment\",\"Completed\",\"EUR\",\"1.250,00\",\"-43,40\","
                + "\"1.206,60\",\"\",\"\",\"1AB\",\"\",\"777\",\"\",\"Credit\"\n", "paypal-eu")
        #expect(file.shown == ["charge 1250.00 EUR - 43.40 EUR"])
        #expect(file.payoutIDs == ["2026-10-13-EUR"])
    }

    @Test func aFileInTheOtherOrderOfDaysIsFoundOutByADayThatTheCalendarLacks() {
        let file = SettlementFile(Self.header + Self.rows.replacing("10/02/2026", with: "13/02/2026"), "paypal")
        #expect(
            file.bad.first
                == "line 6, column Date: \"13/02/2026\" is not a date like 11/23/2026; correct the cell, or dates in the layout"
        )
        #expect(file.result.payouts.isEmpty)
    }

    @Test func aStatementOfAPersonalAccountIsReadTooThoughItHasNoStatus() {
        let file = SettlementFile(
            """
            "Date","Time","Time Zone","Description","Currency","Gross","Fee","Net","Balance","Transaction ID","Reference Txn ID"
            "01.10.2026","10:00:00","Europe/Berlin","Website Payment","EUR","10,00","-0,40","9,60","9,60","1AB",""
            """, "paypal-eu")
        #expect(file.shown == ["charge 10.00 EUR - 0.40 EUR"])
        #expect(file.lines.first?.at.description == "2026-10-01T08:00:00Z")
    }
}
