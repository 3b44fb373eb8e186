/// What a payout is in the ledger, besides the payments on invoices: fees, disputes, reserves and the like, and the bank, all
/// against the clearing account. Pure; takes line after line, so that a payout of millions needs the memory of its sums.
///
/// What a charge or refund comes to is no part of it: the payment on the invoice or credit note moves it to clearing.
public struct PayoutEntries: Hashable, Sendable {
    /// A balanced entry of a month.
    public struct Entry: Hashable, Sendable {
        public let month: Month
        /// Of its last line.
        public let date: Day
        public let rows: [JournalEntryDraft.Row]
    }

    /// A month of the calendar, as people close them.
    public struct Month: Hashable, Comparable, Sendable {
        let year: Int
        let month: Int

        init(_ day: Day) { (year, month) = (day.year, day.month) }
        public static func < (left: Month, right: Month) -> Bool {
            (left.year, left.month) < (right.year, right.month)
        }

        /// 202611: an entry's ordinal in references, the same whatever other months there are.
        public var ordinal: Int { year * 100 + month }
    }

    fileprivate struct Sums: Hashable, Sendable {
        var rows: [JournalEntryDraft.Row] = []
        /// By the fee rule's place in the settings.
        var fees: [Int: Money] = [:]
        var last: Day
    }

    /// How the texts of rows with VAT on fees begin.
    public static let vatOnFee = "VAT on fee"

    private let payout: Payout
    private let accounts: PayoutAccounts
    private let bank: String
    private let timeZone: TimeZoneName
    private var months: [Month: Sums] = [:]
    private var net: Money
    private var count = 0

    public init(_ payout: Payout, _ settings: PaymentSettings, timeZone: TimeZoneName) throws(Problem) {
        guard let accounts = settings.accounts(of: payout.provider, payout.currency) else {
            throw Problem(
                .payoutKindNotMapped, "no accounts are set for payouts of \(payout.provider) in \(payout.currency.code)"
            )
        }
        self.payout = payout
        self.accounts = accounts
        self.timeZone = timeZone
        bank = settings.bankLeg == .inTransit ? accounts.inTransit ?? accounts.bank : accounts.bank
        net = .zero(payout.currency)
    }

    // MARK: Lines

    /// `place` is where a charge or refund lies; other kinds have the account of their kind.
    public mutating func add(_ line: PayoutLine, at place: PayoutPlace) throws(Problem) {
        guard line.amount.currency == payout.currency, line.fee.currency == payout.currency else {
            throw Problem(
                .payoutDoesNotAddUp,
                "line \(line.id) is in \(line.amount.currency.code), payout \(payout.id) in \(payout.currency.code)")
        }
        count += 1
        net = net + line.net
        let day = line.at.day(in: timeZone)
        switch line.kind {
        case .charge, .refund:
            if place != .clearing { try add(line, day, accounts.account(of: place), place.text) }
        case .returned: break
        case .fee, .feeRefund: try addFee(-line.amount, of: line, on: day)
        case .dispute, .disputeWon: try add(line, day, accounts.disputes, "dispute")
        case .reserve, .release: try add(line, day, accounts.reserves, "reserve")
        case .adjustment: try add(line, day, accounts.adjustments, "adjustment")
        case .transfer: try add(line, day, accounts.transfers, "transfer")
        case .unknown: try add(line, day, accounts.suspense, "not known: \(line.kindText)")
        }
        try addFee(line.fee, of: line, on: day)
    }

    private mutating func add(_ line: PayoutLine, _ day: Day, _ account: String?, _ text: String) throws(Problem) {
        guard let account else {
            throw Problem(
                .payoutKindNotMapped,
                "payout \(payout.id) has a line of \(line.kind.rawValue) (\(line.kindText)), which has no account")
        }
        add(-line.amount, to: account, text, on: day)
    }

    /// Debit where positive; clearing has the opposite. Movements of one account and text are one row.
    private mutating func add(_ amount: Money, to account: String, _ text: String, on day: Day) {
        months[Month(day), default: Sums(last: day)].add(amount, to: account, text)
        touch(day)
    }

    private mutating func touch(_ day: Day) {
        let month = Month(day)
        months[month, default: Sums(last: day)].last = max(months[month]?.last ?? day, day)
    }

    /// A fee that was kept, positive, or given back.
    private mutating func addFee(_ fee: Money, of line: PayoutLine, on day: Day) throws(Problem) {
        if fee.isZero { return }
        let index = accounts.fees.firstIndex { $0.kind == line.kindText || $0.kind == "*" }
        guard let index else {
            throw Problem(
                .payoutKindNotMapped,
                "payout \(payout.id) has a fee of \(fee) on \(line.kindText), which has no account")
        }
        months[Month(day), default: Sums(last: day)].fees[index, default: .zero(payout.currency)] += fee
        touch(day)
    }

    // MARK: Entries

    /// One for each month, so that lines keep their dates and the bank has the day of arrival (R19, R27). An entry is dated by
    /// its last line; without amounts there is none (R30).
    /// - Throws: `PAYOUT_DOES_NOT_ADD_UP` where the lines do not come to the payout (R17).
    public func entries() throws(Problem) -> [Entry] {
        if payout.content != .unlisted, net != payout.net {
            throw Self.doesNotAddUp(payout, net, count)
        }
        var whole = self
        if !payout.banked.isZero { whole.add(payout.banked, to: bank, "payout", on: payout.arrivesOn) }
        var entries: [Entry] = []
        for (month, sums) in whole.months.sorted(by: { $0.key < $1.key }) {
            if let entry = try entry(month, sums) { entries.append(entry) }
        }
        return entries
    }

    public static func doesNotAddUp(_ payout: Payout, _ net: Money, _ count: Int) -> Problem {
        Problem(.payoutDoesNotAddUp, "payout \(payout.id) is of \(payout.net), its \(count) lines come to \(net)")
    }

    /// What books a payout that came back: the money is the provider's again to pay out. `nil` unless it did.
    public func reversal() -> Entry? {
        guard payout.state == .failed || payout.state == .cancelled, !payout.banked.isZero else { return nil }
        // Never before the entry that it reverses.
        let day = max(payout.returnedOn ?? payout.arrivesOn, payout.arrivesOn)
        return Entry(
            month: Month(day), date: day,
            rows: [
                .init(account: accounts.clearing, amount: payout.banked, text: "payout came back"),
                .init(account: bank, amount: -payout.banked, text: "payout came back"),
            ])
    }

    private func entry(_ month: Month, _ sums: Sums) throws(Problem) -> Entry? {
        var sums = sums
        for (index, fee) in sums.fees.sorted(by: { $0.key < $1.key }) { try sums.add(fee, by: accounts.fees[index]) }
        sums.rows.removeAll { $0.amount.isZero }
        guard !sums.rows.isEmpty else { return nil }
        let sum = sums.rows.map(\.amount).sum(payout.currency)
        if !sum.isZero { sums.add(-sum, to: accounts.clearing, payout.clearingText) }
        return Entry(month: month, date: sums.last, rows: sums.rows)
    }
}

extension PayoutEntries.Sums {
    fileprivate mutating func add(_ amount: Money, to account: String, _ text: String) {
        if let index = rows.firstIndex(where: { $0.account == account && $0.text == text }) {
            rows[index].amount += amount
        } else {
            rows.append(.init(account: account, amount: amount, text: text))
        }
    }

    /// A month's fees of one rule, with VAT on their sum.
    fileprivate mutating func add(_ fee: Money, by rule: PayoutFeeRule) throws(Problem) {
        func known(_ vat: Money?) throws(Problem) -> Money {
            guard let vat else { throw Problem(.amountInvalid, "VAT of a fee of \(fee) is no amount") }
            return vat
        }
        switch rule.vat {
        case .none: add(fee, to: rule.account, "fee")
        case .domestic(let percent, let input):
            let vat = try known(fee.vatInside(at: percent))
            add(fee - vat, to: rule.account, "fee")
            add(vat, to: input, PayoutEntries.vatOnFee)
        case .reverseCharge(let percent, let input, let output):
            let vat = try known(fee.vat(at: percent))
            add(fee, to: rule.account, "fee")
            add(vat, to: input, PayoutEntries.vatOnFee)
            add(-vat, to: output, "\(PayoutEntries.vatOnFee), reverse charge")
        }
    }
}

extension PayoutPlace {
    fileprivate var text: String {
        switch self {
        case .clearing: "clearing"
        case .beforeStart: "before start"
        case .suspense: "not known"
        }
    }
}
