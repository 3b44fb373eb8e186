import Domain
import Foundation
import TestKit
import Testing

@Suite struct SettingsReadingTests {
    private func read(_ value: JSONValue) -> (Settings, [String]) {
        let reader = FieldReader(value)
        let settings = Settings(reader, live: true, timeZone: Sample.stockholm)
        return (settings, reader.problems.map(\.path))
    }

    @Test func everyProblemIsToldAtOnceWithItsPath() {
        let (_, problems) = read([
            "orders": ["excludeBefore": "yesterday", "exclude": "x"],
            "invoices": ["trigger": "sometimes", "automaticBooking": "maybe"],
            "vat": ["homeCountry": "Sweden", "rules": [["percent": "25 %", "tax": "VAT25"], ["country": "SE"]]],
            "fees": [["name": "A"]],
            "colour": "red",
        ])
        #expect(
            Set(problems) == [
                "orders.excludeBefore", "orders.exclude", "invoices.trigger", "invoices.automaticBooking",
                "vat.homeCountry", "vat.rules[0].percent", "vat.rules[0]", "vat.rules[1].tax", "vat.rules[1]",
                "fees[0].article", "colour",
            ])
    }

    @Test func whatIsLeftOutTakesTheDefaultThatSuitsASmallMerchant() {
        let (settings, problems) = read([
            "orders": ["excludeBefore": "2026-01-01"],
            "vat": ["homeCountry": "SE", "rules": [["percent": "25", "country": "SE", "tax": "VAT25"]]],
        ])
        #expect(problems.isEmpty)
        #expect(settings.invoices == InvoiceSettings(trigger: .paid, automaticBooking: true, periodPolicy: .wait))
        #expect(settings.articles.missingSKU == .stop)
        #expect(settings.customers.matchBy == [.organisationNumber, .email])
        #expect(settings.orders.includeTestOrders == false)
    }

    private static let tendersAndVouchers: JSONValue = [
        "orders": ["excludeBefore": "2026-01-01"],
        "fees": [
            ["name": "Tip*", "article": "TIP", "outsideVAT": "true"],
            ["name": "*", "article": "FEE", "outsideVAT": "false"],
        ],
        "tenders": [
            ["coupon": "gc-*", "article": "GIFTCARD"], ["fee": "Gift card", "article": "GIFTCARD"],
            ["field": "cards.used", "article": "CREDIT"],
        ],
        "vat": [
            "homeCountry": "SE", "rules": [["reason": "voucher", "tax": "VOUCHER0"]],
            "voucherArticles": ["GIFT-500"],
        ],
    ]

    @Test func tendersAndVouchersAreReadAndKeptAsTheyAre() throws {
        let (settings, problems) = read(Self.tendersAndVouchers)
        #expect(problems.isEmpty)
        #expect(settings.fees.map(\.outsideVAT) == [true, nil])
        #expect(
            settings.tenders == [
                TenderRule(shown: .coupon("gc-*"), article: "GIFTCARD"),
                TenderRule(shown: .fee("Gift card"), article: "GIFTCARD"),
                TenderRule(shown: .field("cards.used"), article: "CREDIT"),
            ])
        #expect(settings.vat.voucherArticles == ["GIFT-500"])
        #expect(settings.namedArticles == ["CREDIT", "FEE", "GIFTCARD", "TIP"])
        let kept = try JSONDecoder().decode(Settings.self, from: JSONEncoder().encode(settings))
        #expect(kept == settings)
    }

    @Test func settingsStoredBeforeThereWereTendersAreStillRead() throws {
        let stored = try JSONEncoder().encode(Sample.settings)
        let text = String(decoding: stored, as: UTF8.self)
        for word in ["tenders", "outsideVAT", "voucherArticles"] { #expect(!text.contains(word), "\(word)") }
        #expect(try JSONDecoder().decode(Settings.self, from: stored) == Sample.settings)
    }

    @Test func aTenderThatIsShownInNoWayOrTwoIsTold() {
        let (_, problems) = read([
            "orders": ["excludeBefore": "2026-01-01"],
            "tenders": [
                ["article": "A"], ["coupon": "gc-*", "fee": "Gift card", "article": "A"], ["coupon": "gc-*"],
                ["coupon": "", "article": "A"],
            ],
            "vat": [
                "homeCountry": "SE", "rules": [["reason": "voucher", "tax": "V"]], "exemptArticles": ["GIFT"],
                "voucherArticles": ["GIFT"],
            ],
        ])
        #expect(
            problems == ["tenders[0]", "tenders[1]", "tenders[2].article", "tenders[3]", "vat.voucherArticles"])
    }
}

@Suite struct ProblemCatalogueTests {
    @Test(arguments: ProblemCode.allCases)
    func everyCodeTellsItsCauseAndItsFix(_ code: ProblemCode) {
        #expect(code.entry.cause.hasSuffix("."))
        #expect(code.entry.fix.hasSuffix("."))
        #expect(code.entry.cause.count > 20)
        #expect(code.rawValue == code.rawValue.uppercased())
    }
}
