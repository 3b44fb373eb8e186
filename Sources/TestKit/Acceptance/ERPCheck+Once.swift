import ConnectorKit
import Domain

/// One document each time, whatever is lost and however often it is asked.
extension ERPCheck {
    static let once: [ERPCheck] = [
        ERPCheck("an order goes step by step to one booked invoice") { subject in
            let scene = try await ERPScene(subject)
            let documents = try await scene.finish(subject.order("1"))
            try require(try scene.invoice(documents).state.isBooked, "the invoice is not booked")
            try require(try await subject.held(scene.reference("1", .invoice)), is: 1, "invoices")
        },
        ERPCheck("a step that is performed twice makes one document where the ERP is said to keep them unique") {
            subject in
            let scene = try await ERPScene(subject)
            for kind in try await scene.way() {
                let order = subject.order("twice-\(kind)")
                guard let (step, documents) = try await scene.before(kind, order) else { continue }
                let made = try await scene.done(step, order, documents)
                let again = try await scene.perform(step)
                let isSaidUnique =
                    scene.erp.capabilities.kinds[step.reference.kind]?.enforcesUniqueness == true
                    || [.confirmOrder, .bookInvoice].contains(kind)
                guard isSaidUnique else { continue }
                let second: ERPDocument
                switch again {
                case .alreadyThere(let document), .done(let document): second = document
                default: throw AcceptanceFailure("\(kind.title) a second time came to \(again)")
                }
                let first = made.first { $0.reference == step.reference }?.erp.id
                try require(second.id, is: first ?? second.id, "\(kind.title) a second time")
                try require(try await subject.held(step.reference), is: 1, "documents after \(kind.title) twice")
            }
        },
        ERPCheck("an answer lost after the effect is unknown, and a lookup finds the one document") { subject in
            for kind in try await ERPScene(subject).way() {
                let order = subject.order("after-\(kind)")
                let (scene, step, documents) = try await lose(.lostAfter, kind, order, subject)
                try await goOn(from: step, scene, order, documents, mayBeMissing: false)
            }
        },
        ERPCheck("an answer lost before the effect is unknown, and what a lookup does not find is made once") {
            subject in
            for kind in try await ERPScene(subject).way() {
                let order = subject.order("before-\(kind)")
                let (scene, step, documents) = try await lose(.lostBefore, kind, order, subject)
                try await goOn(from: step, scene, order, documents, mayBeMissing: true)
            }
        },
        ERPCheck("an error of the server is unknown, never a success or a refusal") { subject in
            for kind in try await ERPScene(subject).way() {
                let order = subject.order("error-\(kind)")
                let (scene, step, documents) = try await lose(.serverError, kind, order, subject)
                try await goOn(from: step, scene, order, documents, mayBeMissing: true)
            }
        },
        ERPCheck("a call that provably did nothing is tried again and looked for by nobody") { subject in
            for manner in [ERPFault.Manner.tooManyCalls, .unreachable] {
                for kind in try await ERPScene(subject).way() {
                    let order = subject.order("retry-\(manner)-\(kind)")
                    let scene = try await ERPScene(subject, ERPFault(kind, manner))
                    guard let (step, _) = try await scene.before(kind, order) else { continue }
                    let before = try await subject.heldInAll()
                    let outcome = try await scene.perform(step)
                    guard case .retry = outcome else { throw AcceptanceFailure("\(kind.title) came to \(outcome)") }
                    try require(try await subject.heldInAll(), is: before, "documents")
                }
            }
        },
        ERPCheck("two workers with one step come to what the connector claims") { subject in
            let first = try await ERPScene(subject)
            for kind in try await first.way() {
                let order = subject.order("two-\(kind)")
                guard let (step, _) = try await first.before(kind, order) else { continue }
                let second = try await ERPScene(subject)
                async let one = first.perform(step)
                async let other = second.perform(step)
                _ = try await (one, other)
                let held = try await subject.held(step.reference)
                let isUnique =
                    first.erp.capabilities.kinds[step.reference.kind]?.enforcesUniqueness == true
                    || [.confirmOrder, .bookInvoice].contains(kind)
                if isUnique {
                    try require(held, is: 1, "documents after two workers did \(kind.title)")
                } else {
                    let found = try await first.erp.find([step.reference])[step.reference] ?? []
                    try require(found.count, is: held, "documents that a lookup tells after \(kind.title)")
                }
            }
        },
        ERPCheck("no request is sent after the deadline") { subject in
            let scene = try await ERPScene(subject)
            for kind in try await scene.way() {
                let order = subject.order("late-\(kind)")
                guard let (step, _) = try await scene.before(kind, order) else { continue }
                let before = try await subject.heldInAll()
                let state = try await scene.erp.find([step.reference])
                let outcome = await scene.erp.perform([step], deadline: subject.clock.now() - .seconds(1))
                switch outcome {
                case .retry: break
                case .each(let outcomes) where outcomes.allSatisfy({ if case .retry = $0 { true } else { false } }):
                    break
                default: throw AcceptanceFailure("\(kind.title) after its deadline came to \(outcome)")
                }
                try require(try await subject.heldInAll(), is: before, "documents after \(kind.title)")
                try require(try await scene.erp.find([step.reference]), is: state, "what stands after \(kind.title)")
            }
        },
    ]

    /// Everything before a step, and the step with a fault.
    private static func lose(
        _ manner: ERPFault.Manner, _ kind: Step.Kind, _ order: Order, _ subject: any ERPSubject
    ) async throws -> (ERPScene, Step, [Document]) {
        let scene = try await ERPScene(subject, ERPFault(kind, manner))
        guard let (step, documents) = try await scene.before(kind, order) else {
            throw AcceptanceFailure("\(kind.title) is no longer on the way")
        }
        let outcome = try await scene.perform(step)
        guard case .unknown = outcome else { throw AcceptanceFailure("\(kind.title) came to \(outcome)") }
        return (scene, step, documents)
    }

    /// As the engine does after doubt: looks up, adopts what is there and goes on to the end.
    private static func goOn(
        from step: Step, _ scene: ERPScene, _ order: Order, _ documents: [Document], mayBeMissing: Bool
    ) async throws {
        let (subject, erp) = (scene.subject, scene.erp)
        let found = try await erp.find([step.reference])[step.reference] ?? []
        try require(
            found.count == 1 || (mayBeMissing && found.isEmpty),
            "a lookup after \(step.kind.title) finds \(found.count) documents")
        let known = found.first.map { scene.keep($0, step.reference, order, documents) } ?? documents
        let end = try await scene.finish(order, known)
        try require(try scene.invoice(end).state.isBooked, "after \(step.kind.title) the invoice is not booked")
        for document in end where document.reference.kind != .customer {
            try require(
                try await subject.held(document.reference), is: 1,
                "\(document.reference.kind.title)s after a fault at \(step.kind.title)")
        }
    }
}
