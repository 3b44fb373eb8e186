import Domain

/// What the rows of one payout come to; all that is kept of them.
struct SettlementFacts: Sendable {
    let currency: Currency
    let firstLine: Int
    var lines = 0
    /// In minor units.
    private(set) var sum: Int64 = 0
    /// What the file says is paid out.
    private(set) var stated: Money?
    private(set) var statedAt: Instant?
    private(set) var first: Instant?
    private(set) var last: Instant?
    private(set) var arrivesOn: Day?

    init(currency: Currency, firstLine: Int) {
        self.currency = currency
        self.firstLine = firstLine
    }

    /// False where no payout is that large.
    mutating func add(_ line: PayoutLine, arrivesOn day: Day?) -> Bool {
        let (total, overflow) = sum.addingReportingOverflow(line.net.minorUnits)
        guard !overflow else { return false }
        sum = total
        lines += 1
        see(line.at, day)
        return true
    }

    /// A payout can be stated in parts. False where no payout is that large.
    mutating func state(_ net: Money, at: Instant, arrivesOn day: Day?) -> Bool {
        let (total, overflow) = (stated?.minorUnits ?? 0).addingReportingOverflow(net.minorUnits)
        guard !overflow else { return false }
        stated = Money(minorUnits: total, currency)
        statedAt = max(statedAt ?? at, at)
        arrivesOn = day ?? arrivesOn
        return true
    }

    private mutating func see(_ at: Instant, _ day: Day?) {
        first = min(first ?? at, at)
        last = max(last ?? at, at)
        if let day { arrivesOn = max(arrivesOn ?? day, day) }
    }

    /// A file that states payouts states all that it has whole; where nothing is paid out, nothing need be stated.
    func refuseInPart(_ id: String, _ words: SettlementWords) throws(Problem) {
        guard stated == nil, sum != 0 else { return }
        throw Problem(
            .payoutDoesNotAddUp,
            "payout \(id) has lines, from line \(firstLine) on, and no row of its own as others of the file have: it may be here "
                + "in part; export \(words.wholeReport)")
    }

    func payout(
        id: String, provider: String, content: Payout.Content, timeZone: TimeZoneName
    ) throws(Problem) -> Payout {
        let net = Money(minorUnits: sum, currency)
        if let stated, stated != net {
            throw Problem(
                .payoutDoesNotAddUp,
                "payout \(id) is of \(stated), its \(lines) lines, from line \(firstLine) on, come to \(net)"
            )
        }
        let end = statedAt ?? last ?? .distantPast
        return Payout(
            provider: provider, id: id, content: content, net: net, createdAt: end,
            arrivesOn: arrivesOn ?? end.day(in: timeZone))
    }
}

/// A payout with rows that cannot be read.
struct SettlementSpoilt: Sendable {
    let first: Int
    var rows = 0

    func problem(_ payoutID: String) -> Problem {
        Problem(
            .settlementFileUnreadable,
            rows == 1
                ? "payout \(payoutID) has a row that cannot be read, on line \(first)"
                : "payout \(payoutID) has \(rows) rows that cannot be read, the first on line \(first)")
    }
}
