import Domain
import TestKit
import Testing

/// What a payout is in the ledger: exact, balanced, each line on its account and in its month.
@Suite struct PayoutTests {
    private let accounts = PayoutAccounts(
        provider: "stripe", currency: "SEK", clearing: "1580", bank: "1930",
        fees: [
            PayoutFeeRule(kind: "radar", account: "6062"),
            PayoutFeeRule(
                account: "6040", vat: .reverseCharge(percent: Sample.decimal("25"), input: "2645", output: "2614")),
        ], disputes: "6352", reserves: "1688", adjustments: "3990", transfers: "1940", suspense: "2999",
        beforeStart: "1589")

    private func line(
        _ id: String, _ kind: PayoutLine.Kind, _ amount: String, fee: String = "0.00",
        at: String = "2026-11-20T10:00:00Z", text: String? = nil
    ) -> PayoutLine {
        PayoutLine(
            id: id, kind: kind, kindText: text ?? kind.rawValue, amount: Sample.money(amount), fee: Sample.money(fee),
            at: Sample.instant(at))
    }

    /// A payout and what it is made up of.
    private struct Paid {
        var head: Payout
        var lines: [PayoutLine]
        var placed: [String: PayoutPlace] = [:]
        var accounts: PayoutAccounts

        func summed() throws(Problem) -> PayoutEntries {
            var entries = try PayoutEntries(
                head, PaymentSettings(accounts: [accounts]), timeZone: Sample.stockholm)
            for line in lines { try entries.add(line, at: placed[line.id] ?? .clearing) }
            return entries
        }
    }

    private func payout(
        _ net: String, _ lines: [PayoutLine], arrives: String = "2026-11-24", by accounts: PayoutAccounts? = nil
    ) -> Paid {
        let head = Payout(
            provider: "stripe", id: "po_1", net: Sample.money(net), createdAt: Sample.instant("2026-11-21T00:00:00Z"),
            arrivesOn: Sample.day(arrives))
        return Paid(head: head, lines: lines, accounts: accounts ?? self.accounts)
    }

    private func rows(
        _ payout: Paid, placed: [String: PayoutPlace] = [:], month: Int = 0
    ) throws -> [String: String] {
        var payout = payout
        payout.placed = placed
        let entries = try payout.summed().entries()
        for entry in entries { #expect(entry.rows.map(\.amount).sum(Sample.sek).isZero, "\(entry)") }
        guard entries.indices.contains(month) else { return [:] }
        return Dictionary(
            entries[month].rows.map { ($0.account, $0.amount) }, uniquingKeysWith: { $0 + $1 }
        ).mapValues(\.amountText)
    }

    private func code(_ payout: Paid) -> ProblemCode? {
        do throws(Problem) {
            _ = try payout.summed().entries()
            return nil
        } catch {
            return error.code
        }
    }

    // MARK: Exact

    @Test func r17LinesThatDoNotComeToThePayoutBookNothing() {
        let lines = [line("1", .charge, "100.00", fee: "2.90")]
        #expect(code(payout("97.10", lines)) == nil)
        #expect(code(payout("97.09", lines)) == .payoutDoesNotAddUp)
        var euros = lines
        euros[0].amount = Money(minorUnits: 10_000, Currency(code: "EUR") ?? Sample.sek)
        #expect(code(payout("97.10", euros)) == .payoutDoesNotAddUp)
    }

    // MARK: Accounts

    @Test func r15AndR16FeesAreACostAndTheBankGetsTheNetAllThroughClearing() throws {
        let payout = payout(
            "194.20", [line("1", .charge, "150.00", fee: "4.20"), line("2", .charge, "50.00", fee: "1.60")])
        #expect(
            try rows(payout) == [
                "1930": "194.20", "6040": "5.80", "2645": "1.45", "2614": "-1.45", "1580": "-200.00",
            ])
    }

    @Test func r23EachKindHasItsAccountAndAnUnknownOneGoesToSuspense() throws {
        let payout = payout(
            "54.00",
            [
                line("1", .charge, "100.00"), line("2", .refund, "-20.00"), line("3", .fee, "-5.00"),
                line("4", .feeRefund, "2.00"), line("5", .adjustment, "-3.00"), line("6", .transfer, "-10.00"),
                line("7", .unknown, "-10.00", text: "climate"),
            ])
        #expect(
            try rows(payout) == [
                "1930": "54.00", "6040": "3.00", "2645": "0.75", "2614": "-0.75", "3990": "3.00", "1940": "10.00",
                "2999": "10.00", "1580": "-80.00",
            ])
    }

    @Test(arguments: PayoutLine.Kind.allCases)
    func aKindWithoutAnAccountStopsAndSaysWhich(kind: PayoutLine.Kind) {
        let bare = PayoutAccounts(provider: "stripe", currency: "SEK", clearing: "1580", bank: "1930", fees: [])
        let booksNothing = kind.isPayment || kind == .returned
        #expect(
            code(payout("-1.00", [line("1", kind, "-1.00")], by: bare)) == (booksNothing ? nil : .payoutKindNotMapped))
    }

    @Test func r24AWithdrawalIsBookedWithSignsReversed() throws {
        #expect(try rows(payout("-75.00", [line("1", .refund, "-75.00")])) == ["1930": "-75.00", "1580": "75.00"])
    }

    @Test func r25AChargebackHasItsAccountItsFeeIsApartAndWinningReversesIt() throws {
        let lost = payout("-115.00", [line("1", .dispute, "-100.00", fee: "15.00", text: "radar")])
        #expect(try rows(lost) == ["1930": "-115.00", "6352": "100.00", "6062": "15.00"])
        let won = payout("100.00", [line("2", .disputeWon, "100.00")])
        #expect(try rows(won) == ["1930": "100.00", "6352": "-100.00"])
    }

    @Test func r26WhatIsHeldBackIsOwedUntilItIsReleased() throws {
        let held = payout("90.00", [line("1", .charge, "100.00"), line("2", .reserve, "-10.00")])
        #expect(try rows(held) == ["1930": "90.00", "1688": "10.00", "1580": "-100.00"])
        #expect(try rows(payout("10.00", [line("3", .release, "10.00")])) == ["1930": "10.00", "1688": "-10.00"])
    }

    @Test func r28VATOnFeesIsNoneOrInTheFeeOrOwedOnBothLegs() throws {
        var accounts = accounts
        func rows() throws -> [String: String] {
            let entries = try payout("-125.00", [line("1", .fee, "-125.00")], by: accounts).summed().entries()
            return Dictionary(uniqueKeysWithValues: entries[0].rows.map { ($0.account, $0.amount.amountText) })
        }
        accounts.fees = [PayoutFeeRule(account: "6570")]
        #expect(try rows() == ["1930": "-125.00", "6570": "125.00"])
        accounts.fees[0].vat = .domestic(percent: Sample.decimal("25"), input: "2641")
        #expect(try rows() == ["1930": "-125.00", "6570": "100.00", "2641": "25.00"])
        // The fee is the base, not what holds the VAT.
        accounts.fees[0].vat = .reverseCharge(percent: Sample.decimal("25"), input: "2645", output: "2614")
        #expect(try rows() == ["1930": "-125.00", "6570": "125.00", "2645": "31.25", "2614": "-31.25"])
    }

    @Test func whatIsOfAnOrderBeforeTheStartOrOfNoneHasItsPlace() throws {
        let payout = payout("70.00", [line("1", .charge, "100.00"), line("2", .refund, "-30.00")])
        #expect(
            try rows(payout, placed: ["1": .beforeStart, "2": .suspense]) == [
                "1930": "70.00", "1589": "-100.00", "2999": "30.00",
            ])
    }

    // MARK: Dates

    @Test func r27LinesKeepTheirMonthAndTheBankHasTheDayOfArrival() throws {
        let payout = payout(
            "96.00",
            [
                // One second before midnight in Stockholm, and one after.
                line("1", .charge, "50.00", fee: "1.00", at: "2026-11-30T22:59:59Z", text: "radar"),
                line("2", .charge, "50.00", fee: "3.00", at: "2026-11-30T23:00:00Z", text: "radar"),
            ], arrives: "2026-12-02")
        #expect(try rows(payout, month: 0) == ["6062": "1.00", "1580": "-1.00"])
        #expect(try rows(payout, month: 1) == ["6062": "3.00", "1930": "96.00", "1580": "-99.00"])
        let dates = try payout.summed().entries().map(\.date)
        #expect(dates == [Sample.day("2026-11-30"), Sample.day("2026-12-02")])
    }

    @Test func r30WhatComesToNothingHasNoEntry() throws {
        let payout = payout("0.00", [line("1", .charge, "10.00"), line("2", .refund, "-10.00")])
        #expect(try payout.summed().entries() == [])
    }

    @Test(arguments: 1...200)
    func r19WhateverIsPaidOutEveryEntryBalancesAndClearingIsLeftWithWhatPaymentsMovedThere(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var lines: [PayoutLine] = []
        for number in 0..<Int.random(in: 1...40, using: &random) {
            let kind = PayoutLine.Kind.allCases.randomElement(using: &random) ?? .charge
            lines.append(
                PayoutLine(
                    id: String(number), kind: kind, kindText: kind.rawValue,
                    amount: Money(minorUnits: .random(in: -90_000...90_000, using: &random), Sample.sek),
                    fee: Money(minorUnits: .random(in: -50...900, using: &random), Sample.sek),
                    at: Sample.instant("2026-10-25T12:00:00Z") + .seconds(.random(in: 0...4_000_000, using: &random))))
        }
        let payout = payout(lines.map(\.net).sum(Sample.sek).amountText, lines, arrives: "2026-12-15")
        let entries = try payout.summed().entries()
        for entry in entries { #expect(entry.rows.map(\.amount).sum(Sample.sek).isZero, "seed \(seed)") }
        let rows = entries.flatMap(\.rows)
        func balance(_ account: String) -> Int64 {
            rows.filter { $0.account == account }.map(\.amount.minorUnits).reduce(0, +)
        }
        let paid = lines.filter { $0.kind.isPayment || $0.kind == .returned }.map(\.amount.minorUnits).reduce(0, +)
        #expect(balance("1580") == -paid, "seed \(seed)")
        #expect(balance("1930") == payout.head.net.minorUnits, "seed \(seed)")
    }
}
