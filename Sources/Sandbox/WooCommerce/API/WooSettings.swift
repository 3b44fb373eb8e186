/// What a stand-in for a WooCommerce shop is like: its keys, its address and its zone.
public struct WooCommerceSettings: Sendable {
    public var consumerKey = "ck_sandbox"
    public var consumerSecret = "cs_sandbox"
    /// A second pair, which may only read.
    public var readOnlyKey = "ck_readonly"
    public var readOnlySecret = "cs_readonly"
    /// As if PHP saw https: then Basic authentication works.
    public var isSecure = false
    /// The address that signatures are made over; its own when `nil`.
    public var homeURL: String?
    /// The shop's zone, for dates that carry none.
    public var secondsFromUTC: Int64 = 3600
    /// The country that the prices of the catalogue are taxed for.
    public var homeCountry = "SE"
    public var currency = "SEK"

    public init() {}
}
