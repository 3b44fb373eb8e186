import ConnectorKit
import Domain

/// Refusals are told apart, name what they are about, and give nothing away.
extension ERPCheck {
    static let refusals: [ERPCheck] = [
        ERPCheck("an article that the ERP lacks is named, and keeps nobody else of the batch") { subject in
            let scene = try await ERPScene(subject)
            var steps: [Step] = []
            var kind: Step.Kind?
            for id in ["good-1", "bad", "good-2"] {
                var order = subject.order(id)
                if id == "bad" { order.lines[0].sku = "NO-SUCH-ARTICLE" }
                let documents = try await scene.done(
                    .ensureCustomer(try await scene.draft(order).customer), order, [])
                guard let step = try await scene.next(order, documents) else { continue }
                kind = step.kind
                steps.append(step)
            }
            let outcome = await scene.perform(steps)
            let bad: StepOutcome
            switch outcome {
            case .each(let outcomes):
                try require(outcomes.count, is: 3, "outcomes")
                for index in [0, 2] {
                    guard case .done = outcomes[index] else { throw AcceptanceFailure("\(outcomes[index])") }
                }
                bad = outcomes[1]
            case .refused:
                // All or nothing: then each goes by itself.
                for index in [0, 2] {
                    guard case .done = try await scene.perform(steps[index]) else {
                        throw AcceptanceFailure("a good order is not done by itself")
                    }
                }
                bad = try await scene.perform(steps[1])
            default: throw AcceptanceFailure("\(kind?.title ?? "") came to \(outcome)")
            }
            guard case .rejected(let problem) = bad else { throw AcceptanceFailure("the bad order came to \(bad)") }
            try require(problem.code, is: .articleNotFound, "code")
            try require(problem.detail.contains("NO-SUCH-ARTICLE"), "\(problem.detail) does not name the article")
            try require(try await subject.held(steps[1].reference), is: 0, "documents of the bad order")
        },
        ERPCheck("what the ERP lacks for an order is told before anything is made") { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("lacking")
            order.lines[0].sku = "NO-SUCH-ARTICLE"
            let problems = try await scene.erp.problems(in: [try await scene.draft(order)])
            try require(problems.map(\.code), is: [.articleNotFound], "problems")
            let good = try await scene.erp.problems(in: [try await scene.draft(subject.order("fine"))])
            try require(good.isEmpty, "a good order lacks \(good)")
        },
        ERPCheck("R14: a closed period is told as such and books nothing") { subject in
            let scene = try await ERPScene(subject)
            let order = subject.order("closed")
            guard let (step, _) = try await scene.before(.bookInvoice, order), let day = step.bookingDate else {
                throw AcceptanceFailure("nothing is booked")
            }
            try await subject.lock(through: day)
            let outcome: StepOutcome
            do {
                outcome = try await scene.perform(step)
            } catch {
                try await subject.lock(through: nil)
                throw error
            }
            try await subject.lock(through: nil)
            guard case .rejected(let problem) = outcome else { throw AcceptanceFailure("it came to \(outcome)") }
            try require(problem.code, is: .periodClosed, "code")
            let afterwards = try await scene.perform(step)
            guard case .done = afterwards else {
                throw AcceptanceFailure("once the period is open again it came to \(afterwards)")
            }
        },
        ERPCheck("wrong credentials are unauthorised and pause the connection") { subject in
            let erp = try await subject.connectorWithWrongCredentials()
            do throws(ConnectorError) {
                _ = try await erp.books()
                throw ConnectorError(.stop, Problem(.internalError, "wrong credentials were taken"))
            } catch {
                try require(error.problem.code, is: .unauthorised, "code")
                try require(error.decision, is: .pauseConnection, "decision")
                try refuse(subject.secrets, in: "\(error)")
            }
            let findings = await erp.check(subject.settings)
            try require(findings.map(\.code), is: [.unauthorised], "what a check tells")
            try refuse(subject.secrets, in: "\(findings)")
        },
        ERPCheck("a customer's data and our credentials stand in no error") { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("private")
            order.billing.firstName = "Zelda"
            order.billing.lastName = "Hemlig"
            order.customer.phone = "+46700123456"
            order.lines[0].sku = "NO-SUCH-ARTICLE"
            let draft = try await scene.draft(order)
            let documents = try await scene.done(.ensureCustomer(draft.customer), order, [])
            guard let step = try await scene.next(order, documents) else { return }
            let outcome = try await scene.perform(step)
            let problems = try await scene.erp.problems(in: [draft])
            let email = order.customer.email ?? "Hemlig"
            try refuse(subject.secrets + ["Zelda", "Hemlig", "46700123456", email], in: "\(outcome) \(problems)")
        },
    ]

    private static func refuse(_ words: [String], in text: String) throws(AcceptanceFailure) {
        for word in words where text.contains(word) {
            throw AcceptanceFailure("it gives away \(word.prefix(3))…: \(text.prefix(60))")
        }
    }
}
