import Domain

/// Payouts: what they take, and what becomes of them.
extension StripeAccount {
    // MARK: Time

    /// Makes the automatic payouts that are due and moves all payouts on.
    mutating func advance(to time: Int64) {
        touch(time)
        runSchedule(through: time)
        settle(through: time)
    }

    private mutating func runSchedule(through time: Int64) {
        guard let every = settings.payoutEveryDays, every > 0,
            let first = transactions.timeline.entries.first?.place.created
        else { return }
        var day = (scheduledDay.map { $0 + 1 }) ?? first / Self.day
        let last = time / Self.day
        while day <= last {
            if day % Int64(every) == 0 {
                for currency in unpaid.keys.sorted() { payOut(currency, at: day * Self.day) }
            }
            scheduledDay = day
            day += 1
        }
    }

    /// Each payout takes its next steps in order of time.
    mutating func settle(through time: Int64) {
        touch(time)
        for id in moving { while step(id, through: time) {} }
        let payouts = payouts
        moving.removeAll { payouts[$0].map { !$0.isOnItsWay && !$0.waitsForContent } ?? true }
    }

    /// Whether it took a step.
    private mutating func step(_ id: String, through time: Int64) -> Bool {
        guard let payout = payouts[id] else { return false }
        if payout.status == "pending", payout.submittedAt <= time, payout.submittedAt < payout.paidAt {
            change(id, "payout.updated", at: payout.submittedAt) { $0.status = "in_transit" }
        } else if payout.isOnItsWay, payout.paidAt <= time {
            change(id, "payout.paid", at: payout.paidAt) { $0.status = "paid" }
        } else if payout.isAutomatic, !payout.isReconciled, let complete = payout.reconciledAt, complete <= time {
            change(id, "payout.reconciliation_completed", at: complete) { $0.isReconciled = true }
        } else {
            return false
        }
        return true
    }

    private mutating func change(
        _ id: String, _ event: String, at time: Int64, _ body: (inout StripePayout) -> Void
    ) {
        if let changed = payouts.update(id, body) { tell(event, .payout(changed), at: time) }
    }

    // MARK: Making

    /// Takes everything that is available and was not paid out. `nil` where there is nothing, where it comes to nothing, and
    /// where it is below zero and is not withdrawn.
    @discardableResult
    mutating func payOut(_ currency: String, arrivalDays: Int? = nil, at time: Int64) -> String? {
        let waiting = unpaid[currency] ?? []
        let taken = waiting.compactMap { transactions[$0] }.filter { $0.isAvailable(at: time) }
        let net = taken.reduce(0) { $0 + $1.net }
        guard net != 0, net > 0 || settings.withdrawsNegativeBalance else { return nil }
        let payout = open(net, currency, isAutomatic: true, arrivalDays: arrivalDays, at: time) { account, payout in
            for transaction in taken {
                payout.rows.insert(.init(place: transaction.place, id: transaction.id))
                account.transactions.update(transaction.id) { $0.payout = payout.id }
            }
            let ids = Set(taken.map(\.id))
            account.unpaid[currency]?.removeAll { ids.contains($0) }
        }
        return payout.id
    }

    /// By hand, an amount or everything. What it is made up of nobody knows: its own row is a movement like others, which the
    /// next automatic payout takes. `nil` where there is not so much.
    mutating func payOutByHand(_ amount: Int?, _ currency: String, arrivalDays: Int?, at time: Int64) -> String? {
        let available = (unpaid[currency] ?? []).compactMap { transactions[$0] }
            .filter { $0.isAvailable(at: time) }.reduce(0) { $0 + $1.net }
        let amount = amount ?? available
        guard amount > 0, amount <= available else { return nil }
        return open(amount, currency, isAutomatic: false, arrivalDays: arrivalDays, at: time) { _, _ in }.id
    }

    private mutating func open(
        _ net: Int, _ currency: String, isAutomatic: Bool, arrivalDays: Int?, at time: Int64,
        fill: (inout StripeAccount, inout StripePayout) -> Void
    ) -> StripePayout {
        let arrival = arrival(time, arrivalDays ?? settings.arrivalDays)
        let paidAt = max(arrival, time)
        var payout = StripePayout(
            id: nextID("po"), sequence: nextSequence(), created: time, amount: net, currency: currency,
            isAutomatic: isAutomatic, arrival: arrival,
            submittedAt: time + settings.submissionLag.components.seconds, paidAt: paidAt,
            reconciledAt: settings.reconciliationLag.map { paidAt + $0.components.seconds },
            destination: "ba_1SbxK0OrdrSyncSE\(currency.uppercased())")
        fill(&self, &payout)
        let own = post(
            StripeTransaction(
                type: "payout", category: "payout", amount: -net, currency: currency, created: time,
                availableOn: arrival, source: payout.id, description: "STRIPE PAYOUT",
                payout: isAutomatic ? payout.id : nil))
        payout.transaction = own.id
        if isAutomatic { payout.rows.insert(.init(place: own.place, id: own.id)) }
        payouts.add(payout)
        moving.append(payout.id)
        tell("payout.created", .payout(payout), at: time)
        return payout
    }

    private func arrival(_ time: Int64, _ days: Int) -> Int64 {
        var day = time / Self.day + Int64(days)
        // The first of January 1970 was a Thursday: 2 is a Saturday, 3 a Sunday.
        if settings.skipsWeekends, day % 7 == 2 { day += 1 }
        if settings.skipsWeekends, day % 7 == 3 { day += 1 }
        return day * Self.day
    }

    // MARK: What goes wrong

    /// The bank sends the money back, perhaps after it was paid. It goes into the balance, for a later payout.
    mutating func failPayout(_ id: String, code: String, at time: Int64) -> Bool {
        settle(through: time)
        guard let payout = payouts[id], payout.isOnItsWay || payout.status == "paid" else { return false }
        return giveBack(payout, "payout_failure", "payout.failed", at: time) {
            $0.status = "failed"
            $0.failureCode = code
            $0.failureMessage = "The bank account did not take the payout (\(code))."
        }
    }

    /// Only while it was not sent to the bank.
    mutating func cancelPayout(_ id: String, at time: Int64) -> Bool {
        settle(through: time)
        guard let payout = payouts[id], payout.status == "pending" else { return false }
        return giveBack(payout, "payout_cancel", "payout.canceled", at: time) { $0.status = "canceled" }
    }

    private mutating func giveBack(
        _ payout: StripePayout, _ type: String, _ event: String, at time: Int64, _ body: (inout StripePayout) -> Void
    ) -> Bool {
        let back = post(
            StripeTransaction(
                type: type, category: "payout_reversal", amount: payout.amount, currency: payout.currency,
                created: time, availableOn: time, source: payout.id, description: "REFUND FOR PAYOUT (STRIPE PAYOUT)"))
        change(payout.id, event, at: time) {
            $0.failureTransaction = back.id
            $0.endedAt = time
            body(&$0)
        }
        return true
    }

    /// Tells that an automatic payout's content is complete, before the settings would.
    mutating func reconcile(_ id: String, at time: Int64) -> Bool {
        settle(through: time)
        guard let payout = payouts[id], payout.isAutomatic, !payout.isReconciled else { return false }
        change(id, "payout.reconciliation_completed", at: time) { $0.isReconciled = true }
        return true
    }
}
