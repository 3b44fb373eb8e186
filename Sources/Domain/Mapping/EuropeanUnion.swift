/// The VAT territory of the European Union, by ISO 3166-1 codes.
public enum EuropeanUnion {
    /// Greece is GR in addresses; its VAT numbers begin with EL.
    public static let countries: Set<String> = [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
        "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    ]

    public static func contains(_ country: String) -> Bool { countries.contains(country) }
}
