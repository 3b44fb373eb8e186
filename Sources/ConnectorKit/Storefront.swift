public import Domain

/// The shop side of an integration.
public protocol Storefront: Sendable {
    /// Orders changed after `since`, oldest change first where the platform can, one page at a time. `cursor` is what the page
    /// before answered. What changes while pages are walked may come twice; it never goes missing as long as the next
    /// run starts from a time at or before the newest change seen.
    func orders(changedSince since: Instant, cursor: PageCursor?) async throws(ConnectorError) -> RecordPage

    /// The orders of these ids as they are now, in any order; ids that no longer exist are named in `gone`.
    func orders(ids: [String]) async throws(ConnectorError) -> RecordsByID

    /// The order that people know by this number; `nil` when there is none.
    func order(number: String) async throws(ConnectorError) -> RawRecord?

    /// The canonical form of a raw record. Pure. Where the platform shows live data (a product's SKU and name), what
    /// `previous` holds is kept.
    func normalise(_ record: RawRecord, previous: Order?) throws(Problem) -> Order

    /// What would keep orders from being read: address, credentials, permissions. Empty when all is well.
    func check() async -> [Problem]
}

/// One record exactly as the platform gave it.
public struct RawRecord: Hashable, Sendable {
    /// The platform's id, read from the payload even if the rest of it is damaged.
    public var id: String
    /// The bytes of the record, whole.
    public var payload: [UInt8]
    /// When the request that brought it was sent: snapshots are ordered by this, never by the platform's dates.
    public var fetchBegan: Instant

    public init(id: String, payload: [UInt8], fetchBegan: Instant) {
        self.id = id
        self.payload = payload
        self.fetchBegan = fetchBegan
    }
}

/// Where a walk over pages stands: opaque to all but the connector that made it.
public struct PageCursor: Hashable, Sendable {
    public let text: String
    public init(_ text: String) { self.text = text }
}

public struct RecordPage: Sendable {
    public var records: [RawRecord]
    /// Records without even a readable id, as people are told of them: `order 3 of page 2`. They hold the time history.
    public var unreadable: [Problem]
    /// The newest change that this page and those before it cover without a gap, by the platform's clock.
    public var coveredThrough: Instant?
    /// `nil` after the last page.
    public var next: PageCursor?

    public init(records: [RawRecord], unreadable: [Problem] = [], coveredThrough: Instant?, next: PageCursor?) {
        self.records = records
        self.unreadable = unreadable
        self.coveredThrough = coveredThrough
        self.next = next
    }
}

public struct RecordsByID: Sendable {
    public var found: [RawRecord]
    public var gone: [String]

    public init(found: [RawRecord], gone: [String]) {
        self.found = found
        self.gone = gone
    }
}
