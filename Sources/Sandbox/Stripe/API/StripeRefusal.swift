import Domain

/// Why Stripe says no. All that a reader meets is of the type `invalid_request_error`; the status tells the rest.
struct StripeRefusal: Error, Hashable {
    let status: Int
    var code: String?
    let message: String
    var parameter: String?

    static let noKey = Self(
        status: 401,
        message: "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            + "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication "
            + "for details, or we can help at https://support.stripe.com/.")

    static func wrongKey(_ key: String) -> Self {
        Self(status: 401, message: "Invalid API Key provided: \(masked(key))")
    }

    static func notPermitted(_ key: String, _ resource: String, _ account: String) -> Self {
        let words = resource.split(separator: "_").map(\.capitalized).joined(separator: " ")
        return Self(
            status: 403,
            message: "The provided key '\(masked(key))' does not have the required permissions for this endpoint on "
                + "account '\(account)'. Enabling \"\(words) Read\" permissions on this key would allow this request to "
                + "continue.")
    }

    static let tooManyRequests = Self(
        status: 429, code: "rate_limit",
        message: "Request rate limit exceeded. Learn more about rate limits here: https://stripe.com/docs/rate-limits.")

    static func noRoute(_ method: String, _ path: String) -> Self {
        Self(
            status: 404,
            message: "Unrecognized request URL (\(method): \(path)). Please see https://stripe.com/docs or we can help "
                + "at https://support.stripe.com/.")
    }

    /// In a path it is 404, in a parameter 400.
    static func missing(_ object: String, _ id: String, parameter: String = "id", status: Int = 404) -> Self {
        Self(
            status: status, code: "resource_missing", message: "No such \(object): '\(id)'", parameter: parameter)
    }

    static func invalid(_ parameter: String?, _ message: String, code: String? = nil) -> Self {
        Self(status: 400, code: code, message: message, parameter: parameter)
    }

    static let manualPayout = invalid(
        "payout", "Balance transaction history can only be filtered on automatic transfers, not manual.")

    /// The beginning and the last four signs stay.
    private static func masked(_ key: String) -> String {
        guard key.count > 12 else { return String(repeating: "*", count: key.count) }
        return key.prefix(8) + String(repeating: "*", count: key.count - 12) + key.suffix(4)
    }

    func body(request id: String, at time: Int64) -> JSONValue {
        var members: [String: JSONValue] = ["message": .string(message), "type": "invalid_request_error"]
        if let code {
            members["code"] = .string(code)
            members["doc_url"] = .string(
                "https://stripe.com/docs/error-codes/" + code.split(separator: "_").joined(separator: "-"))
        }
        if let parameter { members["param"] = .string(parameter) }
        // Who has no key has no log.
        if status != 401 {
            members["request_log_url"] = .string("https://dashboard.stripe.com/test/logs/\(id)?t=\(time)")
        }
        return ["error": .object(members)]
    }
}

extension Substring {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
