import ConnectorKit
import Domain

/// Entries that belong to no invoice, such as payouts: balanced, dated, once.
extension ERPCheck {
    static let entries: [ERPCheck] = [
        ERPCheck("R19: an entry stands in the ledger once, with its day and text, and its accounts move exactly") {
            subject in
            guard let scene = try await EntryScene(subject) else { return }
            let accounts = subject.accounts
            let money = try await Movement(
                of: [accounts.bank, accounts.fee, accounts.rounding, accounts.clearing, accounts.vat], subject)
            let draft = scene.draft("po_1")
            let made = try await scene.post(draft)
            try require(made.date, is: draft.date, "the entry's day")
            try await scene.postAgain(draft, made)
            try await scene.requireOne(draft)
            try await money.require(EntryScene.amounts(accounts))
        },
        ERPCheck("entries of one day and text whose references are alike are each found by their own") { subject in
            guard let scene = try await EntryScene(subject) else { return }
            let money = try await Movement(of: [subject.accounts.fee], subject)
            var drafts: [JournalEntryDraft] = []
            for id in ["po_1", "po-1", "po_10", "_po_1", "PO_1", "po%"] {
                var draft = scene.draft(id)
                draft.text = "Payout"
                drafts.append(draft)
            }
            var made: [DocumentID] = []
            for draft in drafts { made.append(try await scene.post(draft).id) }
            try require(Set(made).count, is: drafts.count, "entries")
            for (draft, id) in zip(drafts, made) {
                try require(try await scene.post(draft).id, is: id, "the entry of \(draft.reference.record)")
                try await scene.requireOne(draft)
            }
            try await money.require([subject.accounts.fee: "12.06"])
        },
        ERPCheck("the balance of an account is what was booked on it, in this year and in another") { subject in
            guard let scene = try await EntryScene(subject), let before = try await scene.balances() else { return }
            let now = scene.draft("now")
            var earlier = scene.draft("earlier")
            earlier.date = try scene.yearBefore(earlier.date)
            for draft in [now, earlier] { try await scene.post(draft) }
            let moved = EntryScene.amounts(subject.accounts).mapValues { Sample.money($0) }
            let after = try await scene.balances()
            try require(
                after, is: before.merging(moved) { $0 + $1 + $1 }, "what the ledger has on the accounts afterwards")
        },
        ERPCheck("an entry that does not balance is refused and nothing is made") { subject in
            guard let scene = try await EntryScene(subject) else { return }
            var draft = scene.draft("crooked")
            draft.rows[1].amount += Sample.money("0.01")
            try await scene.requireRefusal(draft)
        },
        ERPCheck("R14: an entry into a closed period is refused as such, and made once when the period is open") {
            subject in
            guard let scene = try await EntryScene(subject) else { return }
            let draft = scene.draft("closed")
            try await whileLocked(subject, through: draft.date) { try await scene.requireRefusal(draft, .periodClosed) }
            try await scene.post(draft)
            try await scene.requireOne(draft)
        },
        ERPCheck("an entry whose answer was lost, at whichever of its calls, is made once when it is done again") {
            subject in
            for call in 0..<subject.calls(of: .createJournalEntry) {
                for manner in [ERPFault.Manner.lostBefore, .lostAfter, .serverError] {
                    guard let scene = try await EntryScene(subject) else { return }
                    let money = try await Movement(of: [subject.accounts.clearing], subject)
                    let draft = scene.draft("lost-\(call)-\(manner)")
                    let faulty = try await ERPScene(subject, ERPFault(.createJournalEntry, manner, call: call))
                    let outcome = try await faulty.perform(.createJournalEntry(draft))
                    guard case .unknown = outcome else {
                        throw AcceptanceFailure("an entry, \(manner) at call \(call), came to \(outcome)")
                    }
                    try await scene.post(draft)
                    try await scene.requireOne(draft)
                    try await money.require([subject.accounts.clearing: "-99.00"])
                }
            }
        },
    ]
}

/// Posts entries of a payout.
struct EntryScene {
    let scene: ERPScene

    private var subject: any ERPSubject { scene.subject }

    /// `nil` where the connector posts no entries.
    init?(_ subject: any ERPSubject) async throws {
        self.init(try await ERPScene(subject))
        guard scene.erp.capabilities.kinds[.journalEntry] != nil else { return nil }
    }

    init(_ scene: ERPScene) { self.scene = scene }

    /// What comes to the bank, what the provider keeps, and what rounding takes of 99.00; the fee in two rows.
    func draft(_ id: String) -> JournalEntryDraft {
        let accounts = subject.accounts
        func row(_ account: String, _ amount: String, _ text: String) -> JournalEntryDraft.Row {
            JournalEntryDraft.Row(account: account, amount: Sample.money(amount), text: text)
        }
        return JournalEntryDraft(
            reference: ExternalReference(shop: subject.shop, record: "payout-\(id)", kind: .journalEntry),
            date: subject.order(id).paidAt?.day(in: subject.settings.timeZone) ?? subject.clock.now().day(in: .utc),
            text: "Payout \(id), 100 % of \"Åre\"",
            rows: [
                row(accounts.bank, "97.00", "bank"), row(accounts.fee, "1.23", "card fee"),
                row(accounts.fee, "0.78", "fixed fee"), row(accounts.rounding, "-0.01", "rounding"),
                row(accounts.clearing, "-99.00", "charges"),
            ])
    }

    /// What the accounts of a draft come to.
    static func amounts(_ accounts: LedgerAccounts) -> [String: String] {
        [accounts.bank: "97.00", accounts.fee: "2.01", accounts.rounding: "-0.01", accounts.clearing: "-99.00"]
    }

    /// What the ledger has on the accounts of a draft, as a process sees it that knows nothing yet; `nil` where the connector cannot
    /// tell.
    func balances() async throws -> [String: Money]? {
        let erp = try await subject.connector(nil)
        var balances: [String: Money] = [:]
        for account in EntryScene.amounts(subject.accounts).keys {
            guard let balance = try await erp.balance(of: account) else { return nil }
            balances[account] = balance
        }
        return balances
    }

    func yearBefore(_ day: Day) throws -> Day {
        guard let before = Day("\(day.year - 1)-12-31") else { throw AcceptanceFailure("no day a year before \(day)") }
        return before
    }

    @discardableResult
    func post(_ draft: JournalEntryDraft) async throws -> ERPDocument {
        switch try await scene.perform(.createJournalEntry(draft)) {
        case .done(let entry), .alreadyThere(let entry):
            try require(entry.state, is: .booked, "the entry")
            return entry
        case let outcome: throw AcceptanceFailure("the entry came to \(outcome)")
        }
    }

    /// By this process and by one that knows nothing yet.
    func postAgain(_ draft: JournalEntryDraft, _ made: ERPDocument) async throws {
        for scene in [scene, try await ERPScene(subject)] {
            guard case .alreadyThere(let found) = try await scene.perform(.createJournalEntry(draft)) else {
                throw AcceptanceFailure("an entry that was there is not told as such")
            }
            try require(found.id, is: made.id, "the entry that is found")
        }
    }

    /// The entry stands once, booked, balanced and as it was told.
    func requireOne(_ draft: JournalEntryDraft) async throws {
        let standing = try await subject.entries(draft.reference)
        try require(standing.count, is: 1, "entries of \(draft.reference.record)")
        guard let entry = standing.first else { return }
        try require(entry.isBooked, "the entry is not booked")
        try require(entry.date, is: draft.date, "the day in the ledger")
        try require(entry.text.contains(draft.text), "\(entry.text) instead of \(draft.text)")
        try require(entry.rows.values.sum(Sample.sek).isZero, "the entry does not balance: \(entry.rows)")
        try require(
            entry.rows, is: EntryScene.amounts(subject.accounts).mapValues { Sample.money($0) }, "the entry's rows")
    }

    func requireRefusal(_ draft: JournalEntryDraft, _ code: ProblemCode? = nil) async throws {
        let money = try await Movement(of: draft.rows.map(\.account), subject)
        let outcome = try await scene.perform(.createJournalEntry(draft))
        guard case .rejected(let problem) = outcome else { throw AcceptanceFailure("the entry came to \(outcome)") }
        if let code { try require(problem.code, is: code, "code") }
        try require(try await subject.entries(draft.reference).count, is: 0, "entries")
        try await money.require([:])
    }
}
