/// What the made-up shop sells: 40 articles with SKU at three rates of VAT, and one whose SKU somebody forgot.
public enum TradeCatalogue {
    /// Prices in öre, with Swedish VAT in them.
    public static let articles: [ShopProduct] = {
        let kinds: [(taxClass: String, prefix: String, goods: [(String, Int)])] = [
            (
                "", "HEM",
                [
                    ("Kaffemugg", 9_900), ("Tekanna 1,2 l", 34_900), ("Ljusstake mässing", 49_900),
                    ("Yllefilt grå", 89_900), ("Handduk lin", 24_900), ("Skärbräda ek", 39_900),
                    ("Gjutjärnspanna 26 cm", 79_900), ("Brödkniv", 44_900), ("Förkläde", 29_900),
                    ("Doftljus Åre", 19_950), ("Vas höganäs", 59_500), ("Korg näver", 68_700), ("Väckarklocka", 33_333),
                    ("Pennset", 12_345), ("Skrivbok A5", 8_450), ("Ryggsäck 20 l", 119_900), ("Mössa merino", 34_500),
                    ("Ullsockor", 17_900), ("Paraply", 27_999), ("Termos 0,7 l", 38_995),
                ]
            ),
            (
                "moms-12", "MAT",
                [
                    ("Choklad 100 g", 3_590), ("Kaffe mörkrost 450 g", 8_900), ("Grönt te 100 g", 7_450),
                    ("Honung Öland", 9_500), ("Knäckebröd surdeg", 4_995), ("Lingonsylt", 5_450),
                    ("Havssalt", 3_333), ("Rapsolja 0,5 l", 6_790), ("Lakrits mix", 4_250), ("Müsli äpple", 7_199),
                ]
            ),
            (
                "moms-6", "BOK",
                [
                    ("Kokbok: Årets bröd", 24_900), ("Roman: Fjällvind", 19_900), ("Barnbok: Älgen Östen", 14_950),
                    ("Fackbok: Bokföring", 42_900), ("Atlas över Norden", 59_900), ("Diktsamling", 16_700),
                    ("Vandringskarta Sarek", 18_950), ("Deckare: Dimma", 9_900), ("Trädgårdsbok", 32_500),
                    ("Ordbok svensk–tysk", 28_499),
                ]
            ),
        ]
        var articles: [ShopProduct] = []
        for kind in kinds {
            for (index, goods) in kind.goods.enumerated() {
                let sku = kind.prefix + "-" + String(101 + index)
                articles.append(
                    ShopProduct(
                        id: 101 + articles.count, name: goods.0, sku: sku, price: goods.1, taxClass: kind.taxClass))
            }
        }
        return articles
    }()

    public static let withoutSKU = ShopProduct(id: 199, name: "Presentinslagning", sku: "", price: 4_900)

    static let all = (articles + [withoutSKU]).reduce(into: [Int: ShopProduct]()) { $0[$1.id] = $1 }
}
