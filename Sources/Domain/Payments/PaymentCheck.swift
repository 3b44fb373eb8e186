extension Settings {
    /// What in the payment settings would book payments wrongly or stop them later: all of it at once.
    public var paymentProblems: [Problem] {
        guard let payments else { return [] }
        return payments.problems + paymentMethods.flatMap { problems(of: $0, payments) }
    }

    private func problems(of rule: PaymentMethodRule, _ payments: PaymentSettings) -> [Problem] {
        if let account = rule.paidTo {
            let clearing = payments.accounts.first { $0.clearing == account }
            return clearing.map {
                [
                    Problem(
                        .paymentNotSet,
                        "payment method \(rule.method) is paid to \(account), the clearing account of \($0.provider): "
                            + "give it provider: \($0.provider)")
                ]
            } ?? []
        }
        guard let provider = rule.provider else {
            guard !rule.ownInvoice else { return [] }
            return [
                Problem(
                    .paymentNotSet,
                    "payment method \(rule.method) names neither the provider that collects it nor the account it is paid to: "
                        + "its invoices stay open")
            ]
        }
        guard payments.accounts.contains(where: { $0.provider == provider }) else {
            return [
                Problem(
                    .paymentNotSet,
                    "payment method \(rule.method) is collected by \(provider), which payments.accounts does not name")
            ]
        }
        return []
    }

    /// Every ledger account that payments go by, each once, sorted.
    public var namedPaymentAccounts: [String] {
        guard let payments else { return [] }
        let others = [payments.rounding, payments.exchangeGain, payments.exchangeLoss]
        return Set(payments.accounts.flatMap(\.named) + others.compactMap(\.self) + paymentMethods.compactMap(\.paidTo))
            .sorted()
    }
}

extension PaymentSettings {
    fileprivate var problems: [Problem] {
        var problems: [Problem] = []
        for (index, one) in accounts.enumerated() {
            let name = "\(one.provider) in \(one.currency)"
            for fee in one.fees where !fee.isConfirmed {
                let kind = fee.kind == "*" ? "fees" : "fees of \(fee.kind)"
                problems.append(Problem(.feeNotConfirmed, "\(kind) of \(name) on account \(fee.account)"))
            }
            if !one.fees.contains(where: { $0.kind == "*" }) {
                problems.append(Problem(.paymentNotSet, "\(name) has no account for other fees (kind: *)"))
            }
            for (key, account) in [("suspense", one.suspense), ("disputes", one.disputes)] where account == nil {
                problems.append(
                    Problem(.paymentNotSet, "\(name) has no \(key) account: a payout that needs it stops"))
            }
            if let twin = accounts[..<index].first(where: { $0.clearing == one.clearing }) {
                problems.append(
                    Problem(
                        .paymentNotSet,
                        "\(name) has the clearing account \(one.clearing) of \(twin.provider) in \(twin.currency): "
                            + "what each owes could not be told"))
            }
        }
        return problems
    }
}
