public import ConnectorKit
public import Domain

/// A WooCommerce shop, REST API v3, WooCommerce 5.8 or later (the first with `modified_after`).
public struct WooCommerceConnector: Storefront {
    private let configuration: WooCommerceConfiguration
    private let reader: WooCommerceReader
    private let refunds: WooCommerceRefunds
    private let clock: any WallClock

    /// The calls that were sent, by label.
    public let connection: Connection

    public init(_ configuration: WooCommerceConfiguration, _ tools: ConnectorTools) {
        self.init(configuration, connection: tools.connection("shop"), clock: tools.clock)
    }

    public init(
        _ configuration: WooCommerceConfiguration, transport: any Transport, clock: any WallClock,
        randomness: Randomness = .system, policy: RetryPolicy = RetryPolicy()
    ) {
        self.init(
            configuration,
            connection: Connection(name: "shop", transport: transport, clock: clock, randomness: randomness),
            clock: clock, randomness: randomness, policy: policy)
    }

    public init(
        _ configuration: WooCommerceConfiguration, connection: Connection, clock: any WallClock,
        randomness: Randomness = .system, policy: RetryPolicy = RetryPolicy()
    ) {
        self.configuration = configuration
        self.connection = connection
        self.clock = clock
        let client = WooCommerceClient(
            configuration: configuration, connection: connection, clock: clock, randomness: randomness, policy: policy)
        reader = WooCommerceReader(client: client)
        refunds = WooCommerceRefunds(client: client)
    }

    /// As a configuration file names it: `connector: woocommerce`.
    static func configured(_ reader: FieldReader) -> StorefrontConnector {
        let configuration = WooCommerceConfiguration(reader)
        return StorefrontConnector { tools in
            WooCommerceConnector(configuration, connection: tools.connection("shop"), clock: tools.clock)
        }
    }

    public func orders(changedSince since: Instant, cursor: PageCursor?) async throws(ConnectorError) -> RecordPage {
        var walk =
            cursor.flatMap { WooCommerceWalk(cursorText: $0.text) }
            ?? WooCommerceWalk(since: since, overlapSeconds: configuration.overlapSeconds, now: clock.now())
        let label = walk.pass == .live ? "orders.list" : "orders.trash"
        let page = try await reader.page(
            walk.query(pageSize: configuration.pageSize), isTrash: walk.pass != .live, label: label, place: walk.place)
        let isDone: Bool
        do throws(WooCommerceWalk.Stuck) {
            isDone = try walk.advance(over: page.facts, pageSize: configuration.pageSize)
        } catch {
            throw Self.stuck(error)
        }
        return RecordPage(
            records: try await refunds.complete(page.records),
            unreadable: page.unreadable,
            coveredThrough: walk.covered(isDone: isDone).map { Instant(wholeSeconds: $0) },
            next: isDone ? nil : PageCursor(walk.cursorText)
        )
    }

    public func orders(ids: [String]) async throws(ConnectorError) -> RecordsByID {
        let askable = ids.filter(WooRow.isID)
        var found: [RawRecord] = []
        for part in askable.chunks(of: 100) { found += try await reader.orders(part) }
        let missing = Set(askable).subtracting(found.map(\.id))
        return RecordsByID(
            found: try await refunds.complete(found), gone: ids.filter { missing.contains($0) || !WooRow.isID($0) })
    }

    public func order(number: String) async throws(ConnectorError) -> RawRecord? {
        // Without a plugin the number is the id; the API has no filter by number.
        if WooRow.isID(number), let record = try await reader.order(number),
            JSONElements.text(of: "number", in: record.payload[...]) == number
        {
            return try await refunds.complete([record]).first
        }
        guard !number.isEmpty, let found = try await reader.search(number) else { return nil }
        return try await refunds.complete([found]).first
    }

    public func normalise(_ record: RawRecord, previous: Order?) throws(Problem) -> Order {
        try WooCommerceNormaliser.order(record, previous: previous)
    }

    public func check() async -> [Problem] {
        let invalid = configuration.validate()
        guard invalid.isEmpty else { return invalid.map { Problem(.unreachable, "\($0.path) \($0.text)") } }
        do throws(ConnectorError) {
            try await reader.probe()
            return []
        } catch {
            return [error.problem]
        }
    }

    private static func stuck(_ reason: WooCommerceWalk.Stuck) -> ConnectorError {
        let detail =
            switch reason {
            case .noDate: "no order of a whole page has a readable date_modified_gmt"
            case .olderThanAsked: "the shop answers orders that are older than asked for"
            }
        return ConnectorError(.retry(after: nil), Problem(.answerUnreadable, detail))
    }
}

extension Array {
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
