import ConnectorKit
import Domain
import Foundation

/// Tokens: who may call, and how a client gets on.
struct FortnoxAccess {
    private struct Grant {
        let redirect: String
        let until: Instant
    }

    let settings: FortnoxSandbox.Settings
    private var codes: [String: Grant] = [:]
    private var accessTokens: [String: Instant] = [:]
    /// The one refresh token that is good. Each renewal brings the next and kills this one.
    private var refreshToken: (token: String, until: Instant)?
    private var issued = 0

    init(_ settings: FortnoxSandbox.Settings, at now: Instant) {
        self.settings = settings
        refreshToken = (settings.firstRefreshToken, now + settings.refreshTokenLifetime)
    }

    func allows(_ request: LoopbackRequest, at now: Instant) -> Bool {
        guard let header = request.header("Authorization"), header.lowercased().hasPrefix("bearer "),
            let until = accessTokens[String(header.dropFirst(7))]
        else { return false }
        return now < until
    }

    mutating func revokeAccessTokens() { accessTokens = [:] }
    mutating func revokeRefreshToken() { refreshToken = nil }

    /// A token as if a client had got it just now; no other token changes.
    mutating func accessToken(at now: Instant) -> String {
        issued += 1
        let token = "sandbox-access-\(issued)"
        accessTokens[token] = now + settings.accessTokenLifetime
        return token
    }

    // MARK: The page where a person says yes

    mutating func authorise(_ query: [(name: String, value: String)], at now: Instant) -> HTTPReply {
        let query = query.reduce(into: [:]) { $0[$1.name] = $1.value }
        guard query["client_id"] == settings.clientID, query["response_type"] == "code",
            let redirect = query["redirect_uri"], !redirect.isEmpty
        else {
            return Self.error(400, "invalid_request", "The request is missing a parameter", "text/html; charset=UTF-8")
        }
        issued += 1
        let code = "sandbox-code-\(issued)"
        codes[code] = Grant(redirect: redirect, until: now + .seconds(600))
        var answer = [(name: "code", value: code)]
        if let state = query["state"] { answer.append((name: "state", value: state)) }
        let separator = redirect.contains("?") ? "&" : "?"
        return HTTPReply(status: 302, headers: [("Location", redirect + separator + URLText.query(answer))])
    }

    // MARK: The token endpoint

    mutating func token(_ request: LoopbackRequest, at now: Instant) -> HTTPReply {
        guard isClient(request.header("Authorization")) else {
            return Self.error(
                401, "invalid_client", "The client credentials are invalid", "text/plain;charset=UTF-8")
        }
        let form = QueryText.pairs(String(decoding: request.body, as: UTF8.self))
            .reduce(into: [String: String]()) { $0[$1.name] = $1.value }
        switch form["grant_type"] {
        case "authorization_code":
            guard let grant = codes.removeValue(forKey: form["code"] ?? ""), now < grant.until,
                grant.redirect == form["redirect_uri"]
            else { return Self.invalidGrant("Invalid authorization code") }
        case "refresh_token":
            guard let refreshToken, refreshToken.token == form["refresh_token"], now < refreshToken.until else {
                return Self.invalidGrant("Invalid refresh token")
            }
        default:
            return Self.error(
                400, "unsupported_grant_type", "Unsupported grant type", "text/html; charset=UTF-8")
        }
        let access = accessToken(at: now)
        issued += 1
        let refresh = "sandbox-refresh-\(issued)"
        refreshToken = (refresh, now + settings.refreshTokenLifetime)
        let answer: JSONValue = [
            "access_token": .string(access), "refresh_token": .string(refresh), "token_type": "bearer",
            "scope": .string(settings.scope),
            "expires_in": JSONValue(Int(settings.accessTokenLifetime.components.seconds)),
        ]
        return HTTPReply(
            status: 200, headers: [("Content-Type", "application/json")], body: FortnoxJSON.bytes(answer))
    }

    private func isClient(_ header: String?) -> Bool {
        guard let header, header.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: String(header.dropFirst(6)))
        else { return false }
        return String(decoding: data, as: UTF8.self) == "\(settings.clientID):\(settings.clientSecret)"
    }

    private static func invalidGrant(_ text: String) -> HTTPReply {
        error(400, "invalid_grant", text, "text/html; charset=UTF-8")
    }

    /// With the content types that were recorded: none of them is JSON.
    private static func error(_ status: Int, _ code: String, _ text: String, _ type: String) -> HTTPReply {
        HTTPReply(
            status: status, headers: [("Content-Type", type)],
            body: FortnoxJSON.bytes(["error": .string(code), "error_description": .string(text)]))
    }
}

/// 25 requests in any five seconds.
struct FortnoxRate {
    private static let limit = 25
    private static let window = Duration.seconds(5)
    private var times: [Instant] = []

    /// Takes a place; false when there is none. What is refused takes none.
    mutating func take(at now: Instant) -> Bool {
        // A clock that was set back must not refuse for ever.
        times.removeAll { $0 + Self.window <= now || $0 > now }
        guard times.count < Self.limit else { return false }
        times.append(now)
        return true
    }
}
