import Domain

/// What a resource may be asked for.
struct StripeParameters {
    var texts: Set<String> = []
    var spans: Set<String> = []
    var lists: Set<String> = ["expand"]
    /// Has pages.
    var isList = false

    static let one = Self()

    static func list(_ texts: String = "", spans: String = "created", lists: String = "") -> Self {
        func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }
        return Self(
            texts: words(texts), spans: words(spans), lists: words(lists).union(["expand"]), isList: true)
    }
}

/// A query, understood: plain values, `created[gte]`, and lists such as `expand[]`.
struct StripeQuery {
    private(set) var texts: [String: String] = [:]
    private(set) var spans: [String: StripeSpan] = [:]
    private(set) var lists: [String: [String]] = [:]
    private(set) var limit = 10

    init(_ pairs: [(name: String, value: String)], _ allowed: StripeParameters) throws(StripeRefusal) {
        for (name, value) in pairs {
            let (base, key) = Self.parts(name)
            if value.isEmpty { throw Self.empty(name) }
            if let key, allowed.spans.contains(base) {
                try narrow(base, key, value, name)
            } else if key == nil, allowed.spans.contains(base) {
                // A plain time is that second alone.
                try narrow(base, "gte", value, name)
                try narrow(base, "lte", value, name)
            } else if allowed.lists.contains(base) {
                guard key != nil else { throw .invalid(name, "Invalid array") }
                lists[base, default: []].append(value)
            } else if key == nil {
                try take(name, value, allowed)
            } else {
                throw Self.unknown(name)
            }
        }
        if texts["starting_after"] != nil, texts["ending_before"] != nil {
            throw .invalid(
                nil, "Received both starting_after and ending_before parameters. Please pass in only one.",
                code: "parameters_exclusive")
        }
    }

    subscript(name: String) -> String? { texts[name] }

    private mutating func take(_ name: String, _ value: String, _ allowed: StripeParameters) throws(StripeRefusal) {
        switch name {
        case "limit" where allowed.isList: limit = try Self.limit(value)
        case "starting_after" where allowed.isList, "ending_before" where allowed.isList: texts[name] = value
        case _ where allowed.texts.contains(name): texts[name] = value
        default: throw Self.unknown(name)
        }
    }

    private mutating func narrow(
        _ base: String, _ key: String, _ value: String, _ name: String
    ) throws(StripeRefusal) {
        // More digits than a time has would overflow sums.
        guard let time = Int64(value), abs(time) < 1_000_000_000_000 else { throw Self.noInteger(name, value) }
        guard spans[base, default: StripeSpan()].narrow(key, time) else { throw Self.unknown(name) }
    }

    private static func limit(_ value: String) throws(StripeRefusal) -> Int {
        let code = "parameter_invalid_integer"
        guard let number = Int(value) else { throw noInteger("limit", value) }
        if number < 1 {
            throw .invalid("limit", "This value must be greater than or equal to 1.", code: code)
        }
        if number > 100 {
            throw .invalid(
                "limit", "This value must be less than or equal to 100 (it currently is '\(number)').", code: code)
        }
        return number
    }

    /// `created[gte]` is `created` and `gte`; `expand[]` has an empty key.
    private static func parts(_ name: String) -> (base: String, key: String?) {
        guard name.hasSuffix("]"), let bracket = name.firstIndex(of: "[") else { return (name, nil) }
        return (String(name[..<bracket]), String(name[name.index(after: bracket)...].dropLast()))
    }

    private static func noInteger(_ name: String, _ value: String) -> StripeRefusal {
        .invalid(name, "Invalid integer: \(value)", code: "parameter_invalid_integer")
    }

    private static func unknown(_ name: String) -> StripeRefusal {
        .invalid(name, "Received unknown parameter: \(name)", code: "parameter_unknown")
    }

    private static func empty(_ name: String) -> StripeRefusal {
        .invalid(
            name,
            "You passed an empty string for '\(name)'. We assume empty values are an attempt to unset a parameter; however "
                + "'\(name)' cannot be unset. You should remove '\(name)' from your request or supply a non-empty value.",
            code: "parameter_invalid_empty")
    }
}
