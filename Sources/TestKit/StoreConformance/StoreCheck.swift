public import Engine

/// One empty database, and the clock by which its stores run.
public protocol StoreSubject: Sendable {
    var clock: VirtualClock { get }
    /// Opens a store on the database as a process of this name, without starting it. Opening under a name once more is a
    /// restart: whatever held the name before is taken as crashed.
    func open(process: String) async throws -> any Store
}

/// Something that every store must do, whatever database lies beneath it. Run it on a subject of its own.
public struct StoreCheck: Sendable, CustomStringConvertible {
    /// A sentence: the behaviour, or the hazard that must not come true.
    public let name: String
    let body: @Sendable (StoreScene) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (StoreScene) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// - Throws: `CheckFailure` when the store does not behave, or what the store threw.
    public func run(on subject: some StoreSubject) async throws {
        try await body(try await StoreScene(subject))
    }

    public var description: String { name }

    public static let all: [StoreCheck] =
        intake + claiming + leasing + intents + outcomes + finishing + references + timeHistory + settings + reopening
        + concurrency + payouts

    /// What a store keeps of payouts.
    public static let payouts: [StoreCheck] =
        payoutRecords + payoutLines + payoutReports + payoutMatches + payoutWords + payoutSearch
}

/// What a store did instead.
public struct CheckFailure: Error, CustomStringConvertible {
    public let description: String
}

func expect(_ holds: Bool, _ otherwise: String) throws(CheckFailure) {
    if !holds { throw CheckFailure(description: otherwise) }
}

func expect<Value: Equatable>(_ value: Value, is wanted: Value, _ what: String) throws(CheckFailure) {
    if value != wanted { throw CheckFailure(description: "\(what): \(value) instead of \(wanted)") }
}

func unwrap<Value>(_ value: Value?, _ otherwise: String) throws(CheckFailure) -> Value {
    guard let value else { throw CheckFailure(description: otherwise) }
    return value
}
