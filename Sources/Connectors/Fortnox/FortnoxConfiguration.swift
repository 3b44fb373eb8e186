public import ConnectorKit
public import Domain

/// How to reach a Fortnox company. Keys:
///
/// - `clientId`, `clientSecret`: of the integration as registered with Fortnox.
/// - `refreshToken`: the one to begin with; afterwards each renewal brings the next, which is kept sealed in the store.
///   Not needed when the connection was authorised with `ordersync authorise`.
/// - `connection`: the name under which the tokens are kept; default: the shop identity. Integrations that book into one
///   Fortnox company give the same name: they share its token and its rate budget.
/// - `callsPer5Seconds`: default 25, which is what Fortnox allows; 0 is no limit, for a simulator.
/// - `scopes`: what `ordersync authorise` asks the person to allow, by Fortnox's names. Fortnox refuses the whole when
///   the integration is not registered with one of them: who does without leaves it out here.
/// - `url`, `authorisationURL`: default `https://api.fortnox.se` and `https://apps.fortnox.se`.
/// - `timeoutSeconds`: the longest one request may take; default 60.
/// - `serverLimitSeconds`: how long after a request was sent it can still take effect; default 120.
/// - `searchLagSeconds`: how long after it was made a document may be missing from searches; default 10.
public struct FortnoxConfiguration: Hashable, Sendable {
    public var url: String
    public var authorisationURL: String
    public var clientID: String
    public var clientSecret: Secret
    public var refreshToken: Secret?
    public var connection: String?
    public var scopes: String
    public var timeoutSeconds: Int
    public var serverLimitSeconds: Int
    public var searchLagSeconds: Int
    /// How many calls may be sent in any 5 seconds; 0: as many as one likes.
    public var callsPer5Seconds: Int

    public static let usualScopes =
        "customer article order invoice payment bookkeeping settings companyinformation inbox connectfile"

    public init(
        url: String = "https://api.fortnox.se", authorisationURL: String = "https://apps.fortnox.se", clientID: String,
        clientSecret: Secret, refreshToken: Secret? = nil, connection: String? = nil,
        scopes: String = FortnoxConfiguration.usualScopes, timeoutSeconds: Int = 60, serverLimitSeconds: Int = 120,
        searchLagSeconds: Int = 10, callsPer5Seconds: Int = 25
    ) {
        self.callsPer5Seconds = callsPer5Seconds
        self.url = BaseAddress.trimmed(url)
        self.authorisationURL = BaseAddress.trimmed(authorisationURL)
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.refreshToken = refreshToken
        self.connection = connection
        self.scopes = scopes
        self.timeoutSeconds = timeoutSeconds
        self.serverLimitSeconds = serverLimitSeconds
        self.searchLagSeconds = searchLagSeconds
    }

    /// Reads the keys and reports every problem to the reader.
    public init(_ reader: FieldReader) {
        self.init(
            url: reader.string("url", default: "https://api.fortnox.se"),
            authorisationURL: reader.string("authorisationURL", default: "https://apps.fortnox.se"),
            clientID: reader.requiredString("clientId"),
            clientSecret: Secret(reader.requiredString("clientSecret")),
            refreshToken: reader.string("refreshToken").flatMap { $0.isEmpty ? nil : Secret($0) },
            connection: reader.string("connection"),
            scopes: reader.string("scopes", default: Self.usualScopes),
            timeoutSeconds: reader.int("timeoutSeconds", default: 60, in: 1...300),
            serverLimitSeconds: reader.int("serverLimitSeconds", default: 120, in: 1...3600),
            searchLagSeconds: reader.int("searchLagSeconds", default: 10, in: 0...3600),
            callsPer5Seconds: reader.int("callsPer5Seconds", default: 25, in: 0...25)
        )
        for (key, address) in [("url", url), ("authorisationURL", authorisationURL)] where !BaseAddress.isValid(address)
        {
            reader.report(key, "must be an address like https://api.fortnox.se, without query or user name")
        }
        if connection == "" { reader.report("connection", "must not be empty") }
    }
}
