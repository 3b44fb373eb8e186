import ConnectorKit
import Domain
import Synchronization
import TestKit
import Testing

/// Each check of a payment provider notices its mutants.
@Suite struct ProviderMutantTests {
    struct Mutant: Sendable, CustomStringConvertible {
        let description: String
        /// A part of the name of the check that must notice it.
        let check: String
        let account: @Sendable (any ProviderSubject) -> BrokenAccount

        init(
            _ description: String, fails check: String,
            _ change: @escaping @Sendable (inout BrokenProvider) -> Void = { _ in },
            subject: @escaping @Sendable (inout BrokenAccount) -> Void = { _ in }
        ) {
            self.description = description
            self.check = check
            account = { sound in
                var account = BrokenAccount(
                    sound: sound,
                    broken: { base in
                        var broken = BrokenProvider(base: base)
                        change(&broken)
                        return broken
                    })
                subject(&account)
                return account
            }
        }

        /// One that reads a line as another.
        static func ofLine(
            _ description: String, fails check: String, _ change: @escaping @Sendable (inout PayoutLine) -> Void
        ) -> Mutant {
            Mutant(description, fails: check) { provider in
                provider.line = { line in
                    var line = line
                    change(&line)
                    return line
                }
            }
        }

        /// One that reads a payout as another.
        static func ofPayout(
            _ description: String, fails check: String, _ change: @escaping @Sendable (inout Payout) -> Void
        ) -> Mutant {
            Mutant(description, fails: check) { provider in
                provider.payout = { payout, _ in
                    var payout = payout
                    change(&payout)
                    return payout
                }
            }
        }

        /// One that takes errors for something else.
        static func ofErrors(
            _ description: String, fails check: String, _ change: @escaping @Sendable (ConnectorError) -> ConnectorError
        ) -> Mutant {
            Mutant(description, fails: check) { $0.error = change }
        }
    }

    static let mutants = walking + payouts + lines + kinds + failing + webhooks

    @Test(arguments: mutants)
    func isNoticed(_ mutant: Mutant) async throws {
        let check = try #require(ProviderCheck.all.first { $0.name.contains(mutant.check) })
        try await StripeSubject.open { sound in
            await #expect(throws: AcceptanceFailure.self, "\(mutant)") {
                try await check.run(on: mutant.account(sound))
            }
        }
    }

    @Test func everyCheckHasAMutantAndANameOfItsOwn() {
        for check in ProviderCheck.all {
            #expect(Self.mutants.contains { check.name.contains($0.check) }, "nothing fails: \(check)")
        }
        for mutant in Self.mutants {
            #expect(ProviderCheck.all.filter { $0.name.contains(mutant.check) }.count == 1, "\(mutant) means many")
        }
        #expect(Set(ProviderCheck.all.map(\.name)).count == ProviderCheck.all.count)
    }
}

// MARK: Payouts

extension ProviderMutantTests {
    static let walking = [
        Mutant("stops after a full page", fails: "the walk ends") { provider in
            provider.page = { page, _ in
                var page = page
                page.next = nil
                return page
            }
        },
        Mutant("its cursors die with the process", fails: "the rest of the payouts") { provider in
            let given = GivenCursors()
            provider.page = { page, cursor in
                let isKnown = cursor.map(given.contains) ?? true
                if let next = page.next { given.add(next) }
                return isKnown ? page : RecordPage(records: [], coveredThrough: nil, next: nil)
            }
        },
        Mutant("an old cursor is the end", fails: "a cursor that nobody knows") { provider in
            provider.page = { page, cursor in
                guard cursor?.text.hasPrefix("of a version") == true else { return page }
                return RecordPage(records: [], coveredThrough: nil, next: nil)
            }
        },
        Mutant("counts pages by offset from the end", fails: "between pages") { provider in
            // What was made meanwhile is at the beginning: as many of the next page are passed over.
            provider.page = { page, cursor in
                var page = page
                if cursor != nil { page.records.removeFirst(min(2, page.records.count)) }
                return page
            }
        },
        Mutant("asks for what came after", fails: "payouts made since a moment") { provider in
            provider.since = { $0 == .distantPast ? $0 : $0 + .seconds(1) }
        },
        Mutant("leaves out what it cannot read", fails: "a payout that cannot be read") { provider in
            let base = provider.base
            provider.page = { page, _ in
                var page = page
                page.records.removeAll { (try? base.normalise($0)) == nil }
                return page
            }
        },
        Mutant("leaves a page with damage out", fails: "a payout that cannot be read") { provider in
            let base = provider.base
            provider.page = { page, _ in
                let isSound = page.records.allSatisfy { (try? base.normalise($0)) != nil }
                return isSound ? page : RecordPage(records: [], coveredThrough: nil, next: page.next)
            }
        },
        Mutant("says nothing of what has no id", fails: "without a readable id") { provider in
            provider.page = { page, _ in
                var page = page
                page.unreadable = []
                return page
            }
        },
        Mutant("finds payouts in lists only", fails: "the same by its id") { $0.found = { _ in nil } },
        Mutant("reads less by id", fails: "the same by its id") { provider in
            let listed = Mutex<Set<[UInt8]>>([])
            provider.page = { page, _ in
                listed.withLock { $0.formUnion(page.records.map(\.payload)) }
                return page
            }
            provider.payout = { payout, record in
                var payout = payout
                if !listed.withLock({ $0.contains(record.payload) }) { payout.returnedOn = nil }
                return payout
            }
            // Other bytes than the list's.
            provider.found = {
                $0.map { RawRecord(id: $0.id, payload: $0.payload + [0x20], fetchBegan: $0.fetchBegan) }
            }
        },
        Mutant("finds the last one where there is none", fails: "the same by its id") { provider in
            let last = Mutex<RawRecord?>(nil)
            provider.found = { record in
                last.withLock { last in
                    last = record ?? last
                    return last
                }
            }
        },
    ]

    static let payouts: [Mutant] = [
        .ofPayout("arrives when it is made", fails: "a payout has its provider") { payout in
            payout.arrivesOn = payout.createdAt.day(in: .utc)
        },
        .ofPayout("takes what is on its way for paid", fails: "contents are not complete") { payout in
            if payout.state == .pending { payout.state = .paid }
        },
        .ofPayout("takes what is made by hand for settled", fails: "made by hand is told apart") { payout in
            payout.content = .settled
        },
        Mutant("what is made by hand has no lines", fails: "made by hand is told apart") { provider in
            provider.isNothing = { $0.problem.code == .internalError }
        },
        .ofPayout("what was paid stays paid", fails: "fails after it was paid") { payout in
            if payout.state == .failed { payout.state = .paid }
        },
        .ofPayout("came back when it arrived", fails: "fails after it was paid") { payout in
            if payout.returnedOn != nil { payout.returnedOn = payout.arrivesOn }
        },
        Mutant("what failed has no lines", fails: "fails after it was paid") { provider in
            provider.linePage = { page, payout, _ in
                var page = page
                if payout.state == .failed { page.lines = [] }
                return page
            }
        },
        .ofPayout("forgets what failed on its way", fails: "fails on its way") { payout in
            if payout.state == .failed { payout.state = .cancelled }
        },
        .ofPayout("withdrawals are payouts", fails: "refunds alone") { payout in
            if payout.net.isNegative { payout.net = -payout.net }
        },
        Mutant("cannot read what it does not know", fails: "a field of a payout") { provider in
            provider.payout = { payout, record in
                var payout = payout
                if String(decoding: record.payload, as: UTF8.self).contains("hyperdrive") { payout.state = .pending }
                return payout
            }
        },
        Mutant("takes unknown for paid", fails: "a state that nobody knows") { provider in
            provider.payout = { payout, record in
                var payout = payout
                if String(decoding: record.payload, as: UTF8.self).contains("teleported") { payout.state = .paid }
                return payout
            }
        },
    ]
}

// MARK: Lines

extension ProviderMutantTests {
    static let lines: [Mutant] = [
        Mutant("takes the payout's own row for a line", fails: "the payout's own row") { provider in
            provider.linePage = { page, payout, _ in
                var page = page
                if page.next == nil {
                    page.lines.append(
                        PayoutLine(
                            id: "own", kind: .transfer, kindText: "payout", amount: -payout.net,
                            fee: .zero(payout.currency), at: payout.createdAt))
                }
                return page
            }
        },
        .ofLine("forgets small fees", fails: "come to the payout's net") { line in
            if line.kind == .charge { line.fee = .zero(line.fee.currency) }
        },
        Mutant("begins pages with the last line", fails: "comes once") { provider in
            let last = Mutex<PayoutLine?>(nil)
            provider.linePage = { page, _, cursor in
                var page = page
                let before = last.withLock { $0 }
                if cursor != nil, let before { page.lines.insert(before, at: 0) }
                last.withLock { $0 = page.lines.last }
                return page
            }
        },
        Mutant("stops after a full page of lines", fails: "comes once") { provider in
            provider.linePage = { page, _, _ in
                var page = page
                page.next = nil
                return page
            }
        },
        Mutant("keeps no evidence", fails: "comes once") { provider in
            provider.linePage = { page, _, _ in PayoutLinePage(lines: page.lines, report: [], next: page.next) }
        },
        .ofLine("takes the word for the id", fails: "comes once") { $0.id = $0.kindText },
        .ofLine("dates lines by the day", fails: "comes once") { line in
            line.at = Instant(milliseconds: line.at.milliseconds / 86_400_000 * 86_400_000)
        },
        Mutant("its cursors of lines die with the process", fails: "the rest of the lines") { provider in
            let given = GivenCursors()
            provider.linePage = { page, _, cursor in
                let isKnown = cursor.map(given.contains) ?? true
                if let next = page.next { given.add(next) }
                return isKnown ? page : PayoutLinePage(lines: [], report: page.report, next: nil)
            }
        },
        Mutant("trusts every net", fails: "a net that is not") { provider in
            provider.isNothing = { $0.problem.code == .payoutDoesNotAddUp }
        },
        Mutant("leaves out lines that it cannot read", fails: "a line that cannot be read") { provider in
            provider.isNothing = { $0.decision == .stop }
        },
        .ofErrors("does not say which line", fails: "a line that cannot be read") { error in
            ConnectorError(error.decision, Problem(error.problem.code, "a line cannot be read"))
        },
        .ofLine("knows intents only", fails: "that the shop knows") { line in
            line.keys.transactionIDs.removeAll { !$0.hasPrefix("pi_") }
        },
        .ofLine("forgets numbers", fails: "that the shop knows") { $0.keys.orderNumber = nil },
        .ofLine("knows refunds by themselves", fails: "a refund leads to") { line in
            line.keys.transactionIDs.removeAll { !$0.hasPrefix("re_") }
        },
        .ofLine("refunds are negative charges", fails: "a refund leads to") { line in
            if line.kind == .refund { line.kind = .charge }
        },
        .ofLine("knows one currency", fails: "in another currency") { $0.original = nil },
        .ofLine("pays back what was paid", fails: "in another currency") { line in
            if line.amount.isNegative { line.original = line.original.map { -$0 } }
        },
        Mutant("everything has hundredths", fails: "without decimals") { provider in
            @Sendable func wrong(_ amount: Money) -> Money {
                amount.currency.decimals == 0 ? Money(minorUnits: amount.minorUnits / 100, amount.currency) : amount
            }
            provider.payout = { payout, _ in
                var payout = payout
                payout.net = wrong(payout.net)
                return payout
            }
            provider.line = { line in
                var line = line
                (line.amount, line.fee) = (wrong(line.amount), wrong(line.fee))
                return line
            }
        },
    ]

    static let kinds: [Mutant] = [
        .ofLine("fees are adjustments", fails: "a fee of no payment") { line in
            if line.kind == .fee { line.kind = .adjustment }
        },
        .ofLine("puts the fee of a dispute into its amount", fails: "its fee stands apart") { line in
            if line.kind == .dispute { (line.amount, line.fee) = (line.net, .zero(line.fee.currency)) }
        },
        .ofLine("disputes are refunds", fails: "its fee stands apart") { line in
            if line.kind == .dispute { line.kind = .refund }
        },
        .ofLine("disputes that are won are sales", fails: "a dispute that is won") { line in
            if line.kind == .disputeWon { line.kind = .charge }
        },
        .ofLine("what is set free is a reserve", fails: "held back") { line in
            if line.kind == .release { line.kind = .reserve }
        },
        .ofLine("knows one word for reserves", fails: "held back") { line in
            if line.kindText == "reserve_hold" || line.kindText == "reserve_release" { line.kind = .unknown }
        },
        .ofLine("guesses", fails: "a word that nobody knows") { line in
            if line.kind == .unknown { line.kind = .adjustment }
        },
        .ofLine("keeps no words", fails: "a word that nobody knows") { $0.kindText = $0.kind.rawValue },
        .ofLine("what came back is an adjustment", fails: "a payout that came back") { line in
            if line.kind == .returned { line.kind = .adjustment }
        },
        .ofLine("what was paid by hand is a transfer", fails: "paid out by hand") { line in
            if line.kind == .returned { line.kind = .transfer }
        },
    ]
}

// MARK: Failing

extension ProviderMutantTests {
    static let failing: [Mutant] = [
        .ofErrors("gives up at every error", fails: "each status") { ConnectorError(.stop, $0.problem) },
        .ofErrors("tries for ever", fails: "each status") { ConnectorError(.retry(after: nil), $0.problem) },
        Mutant("what is not found is nothing", fails: "each status") { provider in
            provider.isNothing = { $0.problem.detail.contains("404") }
        },
        Mutant("takes what it cannot read for nothing", fails: "an answer that cannot be read") { provider in
            provider.isNothing = { $0.problem.code == .answerUnreadable }
        },
        .ofErrors("gives up at what it cannot read", fails: "an answer that cannot be read") { error in
            error.problem.code == .answerUnreadable ? ConnectorError(.stop, error.problem) : error
        },
        .ofErrors("gives up at a cut", fails: "an answer that is lost") { ConnectorError(.stop, $0.problem) },
        Mutant("takes silence for nothing", fails: "an answer that is lost") { provider in
            provider.isNothing = { $0.problem.code == .unreachable }
        },
        Mutant("forgets the wish", fails: "asks for patience") { $0.forgetsWishes = true },
        .ofErrors("does not hand the wish on", fails: "asks for patience") { error in
            guard case .retry = error.decision else { return error }
            return ConnectorError(.retry(after: nil), error.problem)
        },
        Mutant("does not give up", fails: "cancelling ends") { $0.stubborn = 3 },
        Mutant("marks what it read", fails: "reading changes nothing", subject: { $0.writes = true }),
        Mutant("tells one problem at a time", fails: "field by field", subject: { $0.forgetsSettings = true }),
        .ofErrors("wrong credentials are an outage", fails: "wrong credentials") { error in
            ConnectorError(.retry(after: nil), error.problem)
        },
        Mutant("checks nothing", fails: "the check is empty") { $0.problems = { _ in [] } },
        Mutant("is never content", fails: "the check is empty") { provider in
            provider.problems = { $0.isEmpty ? [Problem(.unreachable, "who knows")] : $0 }
        },
        Mutant("does not name what is missing", fails: "the check is empty") { provider in
            provider.problems = { $0.map { Problem($0.code, "something is missing") } }
        },
        .ofErrors("shows the key", fails: "gives a secret away") { error in
            ConnectorError(error.decision, Problem(error.problem.code, "refused for sk_test_sandbox"))
        },
    ]

    static let webhooks: [Mutant] = [
        Mutant("believes everybody", fails: "with the account's signature") { provider in
            provider.told = { result in
                guard case .failure = result else { return result }
                return .success("po_1")
            }
        },
        Mutant("takes a webhook without a signature for none", fails: "with the account's signature") { provider in
            provider.told = { result in
                guard case .failure = result else { return result }
                return .success(nil)
            }
        },
        Mutant("knows one way to write a header", fails: "with the account's signature") { provider in
            provider.webhook = { webhook in
                Webhook(headers: webhook.headers.filter { $0.name == "Stripe-Signature" }, body: webhook.body)
            }
        },
        Mutant("its clock stands still", fails: "its time cannot be renewed") { provider in
            let first = Mutex<Instant?>(nil)
            provider.now = { now in
                first.withLock { first in
                    first = first ?? now
                    return first ?? now
                }
            }
        },
        Mutant("is in a hurry", fails: "its time cannot be renewed") { provider in
            provider.now = { $0 + .seconds(60) }
        },
        Mutant("trims bodies", fails: "for its exact body") { provider in
            provider.webhook = { webhook in
                Webhook(headers: webhook.headers, body: webhook.body.reversed().drop { $0 <= 0x20 }.reversed())
            }
        },
        Mutant("takes what anything happened to for a payout", fails: "of something else") { provider in
            provider.told = { $0.map { $0 ?? "ch_1" } }
        },
    ]
}

/// The cursors that one process gave out.
private final class GivenCursors: Sendable {
    private let cursors = Mutex<Set<PageCursor>>([])
    func add(_ cursor: PageCursor) { cursors.withLock { _ = $0.insert(cursor) } }
    func contains(_ cursor: PageCursor) -> Bool { cursors.withLock { $0.contains(cursor) } }
}
