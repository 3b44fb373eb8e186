public import ConnectorKit
public import Domain
import Synchronization

/// A shop with its connector, as the acceptance checks drive it. Each check gets a shop of its own, without orders.
public protocol StorefrontSubject: Sendable {
    var clock: any WallClock { get }
    /// How many orders a page of the connector holds.
    var pageSize: Int { get }
    /// Credentials, and words of the customers that `place` uses: they may stand in no error.
    var secrets: [String] { get }

    /// A connector as a process of its own has it. `rule` sees every call before it is sent.
    func connector(_ rule: CallRule?) async throws -> any Storefront
    func connectorWithWrongCredentials() async throws -> any Storefront

    /// Settings of the connector with something wrong in every key named, and the problems that reading them tells.
    func problemsOfBadSettings() -> (keys: Set<String>, problems: [SettingsProblem])

    /// Places paid orders, one second after the other; answers their ids. Each has several lines at more than one rate, with
    /// shipping.
    func place(_ count: Int) async throws -> [String]
    /// Changes an order now.
    func touch(_ id: String) async throws
    /// Deletes an order for good.
    func remove(_ id: String) async throws
    /// What people know an order by.
    func number(of id: String) -> String

    /// A record whose order has a status that the connector cannot know.
    func withUnknownStatus(_ record: RawRecord, _ status: String) -> RawRecord
    /// A record with a field that the connector cannot know.
    func withUnknownField(_ record: RawRecord) -> RawRecord
    /// A record whose total is not a number.
    func withoutTotal(_ record: RawRecord) -> RawRecord
}

/// What becomes of a call; `nil`: it is sent.
public typealias CallRule = @Sendable (HTTPCall) async -> Result<HTTPReply, TransportFailure>?

/// A way to a system that asks a rule about every call, and counts.
public final class RuledTransport: Transport {
    private let base: any Transport
    private let rule: CallRule

    public init(_ base: any Transport, _ rule: @escaping CallRule) {
        self.base = base
        self.rule = rule
    }

    public func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        if let outcome = await rule(call) { return try outcome.get() }
        return try await base.send(call)
    }
}

/// Something that every storefront's connector must do. Run it on a subject of its own.
public struct StorefrontCheck: Sendable, CustomStringConvertible {
    /// A sentence: the behaviour, or the hazard that must not come true.
    public let name: String
    let body: @Sendable (any StorefrontSubject) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (any StorefrontSubject) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// - Throws: `AcceptanceFailure` when the connector does not behave, or what it threw.
    public func run(on subject: any StorefrontSubject) async throws { try await body(subject) }

    public var description: String { name }

    public static let all: [StorefrontCheck] = walking + reading + failing
}

/// Calls that were seen, in order.
final class SeenCalls: Sendable {
    private let calls = Mutex<[HTTPCall]>([])
    func add(_ call: HTTPCall) { calls.withLock { $0.append(call) } }
    var all: [HTTPCall] { calls.withLock { $0 } }
}

/// One walk over the pages of what changed.
struct StorefrontWalk {
    var ids: [String] = []
    /// Each cursor with the number of records before it.
    var cursors: [(cursor: PageCursor, before: Int)] = []
    var records: [RawRecord] = []
    var coveredThrough: Instant?

    /// Walks to the end, or fails after far more pages than there can be.
    init(
        _ shop: any Storefront, since: Instant, from start: PageCursor? = nil,
        afterPage: (inout StorefrontWalk) async throws -> Void = { _ in }
    ) async throws {
        var cursor = start
        for _ in 0..<1000 {
            let page = try await shop.orders(changedSince: since, cursor: cursor)
            try require(page.unreadable.isEmpty, "sound orders are told as unreadable: \(page.unreadable)")
            records += page.records
            ids += page.records.map(\.id)
            if let covered = page.coveredThrough { coveredThrough = max(coveredThrough ?? covered, covered) }
            try await afterPage(&self)
            guard let next = page.next else { return }
            cursors.append((next, ids.count))
            cursor = next
        }
        throw AcceptanceFailure("the walk comes to no end")
    }
}
