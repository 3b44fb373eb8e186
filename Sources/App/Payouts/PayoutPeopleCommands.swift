import ArgumentParser
import ConnectorKit
import Domain
import Engine

struct PayoutMatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match", abstract: "Say which order a line belongs to; several share it by --amount.")

    @OptionGroup var argument: PayoutArgument
    @Argument(help: "The provider's id of the line.") var line: String
    @Option(name: .long, help: "The order's number or id in the shop; may be given several times.")
    var order: [String]
    @Option(name: .long, help: "The part of each order, in its order, when there are several.")
    var amount: [String] = []
    @Option(name: .long, help: "Who decides.") var by: String
    @Option(name: .long, help: "Why.") var reason: String

    func run() async throws {
        try await argument.common.withIntegration { integration, _ in
            let payout = try await argument.find(in: integration)
            let line = try await kept(in: payout, integration)
            let shares = try await shares(of: line, integration)
            let word = LineWord(shares: shares, by: by, reason: reason)
            try await integration.store.settle(line.id, of: payout.key, as: word)
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

    private func shares(of line: PayoutLine, _ integration: Integration) async throws -> [LineMatch.Share] {
        var keys: [EntityKey] = []
        for number in order {
            guard let entity = try await OrderReport.entity(number, in: integration) else {
                throw UsageError("order \(number) is not known here")
            }
            keys.append(entity.key)
        }
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
    @Option(name: .long, help: "Who decides.") var by: String
    @Option(name: .long, help: "Why.") var reason: String

    func run() async throws {
        try await argument.common.withIntegration { integration, _ in
            let payout = try await argument.find(in: integration)
            do {
                try await integration.store.settle(
                    line, of: payout.key, as: LineWord(shares: [], by: by, reason: reason))
            } catch let error as StoreError where error.kind == .conflict {
                throw UsageError(error.detail)
            }
            try await FlowRun(integration).workOff()
            let standing = try await integration.store.entity(payout.key)?.standing
            Output.line("line \(line) settled; the payout: \(standing.inWords)")
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

struct PayoutProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "What a provider's clearing account comes to, and what that is made up of.")

    @Option(name: .long, help: "The provider, as the settings call it; needed only when there are several.")
    var provider: String?
    @Option(name: .long, help: "The currency; needed only when there are several.")
    var currency: String?
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        struct Item: Encodable {
            let kind: String
            let name: String
            let amount: String
            let since: String
        }

        let account: String
        let currency: String
        let balance: String
        let explained: String
        let isProved: Bool
        let items: [Item]
        let ageing: [String: String]
    }

    func run() async throws {
        let report = try await common.withIntegration(onlyReading: true) { integration, configured in
            let all = configured.settings.payments?.accounts ?? []
            let wanted = all.filter { accounts in
                (provider == nil || accounts.provider == provider) && (currency == nil || accounts.currency == currency)
            }
            guard let accounts = wanted.first, wanted.count == 1, let currency = Currency(code: accounts.currency),
                let prover = ClearingProver(integration, provider: accounts.provider, currency)
            else {
                let known = all.map { "\($0.provider) in \($0.currency)" }.joined(separator: ", ")
                throw UsageError("name one with --provider and --currency: \(known.isEmpty ? "none is set" : known)")
            }
            let proof = try await prover.proof()
            let today = integration.clock.now().day(in: configured.settings.timeZone)
            return Report(proof, at: today)
        }
        if common.json {
            try Output.json(report)
        } else {
            report.lines.forEach(Output.line)
        }
        if !report.isProved { throw ExitStatus.attention }
    }
}

extension PayoutProofCommand.Report {
    fileprivate init(_ proof: ClearingProof, at day: Day) {
        self.init(
            account: proof.account, currency: proof.currency.code, balance: proof.balance.amountText,
            explained: proof.explained.amountText, isProved: proof.isProved,
            items: proof.items.map {
                Item(
                    kind: $0.kind.rawValue, name: $0.name, amount: $0.amount.amountText, since: $0.since.description)
            },
            ageing: Dictionary(proof.ageing(at: day).map { ($0.label, $0.amount.amountText) }) { first, _ in first })
    }

    fileprivate var lines: [String] {
        ["account \(account): \(balance) \(currency)"]
            + items.map { "  \($0.amount)  \($0.name)  \($0.kind), since \($0.since)" }
            + [isProved ? "proved: the items come to the balance" : "NOT PROVED: the items come to \(explained)"]
            + ["not paid out yet, by age:"] + ageing.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
    }
}

extension Standing? {
    fileprivate var inWords: String {
        guard let self else { return "unknown" }
        return [self.state.rawValue, self.code, self.reason].compactMap(\.self).filter { !$0.isEmpty }
            .joined(separator: ", ")
    }
}
