public import ConnectorKit
public import Domain

/// One company in an ERP with its connector, as the acceptance checks drive it. Each check gets a subject of its own, or a
/// shop identity of its own in a shared company.
public protocol ERPSubject: Sendable {
    var clock: any WallClock { get }
    var shop: ShopIdentity { get }
    /// Settings under which `order` is booked: its rates mapped, its articles there, one for refunds among them.
    var settings: Settings { get }
    /// Credentials, which may stand in no error.
    var secrets: [String] { get }

    /// A paid order of a Swedish person: one line of one unit at 79.20 and 25 %, 99.00 SEK in all, in an open period.
    func order(_ id: String) -> Order

    /// A connector as a process of its own has it, with nothing at hand yet. The first call that performs the fault's step
    /// goes wrong as the fault says.
    func connector(_ fault: ERPFault?) async throws -> any ERP

    /// The same with a wrong password or token.
    func connectorWithWrongCredentials() async throws -> any ERP

    /// How many documents stand in the ERP under a reference: asked past the connector.
    func held(_ reference: ExternalReference) async throws -> Int

    /// How many documents of any kind stand in the ERP for the subject's shop: asked past the connector.
    func heldInAll() async throws -> Int

    /// A person closes the books through a day, or opens them again.
    func lock(through day: Day?) async throws
}

/// What goes wrong with the call that performs a step.
public struct ERPFault: Sendable {
    public enum Manner: Sendable, CaseIterable {
        /// It never arrives, and the client cannot know.
        case lostBefore
        /// It has its effect, and the client cannot know.
        case lostAfter
        /// Status 500 instead of an effect; the client cannot know that it had none.
        case serverError
        /// Status 429: provably no effect.
        case tooManyCalls
        /// The connection is refused: provably no effect. For every call, not the first only.
        case unreachable
    }

    public let kind: Step.Kind
    public let manner: Manner

    public init(_ kind: Step.Kind, _ manner: Manner) {
        self.kind = kind
        self.manner = manner
    }
}
