public import ConnectorKit
public import Domain
import Synchronization

/// What every connector is given: the way out, the time, and who it works for.
public final class ConnectorTools: Sendable {
    public let transport: any Transport
    public let clock: any WallClock
    public let shop: ShopIdentity
    public let timeZone: TimeZoneName
    private let connections = Mutex<[Connection]>([])

    public init(transport: any Transport, clock: any WallClock, shop: ShopIdentity, timeZone: TimeZoneName) {
        self.transport = transport
        self.clock = clock
        self.shop = shop
        self.timeZone = timeZone
    }

    /// A connection of its own budget and breaker, counted with the others of these tools.
    func connection(_ name: String) -> Connection {
        let connection = Connection(name: name, transport: transport, clock: clock)
        connections.withLock { $0.append(connection) }
        return connection
    }

    /// How many calls went out, by label.
    public func callCounts() -> [String: Int] {
        connections.withLock { $0 }.reduce(into: [:]) { counts, connection in
            counts.merge(connection.calls.byLabel, uniquingKeysWith: +)
        }
    }
}
