import Domain

/// Somebody who buys.
struct TradeCustomer: Sendable {
    enum Kind: Sendable { case person, swedishCompany, euBusiness }

    let kind: Kind
    /// 0 for a guest.
    let customerID: Int
    let address: ShopAddress
    let fields: [ShopOrderDraft.Field]

    var country: String { address.country }
    /// Whether the shop charges no VAT.
    var isExempt: Bool { kind == .euBusiness || country == "NO" }
}

/// Makes customers, and remembers those who come back.
struct TradePeople: Sendable {
    private struct Place {
        let country: String
        let cities: [(String, String)]
        let streets: [String]
        let first: [String]
        let last: [String]
    }

    private static let places: [String: Place] = [
        "SE": Place(
            country: "SE",
            cities: [
                ("Göteborg", "41101"), ("Malmö", "21120"), ("Uppsala", "75320"), ("Örebro", "70210"), ("Åre", "83013"),
            ],
            streets: ["Storgatan", "Björkvägen", "Ängsstigen", "Östra Långgatan"],
            first: ["Åsa", "Anna", "Bo", "Örjan", "Märta", "Lars", "Sofia", "Göran"],
            last: ["Svensson", "Åkesson", "Öberg", "Lindström", "Ek", "Sjöblom"]),
        "DE": Place(
            country: "DE", cities: [("Berlin", "10115"), ("München", "80331"), ("Gießen", "35390"), ("Köln", "50667")],
            streets: ["Hauptstraße", "Schloßweg", "Gärtnerstraße"],
            first: ["Jürgen", "Käthe", "Lukas", "Anneliese"], last: ["Groß", "Müller", "Weiß", "Schäfer"]),
        "DK": Place(
            country: "DK", cities: [("København", "1050"), ("Aarhus", "8000"), ("Helsingør", "3000")],
            streets: ["Nørregade", "Åboulevarden"], first: ["Søren", "Mette", "Jørgen"],
            last: ["Sørensen", "Møller", "Kjær"]),
        "FI": Place(
            country: "FI", cities: [("Helsinki", "00100"), ("Jyväskylä", "40100"), ("Åbo", "20100")],
            streets: ["Mannerheimintie", "Hämeenkatu"], first: ["Päivi", "Jari", "Aino"],
            last: ["Mäkinen", "Hämäläinen", "Virtanen"]),
        "NO": Place(
            country: "NO", cities: [("Oslo", "0150"), ("Tromsø", "9008"), ("Ålesund", "6002")],
            streets: ["Kirkegata", "Sjøgata"], first: ["Bjørn", "Ingrid", "Åse"],
            last: ["Bråten", "Øverland", "Hansen"]),
    ]

    private var dice: TradeDice
    private var known: [TradeCustomer] = []
    private var count = 0

    init(dice: TradeDice) { self.dice = dice }

    mutating func next() -> TradeCustomer {
        if !known.isEmpty, dice.chance(350) { return dice.pick(known) }
        let country = dice.pick(weighted: [("SE", 74), ("DE", 10), ("NO", 6), ("DK", 5), ("FI", 5)])
        let kind: TradeCustomer.Kind =
            switch country {
            case "SE": dice.chance(150) ? .swedishCompany : .person
            case "NO": .person
            default: dice.chance(200) ? .euBusiness : .person
            }
        let isGuest = dice.chance(400)
        let customer = make(kind, country, isGuest: isGuest)
        if !isGuest { known.append(customer) }
        return customer
    }

    private mutating func make(_ kind: TradeCustomer.Kind, _ country: String, isGuest: Bool) -> TradeCustomer {
        count += 1
        var address = ShopAddress()
        address.country = country
        if let place = Self.places[country] {
            address.firstName = dice.pick(place.first)
            address.lastName = dice.pick(place.last)
            address.street = "\(dice.pick(place.streets)) \(dice.roll(1...99))"
            (address.city, address.postcode) = dice.pick(place.cities)
        }
        address.email = "kund\(count)@example.test"
        address.phone = country == "SE" ? "+4670\(dice.roll(1_000_000...9_999_999))" : ""
        var fields: [ShopOrderDraft.Field] = []
        switch kind {
        case .person: break
        case .swedishCompany:
            address.company = "\(address.lastName)s \(dice.pick(["Handel", "Bygg", "Café", "Möbler"])) AB"
            fields.append(.init("organisation_number", .string("556\(dice.roll(100...999))-\(1000 + count)")))
        case .euBusiness:
            address.company = "\(address.lastName) \(country == "DE" ? "GmbH" : country == "DK" ? "ApS" : "Oy")"
            fields.append(.init("vat_number", .string("\(country)\(100_000_000 + count)")))
            fields.append(.init("is_vat_exempt", "yes"))
        }
        return TradeCustomer(kind: kind, customerID: isGuest ? 0 : count, address: address, fields: fields)
    }
}
