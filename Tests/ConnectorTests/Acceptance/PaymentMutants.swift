import ConnectorKit
import Domain
import TestKit

/// Connectors that are wrong about money: what they are asked is changed on its way to a sound ERP.
extension ERPMutantTests {
    private static func pays(
        _ change: @escaping @Sendable (inout PaymentDraft) -> Void
    ) -> @Sendable (inout BrokenERP) -> Void {
        { erp in
            erp.step = { step in
                guard case .registerPayment(var draft) = step else { return step }
                change(&draft)
                return .registerPayment(draft)
            }
        }
    }

    private static func posts(
        _ change: @escaping @Sendable (inout JournalEntryDraft) -> Void
    ) -> @Sendable (inout BrokenERP) -> Void {
        { erp in
            erp.step = { step in
                guard case .createJournalEntry(var draft) = step else { return step }
                change(&draft)
                return .createJournalEntry(draft)
            }
        }
    }

    private static func attaches(
        _ change: @escaping @Sendable (inout AttachmentDraft) -> Void
    ) -> @Sendable (inout BrokenERP) -> Void {
        { erp in
            erp.step = { step in
                guard case .attach(var draft) = step else { return step }
                change(&draft)
                return .attach(draft)
            }
        }
    }

    /// A reference that nobody had before.
    private static func unknown(_ kind: DocumentKind) -> ExternalReference {
        ExternalReference(shop: Sample.shop, record: "anew-\(Randomness.system.nonce())", kind: kind)
    }

    private static let refusesWhatIsLost: @Sendable (inout BrokenERP) -> Void = { erp in
        erp.outcome = { outcome, _ in
            if case .unknown(let text) = outcome { .refused(Problem(.refusedByERP, text)) } else { outcome }
        }
    }

    private static let namesNoClosedPeriod: @Sendable (inout BrokenERP) -> Void = { erp in
        erp.outcome = { outcome, _ in outcome.mapProblem { Problem(.refusedByERP, $0.detail) } }
    }

    static let paymentMutants = [
        Mutant("pays on the day after", fails: "R22", pays { $0.date = $0.date.next }),
        Mutant("pays into the bank", fails: "R22", pays { $0.account = "1930" }),
        Mutant("says a payment comes to less", fails: "R22") { erp in
            erp.outcome = { outcome, steps in
                guard steps.first?.kind == .registerPayment else { return outcome }
                return outcome.mapDocument { document in
                    var document = document
                    document.total? += Sample.money("-0.01")
                    return document
                }
            }
        },
        Mutant(
            "makes every payment anew", fails: "registered again is found", pays { $0.reference = unknown(.payment) }),
        Mutant(
            "takes equal payments for one", fails: "two payments of one amount",
            pays { draft in
                draft.reference = ExternalReference(
                    shop: draft.reference.shop, record: draft.reference.record, kind: .payment)
            }),
        Mutant("pays all of it", fails: "leaves the rest open", pays { $0.amount = Sample.money("99.00") }),
        Mutant(
            "pays a krona less back", fails: "paid back on a credit note",
            pays { if $0.amount.isNegative { $0.amount += Sample.money("1.00") } }),
        Mutant("takes a lost payment for a refusal", fails: "a payment whose answer was lost", refusesWhatIsLost),
        Mutant(
            "makes a lost payment anew", fails: "a payment whose answer was lost",
            pays { $0.reference = unknown(.payment) }),
        Mutant(
            "pays no more than is open", fails: "more than is open",
            pays { if $0.amount.minorUnits > 9900 { $0.amount = Sample.money("99.00") } }),
        Mutant("says that a draft is gone", fails: "not booked is refused") { erp in
            erp.outcome = { outcome, _ in outcome.mapProblem { Problem(.documentGone, $0.detail) } }
        },
        Mutant("pays on another account", fails: "that the ERP lacks is refused", pays { $0.account = "1930" }),
        Mutant(
            "posts on another account", fails: "that the ERP lacks is refused", posts { $0.rows[1].account = "1930" }),
        Mutant("pays on an open day", fails: "a payment into a closed period", pays { $0.date = $0.date.next }),
        Mutant("closes no period for payments", fails: "a payment into a closed period", namesNoClosedPeriod),
        Mutant("pays by its own rate", fails: "R20: what the provider's rate", pays { $0.settled = nil }),
        Mutant(
            "takes exchange for VAT", fails: "R20: what the provider's rate",
            pays { ($0.gain, $0.loss) = ("2611", "2611") }),
        Mutant("pays parts by its own rate", fails: "R20: another currency", pays { $0.settled = nil }),
    ]

    static let entryMutants = [
        Mutant(
            "posts the other way round", fails: "R19",
            posts { draft in
                for index in draft.rows.indices { draft.rows[index].amount = -draft.rows[index].amount }
            }),
        Mutant(
            "posts the net alone", fails: "R19",
            posts { draft in
                draft.rows = [draft.rows[0], draft.rows[4]]
                draft.rows[1].amount = -draft.rows[0].amount
            }),
        Mutant("dates entries by the day after", fails: "R19", posts { $0.date = $0.date.next }),
        Mutant("posts without a word", fails: "R19", posts { $0.text = "" }),
        Mutant("posts every entry anew", fails: "R19", posts { $0.reference = unknown(.journalEntry) }),
        Mutant(
            "finds entries by a part", fails: "references are alike",
            posts { draft in
                guard draft.reference.record.hasPrefix("payout-po_1") else { return }
                draft.reference = ExternalReference(
                    shop: draft.reference.shop, record: "payout-po_1", kind: .journalEntry)
            }),
        Mutant(
            "levels out", fails: "does not balance is refused",
            posts { draft in
                let missing = draft.rows.map(\.amount).sum(Sample.sek)
                draft.rows.append(.init(account: "3740", amount: -missing, text: "levelled"))
            }),
        Mutant("posts on an open day", fails: "an entry into a closed period", posts { $0.date = $0.date.next }),
        Mutant("closes no period for entries", fails: "an entry into a closed period", namesNoClosedPeriod),
        Mutant("takes a lost entry for a refusal", fails: "an entry whose answer was lost", refusesWhatIsLost),
        Mutant(
            "posts a lost entry anew", fails: "an entry whose answer was lost",
            posts { $0.reference = unknown(.journalEntry) }),
        Mutant("tells what it owes as owed to it", fails: "the balance of an account") { erp in
            erp.balance = { $0.map { -$0 } }
        },
        Mutant("tells whole kronor", fails: "the balance of an account") { erp in
            erp.balance = { $0.map { Money(minorUnits: $0.minorUnits / 100 * 100, $0.currency) } }
        },
        Mutant("tells what an account began with", fails: "the balance of an account") { erp in
            erp.balance = { $0.map { .zero($0.currency) } }
        },
    ]

    static let attachmentMutants = [
        Mutant("drops the last byte of a file", fails: "byte for byte", attaches { $0.content.removeLast() }),
        Mutant(
            "attaches every file anew", fails: "byte for byte", attaches { $0.reference = unknown(.attachment) }),
        Mutant(
            "knows files by their name", fails: "equal files of two entries",
            attaches { draft in
                draft.reference = ExternalReference(
                    shop: draft.reference.shop, record: draft.name, kind: .attachment)
            }),
        Mutant("takes a lost file for a refusal", fails: "a file whose answer was lost", refusesWhatIsLost),
        Mutant(
            "attaches a lost file anew", fails: "a file whose answer was lost",
            attaches { $0.reference = unknown(.attachment) }),
    ]
}
