import ConnectorKit
import Domain

/// Where a walk over payouts stands: newest first, from one id to the next. Pure.
///
/// The list has no order by change, so what changed is found by reading weeks again. Payouts that are made while pages are
/// walked come before the first page: they are of the next walk.
struct StripeWalk: Hashable, Sendable {
    /// In seconds since 1970, as all times here.
    private(set) var since: Int64
    /// The newest payout seen. Everything from `since` to it is covered once the last page is read.
    private(set) var newest: Int64?
    /// The last payout of the page before.
    private(set) var after: String?

    init(since: Instant) {
        self.since = min(max(0, since.milliseconds / 1000), Instant.stripeRange.upperBound)
    }

    var query: StripeClient.Query {
        var query: StripeClient.Query = [("created[gte]", String(since)), ("limit", "100")]
        if let after { query.append(("starting_after", after)) }
        return query
    }

    /// How people are told which page it was.
    var place: String {
        "payouts made since \(Instant(stripe: since))" + (after.map { ", after \($0)" } ?? "")
    }

    mutating func advance(over rows: [StripeRow]) {
        newest = (rows.compactMap(\.created) + [newest].compactMap(\.self)).max()
    }

    /// The cursor after a page that is not the last. Where the page ends with records without a readable id they come again
    /// on the next page, which does no harm.
    func goingOn(_ page: StripePage) throws(ConnectorError) -> String {
        guard let last = page.rows.last(where: { $0.id != nil })?.id, last != after else {
            throw StripeErrors.unreadable("a list of payouts that does not go on")
        }
        return [Self.version, String(since), newest.map { String($0) } ?? "-", last].joined(separator: " ")
    }

    private static let version = "1"

    /// `nil` for a text of another version: then the walk begins again, which loses nothing.
    init?(cursorText: String) {
        let parts = cursorText.split(separator: " ").map(String.init)
        guard parts.count == 4, parts[0] == Self.version, let since = Int64(parts[1]),
            Instant.stripeRange.contains(since), StripeID.isOne(parts[3])
        else { return nil }
        self.since = since
        newest = Int64(parts[2]).flatMap { Instant.stripeRange.contains($0) ? $0 : nil }
        after = parts[3]
    }
}
