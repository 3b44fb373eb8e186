public import Domain

/// Small, valid values to start a test from.
public enum Sample {
    public static func currency(_ code: String) -> Currency {
        guard let currency = Currency(code: code) else { preconditionFailure("no currency \(code)") }
        return currency
    }

    public static let sek = currency("SEK")

    public static var shop: ShopIdentity {
        guard let shop = ShopIdentity("nordic-shop") else { preconditionFailure("not a shop identity") }
        return shop
    }

    public static func day(_ text: String) -> Day {
        guard let day = Day(text) else { preconditionFailure("\(text) is not a day") }
        return day
    }

    public static func instant(_ text: String) -> Instant {
        guard let instant = Instant(iso8601: text) else { preconditionFailure("\(text) is not a time") }
        return instant
    }

    public static func decimal(_ text: String) -> ExactDecimal {
        guard let decimal = ExactDecimal(text) else { preconditionFailure("\(text) is not a number") }
        return decimal
    }

    public static func money(_ text: String, _ currency: Currency = sek) -> Money {
        guard let money = try? Money(text, currency) else { preconditionFailure("\(text) is not an amount") }
        return money
    }

    public static var stockholm: TimeZoneName {
        guard let zone = TimeZoneName("Europe/Stockholm") else { preconditionFailure("no time zones installed") }
        return zone
    }

    /// Settings that book everything of a Swedish shop.
    public static var settings: Settings {
        Settings(
            live: true,
            timeZone: stockholm,
            orders: OrderSettings(excludeBefore: day("2026-01-01")),
            articles: ArticleSettings(rounding: "ROUNDING"),
            fees: [FeeRule(name: "*", article: "FEE", allowNegative: true)],
            shippingMethods: [ShippingMethodRule(method: "*", article: "SHIPPING")],
            vat: VATSettings(
                homeCountry: "SE",
                rules: [
                    VATRule(percent: decimal("25"), country: "SE", tax: "VAT25"),
                    VATRule(percent: decimal("12"), country: "SE", tax: "VAT12"),
                    VATRule(percent: decimal("6"), country: "SE", tax: "VAT6"),
                    VATRule(percent: decimal("19"), country: "DE", tax: "DE19"),
                    VATRule(reason: .export, tax: "EXPORT0"),
                    VATRule(reason: .euBusiness, tax: "EUB2B0"),
                    VATRule(reason: .exempt, tax: "EXEMPT0"),
                ]
            )
        )
    }

    public static let rules = ERPRules(unitPriceDecimals: 4, quantityDecimals: 0, datesOnlyMoveForward: true)

    public static func books(at now: Instant = instant("2026-11-23T12:00:00Z")) -> Books {
        Books(readAt: now, rules: rules)
    }

    public static let address = Address(
        firstName: "Anna", lastName: "Svensson", street: ["Storgatan 2"], postalCode: "41101", city: "Göteborg",
        country: "SE"
    )

    /// One mug at 79.20 and 25 %, paid: 99.00 in all.
    public static func order(_ id: String = "1") -> Order {
        let at = instant("2026-11-20T10:00:00Z")
        return Order(
            id: id, number: id, status: .processing, statusText: "processing", createdAt: at, modifiedAt: at,
            paidAt: at,
            currency: sek, pricesIncludeTax: true, customer: Customer(email: "anna@example.test"), billing: address,
            lines: [
                OrderLine(
                    id: "1", kind: .goods, sku: "MUG-001", name: "Mug", quantity: .one, subtotal: money("79.20"),
                    total: money("79.20"), taxes: [LineTax(taxID: "1", amount: decimal("19.8"))])
            ],
            taxes: [OrderTax(id: "1", label: "VAT", percent: decimal("25"), amount: money("19.80"))],
            total: money("99.00"), totalTax: money("19.80"),
            payment: OrderPayment(methodID: "card", methodName: "Card", transactionID: "ch_\(id)")
        )
    }
}
