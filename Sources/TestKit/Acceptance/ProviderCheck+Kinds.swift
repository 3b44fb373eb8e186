import ConnectorKit
import Domain

/// Each movement is what it is, and never what it looks like.
extension ProviderCheck {
    static let kinds: [ProviderCheck] = [
        ProviderCheck("a fee of no payment is a fee") { subject in
            _ = try await subject.sell("27")
            try await subject.keepFee(subject.money(2_00), at: subject.clock.now())
            let (_, lines) = try await subject.paidOut()
            let fees = lines.filter { $0.kind == .fee }
            try require(fees.map(\.net), is: [subject.money(-2_00)], "fees")
            try require(fees.allSatisfy { $0.keys.transactionIDs.isEmpty }, "it has the id of a payment")
        },
        ProviderCheck("a dispute leads to its charge, and its fee stands apart from what the cardholder got") {
            subject in
            let (sale, other) = (try await subject.sell("27"), try await subject.sell("28"))
            for number in ["29", "30"] { _ = try await subject.sell(number) }
            _ = try await subject.dispute(sale, fee: subject.money(150_00), at: subject.clock.now())
            let (_, lines) = try await subject.paidOut()
            let line = try lines.only(subject.money(-100_00))
            try require(line.kind, is: .dispute, "kind")
            try require(line.fee, is: subject.money(150_00), "fee")
            try requireToLead(line, to: sale, "27", not: other)
        },
        ProviderCheck("a dispute that is won is told as that and is no second sale") { subject in
            let (sale, other) = (try await subject.sell("27"), try await subject.sell("28"))
            let dispute = try await subject.dispute(sale, fee: subject.money(15_00), at: subject.clock.now())
            _ = try await subject.paidOut()
            try await subject.win(dispute, at: subject.clock.now())
            let (_, lines) = try await subject.paidOut()
            let line = try lines.only(subject.money(100_00))
            try require(line.kind, is: .disputeWon, "kind")
            try requireToLead(line, to: sale, "27", not: other)
        },
        ProviderCheck("money that is held back is a reserve, and a release when it is free again") { subject in
            for number in ["27", "28", "29"] { _ = try await subject.sell(number) }
            // By all the words that the provider has for it.
            let amounts = [10_00, 20_00, 30_00].map { subject.money($0) }
            for amount in amounts { try await subject.reserve(amount, at: subject.clock.now()) }
            let held = try await subject.paidOut().lines.filter { $0.kind == .reserve }
            try require(Set(held.map(\.amount)), is: Set(amounts.map { -$0 }), "held back")
            for amount in amounts { try await subject.release(amount, at: subject.clock.now()) }
            let freed = try await subject.paidOut().lines.filter { $0.kind == .release }
            try require(Set(freed.map(\.amount)), is: Set(amounts), "set free")
        },
        ProviderCheck("a word that nobody knows is unknown, kept as it is and not guessed") { subject in
            _ = try await subject.sell("27")
            let word = try await subject.moveByUnknownWord(subject.money(12_34), at: subject.clock.now())
            let (_, lines) = try await subject.paidOut()
            let line = try lines.only(subject.money(12_34))
            try require(line.kind, is: .unknown, "kind")
            try require(line.kindText, is: word, "the provider's word")
        },
        ProviderCheck("the money of a payout that came back is counted by the next and is nobody's payment") {
            subject in
            let id = try await subject.payOutOne()
            try await subject.finish(id)
            try await subject.fail(id, at: subject.clock.now())
            _ = try await subject.sell("28", subject.money(50_00), fee: subject.money(1_00), at: subject.clock.now())
            let (payout, lines) = try await subject.paidOut()
            try require(payout.net, is: subject.money(97_00 + 49_00), "net")
            let line = try lines.only(subject.money(97_00))
            try require(line.kind, is: .returned, "kind")
            try require(line.keys.transactionIDs.isEmpty, "it has the id of a payment: \(line.keys.transactionIDs)")
        },
        ProviderCheck("what was paid out by hand is counted by the next payout and is nobody's payment") { subject in
            _ = try await subject.sell("27")
            let id = try await subject.payOutByHand(subject.money(50_00), at: subject.clock.now())
            try await subject.finish(id)
            let (payout, lines) = try await subject.paidOut()
            try require(payout.net, is: subject.money(47_00), "net")
            let line = try lines.only(subject.money(-50_00))
            try require(line.kind, is: .returned, "kind")
            try require(line.keys.transactionIDs.isEmpty, "it has the id of a payment: \(line.keys.transactionIDs)")
        },
    ]
}
