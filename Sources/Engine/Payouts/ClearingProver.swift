import ConnectorKit
public import Domain

/// Makes the proof of a clearing account from what the store keeps, and asks the ERP for its word.
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

    /// What is taken together on the way to a proof.
    private struct Sheet {
        var balance: Money
        var items: [ClearingProof.Item] = []
        var orders: [EntityKey: OrderOnClearing] = [:]
        /// What movements of a balance left in it, and the day of the newest of them.
        var inBalance: Money
        var asOf: Day?
        let currency: Currency

        init(_ currency: Currency) {
            self.currency = currency
            balance = .zero(currency)
            inBalance = balance
        }

        subscript(order key: EntityKey, number: String) -> OrderOnClearing {
            get { orders[key] ?? OrderOnClearing(number, currency) }
            set { orders[key] = newValue }
        }
    }

    /// - Throws: `ConnectorError` where the ERP cannot be asked.
    public func proof() async throws -> ClearingProof {
        var sheet = Sheet(currency)
        for name in integration.shops.keys.sorted() {
            try await addPayments(of: name, &sheet)
            try await addEntries(of: name, &sheet)
        }
        for name in integration.shops.keys.sorted() { try await addPayouts(of: name, &sheet) }
        var proof = ClearingProof(accounts.clearing, currency)
        proof.balance = sheet.balance
        proof.items = sheet.items + sheet.orders.values.compactMap(\.item).sorted { $0.name < $1.name }
        if !sheet.inBalance.isZero, let day = sheet.asOf {
            let name = "kept in the balance at \(provider)"
            proof.items.append(.init(kind: .inBalance, name: name, amount: sheet.inBalance, since: day))
        }
        proof.inERP = try await inERP()
        return proof
    }

    private func inERP() async throws -> Money? {
        do throws(ConnectorError) {
            let balance = try await integration.erp.balance(of: accounts.clearing)
            return balance?.currency == currency ? balance : nil
        } catch {
            throw error.naming("what the ERP has on account \(accounts.clearing) cannot be told")
        }
    }

    // MARK: Documents

    /// Payments debit the account.
    private func addPayments(of name: String, _ sheet: inout Sheet) async throws {
        try await eachDocument(.payment, of: name) { reference in
            guard let payment = reference.document.madeFrom?.payment, payment.account == accounts.clearing else {
                return
            }
            let amount = payment.settled ?? reference.document.erp.ledger ?? payment.amount
            guard amount.currency == currency else { return }
            sheet.balance += amount
            if payment.isCarriedOver {
                sheet[order: reference.key, reference.number].adjust(amount, on: payment.date)
            } else {
                sheet[order: reference.key, reference.number].pay(amount, on: payment.date)
            }
        }
    }

    /// Entries debit and credit it: those of payouts, and of orders that were paid too much or at another rate.
    private func addEntries(of name: String, _ sheet: inout Sheet) async throws {
        try await eachDocument(.journalEntry, of: name) { reference in
            let rows = (reference.document.madeFrom?.entry ?? [])
                .filter { $0.account == accounts.clearing && $0.amount.currency == currency }
            let sum = rows.map(\.amount).sum(currency)
            sheet.balance += sum
            guard reference.key.type == .order, !sum.isZero else { return }
            let day = reference.document.erp.date ?? integration.clock.now().day(in: zone)
            sheet[order: reference.key, reference.number].adjust(sum, on: day)
        }
    }

    private func eachDocument(
        _ kind: DocumentKind, of name: String, _ body: (Reference) -> Void
    ) async throws {
        var after: ExternalReference?
        while true {
            let page = try await integration.store.documents(integration: name, kind: kind, after: after, limit: 1000)
            guard let last = page.last else { return }
            page.filter { $0.document.erp.state != .gone }.forEach(body)
            after = last.document.reference
        }
    }

    // MARK: Payouts

    /// Of two shops on one account either may take its payouts in.
    private func addPayouts(of name: String, _ sheet: inout Sheet) async throws {
        var after = ""
        while true {
            let page = try await integration.store.payouts(integration: name, after: after, limit: 100)
            guard let last = page.last else { return }
            for entity in page {
                guard let payout = entity.snapshot.content.payout, payout.provider == provider,
                    payout.currency == currency
                else { continue }
                try await add(payout, entity, &sheet)
            }
            after = last.key.id
        }
    }

    /// The lines of a payout that is booked credit what they moved.
    private func add(_ payout: Payout, _ entity: Entity, _ sheet: inout Sheet) async throws {
        let booked = try await integration.store.documents(of: entity.key)
            .filter { $0.reference.kind == .journalEntry && $0.erp.state != .gone }
        // What comes to nothing is done without an entry (R30).
        guard !booked.isEmpty || entity.standing.state == .completed else { return }
        if booked.contains(where: { $0.reference.record == payout.reversalRecord }) {
            let day = payout.returnedOn ?? payout.arrivesOn
            sheet.items.append(
                .init(kind: .cameBack, name: "payout \(payout.id) came back", amount: payout.banked, since: day))
        }
        let credited = booked.flatMap { $0.madeFrom?.entry ?? [] }.filter { $0.text == payout.clearingText }
            .map(\.amount).sum(currency)
        var moved: [Moved] = []
        try await PayoutReader(integration).eachLine(of: entity.key) { moved += self.moved($0) }
        if payout.content == .unlisted {
            moved = [Moved(kind: .other, name: "payout \(payout.id), taken out by hand", payout.net, payout.arrivesOn)]
        }
        let left = credited + moved.map(\.amount).sum(currency)
        if payout.content == .activity {
            // No bank is part of it: what was not taken out of the balance lies in it.
            sheet.inBalance += left
            sheet.asOf = max(sheet.asOf ?? payout.arrivesOn, payout.arrivesOn)
        } else if !left.isZero {
            let name = "payout \(payout.id), booked in part"
            return sheet.items.append(.init(kind: .other, name: name, amount: credited, since: payout.arrivesOn))
        }
        for one in moved where !one.amount.isZero {
            if let order = one.order {
                sheet[order: order, one.name].payOut(one.amount, on: one.day)
            } else {
                sheet.items.append(.init(kind: one.kind, name: one.name, amount: -one.amount, since: one.day))
            }
        }
    }

    /// What a line moved as the provider's balance sees it, and of which order.
    private struct Moved {
        let kind: ClearingProof.Item.Kind
        let name: String
        let amount: Money
        let day: Day
        let order: EntityKey?

        init(kind: ClearingProof.Item.Kind, name: String, _ amount: Money, _ day: Day, order: EntityKey? = nil) {
            self.kind = kind
            self.name = name
            self.amount = amount
            self.day = day
            self.order = order
        }
    }

    private func moved(_ kept: KeptLine) -> [Moved] {
        let line = kept.line
        let day = line.at.day(in: zone)
        if line.kind == .returned {
            return [Moved(kind: .cameBack, name: "\(line.id), paid out again", line.amount, day)]
        }
        guard line.kind.isPayment, kept.place ?? .clearing == .clearing else { return [] }
        if kept.shares.isEmpty { return [Moved(kind: .notMatched, name: line.id, line.amount, day)] }
        return zip(kept.shares, kept.orderNumbers).map { share, number in
            Moved(kind: .other, name: number, share.settled, day, order: share.order)
        }
    }
}
