import Domain

/// The orders that are measured: three lines, two VAT rates, shipping, and a new customer each. The bare client in
/// `scripts/tryton/bench_client.py` books the same ones.
struct BenchOrders {
    /// New for each run, so that nothing is found from an earlier one.
    let prefix: String
    let at: Instant

    /// Settings that book these orders, whatever the configuration says of other ones.
    static func settings(timeZone: TimeZoneName) -> Settings {
        let percents: [(Int, String)] = [(25, "VAT25"), (6, "VAT6")]
        return Settings(
            live: true,
            timeZone: timeZone,
            orders: OrderSettings(excludeBefore: Day("2000-01-01") ?? Instant.distantPast.day(in: .utc)),
            articles: ArticleSettings(rounding: "ROUNDING"),
            shippingMethods: [ShippingMethodRule(method: "*", article: "SHIPPING")],
            vat: VATSettings(
                homeCountry: "SE",
                rules: percents.map { VATRule(percent: ExactDecimal($0), country: "SE", tax: $1) }
            )
        )
    }

    func order(_ number: Int) throws -> Order {
        guard let sek = Currency(code: "SEK") else { throw UsageError("no SEK") }
        let id = "\(prefix)-\(number)"
        func amount(_ text: String) throws -> Money { try Money(text, sek) }
        func line(_ id: String, _ sku: String?, _ quantity: Int, _ net: String, _ tax: String, _ amount: Int) throws
            -> OrderLine
        {
            OrderLine(
                id: id, kind: sku == nil ? .shipping : .goods, sku: sku, name: sku ?? "PostNord",
                methodID: sku == nil ? "flat_rate" : nil, quantity: ExactDecimal(quantity),
                subtotal: try Money(net, sek), total: try Money(net, sek),
                taxes: [LineTax(taxID: tax, amount: ExactDecimal(units: Int64(amount), decimals: 2))])
        }
        return Order(
            id: id, number: id, status: .processing, statusText: "processing", createdAt: at, modifiedAt: at,
            paidAt: at, currency: sek, pricesIncludeTax: false,
            customer: Customer(email: "\(id)@example.invalid".lowercased()),
            billing: Address(
                firstName: "Customer", lastName: id, street: ["Storgatan \(number)"], postalCode: "111 22",
                city: "Stockholm", country: "SE"),
            lines: [
                try line("1", "SHIRT-M", 2, "800.00", "25", 20_000), try line("2", "BOOK", 1, "250.00", "6", 1500),
                try line("3", nil, 1, "49.00", "25", 1225),
            ],
            taxes: [
                OrderTax(id: "25", label: "VAT", percent: ExactDecimal(25), amount: try amount("212.25")),
                OrderTax(id: "6", label: "VAT", percent: ExactDecimal(6), amount: try amount("15.00")),
            ],
            total: try amount("1326.25"), totalTax: try amount("227.25"),
            payment: OrderPayment(methodID: "card", methodName: "Card", transactionID: "ch_\(id)"))
    }
}
