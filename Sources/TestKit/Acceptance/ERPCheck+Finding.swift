import ConnectorKit
import Domain

/// What lookups find, and what they do not.
extension ERPCheck {
    static let finding: [ERPCheck] = [
        ERPCheck("a reference that nobody used is left out of a lookup") { subject in
            let scene = try await ERPScene(subject)
            for kind in [DocumentKind.order, .invoice] {
                let found = try await scene.erp.find([scene.reference("nobody", kind)])
                try require(found.isEmpty, "a lookup of nothing finds \(found)")
            }
        },
        ERPCheck("a lookup finds the whole reference and nothing that is like it") { subject in
            let scene = try await ERPScene(subject)
            try await scene.finish(subject.order("27"))
            for id in ["2", "7", "127", "270", "27/invoice", "27 ", "%", "2_", "_7", "27%", "*", "27\\"] {
                for kind in [DocumentKind.order, .invoice] {
                    let found = try await scene.erp.find([scene.reference(id, kind)])
                    try require(found.isEmpty, "a lookup of order \(id) finds \(found)")
                }
            }
            let found = try await scene.erp.find([scene.reference("27", .invoice)])
            try require(found.values.map(\.count), is: [1], "documents under the reference itself")
        },
        ERPCheck("many references and ids are answered in full, each under its own") { subject in
            let scene = try await ERPScene(subject)
            var numbers: [String: DocumentID] = [:]
            for id in (1...7).map({ "many-\($0)" }) {
                numbers[id] = try scene.invoice(try await scene.finish(subject.order(id))).id
            }
            let references = numbers.keys.map { scene.reference($0, .invoice) } + [scene.reference("none", .invoice)]
            let found = try await scene.erp.find(references)
            try require(found.count, is: numbers.count, "references found")
            for (id, number) in numbers {
                try require(
                    found[scene.reference(id, .invoice)]?.map(\.id) ?? [], is: [number], "what is found of order \(id)")
            }
            let ids = Array(numbers.values)
            let read = try await scene.erp.read(.invoice, ids + [DocumentID("99999999")])
            try require(Set(read.keys), is: Set(ids), "ids read")
            try require(read.allSatisfy { $0.key == $0.value.id }, "a document is read under another's id")
        },
        ERPCheck("more steps than one call takes are answered in the steps' order") { subject in
            let scene = try await ERPScene(subject)
            let orders = (1...3).map { subject.order("batch-\($0)") }
            var steps: [Step] = []
            for order in orders {
                guard let (step, _) = try await scene.before(.ensureCustomer, order) else { continue }
                steps.append(step)
            }
            guard case .each(let outcomes) = await scene.perform(steps) else {
                throw AcceptanceFailure("a batch of good steps was not done")
            }
            try require(outcomes.count, is: steps.count, "outcomes")
            for (step, outcome) in zip(steps, outcomes) {
                guard case .done(let made) = outcome else { throw AcceptanceFailure("\(outcome)") }
                let found = try await scene.erp.find([step.reference])[step.reference] ?? []
                try require(found.map(\.id), is: [made.id], "the customer under \(step.reference)")
            }
        },
        ERPCheck("looking, checking and finding problems write nothing") { subject in
            let scene = try await ERPScene(subject)
            let draft = try await scene.draft(subject.order("look"))
            let before = try await subject.heldInAll()
            _ = try await scene.erp.problems(in: [draft])
            _ = await scene.erp.check(subject.settings)
            _ = try await scene.erp.find([draft.reference, draft.customer.reference])
            _ = try await scene.erp.books()
            try require(try await subject.heldInAll(), is: before, "documents")
        },
        ERPCheck("what the connector claims is possible and complete") { subject in
            let scene = try await ERPScene(subject)
            let capabilities = scene.erp.capabilities
            for kind in [DocumentKind.customer, .order, .invoice] {
                guard let claim = capabilities.kinds[kind] else {
                    throw AcceptanceFailure("nothing is said of \(kind)s")
                }
                if case .none = claim.lookup, !claim.enforcesUniqueness, capabilities.serverLimit == nil {
                    throw AcceptanceFailure("\(kind)s can neither be found nor are they unique")
                }
            }
            try require(capabilities.batchLimit.values.allSatisfy { $0 > 0 }, "a batch of no steps")
            try require(capabilities.callDeadline > .zero, "no time for a call")
            try require(!(try await scene.erp.books()).rules.workflows.isEmpty, "no way to an invoice")
        },
    ]
}
