import ArgumentParser
import ConnectorKit
import Domain
import Engine

struct PayoutMatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match", abstract: "Say which order a line belongs to; several share it by --amount.")

    @OptionGroup var argument: PayoutArgument
    @Argument(help: "The provider's id of the line.") var line: String
    @Option(
        name: .long,
        help: "The order's number or id in the shop, as shop/7 where two have it; may be given several times.")
    var order: [String]
    @Option(name: .long, help: "The part of each order, in its order, when there are several.")
    var amount: [String] = []
    @Flag(name: .long, help: "What the line paid before was taken back in the ERP.") var paymentTakenBack = false
    @Option(name: .long, help: "Who decides.") var by: String
    @Option(name: .long, help: "Why.") var reason: String

    func run() async throws {
        try await argument.common.withIntegration { integration, _ in
            let payout = try await argument.find(in: integration)
            let line = try await kept(in: payout, integration)
            let shares = try await shares(of: line, integration)
            let word = LineWord(shares: shares, by: by, reason: reason, isTakenBack: paymentTakenBack)
            try await integration.store.settleOrSay(line.id, of: payout.key, as: word)
            try await FlowRun(integration).workOff()
            let standing = try await integration.store.entity(payout.key)?.standing
            Output.line("line \(line.id) matched to \(order.joined(separator: ", ")); the payout: \(standing.inWords)")
        }
    }

    private func kept(in payout: Entity, _ integration: Integration) async throws -> PayoutLine {
        var found: PayoutLine?
        try await PayoutReader(integration).eachLine(of: payout.key) { if $0.line.id == line { found = $0.line } }
        guard let found else { throw UsageError("payout \(argument.payout) has no line \(line)") }
        guard found.kind.isPayment else {
            throw UsageError("line \(line) is a \(found.kindText): only charges and refunds belong to an order")
        }
        return found
    }

    /// Of this shop's order, or of another's that is paid out with it: `other-shop/7` where both have the number.
    private func key(of name: String, _ integration: Integration) async throws -> EntityKey {
        let shops = integration.shops.keys.sorted()
        let shop = shops.first { name.hasPrefix("\($0)/") }
        let number = shop.map { String(name.dropFirst($0.count + 1)) } ?? name
        var found: [EntityKey] = []
        for shop in shop.map({ [$0] }) ?? shops {
            found += try await integration.store.entities(integration: shop, matching: number)
                .filter { $0.key.type == .order && [$0.snapshot.number, $0.key.id].contains(number) }.map(\.key)
        }
        guard let first = found.first else { throw UsageError("order \(name) is not known here") }
        guard found.count == 1 else {
            let names = found.map { "\($0.integration)/\($0.id)" }.joined(separator: " or ")
            throw UsageError("several orders are called \(name): write \(names)")
        }
        return first
    }

    private func shares(of line: PayoutLine, _ integration: Integration) async throws -> [LineMatch.Share] {
        var keys: [EntityKey] = []
        for name in order { keys.append(try await key(of: name, integration)) }
        if keys.count == 1, amount.isEmpty {
            return [LineMatch.Share(order: keys[0], paid: line.paid, settled: line.amount)]
        }
        guard line.original == nil else {
            throw UsageError("line \(line.id) was paid in \(line.paid.currency.code): it cannot be shared")
        }
        let parts = try amount.map { text in
            guard let part = try? Money(text, line.amount.currency) else {
                throw UsageError("--amount takes an amount of \(line.amount.currency.code), not \(text)")
            }
            return part
        }
        guard parts.count == keys.count, parts.sum(line.amount.currency) == line.amount else {
            throw UsageError("give --amount for each order; together they come to \(line.amount)")
        }
        return zip(keys, parts).map { LineMatch.Share(order: $0, paid: $1, settled: $1) }
    }
}

struct PayoutSettleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle", abstract: "Say that a line is settled: it was looked up and moved in the ERP by hand.")

    @OptionGroup var argument: PayoutArgument
    @Argument(help: "The provider's id of the line.") var line: String
    @Flag(name: .long, help: "What the line paid before was taken back in the ERP.") var paymentTakenBack = false
    @Option(name: .long, help: "Who decides.") var by: String
    @Option(name: .long, help: "Why.") var reason: String

    func run() async throws {
        try await argument.common.withIntegration { integration, _ in
            let payout = try await argument.find(in: integration)
            try await integration.store.settleOrSay(
                line, of: payout.key, as: LineWord(shares: [], by: by, reason: reason, isTakenBack: paymentTakenBack))
            try await FlowRun(integration).workOff()
            let standing = try await integration.store.entity(payout.key)?.standing
            Output.line("line \(line) settled; the payout: \(standing.inWords)")
        }
    }
}

extension Store {
    /// What cannot be done is told as a wrong word, not as a broken store.
    fileprivate func settleOrSay(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        do {
            try await settle(line, of: payout, as: word)
        } catch let error as StoreError where error.kind == .conflict {
            throw UsageError(error.detail)
        }
    }
}

struct PayoutExcludeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exclude", abstract: "Never book this payout; who and why is kept. What is booked of it stays.")

    @OptionGroup var argument: PayoutArgument
    @Option(name: .long, help: "Who decides.") var by: String
    @Option(name: .long, help: "Why.") var reason: String

    func run() async throws { try await argument.decide(.excluded, by: by, reason: reason) }
}

struct PayoutBookedByHandCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "booked-by-hand", abstract: "A person has booked this payout in the ERP; the number is kept.")

    @OptionGroup var argument: PayoutArgument
    @Option(name: .long, help: "The ERP's number.") var erpNumber: String
    @Option(name: .long, help: "Who decides.") var by: String
    @Option(name: .long, help: "Why.") var reason: String

    func run() async throws {
        try await argument.decide(.bookedByHand(number: erpNumber), by: by, reason: reason)
    }
}

extension PayoutArgument {
    fileprivate func decide(_ kind: Decision.Kind, by: String, reason: String) async throws {
        try await common.withIntegration { integration, _ in
            let found = try await find(in: integration)
            let decision = Decision(kind: kind, by: by, at: integration.clock.now(), reason: reason)
            try await integration.store.decide(decision, about: found.key)
            try await FlowRun(integration).workOff()
            let standing = try await integration.store.entity(found.key)?.standing
            Output.line("payout \(payout): \(standing.inWords)")
        }
    }
}

struct PayoutTryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Match the lines of the newest payouts again, changing nothing: which key finds how many.")

    @Option(name: .long, help: "How many payouts.") var last = 10
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        var lines = 0
        var matched: [String: Int] = [:]
        var unmatched: [String] = []
    }

    func run() async throws {
        let report = try await common.withIntegration(onlyReading: true) { integration, _ in
            var report = Report()
            let payouts = try await integration.store.entities(
                integration: integration.name, type: .payout, states: SyncState.allCases, limit: last)
            for payout in payouts {
                let result = try await MatchingTrial(integration).run(payout.key)
                report.lines += result.lines
                report.matched.merge(result.byKey.map { ($0.key.title, $0.value) }, uniquingKeysWith: +)
                report.unmatched += result.unmatched
            }
            return report
        }
        if common.json { return try Output.json(report) }
        Output.line("\(report.lines) charges and refunds")
        for (key, count) in report.matched.sorted(by: { $0.key < $1.key }) { Output.line("  \(count) by \(key)") }
        Output.line("  \(report.unmatched.count) not matched")
        for line in report.unmatched.prefix(20) { Output.line("    \(line)") }
    }
}

extension Standing? {
    fileprivate var inWords: String {
        guard let self else { return "unknown" }
        return [self.state.rawValue, self.code, self.reason].compactMap(\.self).filter { !$0.isEmpty }
            .joined(separator: ", ")
    }
}
