extension PaymentSettings {
    /// Reads the `payments` group. Problems are left in the reader.
    init(_ reader: FieldReader) {
        self.init(
            register: reader.choice("register", default: Register.payout),
            date: reader.choice("date", default: Date.transaction),
            bankLeg: reader.choice("bankLeg", default: BankLeg.bank),
            tolerance: Self.tolerance(reader),
            rounding: reader.string("rounding"),
            exchangeGain: reader.string("exchangeGain"),
            exchangeLoss: reader.string("exchangeLoss"),
            series: reader.string("series"),
            attachReports: reader.bool("attachReports", default: true),
            alsoOrdersOf: reader.strings("alsoOrdersOf", default: []),
            accounts: reader.list("accounts", PayoutAccounts.init)
        )
        for (index, one) in accounts.enumerated() {
            if accounts[..<index].contains(where: { $0.provider == one.provider && $0.currency == one.currency }) {
                reader.report("accounts[\(index)]", "\(one.provider) in \(one.currency) is there already")
            }
            if bankLeg == .inTransit, one.inTransit == nil {
                reader.report("accounts[\(index)].inTransit", "is required when bankLeg is inTransit")
            }
        }
        reader.refuseUnknownKeys()
    }

    /// `EUR: 0.10`, by currency; what is not named keeps its default.
    private static func tolerance(_ reader: FieldReader) -> [String: Money] {
        var tolerance = usualTolerance
        let group = reader.group("tolerance")
        for code in group.keys {
            guard let currency = Currency(code: code) else {
                group.report(code, "is no currency code like EUR")
                continue
            }
            let amount = group.parsed(code, "an amount of \(code) like 0.10") { try? Money($0, currency) }
            if let amount { tolerance[code] = amount }
        }
        return tolerance
    }
}

extension PayoutAccounts {
    fileprivate init(_ reader: FieldReader) {
        let currency = reader.parsed("currency", "a currency code like EUR") { Currency(code: $0)?.code }
        if currency == nil, reader.string("currency") == nil { reader.report("currency", "is required") }
        self.init(
            provider: reader.requiredString("provider"),
            currency: currency ?? "",
            clearing: reader.requiredString("clearing"),
            bank: reader.requiredString("bank"),
            inTransit: reader.string("inTransit"),
            fees: reader.list("fees", PayoutFeeRule.init),
            disputes: reader.string("disputes"),
            reserves: reader.string("reserves"),
            adjustments: reader.string("adjustments"),
            transfers: reader.string("transfers"),
            suspense: reader.string("suspense"),
            beforeStart: reader.string("beforeStart")
        )
        if clearing == bank, !clearing.isEmpty {
            reader.report("clearing", "is the bank account: what the provider owes would never be seen")
        }
    }
}

extension PayoutFeeRule {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            kind: reader.string("kind", default: "*"),
            account: reader.requiredString("account"),
            vat: Self.vat(reader),
            isConfirmed: reader.bool("confirmed", default: false)
        )
    }

    private enum Treatment: String, CaseIterable { case none, domestic, reverseCharge }

    private static func vat(_ reader: FieldReader) -> VAT {
        let treatment = reader.choice("vat", default: Treatment.none)
        if treatment == .none { return .none }
        let percent = reader.parsed("percent", "a percentage like 25") { ExactDecimal($0) }
        if percent == nil, reader.string("percent") == nil { reader.report("percent", "is required with vat") }
        let input = reader.requiredString("inputVAT")
        switch treatment {
        case .none, .domestic: return .domestic(percent: percent ?? .zero, input: input)
        case .reverseCharge:
            return .reverseCharge(
                percent: percent ?? .zero, input: input, output: reader.requiredString("outputVAT"))
        }
    }
}
