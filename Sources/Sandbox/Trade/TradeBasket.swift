/// What one customer puts in the basket, and what the checkout makes of it.
struct TradeBasket {
    let customer: TradeCustomer
    let currency: String

    static func rate(of article: ShopProduct, for customer: TradeCustomer) -> Int {
        customer.isExempt ? 0 : TradeVAT.rate(article.taxClass, to: customer.country)
    }

    mutating func lines(_ dice: inout TradeDice, discount: Int, hasMissingSKU: Bool) -> [ShopOrderDraft.Line] {
        var articles: [ShopProduct] = []
        for _ in 1...dice.pick(weighted: [(1, 40), (2, 25), (3, 15), (4, 10), (5, 6), (6, 4)]) {
            let article = dice.pick(TradeCatalogue.articles)
            if !articles.contains(article) { articles.append(article) }
        }
        if hasMissingSKU { articles[0] = TradeCatalogue.withoutSKU }
        return articles.map { article in
            let quantity = dice.pick(weighted: [(1, 70), (2, 18), (3, 8), (7, 4)])
            let subtotal = quantity * price(of: article)
            // Each line bears its own part of the coupon.
            let total = subtotal - (subtotal * discount + 50) / 100
            return ShopOrderDraft.Line(
                productID: article.id, quantity: quantity, amount: .gross(subtotal: subtotal, total: total))
        }
    }

    /// With the VAT that this customer pays, which is none for exports and EU businesses.
    private func price(of article: ShopProduct) -> Int {
        let swedish = article.price
        let net = swedish - TradeVAT.inside(swedish, rate: TradeVAT.rate(article.taxClass, to: "SE"))
        let price = customer.isExempt ? net : swedish
        // About 11.30 SEK for a euro; shops keep such prices by hand.
        return currency == "EUR" ? (price * 10 + 56) / 113 : price
    }

    func shipping(_ lines: [ShopOrderDraft.Line], _ dice: inout TradeDice) -> ShopOrderDraft.Charge {
        let goods = lines.map { if case .gross(_, let total) = $0.amount { total } else { 0 } }.reduce(0, +)
        if currency == "EUR" { return .init(methodID: "flat_rate", name: "DHL Paket", net: 690) }
        if customer.country == "SE", goods > 80_000 {
            return .init(methodID: "free_shipping", name: "Fri frakt", net: 0)
        }
        if customer.country == "SE", dice.chance(60) {
            return .init(methodID: "local_pickup", name: "Hämta i butik", net: 0)
        }
        return dice.chance(300)
            ? .init(methodID: "flat_rate", name: "PostNord Hempaket", net: 7_920)
            : .init(methodID: "flat_rate", name: "PostNord Varubrev", net: 3_920)
    }
}
