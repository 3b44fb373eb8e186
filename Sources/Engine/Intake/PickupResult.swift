public import Domain

/// What a run of a flow's pick-up took in.
public struct PickupResult: Hashable, Sendable {
    public var records = 0
    public var due = 0
    /// Records without a readable id; the time history stays before them.
    public var unreadable: [Problem] = []
}
