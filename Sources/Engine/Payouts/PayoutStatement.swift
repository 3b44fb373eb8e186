public import Domain

/// What an accountant files of a payout: what it is made up of, to the minor unit, and how it was booked.
public struct PayoutStatement: Sendable {
    /// All lines of one kind and word of the provider's.
    public struct Row: Hashable, Sendable {
        public let kind: PayoutLine.Kind
        /// The provider's word.
        public let text: String
        public var count: Int
        /// Before what the provider kept of it; of fees and transfers what went, so that it is negative.
        public var amount: Money
        /// What the provider kept of these lines.
        public var fee: Money

        public var net: Money { amount - fee }
    }

    public let payout: Payout
    public let standing: Standing
    public private(set) var rows: [Row] = []
    /// Journal entries that were made of it, by date.
    public let entries: [Document]

    init(_ payout: Payout, _ standing: Standing, _ documents: [Document]) {
        self.payout = payout
        self.standing = standing
        entries = documents.filter { $0.reference.kind == .journalEntry }
            .sorted {
                ($0.erp.date?.description ?? "", $0.reference.key) < ($1.erp.date?.description ?? "", $1.reference.key)
            }
    }

    mutating func add(_ line: PayoutLine) {
        if let index = rows.firstIndex(where: { $0.kind == line.kind && $0.text == line.kindText }) {
            rows[index].count += 1
            rows[index].amount += line.amount
            rows[index].fee += line.fee
        } else {
            rows.append(Row(kind: line.kind, text: line.kindText, count: 1, amount: line.amount, fee: line.fee))
        }
    }

    /// What was sold and paid back, disputed and held back: all but fees and transfers.
    public var gross: Money { amount { !$0.isOfFees && $0 != .transfer } }
    /// What was kept of lines, and lines that are fees themselves.
    public var fees: Money { kept - amount(of: \.isOfFees) }
    /// Money that was moved out of the balance by itself, or into it.
    public var transfers: Money { amount { $0 == .transfer } }
    /// What its lines come to; equal to the payout's net unless the report is incomplete.
    public var net: Money { gross - fees + transfers }

    /// What the rows' amounts come to, of whatever kind.
    public var amounts: Money { amount { _ in true } }
    /// What was kept of lines.
    public var kept: Money { rows.map(\.fee).sum(payout.currency) }

    private func amount(of isWanted: (PayoutLine.Kind) -> Bool) -> Money {
        rows.filter { isWanted($0.kind) }.map(\.amount).sum(payout.currency)
    }

    /// VAT on fees as it was booked, by account.
    public var vat: [String: Money] {
        entries.flatMap { $0.madeFrom?.entry ?? [] }.filter { $0.text.hasPrefix(PayoutEntries.vatOnFee) }
            .reduce(into: [:]) { $0[$1.account, default: .zero(payout.currency)] += $1.amount }
    }
}

extension PayoutLine.Kind {
    fileprivate var isOfFees: Bool { self == .fee || self == .feeRefund }
}

/// Reads payouts back for people, some lines at a time.
public struct PayoutReader: Sendable {
    let integration: Integration

    public init(_ integration: Integration) { self.integration = integration }

    /// The payout that a person names: by the provider's id or by our record.
    public func payout(_ name: String) async throws -> Entity? {
        for id in [name] + integration.providerNames.map({ "\($0)-\(name)" }) {
            if let found = try await integration.store.entity(integration.payoutKey(id)) { return found }
        }
        return try await integration.store.entities(integration: integration.name, matching: name)
            .first { $0.key.type == .payout }
    }

    /// - Precondition: the entity is a payout that can be read; else `nil`.
    public func statement(of entity: Entity) async throws -> PayoutStatement? {
        guard let payout = entity.snapshot.content.payout else { return nil }
        var statement = PayoutStatement(
            payout, entity.standing, try await integration.store.documents(of: entity.key))
        try await eachLine(of: entity.key) { statement.add($0.line) }
        return statement
    }

    /// Every line in its order.
    public func eachLine(of payout: EntityKey, _ body: (KeptLine) throws -> Void) async throws {
        var position = 0
        while true {
            let lines = try await integration.store.lines(of: payout, after: position, limit: 1000)
            guard let last = lines.last else { return }
            for line in lines { try body(line) }
            position = last.position
        }
    }
}

extension Integration {
    /// As the settings call them, with and without an API.
    var providerNames: [String] {
        Set((settings.settings.payments?.accounts ?? []).map(\.provider) + providers.keys).sorted()
    }
}
