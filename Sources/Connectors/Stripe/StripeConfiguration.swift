public import ConnectorKit
public import Domain

/// How to reach a Stripe account. Keys:
///
/// - `secretKey`: a restricted key (`rk_live_…`) that may read payouts, balance transactions and what they come from, or the
///   account's secret key.
/// - `webhookSecret`: the signing secret of the webhook endpoint (`whsec_…`); several, separated by commas or spaces, while
///   one is replaced by the next. Without it no webhook is believed.
/// - `orderNumberMetadata`: the metadata key under which the shop's plugin keeps the number that people know the order by;
///   default `order_id`, where shop plugins keep the number.
/// - `orderIDMetadata`: the same for the order's id in the shop; not read unless given.
/// - `callsPerSecond`: default 20, below the 25 that Stripe allows on one address; 0 is no limit, for a simulator.
/// - `timeoutSeconds`: the longest one request may take; default 60.
/// - `apiVersion`: the version of Stripe's API that answers are asked for in; default: the one this connector was made for.
/// - `url`: default `https://api.stripe.com`.
public struct StripeConfiguration: Hashable, Sendable {
    public var url: String
    public var secretKey: Secret
    /// Any of them may have signed.
    public var webhookSecrets: [Secret]
    public var orderIDMetadata: String?
    public var orderNumberMetadata: String
    /// 0: as many as one likes.
    public var callsPerSecond: Int
    public var timeoutSeconds: Int
    public var apiVersion: String
    /// The longest answer that is read, in bytes: a hundred balance transactions with what they come from are less than two
    /// million.
    public var maxReplyBytes = 32 * 1024 * 1024

    public static let usualAddress = "https://api.stripe.com"
    public static let usualVersion = "2026-10-28.endive"

    public init(
        url: String = StripeConfiguration.usualAddress, secretKey: Secret, webhookSecrets: [Secret] = [],
        orderIDMetadata: String? = nil, orderNumberMetadata: String = "order_id", callsPerSecond: Int = 20,
        timeoutSeconds: Int = 60, apiVersion: String = StripeConfiguration.usualVersion
    ) {
        self.url = BaseAddress.trimmed(url)
        self.secretKey = secretKey
        self.webhookSecrets = webhookSecrets
        self.orderIDMetadata = orderIDMetadata
        self.orderNumberMetadata = orderNumberMetadata
        self.callsPerSecond = callsPerSecond
        self.timeoutSeconds = timeoutSeconds
        self.apiVersion = apiVersion
    }

    /// Reads the keys and reports every problem to the reader.
    public init(_ reader: FieldReader) {
        self.init(
            url: reader.string("url", default: Self.usualAddress),
            secretKey: Secret(reader.requiredString("secretKey")),
            webhookSecrets: Self.secrets(reader.string("webhookSecret") ?? ""),
            orderIDMetadata: reader.string("orderIDMetadata"),
            orderNumberMetadata: reader.string("orderNumberMetadata", default: "order_id"),
            callsPerSecond: reader.int("callsPerSecond", default: 20, in: 0...100),
            timeoutSeconds: reader.int("timeoutSeconds", default: 60, in: 1...600),
            apiVersion: reader.string("apiVersion", default: Self.usualVersion)
        )
        // What is missing or out of range has been reported by the reader.
        for problem in validate() where problem.text != Self.required {
            reader.report(problem.path, problem.text)
        }
    }

    private static func secrets(_ text: String) -> [Secret] {
        text.split { $0 == "," || $0.isWhitespace }.map { Secret(String($0)) }
    }

    /// Every problem, by key. No credential is ever part of one.
    public func validate() -> [SettingsProblem] {
        var problems: [SettingsProblem] = []
        if !BaseAddress.isValid(url) {
            problems.append(
                SettingsProblem("url", "must be an address like \(Self.usualAddress), without query or user name"))
        }
        if secretKey.isEmpty { problems.append(SettingsProblem("secretKey", Self.required)) }
        if secretKey.revealed.hasPrefix("pk_") {
            problems.append(
                SettingsProblem("secretKey", "is a publishable key; give a restricted or secret key (rk_… or sk_…)"))
        }
        for (key, secrets) in [("secretKey", [secretKey]), ("webhookSecret", webhookSecrets)]
        where !secrets.allSatisfy({ Self.isPlain($0.revealed) }) {
            problems.append(SettingsProblem(key, "holds a space or a character that no key has"))
        }
        if orderIDMetadata == "" { problems.append(SettingsProblem("orderIDMetadata", "must not be empty")) }
        if orderNumberMetadata.isEmpty { problems.append(SettingsProblem("orderNumberMetadata", "must not be empty")) }
        if callsPerSecond < 0 { problems.append(SettingsProblem("callsPerSecond", "must not be negative")) }
        if timeoutSeconds < 1 { problems.append(SettingsProblem("timeoutSeconds", "must be 1 or more")) }
        if apiVersion.isEmpty || !Self.isPlain(apiVersion) {
            problems.append(SettingsProblem("apiVersion", "must be a version like \(Self.usualVersion)"))
        }
        return problems
    }

    /// It goes into a header: nothing may end that.
    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

    private static let required = "is required"
}
