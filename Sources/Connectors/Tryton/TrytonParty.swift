import Domain

/// A party of Tryton as we know it.
struct TrytonParty: Hashable, Sendable {
    let id: Int
    let name: String
    let code: String
    let isActive: Bool
    /// The party that this one was merged into.
    let replacedBy: Int?
    /// Lower case.
    let emails: Set<String>
    /// Letters and digits only, upper case.
    let numbers: Set<String>
    var addresses: [TrytonAddress]

    static let fields = [
        "name", "code", "active", "replaced_by", "contact_mechanisms.type", "contact_mechanisms.value",
        "identifiers.code", "addresses.party_name", "addresses.attn", "addresses.street", "addresses.postal_code",
        "addresses.city", "addresses.country", "addresses.subdivision",
    ]

    init(_ row: TrytonRow) throws(TrytonFailure) {
        id = try row.id()
        name = row.text("name") ?? ""
        code = row.text("code") ?? ""
        isActive = row.flag("active")
        replacedBy = row.link("replaced_by")
        let mechanisms = row.rows("contact_mechanisms").filter { $0.text("type") == "email" }
        emails = Set(mechanisms.compactMap { $0.text("value")?.lowercased() })
        numbers = Set(row.rows("identifiers").compactMap { $0.text("code").map(Self.plain) })
        addresses = []
        for address in row.rows("addresses") { addresses.append(try TrytonAddress(address)) }
    }

    /// Letters and digits, as registers compare numbers.
    static func plain(_ number: String) -> String {
        number.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    /// The id of its address with these values.
    func address(_ values: TrytonAddress.Values) -> Int? {
        addresses.filter { $0.values == values }.map(\.id).min()
    }
}

/// An address of a party.
struct TrytonAddress: Hashable, Sendable {
    /// What makes two addresses the same.
    struct Values: Hashable, Sendable {
        /// The name on the address where it is not the party's.
        var name: String
        var attention: String
        var street: String
        var postalCode: String
        var city: String
        var country: Int?
        var subdivision: Int?
    }

    let id: Int
    let values: Values

    init(id: Int, values: Values) {
        self.id = id
        self.values = values
    }

    init(_ row: TrytonRow) throws(TrytonFailure) {
        id = try row.id()
        values = Values(
            name: row.text("party_name") ?? "", attention: row.text("attn") ?? "", street: row.text("street") ?? "",
            postalCode: row.text("postal_code") ?? "", city: row.text("city") ?? "", country: row.link("country"),
            subdivision: row.link("subdivision"))
    }
}

extension TrytonAddress.Values {
    /// An address of the shop as Tryton keeps it at a party of this name. A region that Tryton has no record of stands with
    /// the city, so that it is not lost.
    init(_ address: Address, party: String, register: TrytonRegister) throws(Problem) {
        let addressee = address.company.isEmpty ? address.personName : address.company
        let subdivision = register.subdivision(address)
        let city = [address.city, subdivision == nil ? address.region : ""].filter { !$0.isEmpty }
        self.init(
            name: Self.line(addressee) == Self.line(party) ? "" : Self.line(addressee),
            attention: address.company.isEmpty ? "" : Self.line(address.personName),
            street: address.street.map(Self.line).joined(separator: "\n"),
            postalCode: Self.line(address.postalCode),
            city: Self.line(city.joined(separator: ", ")),
            country: address.country.isEmpty ? nil : try register.id(.countries, address.country),
            subdivision: subdivision)
    }

    /// Tryton drops white space around the texts of its fields.
    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmingSpace
    }

    var json: JSONValue {
        [
            "party_name": .string(name), "attn": .string(attention), "street_unstructured": .string(street),
            "postal_code": .string(postalCode), "city": .string(city), "country": TrytonWire.optional(country),
            "subdivision": TrytonWire.optional(subdivision),
        ]
    }

    /// The same with the party it belongs to.
    func json(party: Int) -> JSONValue {
        guard case .object(var members) = json else { return json }
        members["party"] = TrytonWire.id(party)
        return .object(members)
    }
}

extension String {
    var trimmingSpace: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
