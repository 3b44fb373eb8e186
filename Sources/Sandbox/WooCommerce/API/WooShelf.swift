import ConnectorKit
import Domain

/// What the lists sort and filter a record by: an order, a refund, a product.
struct WooRecord: Sendable {
    let id: Int
    let number: String
    let status: String
    /// Seconds since 1970, UTC.
    let created: Int64
    let modified: Int64

    init(id: Int, number: String, status: String, created: Int64, modified: Int64) {
        self.id = id
        self.number = number
        self.status = status
        self.created = created
        self.modified = modified
    }

    /// Reads from an order's bytes what is not given.
    init(order payload: [UInt8], id: Int? = nil, modified: Instant? = nil, status: String? = nil) {
        func text(_ key: String) -> String? { JSONElements.text(of: key, in: payload[...]) }
        func seconds(_ key: String) -> Int64? {
            text(key).flatMap { Instant(iso8601: $0) }.map { $0.milliseconds / 1000 }
        }
        let id = id ?? text("id").flatMap { Int($0) } ?? 0
        let modified = (modified.map { $0.milliseconds / 1000 }) ?? seconds("date_modified_gmt") ?? 0
        self.init(
            id: id, number: text("number") ?? String(id), status: status ?? text("status") ?? "processing",
            created: seconds("date_created_gmt") ?? modified, modified: modified)
    }

    /// The named members of the record as it is written; the four that lists need come from the index, so that even a
    /// damaged order has them.
    func fields(_ names: [String], of payload: () -> [UInt8]) -> [UInt8] {
        let indexed: [(name: String, text: String)] = [
            ("id", String(id)), ("number", "\"\(number)\""), ("status", "\"\(status)\""),
            ("date_modified_gmt", "\"\(Instant(milliseconds: modified * 1000).iso8601.dropLast())\""),
        ]
        var members = indexed.filter { names.contains($0.name) }.map { "\"\($0.name)\":\($0.text)" }
        let others = Set(names).subtracting(indexed.map(\.name))
        if !others.isEmpty {
            let payload = payload()
            for (name, range) in JSONElements.members(of: payload) where others.contains(name) {
                members.append("\"\(name)\":" + String(decoding: payload[range], as: UTF8.self))
            }
        }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }
}

/// Records as they are now, by id and by the time of their change.
struct WooShelf: Sendable {
    private var positions: [Int: Int64] = [:]
    /// By time of change, then id.
    private var records: [WooRecord] = []

    var count: Int { records.count }

    subscript(id: Int) -> WooRecord? {
        guard let modified = positions[id] else { return nil }
        let place = place(of: modified, id)
        return place < records.count && records[place].id == id ? records[place] : nil
    }

    mutating func put(_ record: WooRecord) {
        remove(record.id)
        positions[record.id] = record.modified
        records.insert(record, at: place(of: record.modified, record.id))
    }

    mutating func remove(_ id: Int) {
        guard let modified = positions.removeValue(forKey: id) else { return }
        records.remove(at: place(of: modified, id))
    }

    /// What a filter lets through, sorted as it wants. `mentions` decides about a search by the text that is looked for.
    func matching(_ filter: WooFilter, mentions: (WooRecord, String) -> Bool) -> [WooRecord] {
        var found: [WooRecord]
        if let ids = filter.ids {
            found = Set(ids).compactMap { self[$0] }.sorted { ($0.modified, $0.id) < ($1.modified, $1.id) }
        } else {
            let start = filter.modified.after.map { place(of: $0, .max) } ?? 0
            let end = filter.modified.before.map { place(of: $0, .min) } ?? records.count
            found = start < end ? Array(records[start..<end]) : []
        }
        found.removeAll { !filter.includes($0) }
        if let text = filter.search { found.removeAll { !mentions($0, text) } }
        return filter.sorted(found)
    }

    /// Where a record of this time and id stands or would stand.
    private func place(of modified: Int64, _ id: Int) -> Int {
        var (low, high) = (0, records.count)
        while low < high {
            let middle = (low + high) / 2
            let record = records[middle]
            if (record.modified, record.id) < (modified, id) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
