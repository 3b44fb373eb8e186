public import Domain

/// What a settlement file came to.
public struct SettlementResult: Hashable, Sendable {
    public struct Refusal: Hashable, Sendable {
        public let payoutID: String
        public let problem: Problem
    }

    /// Those that add up and of which every row was read, sorted by id.
    public var payouts: [Payout] = []
    /// Payouts of the file that are not among `payouts`, and why; none of their lines may be booked.
    public var refused: [Refusal] = []
    public var lines = 0
    /// Rows left out, by reason.
    public var skipped: [SettlementSkip: Int] = [:]
    public var bad = 0

    public init() {}
}
