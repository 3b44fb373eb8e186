import Domain
import Foundation
import TestKit
import Testing

@testable import ConnectorKit

@Suite struct CellReadingTests {
    private func millionths(
        _ text: String, _ mark: SettlementForm.DecimalMark = .dot, _ thousands: SettlementForm.Thousands = .none,
        _ currency: Currency = Sample.sek
    ) -> Result<Int64?, ExactAmount.Flaw> {
        let reader = ExactAmountReader(SettlementForm(decimalMark: mark, thousands: thousands))
        return Result { () throws(ExactAmount.Flaw) in try reader.read(text, currency)?.millionths }
    }

    @Test(arguments: [
        ("0", 0), ("12", 12_000_000), ("12.5", 12_500_000), ("-0.01", -10_000), ("+7.10", 7_100_000),
        (" 12.50 ", 12_500_000), ("\u{2212}3.00", -3_000_000), ("0012.50", 12_500_000), ("1.0000000000", 1_000_000),
        ("0.000001", 1),
    ])
    func plainAmountsAreReadDigitForDigit(text: String, millionths: Int64) {
        #expect(self.millionths(text) == .success(millionths))
    }

    @Test func groupsOfThreeAreReadWhereTheLayoutHasThem() {
        #expect(millionths("1,250.00", .dot, .comma) == .success(1_250_000_000))
        #expect(millionths("1.234.567,89", .comma, .dot) == .success(1_234_567_890_000))
        #expect(millionths("1 250,5", .comma, .space) == .success(1_250_500_000))
        #expect(millionths("-1\u{A0}250,5", .comma, .space) == .success(-1_250_500_000))
        #expect(millionths("1\u{202F}250,5 ", .comma, .space) == .success(1_250_500_000))
        #expect(millionths("1\u{2019}250.00", .dot, .apostrophe) == .success(1_250_000_000))
        #expect(millionths("250,00", .comma, .dot) == .success(250_000_000))
    }

    @Test(arguments: [
        "abc", "12.5x", "$12.50", "1,250.00", "12,50", "1.2.3", "--1", "-", "1e3", "12.", ".5", "1 250", "(5.00)",
        "12-",
        "٣", "0x10", "NaN",
    ])
    func whatIsNoAmountIsRefused(text: String) {
        #expect(millionths(text) == .failure(.notANumber))
    }

    @Test(arguments: ["1,25", "12,34.56", ",125", "1,,250", "1,2500", "1234,567", "1.000,00", "1,250."])
    func groupsThatAreNotOfThreeAreRefused(text: String) {
        #expect(millionths(text, .dot, .comma) == .failure(.notANumber))
    }

    @Test(arguments: ["1.000", "12.500", "-999.999", "+1.005"])
    func threeDecimalsThatMayBeAThousandAreRefusedWhereTheCurrencyHasNone(text: String) throws {
        let (yen, dinar) = (try #require(Currency(code: "JPY")), try #require(Currency(code: "KWD")))
        #expect(millionths(text) == .failure(.mayBeThousand))
        #expect(millionths(text, .dot, .comma, yen) == .failure(.mayBeThousand))
        #expect(millionths(text.replacing(".", with: ","), .comma) == .failure(.mayBeThousand))
        let read = try millionths(text, .dot, .never).get()
        #expect(read != nil && millionths(text, .dot, .none, dinar) == .success(read))
    }

    @Test func decimalsThatCannotBeAThousandAreRead() {
        #expect(millionths("0.045") == .success(45_000))
        #expect(millionths("1000.000") == .success(1_000_000_000))
        #expect(millionths("1.0000") == .success(1_000_000))
        #expect(millionths("1,250.000", .dot, .comma) == .success(1_250_000_000))
        #expect(millionths("1.250", .comma, .dot) == .success(1_250_000_000))
    }

    @Test(arguments: [
        "1.04219E+11", "1,04219E+11", "1E+11", "104.2e+9", "1.E+5",
    ])
    func aNumberInScientificNotationIsNoIdAnyMore(text: String) {
        #expect(SettlementCells.isRewritten(text))
    }

    @Test(arguments: [
        "", "1", "104219000000", "1.04219", "1E", "1E+", "12e5", "8e93b66", "2026E-11", "E+11", "x1E+11", "1E+11x",
        "1.0.4E+11", "1001-2", "po_1E+5", "1e+1e+1", "1234567e-1111-4111-8111-111111111111",
    ])
    func otherIdsAreLeftAsTheyAre(text: String) {
        #expect(!SettlementCells.isRewritten(text))
    }

    @Test func amountsThatAreTooFineOrTooLargeAreRefused() throws {
        #expect(millionths("0.0000001") == .failure(.tooFine))
        #expect(millionths("1000000000001") == .failure(.tooLarge))
        #expect(millionths("99999999999999999999999999") == .failure(.tooLarge))
        let amount = ExactAmount(millionths: 1_005_000)
        #expect(throws: ExactAmount.Flaw.tooFine) { try amount.money(try #require(Currency(code: "EUR"))) }
        #expect(try amount.money(try #require(Currency(code: "KWD"))).description == "1.005 KWD")
        let large = ExactAmount(millionths: Money.limit * 20_000)
        #expect(throws: ExactAmount.Flaw.tooLarge) { try large.money(try #require(Currency(code: "EUR"))) }
        #expect(try large.money(try #require(Currency(code: "JPY"))).minorUnits == Money.limit / 50)
    }

    @Test func anEmptyCellIsNoAmount() {
        #expect(millionths("") == .success(nil))
        #expect(millionths("  \u{A0}") == .success(nil))
    }

    // MARK: Dates

    private func shown(_ text: String, _ dates: SettlementForm.Dates = .yearFirst) -> String? {
        WallTime(text, dates).map {
            "\($0.text) \($0.milliseconds / 1000)\($0.offset.map { " \($0)" } ?? "")"
        }
    }

    @Test func datesAreReadInTheDeclaredOrder() {
        #expect(shown("2026-07-01") == "2026-07-01 0")
        #expect(shown("2026/7/1") == "2026-07-01 0")
        #expect(shown("01.07.2026", .dayFirst) == "2026-07-01 0")
        #expect(shown("1/7/2026", .dayFirst) == "2026-07-01 0")
        #expect(shown("07/01/2026", .monthFirst) == "2026-07-01 0")
        // A year in front leaves no doubt.
        #expect(shown("2026-07-01", .dayFirst) == "2026-07-01 0")
        #expect(shown("1782882189", .epochSeconds) == "2026-07-01 18189 0")
        #expect(shown("1782882189000", .epochMilliseconds) == "2026-07-01 18189 0")
    }

    @Test func timesAreReadWithAndWithoutAnOffset() {
        #expect(shown("2026-07-01 07:33:09 +0200") == "2026-07-01 27189 7200")
        #expect(shown("2026-07-01T07:33:09.123456Z") == "2026-07-01 27189 0")
        #expect(shown("2026-07-01T07:33:09+05:30") == "2026-07-01 27189 19800")
        #expect(shown("2026-07-01 07:33") == "2026-07-01 27180")
        #expect(shown("07/01/2026, 12:05 AM", .monthFirst) == "2026-07-01 300")
        #expect(shown("07/01/2026 1:05:06 pm", .monthFirst) == "2026-07-01 47106")
        #expect(shown("2026-07-01 07:33:09 UTC") == "2026-07-01 27189 0")
        #expect(shown("2026-07-01 07:33:09 -03") == "2026-07-01 27189 -10800")
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "01.07.2026", "26-07-01", "2026-07", "2026-07-01 24:00",
        "2026-07-01 7:3", "2026-07-01 07:60", "2026-07-01x", "2026-07-01 07:33:09 +02:", "2026-07/01", "", "today",
        "0026-07-01", "2026-07-01 13:00 PM", "20260701",
    ])
    func whatIsNoDateIsRefused(text: String) {
        #expect(WallTime(text, .yearFirst) == nil)
    }

    @Test func aDayIsNeverGuessedFromTwoDigits() {
        #expect(WallTime("01.07.26", .dayFirst) == nil)
        #expect(WallTime("13/02/2026", .monthFirst) == nil)
    }

    @Test(arguments: 1...200)
    func handMadeDatesAgreeWithTheCalendar(seed: Int) throws {
        // 35 days and some hours apart, over a hundred years: every leap year among them.
        let seconds = seed * 15_778_463
        let date = Date(timeIntervalSince1970: TimeInterval(seconds))
        let text = date.formatted(.iso8601)
        let time = try #require(WallTime(text, .yearFirst))
        #expect(time.localMilliseconds == Int64(seconds) * 1000, "\(text)")
        let epoch = try #require(WallTime(String(seconds), .epochSeconds))
        #expect(epoch.text == String(text.prefix(10)) && epoch.localMilliseconds == time.localMilliseconds)
    }

    // MARK: Zones

    @Test func theClocksOfAPlaceAreFollowedThroughTheirChanges() throws {
        var clock = ZoneClock(try #require(TimeZone(identifier: "Europe/Stockholm")))
        func utc(_ text: String) throws -> String {
            clock.instant(try #require(WallTime(text, .yearFirst))).description
        }
        #expect(try utc("2026-01-01 00:30") == "2025-12-31T23:30:00Z")
        #expect(try utc("2026-07-01 00:30") == "2026-06-30T22:30:00Z")
        #expect(try utc("2026-03-29 01:59") == "2026-03-29T00:59:00Z")
        // Skipped: as of before the change.
        #expect(try utc("2026-03-29 02:30") == "2026-03-29T01:30:00Z")
        #expect(try utc("2026-03-29 03:00") == "2026-03-29T01:00:00Z")
        // Twice: the first of them.
        #expect(try utc("2026-10-25 02:30") == "2026-10-25T00:30:00Z")
        #expect(try utc("2026-10-25 03:00") == "2026-10-25T02:00:00Z")
        #expect(try utc("2026-10-26 00:00") == "2026-10-25T23:00:00Z")
    }
}
