public import Domain

/// A header and a row of sums that stand before the rows of a payout. A file may hold several such blocks, one after the other.
public struct SettlementTotals: Hashable, Sendable, Codable {
    /// A sum that need not have rows of its own, such as the tax on all fees. What it has beyond the rows of its words becomes
    /// a line, so that the lines of the payout are complete.
    public struct Rest: Hashable, Sendable, Codable {
        public enum Sign: String, Hashable, Sendable, Codable, CaseIterable { case added, deducted }

        public var column: SettlementColumn
        public var sign: Sign
        public var words: [String]
        public var kind: PayoutLine.Kind

        public init(
            _ column: SettlementColumn, _ sign: Sign, words: [String] = [], _ kind: PayoutLine.Kind
        ) {
            self.column = column
            self.sign = sign
            self.words = words
            self.kind = kind
        }
    }

    /// What is paid out: checked.
    public var net: SettlementColumn
    public var payoutID: SettlementColumn
    public var currency: SettlementColumn
    /// When it was paid out.
    public var at: SettlementDateColumn
    public var rests: [Rest]

    public init(
        net: SettlementColumn, payoutID: SettlementColumn, currency: SettlementColumn,
        at: SettlementDateColumn,
        rests: [Rest] = []
    ) {
        self.net = net
        self.payoutID = payoutID
        self.currency = currency
        self.at = at
        self.rests = rests
    }
}
