import ConnectorKit
import Domain
import TestKit
import Testing

/// A check that no broken connector fails proves nothing: each has one that it must notice.
@Suite struct ERPMutantTests {
    struct Mutant: Sendable, CustomStringConvertible {
        let description: String
        /// A part of the name of the check that must notice it.
        let check: String
        var isUnique = true
        let broken: @Sendable (any ERP) -> any ERP

        init(
            _ description: String, fails check: String, isUnique: Bool = true,
            _ change: @escaping @Sendable (inout BrokenERP) -> Void
        ) {
            self.description = description
            self.check = check
            self.isUnique = isUnique
            broken = { base in
                var erp = BrokenERP(base: base)
                change(&erp)
                return erp
            }
        }
    }

    private static let claimsAllUnique: @Sendable (inout BrokenERP) -> Void = { erp in
        erp.claims = { capabilities in
            for (kind, claim) in capabilities.kinds {
                capabilities.kinds[kind] = .init(lookup: claim.lookup, enforcesUniqueness: true)
            }
        }
    }

    static let mutants =
        [
            Mutant("booking leaves a draft", fails: "to one booked invoice") { erp in
                erp.outcome = { outcome, steps in
                    guard steps.first?.kind == .bookInvoice else { return outcome }
                    return outcome.mapDocument { document in
                        var document = document
                        document.state = .draft
                        return document
                    }
                }
            },
            Mutant("a second time makes a second one", fails: "performed twice", isUnique: false, claimsAllUnique),
            Mutant("lookups find nothing", fails: "lost after the effect") { erp in erp.found = { _, _ in [:] } },
            Mutant("a lost call is taken for done", fails: "lost before the effect") { erp in
                erp.outcome = { outcome, steps in
                    guard case .unknown = outcome else { return outcome }
                    return .each(steps.map { _ in .done(ERPDocument(id: DocumentID("0"), state: .draft)) })
                }
            },
            Mutant("a server's error is a refusal", fails: "an error of the server") { erp in
                erp.outcome = { outcome, _ in
                    if case .unknown(let text) = outcome { .refused(Problem(.refusedByERP, text)) } else { outcome }
                }
            },
            Mutant("a busy ERP is doubted", fails: "provably did nothing") { erp in
                erp.outcome = { outcome, _ in if case .retry = outcome { .unknown("busy") } else { outcome } }
            },
            Mutant("claims a uniqueness that is not there", fails: "two workers", isUnique: false, claimsAllUnique),
            Mutant("takes its time", fails: "after the deadline") { erp in erp.deadline = { $0 + .seconds(3600) } },
            Mutant("answers every reference", fails: "left out of a lookup") { erp in
                erp.found = { found, asked in asked.reduce(into: found) { $0[$1] = $0[$1] ?? [] } }
            },
            Mutant("searches parts", fails: "nothing that is like it") { erp in
                erp.searched = { references in
                    references.map { ExternalReference(shop: $0.shop, record: "order-27", kind: $0.kind) }
                }
                erp.found = { found, asked in
                    asked.reduce(into: [:]) { result, reference in
                        let isPart = "order-27".hasPrefix(reference.record)
                        if isPart { result[reference] = found.values.first }
                    }
                }
            },
            Mutant("answers the first page", fails: "answered in full") { erp in
                erp.searched = { Array($0.prefix(5)) }
            },
            Mutant("answers in another order", fails: "in the steps' order") { erp in
                erp.outcome = { outcome, _ in
                    if case .each(let all) = outcome { .each(all.reversed()) } else { outcome }
                }
            },
            Mutant("looking makes customers", fails: "write nothing") { $0.lookingWrites = true },
            Mutant("takes no steps", fails: "possible and complete") { erp in
                erp.claims = { $0.batchLimit = [.createOrder: 0] }
            },
            Mutant("reads another total", fails: "what was sent") { erp in
                erp.document = { document in
                    var document = document
                    document.total = document.total.flatMap { try? $0 + Money("0.01", $0.currency) }
                    return document
                }
            },
            Mutant("loses a cent", fails: "does not divide") { erp in
                erp.outcome = { outcome, steps in
                    guard steps.first?.kind == .createInvoice else { return outcome }
                    return outcome.mapDocument { document in
                        var document = document
                        document.total = document.total.flatMap { try? $0 - Money("0.01", $0.currency) }
                        return document
                    }
                }
            },
            Mutant("refuses long names", fails: "longest and strangest") { erp in
                erp.outcome = { outcome, steps in
                    guard case .ensureCustomer(let draft)? = steps.first, draft.name.count > 100 else { return outcome }
                    return .refused(Problem(.refusedByERP, "the name is too long"))
                }
            },
            Mutant("names no currency", fails: "without decimals") { erp in
                erp.lacking = { problems, drafts in
                    drafts.contains { $0.currency.code == "ISK" } ? [Problem(.currencyNotInERP, "no")] : problems
                }
            },
            Mutant("knows two decimals", fails: "three decimals") { erp in
                erp.outcome = { outcome, steps in
                    guard steps.first?.kind == .createInvoice else { return outcome }
                    return outcome.mapDocument { document in
                        var document = document
                        document.total = document.total.flatMap { total in
                            try? Money(rounding: total.decimal.rounded(decimals: 2), total.currency)
                        }
                        return document
                    }
                }
            },
            Mutant("books twice", fails: "not booked again") { erp in
                erp.outcome = { outcome, steps in
                    guard steps.first?.kind == .bookInvoice else { return outcome }
                    return outcome.map { if case .alreadyThere(let document) = $0 { .done(document) } else { $0 } }
                }
            },
            Mutant("names no article", fails: "that the ERP lacks is named") { erp in
                erp.outcome = { outcome, _ in outcome.mapProblem { Problem($0.code, "something is missing") } }
            },
            Mutant("sees no lack", fails: "told before anything") { erp in erp.lacking = { _, _ in [] } },
            Mutant("a closed period is any refusal", fails: "a closed period") { erp in
                erp.outcome = { outcome, _ in outcome.mapProblem { Problem(.refusedByERP, $0.detail) } }
            },
            Mutant("wrong credentials are an outage", fails: "wrong credentials") { erp in
                erp.error = { ConnectorError(.retry(after: nil), Problem(.unreachable, $0.problem.detail)) }
            },
            Mutant("says whose order it is", fails: "stand in no error") { erp in
                erp.lacking = { problems, drafts in
                    problems.map { Problem($0.code, $0.detail + " for " + (drafts.first?.customer.name ?? "")) }
                }
            },
            Mutant("credits the whole", fails: "booked credit notes of their amounts") { erp in
                erp.outcome = { outcome, steps in
                    guard case .createCreditNote? = steps.first else { return outcome }
                    return outcome.mapDocument { document in
                        var document = document
                        document.total = document.total.map { $0 + $0 }
                        return document
                    }
                }
            },
            Mutant("credits somebody else", fails: "to nothing") { erp in
                erp.outcome = { outcome, steps in
                    guard steps.first?.reference.kind == .creditNote else { return outcome }
                    return outcome.mapDocument { document in
                        var document = document
                        document.customer = DocumentID("somebody")
                        return document
                    }
                }
            },
            Mutant("forgets what it credited", fails: "a credit note whose answer was lost", isUnique: false) { erp in
                erp.found = { found, _ in found.filter { $0.key.kind != .creditNote } }
            },
        ] + changeMutants + ruleMutants + paymentMutants + entryMutants + attachmentMutants

    private static let changeMutants = [
        Mutant("writes nothing anew", fails: "flows into what will be booked") { erp in
            erp.swallows = [.updateOrder, .withdraw]
        },
        Mutant("withdraws nothing", fails: "leaves nothing booked") { erp in erp.swallows = [.withdraw] },
        Mutant("books credit notes nowhere", fails: "credited and invoiced anew") { erp in
            erp.swallows = [.bookCreditNote]
        },
        Mutant("sets nothing off", fails: "leaves nothing owed") { erp in erp.swallows = [.offset] },
        Mutant("takes a lost change for a refusal", fails: "changed or taken back, each is done once") { erp in
            erp.outcome = { outcome, _ in
                if case .unknown(let text) = outcome { .refused(Problem(.refusedByERP, text)) } else { outcome }
            }
        },
    ]

    /// Says that documents of a step come to something else than they do.
    private static func misstates(
        _ kind: Step.Kind, _ change: @escaping @Sendable (inout ERPDocument) -> Void
    ) -> @Sendable (inout BrokenERP) -> Void {
        { erp in
            erp.outcome = { outcome, steps in
                guard steps.first?.kind == kind else { return outcome }
                return outcome.mapDocument { document in
                    var document = document
                    change(&document)
                    return document
                }
            }
        }
    }

    private static let ruleMutants = [
        Mutant("adds an öre", fails: "R1 R2", misstates(.createInvoice) { $0.total? += Sample.money("0.01") }),
        Mutant("drops the last digit", fails: "R3", misstates(.createInvoice) { $0.total? += Sample.money("-0.01") }),
        Mutant("credits too much", fails: "R7 R8", misstates(.createCreditNote) { $0.total? += Sample.money("-0.01") }),
        Mutant("finds no credit note", fails: "R9 R12") { erp in
            erp.found = { found, _ in found.filter { $0.key.kind != .creditNote } }
        },
        Mutant("gives every invoice one number", fails: "R10", misstates(.bookInvoice) { $0.number = "INV-1" }),
        Mutant("does not know its lock", fails: "R11 R14") { erp in
            erp.rewritten = { books in
                var books = books
                books.lockedThrough = nil
                return books
            }
        },
        Mutant("dates by its own day", fails: "R13", misstates(.bookInvoice) { $0.date = Sample.day("2026-01-01") }),
        Mutant("adds a discount", fails: "R33", misstates(.createInvoice) { $0.total? += Sample.money("-1.00") }),
        Mutant("credits shipping without VAT", fails: "R34", misstates(.createCreditNote) { $0.taxes = [] }),
        Mutant("charges the rate at home", fails: "R35", misstates(.createInvoice) { $0.taxes[0].code = "VAT25" }),
        Mutant(
            "charges VAT to a business", fails: "R36", misstates(.createInvoice) { $0.total? += Sample.money("25.00") }),
        Mutant(
            "credits less than came back", fails: "R40",
            misstates(.createCreditNote) { $0.total = Sample.money("-1.00") }),
    ]

    @Test(arguments: mutants)
    func isNoticed(_ mutant: Mutant) async throws {
        let check = try #require(ERPCheck.all.first { $0.name.contains(mutant.check) })
        let subject = BrokenSubject(sound: InProcessSubject(enforcesUniqueness: mutant.isUnique), broken: mutant.broken)
        await #expect(throws: AcceptanceFailure.self, "\(mutant)") { try await check.run(on: subject) }
    }

    @Test(arguments: ERPCheck.all)
    func aSoundERPPasses(_ check: ERPCheck) async throws { try await check.run(on: InProcessSubject()) }

    @Test func everyCheckHasAMutantAndANameOfItsOwn() {
        for check in ERPCheck.all where !check.isDecidedByPlan {
            #expect(Self.mutants.contains { check.name.contains($0.check) }, "nothing fails: \(check)")
        }
        #expect(Set(ERPCheck.all.map(\.name)).count == ERPCheck.all.count)
    }
}
