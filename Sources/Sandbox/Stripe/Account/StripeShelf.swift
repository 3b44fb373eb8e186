/// Ids in the order of their time, the oldest first.
struct StripeTimeline: Sendable {
    struct Entry: Sendable {
        let place: StripePlace
        let id: String
    }

    private(set) var entries: [Entry] = []

    var count: Int { entries.count }

    mutating func insert(_ entry: Entry) {
        // Nearly everything comes in order.
        if let last = entries.last, entry.place < last.place {
            entries.insert(entry, at: index(of: entry.place))
        } else {
            entries.append(entry)
        }
    }

    func entry(of id: String) -> Entry? { entries.last { $0.id == id } }

    func without(_ id: String) -> Self {
        var rest = self
        rest.entries.removeAll { $0.id == id }
        return rest
    }

    mutating func keepOldest(_ count: Int) { entries.removeLast(max(0, entries.count - count)) }

    /// The first entry that does not stand before a place.
    func index(of place: StripePlace) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// One page of a list, the newest first.
struct StripePage: Sendable {
    var ids: [String] = []
    var hasMore = false
}

/// Which part of a list is wanted.
struct StripePaging: Sendable {
    var limit = 10
    /// Older than this.
    var after: StripePlace?
    /// Newer than this.
    var before: StripePlace?
    var created = StripeSpan()

    /// Walks only as far as it must, from where the page begins.
    func page(of timeline: StripeTimeline, matching: (String) -> Bool) -> StripePage {
        let entries = timeline.entries
        let oldest = created.from.map { timeline.index(of: StripePlace(created: $0, sequence: .min)) } ?? 0
        let end = created.through.map { timeline.index(of: StripePlace(created: $0, sequence: .max)) } ?? entries.count
        var page = StripePage()
        func take(_ index: Int) -> Bool {
            guard matching(entries[index].id) else { return true }
            page.hasMore = page.ids.count == limit
            if page.hasMore { return false }
            page.ids.append(entries[index].id)
            return true
        }
        if let before {
            var index = max(oldest, timeline.index(of: before))
            if index < entries.count, entries[index].place == before { index += 1 }
            while index < end, take(index) { index += 1 }
            page.ids.reverse()
        } else {
            var index = min(end, after.map { timeline.index(of: $0) } ?? end) - 1
            while index >= oldest, take(index) { index -= 1 }
        }
        return page
    }
}

/// A span of time, both ends in it; without an end it goes on.
struct StripeSpan: Sendable {
    var from: Int64?
    var through: Int64?

    func contains(_ time: Int64) -> Bool { (from.map { $0 <= time } ?? true) && (through.map { time <= $0 } ?? true) }

    /// Narrows it: `gte`, `gt`, `lte` or `lt`. False for another word.
    mutating func narrow(_ word: String, _ time: Int64) -> Bool {
        switch word {
        case "gte": from = max(from ?? .min, time)
        case "gt": from = max(from ?? .min, time + 1)
        case "lte": through = min(through ?? .max, time)
        case "lt": through = min(through ?? .max, time - 1)
        default: return false
        }
        return true
    }
}

/// Records by id, and in the order of their time.
struct StripeShelf<Record: StripeRecord>: Sendable {
    private(set) var timeline = StripeTimeline()
    private var records: [String: Record] = [:]

    subscript(id: String) -> Record? { records[id] }

    /// The oldest first.
    var all: [Record] { timeline.entries.compactMap { records[$0.id] } }

    /// A record that is not there yet.
    mutating func add(_ record: Record) {
        timeline.insert(.init(place: record.place, id: record.id))
        records[record.id] = record
    }

    /// Time and id stay. Answers the record as it is then.
    @discardableResult
    mutating func update(_ id: String, _ body: (inout Record) -> Void) -> Record? {
        // Taken out meanwhile, so that long content is not copied.
        guard var record = records.removeValue(forKey: id) else { return nil }
        body(&record)
        records[id] = record
        return record
    }
}
