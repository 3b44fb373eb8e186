import Domain
import Engine

extension StoreCheck {
    static let intents = [
        StoreCheck("tries of a step are counted by reference and step") { scene in
            let claim = try await scene.claimed()

            let first = try await scene.commitIntent(claim, .createInvoice)
            let second = try await scene.commitIntent(claim, .createInvoice)
            let other = try await scene.commitIntent(claim, .bookInvoice)

            try expect([first.attempt, second.attempt, other.attempt], is: [1, 2, 1], "attempts")
            try expect(first.committedAt, is: scene.now, "committed at")
            try expect(first.deadline, is: scene.now + .seconds(30), "deadline")
        },
        StoreCheck("an intent without an outcome is open for whoever comes next") { scene in
            let claim = try await scene.claimed()
            let intent = try await scene.commitIntent(claim)
            scene.clock.advance(by: .seconds(60))

            let taken = try await scene.claimOne(worker: "other")

            try expect(taken.openIntents, is: [intent], "open intents")
        },
        StoreCheck("an unknown outcome leaves its intent open; a refusal and a proven failure close it") { scene in
            for (result, isOpen) in [(.unknown, true), (.rejected, false), (.retry, false)]
                as [(OutcomeRecord.Result, Bool)]
            {
                let claim = try await scene.claimed("\(result)")
                try await scene.commitIntent(claim)
                _ = try await scene.store.recordOutcomes([scene.outcome(claim, result)])
                let again = try await scene.claimedAgain(claim)
                try expect(!again.openIntents.isEmpty, is: isOpen, "open after \(result)")
                try await scene.end(again)
            }
        },
        StoreCheck("a later refusal does not settle an earlier try whose outcome is unknown") { scene in
            let claim = try await scene.claimed()
            for result in [OutcomeRecord.Result.unknown, .rejected] {
                try await scene.commitIntent(claim)
                _ = try await scene.store.recordOutcomes([scene.outcome(claim, result)])
            }

            let again = try await scene.claimedAgain(claim)

            try expect(again.openIntents.map(\.attempt), is: [1], "open attempts")
        },
        StoreCheck("once the document is found, no earlier try of it is open") { scene in
            let claim = try await scene.claimed()
            try await scene.commitIntent(claim, .createInvoice)
            _ = try await scene.store.recordOutcomes([scene.outcome(claim, .unknown)])
            let found = scene.document(scene.reference("1"), erp: "7")
            _ = try await scene.store.recordOutcomes([scene.outcome(claim, .adopted, found, nil)])

            let again = try await scene.claimedAgain(claim)

            try expect(again.openIntents, is: [], "open intents")
            try expect(again.documents, is: [found], "documents")
        },
        StoreCheck("of a batch of intents only those are committed whose lease is held") { scene in
            try await scene.record(scene.snapshot("1"))
            let lost = try await scene.claimOne()
            scene.clock.advance(by: .seconds(61))
            _ = try await scene.claimOne(worker: "other")
            try await scene.record(scene.snapshot("2"))
            let held = try await scene.claimOne()

            let committed = try await scene.store.recordIntents([scene.intentRecord(lost), scene.intentRecord(held)])

            try expect(Set(committed.keys), is: [scene.key("2")], "committed")
        },
        StoreCheck("a customer's intent is fenced by the customer's own lease") { scene in
            let claim = try await scene.claimed()
            let customer = ExternalReference(shop: Sample.shop, record: "customer-1", kind: .customer)
            let lease = try unwrap(
                try await scene.store.acquire("customer-1", worker: "w", for: .seconds(60)), "it is held")
            let record = IntentRecord(
                key: claim.entity.key, lease: lease, taskID: claim.taskID, reference: customer, kind: .ensureCustomer,
                deadline: scene.now + .seconds(30))

            try expect(try await scene.store.recordIntents([record]).count, is: 1, "committed while held")
            try await scene.store.release(lease)
            try expect(try await scene.store.recordIntents([record]).count, is: 0, "committed after giving back")
        },
    ]
}
