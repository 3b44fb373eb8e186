public import ConnectorKit
public import Domain
import Synchronization

/// What every connector is given: the way out, the time, and who it works for.
public final class ConnectorTools: Sendable {
    public let transport: any Transport
    public let clock: any WallClock
    public let shop: ShopIdentity
    public let timeZone: TimeZoneName
    public let memory: any ConnectionMemory
    private let shared: SharedParts
    private let connections = Mutex<[Connection]>([])

    public init(
        transport: any Transport, clock: any WallClock, shop: ShopIdentity, timeZone: TimeZoneName,
        memory: any ConnectionMemory = VolatileMemory(), shared: SharedParts = SharedParts()
    ) {
        self.memory = memory
        self.shared = shared
        self.transport = transport
        self.clock = clock
        self.shop = shop
        self.timeZone = timeZone
    }

    /// A connection of its own budget and breaker, counted with the others of these tools.
    func connection(_ name: String) -> Connection {
        count(Connection(name: name, transport: transport, clock: clock))
    }

    /// A part that all integrations of this process share under a name, made by who asks first: one token, one budget.
    func shared<Part: Sendable>(_ name: String, _ make: () -> Part) -> Part { shared.part(name, make) }

    @discardableResult
    func count(_ connection: Connection) -> Connection {
        connections.withLock { connections in
            if !connections.contains(where: { $0 === connection }) { connections.append(connection) }
        }
        return connection
    }

    /// How many calls went out, by label.
    public func callCounts() -> [String: Int] {
        connections.withLock { $0 }.reduce(into: [:]) { counts, connection in
            counts.merge(connection.calls.byLabel, uniquingKeysWith: +)
        }
    }
}

/// What integrations of one process have in common, by name: two shops that book into one ERP share its connection.
public final class SharedParts: Sendable {
    private let parts = Mutex<[String: any Sendable]>([:])

    public init() {}

    func part<Part: Sendable>(_ name: String, _ make: () -> Part) -> Part {
        parts.withLock { parts in
            if let known = parts[name] as? Part { return known }
            let made = make()
            parts[name] = made
            return made
        }
    }
}
