import ConnectorKit
import Domain

/// Where a walk over changed orders stands, and how it goes on. Pure.
///
/// The shop sorts by a one-second date without a tie-break, and pages shift while orders change. So a page number is
/// never trusted: after a full page the walk asks anew from just before the last second it saw. Where one second alone
/// fills a page, that second is drained by id; if its number of orders changes meanwhile, the drain starts again.
/// Orders in the trash are in no other list, so they have their own pass, last. A walk over a long time has one at the
/// start as well: then what it covers can be recorded before its end.
struct WooCommerceWalk: Hashable, Sendable {
    enum Pass: String, Sendable {
        case trashFirst, live, trashLast
    }

    struct Drain: Hashable, Sendable {
        /// The second that is drained.
        var second: Int64
        var page: Int
        /// How many orders the second held when the drain began.
        var total: Int?
    }

    /// What the walk needs to know of a page.
    struct Page: Hashable, Sendable {
        var count: Int
        /// The newest change on it.
        var newest: Int64?
        var total: Int?
    }

    enum Stuck: Error { case noDate, olderThanAsked }

    /// A clock of the shop may be off ours by this; and gaps shorter than it need no first pass over the trash.
    static let clockMargin: Int64 = 3600
    /// 2000-01-01: older than any WooCommerce order, and a date that every PHP reads.
    private static let oldest: Int64 = 946_684_800

    /// Seconds since 1970, as all times here. The walk wants changes after this.
    private(set) var start: Int64
    private(set) var began: Int64
    private(set) var pass: Pass
    /// Changes up to and with this second are behind us in this pass.
    private(set) var after: Int64
    private(set) var drain: Drain?
    /// The newest change seen outside the trash.
    private(set) var newest: Int64?

    init(since: Instant, overlapSeconds: Int, now: Instant) {
        // The shop compares with "later than", so one second more.
        start = max(Self.oldest, since.wholeSeconds - Int64(overlapSeconds) - 1)
        began = now.wholeSeconds
        after = start
        pass = start < began - Self.clockMargin ? .trashFirst : .live
    }

    func query(pageSize: Int) -> WooCommerceClient.Query {
        var query: WooCommerceClient.Query = [("per_page", String(pageSize)), ("dates_are_gmt", "true")]
        if let drain {
            query += [
                ("modified_after", Self.text(drain.second - 1)), ("modified_before", Self.text(drain.second + 1)),
                ("orderby", "id"), ("order", "asc"), ("page", String(drain.page)),
            ]
        } else {
            query += [("modified_after", Self.text(after)), ("orderby", "modified"), ("order", "asc")]
        }
        if pass != .live { query.append(("status", "trash")) }
        return query
    }

    /// How people are told which request it was.
    var place: String {
        let list = pass == .live ? "orders" : "orders in the trash"
        guard let drain else { return "\(list) changed after \(Self.text(after))Z" }
        return "\(list) changed at \(Self.text(drain.second))Z, page \(drain.page)"
    }

    /// Goes on after a page. Answers whether that was the last one.
    mutating func advance(over page: Page, pageSize: Int) throws(Stuck) -> Bool {
        if pass == .live, let seen = page.newest { newest = max(newest ?? seen, seen) }
        if drain != nil {
            advanceDrain(over: page, pageSize: pageSize)
            return false
        }
        guard page.count >= pageSize else { return endPass() }
        guard let last = page.newest else { throw .noDate }
        guard last > after else { throw .olderThanAsked }
        if last - 1 > after {
            after = last - 1
        } else {
            drain = Drain(second: last, page: 1, total: nil)
        }
        return false
    }

    private mutating func advanceDrain(over page: Page, pageSize: Int) {
        guard var current = drain else { return }
        let expected = current.total.map { max(0, $0 - (current.page - 1) * pageSize) }
        // Beyond the end the shop's total is 0: only the number of orders tells.
        let isShifted = page.count == 0 ? (expected ?? 0) > 0 : current.total != nil && current.total != page.total
        if isShifted {
            drain = Drain(second: current.second, page: 1, total: page.count == 0 ? nil : page.total)
        } else if page.count < pageSize {
            drain = nil
            after = current.second
        } else {
            current.page += 1
            current.total = page.total
            drain = current
        }
    }

    private mutating func endPass() -> Bool {
        switch pass {
        case .trashFirst: pass = .live
        case .live: pass = .trashLast
        case .trashLast: return true
        }
        after = start
        return false
    }

    /// Up to when everything has been seen, in the trash and outside; `nil` when that cannot be said yet.
    func covered(isDone: Bool) -> Int64? {
        if isDone { return newest }
        // Before the last pass ends, only what the first pass over the trash covers as well.
        guard start < began - Self.clockMargin, let seen = pass == .trashLast ? newest : after, pass != .trashFirst
        else {
            return nil
        }
        let bounded = min(seen, began - Self.clockMargin)
        return bounded > start ? bounded : nil
    }

    private static func text(_ second: Int64) -> String { Instant(wholeSeconds: second).wooCommerceText }
}

extension WooCommerceWalk {
    private static let version = "1"

    /// As the text of a cursor: `1 START BEGAN PASS AFTER NEWEST SECOND PAGE TOTAL`, `-` for nothing.
    var cursorText: String {
        let numbers = [newest, drain?.second, drain.map { Int64($0.page) }, drain?.total.map { Int64($0) }]
        return
            ([Self.version, String(start), String(began), pass.rawValue, String(after)]
            + numbers.map { $0.map { String($0) } ?? "-" }).joined(separator: " ")
    }

    /// `nil` for a text of another version: then the walk begins again, which loses nothing.
    init?(cursorText: String) {
        let parts = cursorText.split(separator: " ").map(String.init)
        guard parts.count == 9, parts[0] == Self.version, let start = Int64(parts[1]), let began = Int64(parts[2]),
            let pass = Pass(rawValue: parts[3]), let after = Int64(parts[4])
        else { return nil }
        self.start = start
        self.began = began
        self.pass = pass
        self.after = after
        newest = Int64(parts[5])
        drain = Int64(parts[6]).map { Drain(second: $0, page: Int(parts[7]) ?? 1, total: Int(parts[8])) }
    }
}
