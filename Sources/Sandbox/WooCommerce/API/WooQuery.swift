import ConnectorKit
import Domain

/// A query string, decoded, with the checks that the shop's REST API makes of it.
struct WooQuery: Sendable {
    let pairs: [(name: String, value: String)]
    let values: [String: String]

    init(_ text: String) {
        pairs = QueryText.pairs(text)
        values = pairs.reduce(into: [:]) { $0[$1.name] = $1.value }
    }

    subscript(name: String) -> String? { values[name] }

    /// Why the shop refuses a parameter.
    struct Refusal: Error {
        let parameter: String
        let message: String
        let code: String
    }

    /// The filter of a list of orders.
    func filter(secondsFromUTC: Int64) throws(Refusal) -> WooFilter {
        var filter = WooFilter(modified: (nil, nil), created: (nil, nil))
        filter.perPage = try number("per_page", 10, 1...100)
        filter.page = try number("page", 1, 1...1_000_000)
        filter.modified = (
            try date("modified_after", secondsFromUTC), try date("modified_before", secondsFromUTC)
        )
        filter.created = (try date("after", secondsFromUTC), try date("before", secondsFromUTC))
        filter.isAscending = try choice("order", ["asc", "desc"]) == "asc"
        if let key = try choice("orderby", ["date", "id", "include", "title", "slug", "modified"]) {
            filter.sortKey = WooFilter.SortKey(rawValue: key) ?? .date
        }
        let statuses = Set((self["status"] ?? "any").split(separator: ",").map(String.init))
        // Together with `any` no other status counts, not even the trash.
        filter.statuses = statuses.contains("any") ? nil : statuses
        filter.ids = self["include"].map { $0.split(separator: ",").compactMap { Int($0) } }
        filter.search = self["search"]
        filter.fields = self["_fields"].map { $0.split(separator: ",").map(String.init) }
        return filter
    }

    private func number(_ name: String, _ fallback: Int, _ range: ClosedRange<Int>) throws(Refusal) -> Int {
        guard let text = self[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw Refusal(
                parameter: name,
                message: "\(name) must be between \(range.lowerBound) (inclusive) and \(range.upperBound) (inclusive)",
                code: "rest_out_of_bounds")
        }
        return number
    }

    private func choice(_ name: String, _ allowed: [String]) throws(Refusal) -> String? {
        guard let text = self[name] else { return nil }
        guard allowed.contains(text) else {
            let list = allowed.dropLast().joined(separator: ", ") + ", and " + (allowed.last ?? "")
            throw Refusal(parameter: name, message: "\(name) is not one of \(list).", code: "rest_not_in_enum")
        }
        return text
    }

    /// Seconds since 1970, by the shop's rules: without a zone the shop's own, unless `dates_are_gmt`. With both a zone and
    /// `dates_are_gmt` the real shop turns the value into local time and compares that with the GMT column; so do we.
    private func date(_ name: String, _ secondsFromUTC: Int64) throws(Refusal) -> Int64? {
        guard let text = self[name] else { return nil }
        guard text.utf8.count >= 19, let instant = Instant(iso8601: text) else {
            throw Refusal(parameter: name, message: "Invalid date.", code: "rest_invalid_date")
        }
        let seconds = instant.milliseconds / 1000
        let hasZone = text.hasSuffix("Z") || text.dropFirst(19).contains { $0 == "+" || $0 == "-" }
        let areGMT = ["true", "1"].contains(self["dates_are_gmt"])
        return switch (hasZone, areGMT) {
        case (false, true), (true, false): seconds
        case (false, false): seconds - secondsFromUTC
        case (true, true): seconds + secondsFromUTC
        }
    }
}
