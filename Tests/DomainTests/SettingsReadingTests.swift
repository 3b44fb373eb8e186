import Domain
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
