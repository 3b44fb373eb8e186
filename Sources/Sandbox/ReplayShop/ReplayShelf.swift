import ConnectorKit
import Domain

/// One order as it is served, with what the lists sort and filter by.
struct ReplayOrder: Sendable {
    let id: Int
    let number: String
    let status: String
    /// Seconds since 1970, UTC.
    let created: Int64
    let modified: Int64
    let payload: [UInt8]

    init(_ payload: [UInt8], id: Int? = nil, modified: Instant? = nil, status: String? = nil) {
        func text(_ key: String) -> String? { JSONElements.text(of: key, in: payload[...]) }
        func seconds(_ key: String) -> Int64? {
            text(key).flatMap { Instant(iso8601: $0) }.map { $0.milliseconds / 1000 }
        }
        self.payload = payload
        self.id = id ?? text("id").flatMap { Int($0) } ?? 0
        number = text("number") ?? String(self.id)
        self.status = status ?? text("status") ?? "processing"
        self.modified = (modified.map { $0.milliseconds / 1000 }) ?? seconds("date_modified_gmt") ?? 0
        created = seconds("date_created_gmt") ?? self.modified
    }

    /// The named members of the order as it is written; the three that lists need come from the index, so that even a
    /// damaged order has them.
    func fields(_ names: [String]) -> [UInt8] {
        var members: [String] = []
        for (name, text) in [
            ("id", String(id)), ("number", "\"\(number)\""), ("status", "\"\(status)\""),
            ("date_modified_gmt", "\"\(Instant(milliseconds: modified * 1000).iso8601.dropLast())\""),
        ] where names.contains(name) {
            members.append("\"\(name)\":\(text)")
        }
        let known: Set<String> = ["id", "number", "status", "date_modified_gmt"]
        for (name, range) in JSONElements.members(of: payload) where names.contains(name) && !known.contains(name) {
            members.append("\"\(name)\":" + String(decoding: payload[range], as: UTF8.self))
        }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }
}

/// All orders as they are now.
struct ReplayShelf: Sendable {
    private(set) var orders: [Int: ReplayOrder] = [:]

    mutating func put(_ order: ReplayOrder) { orders[order.id] = order }
    mutating func remove(_ id: Int) { orders[id] = nil }

    func matching(_ filter: ReplayFilter) -> [ReplayOrder] {
        orders.values.filter(filter.includes).sorted(by: filter.precedes)
    }
}

/// What a list is asked for, understood.
struct ReplayFilter {
    enum SortKey: String { case date, id, include, title, slug, modified }

    var perPage = 10
    var page = 1
    var sortKey = SortKey.date
    var isAscending = false
    /// Strict limits, in seconds since 1970.
    var modified: (after: Int64?, before: Int64?)
    var created: (after: Int64?, before: Int64?)
    /// `nil` is any, which has drafts of the checkout in it and not the trash.
    var statuses: Set<String>?
    var ids: [Int]?
    var search: String?
    var fields: [String]?

    func includes(_ order: ReplayOrder) -> Bool {
        guard modified.after.map({ order.modified > $0 }) ?? true, modified.before.map({ order.modified < $0 }) ?? true,
            created.after.map({ order.created > $0 }) ?? true, created.before.map({ order.created < $0 }) ?? true
        else { return false }
        if let ids, !ids.contains(order.id) { return false }
        if let search, !Self.mentions(order, search) { return false }
        if let statuses { return statuses.contains(order.status) }
        return !["trash", "auto-draft"].contains(order.status)
    }

    /// The shop searches numbers, names and addresses, all by part.
    private static func mentions(_ order: ReplayOrder, _ text: String) -> Bool {
        if order.number.contains(text) || String(order.id).contains(text) { return true }
        let billing = JSONElements.members(of: order.payload).first { $0.name == "billing" }
        guard let billing else { return false }
        return String(decoding: order.payload[billing.range], as: UTF8.self).lowercased().contains(text.lowercased())
    }

    func precedes(_ left: ReplayOrder, _ right: ReplayOrder) -> Bool {
        let (first, second) = isAscending ? (left, right) : (right, left)
        switch sortKey {
        case .modified:
            return (first.modified, scrambled(first.id)) < (second.modified, scrambled(second.id))
        case .include:
            let place = { (order: ReplayOrder) in self.ids?.firstIndex(of: order.id) ?? .max }
            return (place(first), first.id) < (place(second), second.id)
        case .date:
            return (first.created, first.id) < (second.created, second.id)
        case .id, .title, .slug:
            return first.id < second.id
        }
    }

    /// The shop has no tie-break by id: the order of ties differs with the page size.
    private func scrambled(_ id: Int) -> Int { ((id ^ (perPage &* 40_503)) &* 2_654_435_761) & 0xFFFF_FFFF }
}
