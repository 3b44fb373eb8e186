public import ConnectorKit
public import Domain

/// How to reach a WooCommerce shop. Keys:
///
/// - `url`: the shop's address as this server reaches it, such as `https://shop.example`. Over https keys are sent as Basic
///   authentication; over http every request is signed with OAuth 1.0a, because the shop then ignores Basic.
/// - `homeURL`: the shop's own home address, only when it differs from `url` (a proxy, another port): signatures are made
///   over it.
/// - `consumerKey`, `consumerSecret`: of a REST API key with read permission.
/// - `pageSize`: orders per request, 1 to 100; default 100. Less helps a slow shop.
/// - `overlapSeconds`: how far each pick-up reaches back before the last change seen; default 120. Several web
///   servers or a lagging database write dates behind what was read already, and reading an order again costs little.
/// - `timeoutSeconds`: the longest one request may take; default 60.
public struct WooCommerceConfiguration: Hashable, Sendable {
    public var url: String
    public var homeURL: String?
    public var consumerKey: Secret
    public var consumerSecret: Secret
    public var pageSize: Int
    public var overlapSeconds: Int
    public var timeoutSeconds: Int
    /// The longest answer that is read, in bytes; a page that is longer is fetched in parts.
    public var maxReplyBytes = 32 * 1024 * 1024

    public init(
        url: String, homeURL: String? = nil, consumerKey: Secret, consumerSecret: Secret, pageSize: Int = 100,
        overlapSeconds: Int = 120, timeoutSeconds: Int = 60
    ) {
        self.url = BaseAddress.trimmed(url)
        self.homeURL = homeURL.map(BaseAddress.trimmed)
        self.consumerKey = consumerKey
        self.consumerSecret = consumerSecret
        self.pageSize = pageSize
        self.overlapSeconds = overlapSeconds
        self.timeoutSeconds = timeoutSeconds
    }

    /// Reads the keys and reports every problem to the reader.
    public init(_ reader: FieldReader) {
        self.init(
            url: reader.requiredString("url"),
            homeURL: reader.string("homeURL"),
            consumerKey: Secret(reader.requiredString("consumerKey")),
            consumerSecret: Secret(reader.requiredString("consumerSecret")),
            pageSize: reader.int("pageSize", default: 100, in: 1...100),
            overlapSeconds: reader.int("overlapSeconds", default: 120, in: 0...86_400),
            timeoutSeconds: reader.int("timeoutSeconds", default: 60, in: 1...600)
        )
        // What is missing or out of range has been reported by the reader.
        for problem in validate() where problem.text != Self.required {
            reader.report(problem.path, problem.text)
        }
    }

    /// Every problem, by key. No credential is ever part of one.
    public func validate() -> [SettingsProblem] {
        var problems: [SettingsProblem] = []
        if url.isEmpty {
            problems.append(SettingsProblem("url", Self.required))
        } else if !BaseAddress.isValid(url) {
            problems.append(SettingsProblem("url", Self.expectedAddress))
        }
        if let homeURL, !BaseAddress.isValid(homeURL) {
            problems.append(SettingsProblem("homeURL", Self.expectedAddress))
        }
        for (key, secret) in [("consumerKey", consumerKey), ("consumerSecret", consumerSecret)] {
            if secret.isEmpty { problems.append(SettingsProblem(key, Self.required)) }
            if secret.revealed.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
                problems.append(SettingsProblem(key, "holds a space or a character that no key has"))
            }
        }
        if !(1...100).contains(pageSize) { problems.append(SettingsProblem("pageSize", "must be from 1 to 100")) }
        if overlapSeconds < 0 { problems.append(SettingsProblem("overlapSeconds", "must not be negative")) }
        if timeoutSeconds < 1 { problems.append(SettingsProblem("timeoutSeconds", "must be 1 or more")) }
        return problems
    }

    var isSecure: Bool { url.lowercased().hasPrefix("https://") }

    private static let required = "is required"
    private static let expectedAddress = "must be an address like https://shop.example, without query or user name"
}
