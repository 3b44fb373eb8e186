import Domain

/// What a list may be asked for.
struct FortnoxSearchable: Sendable {
    /// Parameters of the resource: each is part of a text, whatever its case.
    var parameters: Set<String> = []
    var filters: Set<String> = []
    var sortings: Set<String> = []
    /// Parameters with a meaning of their own, which the resource reads itself.
    var others: Set<String> = []
    /// Has a date, for `fromdate` and `todate`.
    var isDated = false

    init(
        _ parameters: String = "", filters: String = "", sortings: String = "", others: String = "",
        isDated: Bool = false
    ) {
        func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }
        self.parameters = words(parameters)
        self.filters = words(filters)
        self.sortings = words(sortings)
        self.others = words(others)
        self.isDated = isDated
    }

    /// What is kept for searching and sorting.
    var columns: Set<String> { parameters.union(sortings) }
}

/// The query of a list, understood.
struct FortnoxQuery {
    private var page = 1
    private var limit = 100
    private var offset = 0
    private var sorting: String?
    private var isDescending = false
    private var since: Instant?
    private var filter: String?
    private var searches: [(parameter: String, part: [UInt8])] = []
    private var from: Day?
    private var to: Day?
    private(set) var others: [String: String] = [:]

    init(
        _ pairs: [(name: String, value: String)], _ searchable: FortnoxSearchable, settings: FortnoxSandbox.Settings
    ) throws(FortnoxRefusal) {
        for (name, value) in pairs {
            if searchable.parameters.contains(name) {
                searches.append((name, Array(value.lowercased().utf8)))
            } else if searchable.others.contains(name) {
                others[name] = value
            } else {
                try take(name, value, searchable, settings)
            }
        }
        let asked = searches.map(\.parameter) + (filter == nil ? [] : ["filter"])
        guard asked.count <= 1 || !settings.refusesSecondFilter else { throw Self.invalid(asked[1]) }
    }

    private mutating func take(
        _ name: String, _ value: String, _ searchable: FortnoxSearchable, _ settings: FortnoxSandbox.Settings
    ) throws(FortnoxRefusal) {
        switch name {
        case "page": page = try Self.number(name, value, 1...Int.max)
        case "limit": limit = try Self.number(name, value, 1...500)
        case "offset": offset = try Self.number(name, value, 0...Int.max)
        case "sortby" where searchable.sortings.contains(value): sorting = value
        case "sortorder" where ["ascending", "descending"].contains(value): isDescending = value == "descending"
        case "lastmodified":
            guard let instant = Self.instant(value, settings.secondsFromUTC) else { throw Self.invalid(name) }
            since = instant
        case "filter" where !searchable.filters.isEmpty:
            guard searchable.filters.contains(value) else {
                throw .invalid(.filterInvalid, "Ett ogiltigt filter har använts.")
            }
            filter = value
        case "fromdate" where searchable.isDated:
            guard let day = Day(value) else { throw Self.invalid(name) }
            from = day
        case "todate" where searchable.isDated:
            guard let day = Day(value) else { throw Self.invalid(name) }
            to = day
        default:
            throw Self.invalid(name)
        }
    }

    private static func invalid(_ name: String) -> FortnoxRefusal {
        .invalid(.parameterInvalid, "Ogiltig parameter i anropet: \(name.prefix(40)).")
    }

    private static func number(
        _ name: String, _ value: String, _ range: ClosedRange<Int>
    ) throws(FortnoxRefusal) -> Int {
        guard let number = Int(value), range.contains(number) else { throw invalid(name) }
        return number
    }

    /// `2026-11-23`, `2026-11-23 06:40` or with seconds, in the company's time.
    private static func instant(_ text: String, _ secondsFromUTC: Int) -> Instant? {
        let parts = text.replacing("T", with: " ").split(separator: " ")
        guard let first = parts.first, let day = Day(first), parts.count <= 2 else { return nil }
        var time = parts.count == 2 ? String(parts[1]) : "00:00"
        if time.count == 5 { time += ":00" }
        return Instant(iso8601: "\(day)T\(time)Z").map { $0 - .seconds(secondsFromUTC) }
    }

    /// The list as it is answered.
    func answer<Value>(
        _ shelf: inout FortnoxShelf<Value>, under name: String, path: String, _ moment: FortnoxMoment
    ) -> JSONValue {
        let wanted = searches.filter { !$0.part.isEmpty }
        var places =
            wanted.first.map { shelf.places(holding: $0.part, in: $0.parameter) } ?? shelf.ordered()
        for search in wanted.dropFirst() {
            let others = Set(shelf.places(holding: search.part, in: search.parameter))
            places.removeAll { !others.contains($0) }
        }
        let found = sorted(matching(places, shelf, moment), shelf)
        let page = found.dropFirst(offset + (page - 1) * limit).prefix(limit)
        let rows = page.compactMap { place in
            shelf.values[place].map { value in
                JSONValue.object(
                    value.summary.merging(["@url": .string(moment.url(path, shelf.keys[place]))]) { $1 })
            }
        }
        return answer(rows, of: found.count, under: name)
    }

    private func answer(_ rows: [JSONValue], of count: Int, under name: String) -> JSONValue {
        // Beyond the end Fortnox knows no total any more.
        let total = rows.isEmpty ? 0 : count
        return [
            "MetaInformation": [
                "@TotalResources": JSONValue(total), "@TotalPages": JSONValue((total + limit - 1) / limit),
                "@CurrentPage": JSONValue(page),
            ],
            name: .array(rows),
        ]
    }

    /// Vouchers of one financial year, and of one series if it is named.
    func answer(
        _ shelf: FortnoxShelf<FortnoxVoucher>, ofYear year: Int, series: String?, _ moment: FortnoxMoment
    ) -> JSONValue {
        let all = shelf.values.indices.filter { place in
            guard let id = shelf.values[place]?.id else { return false }
            return id.year == year && (series == nil || series == id.series)
        }
        let found = matching(all, shelf, moment)
        let page = found.dropFirst(offset + (page - 1) * limit).prefix(limit)
        let rows = page.compactMap { shelf.values[$0] }.map { voucher in
            JSONValue.object(voucher.summary.merging(["@url": voucher.url(moment)]) { $1 })
        }
        return answer(rows, of: found.count, under: "Vouchers")
    }

    private func matching<Value>(
        _ places: [Int], _ shelf: FortnoxShelf<Value>, _ moment: FortnoxMoment
    ) -> [Int] {
        var places = places
        if moment.searchLag > .zero {
            let visible = moment.now - moment.searchLag
            places.removeAll { shelf.created[$0] > visible }
        }
        if let since { places.removeAll { shelf.modified[$0] < since } }
        guard filter != nil || from != nil || to != nil else { return places }
        return places.filter { place in
            guard let value = shelf.values[place] else { return false }
            if let filter, !value.passes(filter, today: moment.today) { return false }
            if let from, value.day.map({ $0 < from }) ?? true { return false }
            if let to, value.day.map({ $0 > to }) ?? true { return false }
            return true
        }
    }

    private func sorted<Value>(_ places: [Int], _ shelf: FortnoxShelf<Value>) -> [Int] {
        guard let sorting else { return isDescending ? places.reversed() : places }
        let sorted = FortnoxShelf<Value>.sorted(places) { place in
            shelf.columns[sorting]?.text(at: place) ?? ""
        }
        return isDescending ? sorted.reversed() : sorted
    }
}

/// When and where a request is answered.
struct FortnoxMoment {
    let now: Instant
    let today: Day
    let home: String
    let searchLag: Duration

    func url(_ path: String, _ key: String) -> String {
        let escaped = key.utf8.map { byte in
            let isPlain = byte < 0x80 && (byte >= 0x40 || byte >= 0x30 && byte < 0x3A || byte == 0x2D || byte == 0x2E)
            return isPlain
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
        }
        return "\(home)/3/\(path)/\(escaped.joined())"
    }
}
