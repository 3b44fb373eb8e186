/// Who bought. A guest has no id; some have no e-mail either.
public struct Customer: Hashable, Sendable, Codable {
    /// The platform's id of a registered customer.
    public var id: String?
    public var email: String?
    public var phone: String?
    /// Registration number of a business, as digits and letters.
    public var organisationNumber: String?
    /// VAT number with its country prefix: `SE556677889901`.
    public var vatNumber: String?

    public init(
        id: String? = nil, email: String? = nil, phone: String? = nil, organisationNumber: String? = nil,
        vatNumber: String? = nil
    ) {
        self.id = id
        self.email = email
        self.phone = phone
        self.organisationNumber = organisationNumber
        self.vatNumber = vatNumber
    }
}

/// A postal address with the name on it.
public struct Address: Hashable, Sendable, Codable {
    public var firstName: String
    public var lastName: String
    public var company: String
    /// Street lines, in order, none empty.
    public var street: [String]
    public var postalCode: String
    public var city: String
    public var region: String
    /// ISO 3166-1 alpha-2, or empty when the shop gave none.
    public var country: String

    public init(
        firstName: String = "", lastName: String = "", company: String = "", street: [String] = [],
        postalCode: String = "", city: String = "", region: String = "", country: String = ""
    ) {
        self.firstName = firstName
        self.lastName = lastName
        self.company = company
        self.street = street
        self.postalCode = postalCode
        self.city = city
        self.region = region
        self.country = country
    }

    public var personName: String { [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ") }
    public var isEmpty: Bool { self == Address() }
}
