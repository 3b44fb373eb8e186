import Domain

extension FortnoxSandbox.Article {
    /// What the made-up shop sells, as its merchant has it in Fortnox. What has no SKU there is not here.
    public static let ofTrade: [Self] = TradeCatalogue.articles.map { product in
        let (account, vat) =
            switch product.taxClass {
            case "moms-12": (3002, 12)
            case "moms-6": (3003, 6)
            default: (3001, 25)
            }
        return Self(product.sku, product.name, salesAccount: account, vat: ExactDecimal(vat))
    }
}
