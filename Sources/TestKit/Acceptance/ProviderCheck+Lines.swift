import ConnectorKit
import Domain

/// Lines are what a payout is made up of, exactly.
extension ProviderCheck {
    static let lines: [ProviderCheck] = [
        ProviderCheck("lines come to the payout's net exactly, and the payout's own row is none of them") { subject in
            let sale = try await subject.sell("27")
            _ = try await subject.sell("28", subject.money(250_50), fee: subject.money(7_51), at: subject.clock.now())
            try await subject.refund(sale, subject.money(40_00), at: subject.clock.now())
            try await subject.keepFee(subject.money(2_00), at: subject.clock.now())
            let (payout, lines) = try await subject.paidOut()
            try require(payout.net, is: subject.money(297_99), "net")
            let own = lines.first { $0.amount == -payout.net || $0.id == payout.id }
            try require(own == nil, "line \(own?.id ?? "") is the payout itself")
            try require(try await subject.lines(of: payout), is: lines, "the second reading")
        },
        ProviderCheck("each line of many pages comes once, with id, gross, fee, date and evidence") { subject in
            try await sellPages(subject)
            let (payout, lines) = try await subject.paidOut()
            let walk = try await LineWalk(try await subject.connector(nil), payout)
            try require(walk.cursors.count > 1, "there is only one page")
            try require(walk.reports.allSatisfy { !$0.isEmpty }, "a page comes without evidence")
            try require(lines.allSatisfy { !$0.id.isEmpty && !$0.kindText.isEmpty }, "a line has no id or no word")
            try require(Set(lines.map(\.id)).count, is: lines.count, "ids")
        },
        ProviderCheck("from every cursor another process goes on to the rest of the lines and misses none") { subject in
            try await sellPages(subject)
            let (payout, _) = try await subject.paidOut()
            let whole = try await LineWalk(try await subject.connector(nil), payout)
            try require(whole.cursors.count > 1, "there is only one page")
            for (cursor, before) in whole.cursors {
                let rest = try await LineWalk(try await subject.connector(nil), payout, from: cursor.again)
                try require(
                    rest.lines == Array(whole.lines[before...]), "after \(before) lines come others than before")
            }
        },
        ProviderCheck("a net that is not the gross less the fee stops the payout") { subject in
            for number in ["27", "28"] { _ = try await subject.sell(number) }
            let (payout, _) = try await subject.paidOut()
            let provider = try await subject.connector(.changing { subject.withFalseNet($0) })
            let error = try await ProviderQuestion.lines.failure(of: provider, about: payout)
            try require(error.problem.code, is: .payoutDoesNotAddUp, "code")
            try require(error.decision, is: .stop, "decision")
        },
        ProviderCheck("a line that cannot be read takes its payout with it and is named") { subject in
            for number in ["27", "28", "29"] { _ = try await subject.sell(number) }
            let (payout, lines) = try await subject.paidOut()
            for damage in [RecordDamage.amount, .id] {
                let provider = try await subject.connector(
                    .changing { subject.damaged($0, lines[1].id, damage) })
                let error = try await ProviderQuestion.lines.failure(of: provider, about: payout)
                try require(error.decision, is: .stop, "decision")
                try require(error.problem.detail.contains(payout.id), "\(error) does not name the payout")
                guard case .amount = damage else { continue }
                try require(error.problem.detail.contains(lines[1].id), "\(error) does not name the line")
            }
        },
        ProviderCheck("a charge has the id of the payment that the shop knows, and the order's number") { subject in
            let sale = try await subject.sell("A-27")
            let other = try await subject.sell(
                "A-28", subject.money(200_00), fee: subject.money(5_00), at: subject.clock.now())
            let (_, lines) = try await subject.paidOut()
            let line = try lines.only(subject.money(100_00))
            try require(line.kind, is: .charge, "kind")
            try require(line.fee, is: subject.money(3_00), "fee")
            try require(line.paid, is: line.amount, "what the customer paid")
            try require(line.keys.transactionIDs.contains(sale), "\(line.keys.transactionIDs) without \(sale)")
            try require(!line.keys.transactionIDs.contains(other), "it has another payment's id")
            try require(line.keys.orderNumber, is: "A-27", "number")
        },
        ProviderCheck("a refund leads to the charge that it gives back, and to no other") { subject in
            let (sale, other) = (try await subject.sell("27"), try await subject.sell("28"))
            try await subject.refund(sale, subject.money(40_00), at: subject.clock.now())
            let (_, lines) = try await subject.paidOut()
            let line = try lines.only(subject.money(-40_00))
            try require(line.kind, is: .refund, "kind")
            try requireToLead(line, to: sale, "27", not: other)
        },
        ProviderCheck("what a customer paid in another currency stands beside what came in") { subject in
            guard let foreign = subject.foreignCurrency else { throw AcceptanceFailure("there is no other currency") }
            func money(_ units: Int64) -> Money { Money(minorUnits: units, foreign) }
            let sale = try await subject.sell("27", money(50_00), fee: subject.money(3_00), at: subject.clock.now())
            let other = try await subject.sell("28", money(30_00), fee: subject.money(3_00), at: subject.clock.now())
            try await subject.refund(sale, money(4_00), at: subject.clock.now())
            _ = try await subject.dispute(other, fee: subject.money(15_00), at: subject.clock.now())
            let (_, lines) = try await subject.paidOut()
            let wanted: [PayoutLine.Kind: Set<Money>] = [
                .charge: [money(50_00), money(30_00)], .refund: [money(-4_00)], .dispute: [money(-30_00)],
            ]
            try require(Dictionary(grouping: lines, by: \.kind).mapValues { Set($0.map(\.paid)) }, is: wanted, "paid")
        },
        ProviderCheck("a currency without decimals is counted in its own units") { subject in
            guard let whole = subject.currencyWithoutDecimals else { throw AcceptanceFailure("there is none") }
            try require(whole.decimals, is: 0, "decimals")
            _ = try await subject.sell(
                "27", Money(minorUnits: 500, whole), fee: Money(minorUnits: 15, whole), at: subject.clock.now())
            let (payout, lines) = try await subject.paidOut(whole)
            try require(payout.net, is: Money(minorUnits: 485, whole), "net")
            try require(lines.map(\.amount), is: [Money(minorUnits: 500, whole)], "gross")
        },
    ]

    /// Sales for two pages of lines and one line more, two in each second.
    private static func sellPages(_ subject: any ProviderSubject) async throws {
        for number in 0...2 * subject.pageSize {
            if number.isMultiple(of: 2) { try await subject.pass(.seconds(1)) }
            let units = Int64(number)
            _ = try await subject.sell(
                "\(number)", subject.money(100_00 + units), fee: subject.money(3_00 + units % 7),
                at: subject.clock.now())
        }
    }

    /// By the payment's id, which is sure; where it has a number it is that of the payment's order.
    static func requireToLead(
        _ line: PayoutLine, to sale: String, _ number: String, not other: String
    ) throws(AcceptanceFailure) {
        let ids = line.keys.transactionIDs
        try require(ids.contains(sale), "\(line.kind) does not lead to \(sale) but to \(ids)")
        try require(!ids.contains(other), "\(line.kind) leads to \(other) too")
        try require(line.keys.orderNumber ?? number, is: number, "number")
    }
}
