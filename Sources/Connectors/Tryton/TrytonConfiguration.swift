public import ConnectorKit
public import Domain

/// How to reach a Tryton server. Keys:
///
/// - `url`: the server's address, such as `https://tryton.example`, without the database's name.
/// - `database`: the name of the database.
/// - `username`, `password`: of the user we work as. Its preferences name the company the books are kept for.
/// - `webShop`: the name of the web shop record that orders are tied to; default: the shop identity. One name per
///   shop: under a shared one two shops' order ids would meet.
/// - `timeoutSeconds`: the longest one request may take; default 120.
/// - `serverLimitSeconds`: how long after a request was sent it can still take effect: the server's own request
///   timeout and that of every proxy before it; default 120.
public struct TrytonConfiguration: Hashable, Sendable {
    public var url: String
    public var database: String
    public var username: String
    public var password: Secret
    public var webShop: String?
    public var timeoutSeconds: Int
    public var serverLimitSeconds: Int
    /// The longest answer that is read, in bytes.
    public var maxReplyBytes = 32 * 1024 * 1024

    public init(
        url: String, database: String, username: String, password: Secret, webShop: String? = nil,
        timeoutSeconds: Int = 120, serverLimitSeconds: Int = 120
    ) {
        self.url = BaseAddress.trimmed(url)
        self.database = database
        self.username = username
        self.password = password
        self.webShop = webShop
        self.timeoutSeconds = timeoutSeconds
        self.serverLimitSeconds = serverLimitSeconds
    }

    /// Reads the keys and reports every problem to the reader.
    public init(_ reader: FieldReader) {
        self.init(
            url: reader.requiredString("url"),
            database: reader.requiredString("database"),
            username: reader.requiredString("username"),
            password: Secret(reader.requiredString("password")),
            webShop: reader.string("webShop"),
            timeoutSeconds: reader.int("timeoutSeconds", default: 120, in: 1...600),
            serverLimitSeconds: reader.int("serverLimitSeconds", default: 120, in: 1...3600)
        )
        for problem in validate() where problem.text != Self.required { reader.report(problem.path, problem.text) }
    }

    /// Every problem, by key. The password is never part of one.
    public func validate() -> [SettingsProblem] {
        var problems: [SettingsProblem] = []
        for (key, text) in [("url", url), ("database", database), ("username", username)] where text.isEmpty {
            problems.append(SettingsProblem(key, Self.required))
        }
        if password.isEmpty { problems.append(SettingsProblem("password", Self.required)) }
        if !url.isEmpty, !BaseAddress.isValid(url) {
            problems.append(
                SettingsProblem("url", "must be an address like https://tryton.example, without query or user name"))
        }
        if database.contains(where: { "/?#% ".contains($0) }) {
            problems.append(SettingsProblem("database", "holds a character that no database name has"))
        }
        if username.contains(":") { problems.append(SettingsProblem("username", "must not hold a colon")) }
        if webShop == "" { problems.append(SettingsProblem("webShop", "must not be empty")) }
        if timeoutSeconds < 1 { problems.append(SettingsProblem("timeoutSeconds", "must be 1 or more")) }
        if serverLimitSeconds < 1 { problems.append(SettingsProblem("serverLimitSeconds", "must be 1 or more")) }
        return problems
    }

    /// Where the database's calls go.
    var endpoint: String { "\(url)/\(database)/rpc/" }

    private static let required = "is required"
}
