/// What a payout is in the ledger, besides the payments on invoices: fees, disputes, reserves and the like, and the bank, all
/// against the clearing account. Pure.
///
/// What a charge or refund comes to is no part of it: the payment on the invoice or credit note moves it to clearing.
public struct PayoutEntries {
    private let payout: Payout
    private let accounts: PayoutAccounts
    private let timeZone: TimeZoneName
    private let placed: [String: Place]

    /// Where a charge or refund goes that no payment on a document of ours moves to clearing.
    public enum Place: Hashable, Sendable {
        /// Its order was before the merchant began with us.
        case beforeStart
        /// Nobody knows yet.
        case suspense
    }

    /// `placed` is by the id of the line.
    public init(_ payout: Payout, _ accounts: PayoutAccounts, timeZone: TimeZoneName, placed: [String: Place] = [:]) {
        self.payout = payout
        self.accounts = accounts
        self.timeZone = timeZone
        self.placed = placed
    }

    /// One balanced entry for each month, so that lines keep their dates and the bank has the day of arrival (R19, R27). An entry is
    /// dated by its last line; without amounts there is none (R30).
    public func entries() throws(Problem) -> [Entry] {
        if let problem = payout.problem { throw problem }
        var byMonth: [Month: [Movement]] = [:]
        for line in payout.lines {
            byMonth[Month(line.at.day(in: timeZone)), default: []] += try movements(of: line)
        }
        let bank = Movement(day: payout.arrivesOn, account: accounts.bank, amount: payout.net, text: "payout")
        byMonth[Month(payout.arrivesOn), default: []].append(bank)
        return byMonth.sorted { $0.key < $1.key }.compactMap { entry($0.value) }
    }

    /// A balanced entry of a month.
    public struct Entry: Hashable, Sendable {
        public let date: Day
        public let rows: [JournalEntryDraft.Row]
    }

    private struct Month: Hashable, Comparable {
        let year: Int
        let month: Int

        init(_ day: Day) { (year, month) = (day.year, day.month) }
        static func < (left: Month, right: Month) -> Bool { (left.year, left.month) < (right.year, right.month) }
    }

    private struct Movement {
        let day: Day
        let account: String
        /// Debit where positive; clearing has the opposite.
        let amount: Money
        let text: String
    }

    /// Movements of one account and text are one row; clearing takes what they come to.
    private func entry(_ movements: [Movement]) -> Entry? {
        var rows: [JournalEntryDraft.Row] = []
        for movement in movements {
            if let index = rows.firstIndex(where: { $0.account == movement.account && $0.text == movement.text }) {
                rows[index].amount = rows[index].amount + movement.amount
            } else {
                rows.append(.init(account: movement.account, amount: movement.amount, text: movement.text))
            }
        }
        rows.removeAll { $0.amount.isZero }
        guard let date = movements.map(\.day).max(), !rows.isEmpty else { return nil }
        let sum = rows.map(\.amount).sum(payout.currency)
        if !sum.isZero {
            rows.append(.init(account: accounts.clearing, amount: -sum, text: "\(payout.provider) \(payout.id)"))
        }
        return Entry(date: date, rows: rows)
    }

    // MARK: Lines

    /// What a line books against clearing.
    private func movements(of line: PayoutLine) throws(Problem) -> [Movement] {
        let own: [Movement] =
            switch line.kind {
            case .charge, .refund: try place(line)
            case .fee, .feeRefund: try fee(-line.amount, line)
            case .dispute, .disputeWon: [try movement(line, to: accounts.disputes, "dispute")]
            case .reserve, .release: [try movement(line, to: accounts.reserves, "reserve")]
            case .adjustment: [try movement(line, to: accounts.adjustments, "adjustment")]
            case .transfer: [try movement(line, to: accounts.transfers, "transfer")]
            case .unknown: [try suspense(line)]
            }
        return own + (try fee(line.fee, line))
    }

    private func place(_ line: PayoutLine) throws(Problem) -> [Movement] {
        switch placed[line.id] {
        case .beforeStart: [try movement(line, to: accounts.beforeStart, "before start")]
        case .suspense: [try suspense(line)]
        case nil: []
        }
    }

    private func suspense(_ line: PayoutLine) throws(Problem) -> Movement {
        try movement(line, to: accounts.suspense, "not known: \(line.kindText)")
    }

    private func movement(_ line: PayoutLine, to account: String?, _ text: String) throws(Problem) -> Movement {
        guard let account else {
            throw Problem(
                .payoutKindNotMapped,
                "payout \(payout.id) has a line of \(line.kind.rawValue) (\(line.kindText)), which has no account")
        }
        return movement(line, account, -line.amount, text)
    }

    private func movement(_ line: PayoutLine, _ account: String, _ amount: Money, _ text: String) -> Movement {
        Movement(day: line.at.day(in: timeZone), account: account, amount: amount, text: text)
    }

    /// A fee that was kept, positive, or given back.
    private func fee(_ fee: Money, _ line: PayoutLine) throws(Problem) -> [Movement] {
        if fee.isZero { return [] }
        let rule = accounts.fees.first { $0.kind == line.kindText || $0.kind == "*" }
        guard let rule else {
            throw Problem(
                .payoutKindNotMapped,
                "payout \(payout.id) has a fee of \(fee) on \(line.kindText), which has no account")
        }
        switch rule.vat {
        case .none: return [movement(line, rule.account, fee, "fee")]
        case .domestic(let percent, let input):
            let vat = try amount(fee.vatInside(at: percent), of: fee)
            return [
                movement(line, rule.account, fee - vat, "fee"), movement(line, input, vat, "VAT on fee"),
            ]
        case .reverseCharge(let percent, let input, let output):
            let vat = try amount(fee.vat(at: percent), of: fee)
            return [
                movement(line, rule.account, fee, "fee"), movement(line, input, vat, "VAT on fee"),
                movement(line, output, -vat, "VAT on fee, reverse charge"),
            ]
        }
    }

    private func amount(_ vat: Money?, of fee: Money) throws(Problem) -> Money {
        guard let vat else { throw Problem(.amountInvalid, "VAT of a fee of \(fee) is no amount") }
        return vat
    }
}
