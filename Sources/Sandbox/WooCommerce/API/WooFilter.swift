/// What a list is asked for, understood.
struct WooFilter {
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

    func includes(_ record: WooRecord) -> Bool {
        guard modified.after.map({ record.modified > $0 }) ?? true,
            modified.before.map({ record.modified < $0 }) ?? true,
            created.after.map({ record.created > $0 }) ?? true, created.before.map({ record.created < $0 }) ?? true
        else { return false }
        if let statuses { return statuses.contains(record.status) }
        return record.status != "trash" && record.status != "auto-draft"
    }

    /// Sorts records that come by time of change already, as the shelf has them.
    func sorted(_ records: [WooRecord]) -> [WooRecord] {
        if sortKey == .modified { return inGroups(isAscending ? records : records.reversed()) }
        let places = (ids ?? []).enumerated().reduce(into: [Int: Int]()) { $0[$1.element] = $1.offset }
        func key(_ record: WooRecord) -> (Int64, Int) {
            switch sortKey {
            case .include: (Int64(places[record.id] ?? .max), record.id)
            case .date: (record.created, record.id)
            case .id, .title, .slug, .modified: (0, record.id)
            }
        }
        return records.sorted { isAscending ? key($0) < key($1) : key($1) < key($0) }
    }

    /// The shop has no tie-break by id: the order of ties differs with the page size.
    private func inGroups(_ records: [WooRecord]) -> [WooRecord] {
        var sorted: [WooRecord] = []
        sorted.reserveCapacity(records.count)
        var start = 0
        while start < records.count {
            var end = start + 1
            while end < records.count, records[end].modified == records[start].modified { end += 1 }
            let group = records[start..<end]
            sorted += end - start == 1 ? Array(group) : group.sorted { scrambled($0.id) < scrambled($1.id) }
            start = end
        }
        return sorted
    }

    private func scrambled(_ id: Int) -> Int { ((id ^ (perPage &* 40_503)) &* 2_654_435_761) & 0xFFFF_FFFF }
}
