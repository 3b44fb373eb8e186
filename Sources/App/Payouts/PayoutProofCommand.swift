import ArgumentParser
import ConnectorKit
import Domain
import Engine

struct PayoutProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "What a provider's clearing account comes to here and in the ERP, and what that is made up of.")

    @Option(name: .long, help: "The provider, as the settings call it; needed only when there are several.")
    var provider: String?
    @Option(name: .long, help: "The currency; needed only when there are several.")
    var currency: String?
    @OptionGroup var common: CommonOptions

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
            return ProofReport(proof, at: integration.clock.now().day(in: configured.settings.timeZone))
        }
        if common.json {
            try Output.json(report)
        } else {
            report.lines.forEach(Output.line)
        }
        if report.needsAttention { throw ExitStatus.attention }
    }
}

/// A proof for people and programs.
struct ProofReport: Encodable {
    struct Item: Encodable {
        let kind: String
        let name: String
        let amount: String
        let since: String
    }

    struct Age: Encodable {
        let age: String
        let amount: String
    }

    let account: String
    let currency: String
    /// By OrderSync's documents.
    let balance: String
    /// Absent where the ERP cannot tell.
    let inERP: String?
    let byOthers: String?
    let explained: String
    let isProved: Bool
    /// How many items nothing explains.
    let toLookAt: Int
    let items: [Item]
    let ageing: [Age]

    init(_ proof: ClearingProof, at day: Day) {
        account = proof.account
        currency = proof.currency.code
        balance = proof.balance.amountText
        inERP = proof.inERP?.amountText
        byOthers = proof.byOthers?.amountText
        explained = proof.explained.amountText
        isProved = proof.isProved
        toLookAt = proof.toLookAt.count
        items = proof.items.map {
            Item(kind: $0.kind.rawValue, name: $0.name, amount: $0.amount.amountText, since: $0.since.description)
        }
        ageing = proof.ageing(at: day).map { Age(age: $0.label, amount: $0.amount.amountText) }
    }

    var needsAttention: Bool { !isProved || toLookAt > 0 }

    var lines: [String] {
        ["account \(account), by OrderSync's documents: \(balance) \(currency)"] + ledger
            + items.map { "  \($0.amount)  \($0.name)  \($0.kind), since \($0.since)" }
            + [verdict] + (toLookAt == 0 ? [] : ["\(toLookAt) \(toLookAt == 1 ? "item needs" : "items need") a look"])
            + ["not paid out yet, by age:"] + ageing.map { "  \($0.age): \($0.amount)" }
    }

    private var ledger: [String] {
        guard let inERP, let byOthers else { return ["in the ERP: it cannot tell"] }
        return ["in the ERP: \(inERP) \(currency)", "booked by others, not by OrderSync: \(byOthers) \(currency)"]
    }

    private var verdict: String {
        if isProved { return "proved: the items come to the balance" }
        if explained != balance { return "NOT PROVED: the items come to \(explained)" }
        return "NOT PROVED: the items come to the balance, and the ERP has something else on the account"
    }
}
