import ConnectorKit
public import Domain

/// What a clearing account comes to by all that was booked on it, and what that is made up of, line by line (R18).
public struct ClearingProof: Sendable {
    public struct Item: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Paid on an invoice, and not paid out yet.
            case capturedNotPaidOut
            /// Paid out, and no document takes it yet.
            case awaitingDocument
            /// Paid out, and not matched to an order.
            case notMatched
            /// Of a payout that came back, or its money in a later one.
            case cameBack
            /// None of these: look at it.
            case other
        }

        public let kind: Kind
        /// An order's number, or a line's id.
        public let name: String
        /// Debit positive: what the provider owes.
        public let amount: Money
        /// When the oldest of it moved, for ageing.
        public let since: Day
    }

    public let account: String
    public let currency: Currency
    /// By the documents: every payment and every entry on the account.
    public fileprivate(set) var balance: Money
    public fileprivate(set) var items: [Item] = []

    /// What the items come to; equal to the balance, or the proof has failed.
    public var explained: Money { items.map(\.amount).sum(currency) }
    public var isProved: Bool { explained == balance }

    /// What is not paid out yet, by how old it is: up to 7 days, 30, 90, and older.
    public func ageing(at day: Day) -> [(label: String, amount: Money)] {
        let open = items.filter { $0.kind == .capturedNotPaidOut }
        let bounds = [("0-7 days", 7), ("8-30 days", 30), ("31-90 days", 90), ("older", Int.max)]
        var lower = -1
        return bounds.map { label, upper in
            defer { lower = upper }
            let within = open.filter { item in
                let age = max(0, item.since.days(until: day))
                return age > lower && age <= upper
            }
            return (label, within.map(\.amount).sum(currency))
        }
    }

    fileprivate struct Sums {
        var number: String
        var paid: Money
        var paidOut: Money
        var since: Day?

        var left: Money { paid - paidOut }
    }

    fileprivate init(_ account: String, _ currency: Currency) {
        self.account = account
        self.currency = currency
        balance = .zero(currency)
    }
}

/// Makes the proof of a clearing account from what the store keeps.
public struct ClearingProver: Sendable {
    let integration: Integration
    private let provider: String
    private let accounts: PayoutAccounts
    private let currency: Currency

    /// `nil` where the settings have no accounts for the provider in the currency.
    public init?(_ integration: Integration, provider: String, _ currency: Currency) {
        let payments = integration.settings.settings.payments
        guard let accounts = payments?.accounts(of: provider, currency) else { return nil }
        self.integration = integration
        self.provider = provider
        self.accounts = accounts
        self.currency = currency
    }

    private var zone: TimeZoneName { integration.settings.settings.timeZone }

    public func proof() async throws -> ClearingProof {
        var proof = ClearingProof(accounts.clearing, currency)
        var orders: [EntityKey: ClearingProof.Sums] = [:]
        try await addPayments(&proof, &orders)
        try await addEntries(&proof, &orders)
        try await addPayouts(&proof, &orders)
        for sums in orders.values.sorted(by: { $0.number < $1.number }) where !sums.left.isZero {
            let isOwed = !sums.left.isNegative
            proof.items.append(
                .init(
                    kind: isOwed && sums.paidOut.isZero
                        ? .capturedNotPaidOut : sums.paid.isZero ? .awaitingDocument : .other,
                    name: "order \(sums.number)", amount: sums.left,
                    since: sums.since ?? integration.clock.now().day(in: zone)))
        }
        return proof
    }

    // MARK: Documents

    /// Payments debit the account.
    private func addPayments(
        _ proof: inout ClearingProof, _ orders: inout [EntityKey: ClearingProof.Sums]
    ) async throws {
        for integration in integration.shops.keys.sorted() {
            try await eachDocument(.payment, of: integration) { reference in
                guard let payment = reference.document.madeFrom?.payment, payment.account == accounts.clearing else {
                    return
                }
                let amount = payment.settled ?? reference.document.erp.ledger ?? payment.amount
                guard amount.currency == currency else { return }
                proof.balance += amount
                orders[reference.key, default: sums(reference.number)].paid += amount
                orders[reference.key]?.note(payment.date)
            }
        }
    }

    /// Entries debit and credit it: those of payouts, and of orders that were paid too much or at another rate.
    private func addEntries(
        _ proof: inout ClearingProof, _ orders: inout [EntityKey: ClearingProof.Sums]
    ) async throws {
        for integration in integration.shops.keys.sorted() {
            try await eachDocument(.journalEntry, of: integration) { reference in
                let rows = (reference.document.madeFrom?.entry ?? [])
                    .filter { $0.account == accounts.clearing && $0.amount.currency == currency }
                let sum = rows.map(\.amount).sum(currency)
                proof.balance += sum
                guard reference.key.type == .order, !sum.isZero else { return }
                orders[reference.key, default: sums(reference.number)].paid += sum
            }
        }
    }

    private var today: Day { integration.clock.now().day(in: zone) }

    private func eachDocument(
        _ kind: DocumentKind, of name: String, _ body: (Reference) -> Void
    ) async throws {
        var after: ExternalReference?
        while true {
            let page = try await integration.store.documents(integration: name, kind: kind, after: after, limit: 1000)
            guard let last = page.last else { return }
            page.forEach(body)
            after = last.document.reference
        }
    }

    // MARK: Payouts

    private func addPayouts(
        _ proof: inout ClearingProof, _ orders: inout [EntityKey: ClearingProof.Sums]
    ) async throws {
        var after = ""
        while true {
            let page = try await integration.store.payouts(integration: integration.name, after: after, limit: 100)
            guard let last = page.last else { return }
            for entity in page {
                guard let payout = entity.snapshot.content.payout, payout.provider == provider,
                    payout.currency == currency
                else { continue }
                try await add(payout, entity.key, &proof, &orders)
            }
            after = last.key.id
        }
    }

    /// The lines of a payout that is booked credit what they moved.
    private func add(
        _ payout: Payout, _ key: EntityKey, _ proof: inout ClearingProof,
        _ orders: inout [EntityKey: ClearingProof.Sums]
    ) async throws {
        let booked = try await integration.store.documents(of: key).filter { $0.reference.kind == .journalEntry }
        guard !booked.isEmpty else { return }
        if booked.contains(where: { $0.reference.record == payout.reversalRecord }) {
            let day = payout.returnedOn ?? payout.arrivesOn
            proof.items.append(
                .init(kind: .cameBack, name: "payout \(payout.id) came back", amount: payout.banked, since: day))
        }
        let credited = booked.flatMap { $0.madeFrom?.entry ?? [] }.filter { $0.text == payout.clearingText }
            .map(\.amount).sum(currency)
        var moved: [Moved] = []
        try await PayoutReader(integration).eachLine(of: key) { moved += self.moved($0) }
        if payout.content == .unlisted {
            let name = "payout \(payout.id), taken out by hand"
            moved = [Moved(item: .init(kind: .other, name: name, amount: -payout.net, since: payout.arrivesOn))]
        }
        guard moved.map(\.item.amount).sum(currency) == credited else {
            let name = "payout \(payout.id), booked in part"
            return proof.items.append(.init(kind: .other, name: name, amount: credited, since: payout.arrivesOn))
        }
        for one in moved {
            guard let order = one.order else {
                proof.items.append(one.item)
                continue
            }
            orders[order, default: sums(order.id)].paidOut += -one.item.amount
            orders[order]?.note(one.item.since)
        }
    }

    /// What a line credits, and of which order.
    private struct Moved {
        var item: ClearingProof.Item
        var order: EntityKey?
    }

    private func moved(_ kept: KeptLine) -> [Moved] {
        let line = kept.line
        let day = line.at.day(in: zone)
        if line.kind == .returned {
            return [
                Moved(
                    item: .init(kind: .cameBack, name: "\(line.id), paid out again", amount: -line.amount, since: day))
            ]
        }
        guard line.kind.isPayment, kept.place ?? .clearing == .clearing else { return [] }
        if kept.shares.isEmpty {
            return [Moved(item: .init(kind: .notMatched, name: line.id, amount: -line.amount, since: day))]
        }
        return kept.shares.map { share in
            Moved(
                item: .init(kind: .other, name: share.order.id, amount: -share.settled, since: day), order: share.order)
        }
    }

    private func sums(_ number: String) -> ClearingProof.Sums {
        ClearingProof.Sums(number: number, paid: .zero(currency), paidOut: .zero(currency))
    }
}

extension ClearingProof.Sums {
    fileprivate mutating func note(_ day: Day) { since = min(since ?? day, day) }
}
