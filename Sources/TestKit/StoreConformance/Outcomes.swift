import Domain
import Engine

extension StoreCheck {
    static let outcomes = [
        StoreCheck("an outcome brings its document, reference, step and log line together") { scene in
            let claim = try await scene.claimed()
            let document = scene.document(scene.reference("1"), erp: "7", number: "INV-7")

            try await scene.make(claim, document.reference, erp: "7", number: "INV-7")

            try expect(try await scene.store.documents(of: scene.key("1")), is: [document], "documents")
            let references = try await scene.store.references(
                integration: StoreScene.integration, matching: nil, limit: 10)
            try expect(
                references, is: [Reference(key: scene.key("1"), number: "1001", document: document)], "references")
            let steps = try await scene.store.tasks(of: scene.key("1")).first?.steps ?? []
            try expect(steps.map(\.result), is: [.done], "results")
            try expect(steps.map(\.reference), is: [document.reference], "references of steps")
            let logs = try await scene.store.logs(integration: StoreScene.integration, matching: "INV-7", limit: 10)
            try expect(logs.map(\.text), is: ["step: done"], "log")
            try expect(logs.map(\.taskID), is: [claim.taskID], "task of the log line")
            try expect(logs.map(\.reference), is: [document.reference], "reference of the log line")
        },
        StoreCheck("a document that is read back replaces what was known of it") { scene in
            let claim = try await scene.claimed()
            let reference = scene.reference("1")
            try await scene.make(claim, reference, erp: "7")
            let booked = scene.document(reference, erp: "7", number: "INV-7", state: .booked)

            _ = try await scene.store.recordOutcomes([scene.outcome(claim, .done, booked, .bookInvoice)])

            try expect(try await scene.store.documents(of: scene.key("1")), is: [booked], "documents")
        },
        StoreCheck("an outcome without a document leaves documents and references alone") { scene in
            let claim = try await scene.claimed()
            try await scene.make(claim, scene.reference("1"), erp: "7")

            _ = try await scene.store.recordOutcomes([scene.outcome(claim, .rejected)])

            try expect(try await scene.store.documents(of: scene.key("1")).count, is: 1, "documents")
        },
        StoreCheck("of a batch of outcomes nothing is committed for a lost lease, and everything for the others") {
            scene in
            try await scene.record(scene.snapshot("1"))
            let lost = try await scene.claimOne()
            scene.clock.advance(by: .seconds(61))
            _ = try await scene.claimOne(worker: "other")
            try await scene.record(scene.snapshot("2"))
            let held = try await scene.claimOne()

            let refused = try await scene.store.recordOutcomes([
                scene.outcome(lost, .done, scene.document(scene.reference("1"), erp: "7")),
                scene.outcome(held, .done, scene.document(scene.reference("2"), erp: "8")),
            ])

            try expect(refused, is: [scene.key("1")], "refused")
            try expect(try await scene.store.documents(of: scene.key("1")), is: [], "documents of the lost")
            try expect(try await scene.store.documents(of: scene.key("2")).count, is: 1, "documents of the held")
            let steps = try await scene.store.tasks(of: scene.key("1")).flatMap(\.steps)
            try expect(steps, is: [], "steps of the lost")
        },
        StoreCheck("a caller that is cancelled does not take back what a call came to") { scene in
            let claim = try await scene.claimed()
            let document = scene.document(scene.reference("1"), erp: "7")
            let caller = Task {
                // Cancelled before it begins, in the middle or after: every time the outcome is kept.
                withUnsafeCurrentTask { $0?.cancel() }
                let refused = try await scene.store.recordOutcomes([scene.outcome(claim, .done, document)])
                try await scene.end(claim)
                return refused
            }

            try expect(try await caller.value, is: [], "refused")

            try expect(try await scene.store.documents(of: scene.key("1")), is: [document], "documents")
            try expect(try await scene.entity("1").standing.state, is: .completed, "state")
        },
        StoreCheck("a NUL in a text cuts off nothing behind it") { scene in
            try await scene.store.log(
                LogLine(at: scene.now, level: .info, integration: StoreScene.integration, text: "before\u{0}behind"))

            let logs = try await scene.store.logs(integration: StoreScene.integration, matching: nil, limit: 1)

            try expect(logs.first?.text.hasSuffix("behind") ?? false, "\(logs.map(\.text))")
        },
    ]
}
