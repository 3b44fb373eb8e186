import Domain
import Engine

extension StoreCheck {
    static let references = [
        StoreCheck("an ERP document that belongs to one record is never tied to a second: that one stops") { scene in
            let first = try await scene.claimed("1")
            try await scene.make(first, scene.reference("1"), erp: "7")
            try await scene.end(first)
            let second = try await scene.claimed("2")
            try await scene.commitIntent(second)

            let refused = try await scene.store.recordOutcomes([
                scene.outcome(second, .alreadyThere, scene.document(scene.reference("2"), erp: "7"))
            ])

            try expect(refused, is: [scene.key("2")], "refused")
            try expect(try await scene.store.documents(of: scene.key("2")), is: [], "documents of the second")
            try expect(try await scene.store.documents(of: scene.key("1")).count, is: 1, "documents of the first")
            let entity = try await scene.entity("2")
            try expect(entity.standing.state, is: .stopped, "state")
            try expect(entity.standing.code, is: "DOCUMENT_CONFLICT", "code")
            // Its worker stands back, and the next run looks before it makes anything.
            try await scene.end(second)
            try expect(try await scene.entity("2").standing.state, is: .stopped, "state after its worker's finish")
            try await scene.store.markDue([scene.key("2")], trigger: .retry)
            let again = try await scene.claimOne()
            try expect(again.entity.inDoubt, "it is not in doubt")
            try expect(again.openIntents.count, is: 1, "open intents")
        },
        StoreCheck("equal ERP ids of two kinds, and of two integrations, are different documents") { scene in
            let claim = try await scene.claimed()
            try await scene.make(claim, scene.reference("1", .order), .createOrder, erp: "7")
            try await scene.make(claim, scene.reference("1", .invoice), .createInvoice, erp: "7")
            try await scene.record(scene.snapshot("1", in: "alpine"))
            let other = try unwrap(try await scene.claim(in: "alpine").first, "no claim")
            try await scene.make(other, scene.reference("1", .invoice), .createInvoice, erp: "7")

            try expect(try await scene.store.documents(of: scene.key("1")).count, is: 2, "documents")
            try expect(try await scene.store.documents(of: scene.key("1", in: "alpine")).count, is: 1, "documents")
        },
        StoreCheck("several guests of the shop may be one customer of the ERP, shared by all their orders") { scene in
            let claim = try await scene.claimed()
            let guests = ["a", "b"].map {
                ExternalReference(shop: Sample.shop, record: "customer-\($0)", kind: .customer)
            }
            for guest in guests { try await scene.make(claim, guest, .ensureCustomer, erp: "41") }

            for guest in guests {
                let customer = try await scene.store.customer(guest, integration: StoreScene.integration)
                try expect(customer?.erp.id, is: DocumentID("41"), "customer of \(guest)")
            }
            let elsewhere = try await scene.store.customer(guests[0], integration: "alpine")
            try expect(elsewhere, is: nil, "customer of another integration")
        },
        StoreCheck("a reference has one document: a second one takes the place of the first") { scene in
            let claim = try await scene.claimed()
            try await scene.make(claim, scene.reference("1"), erp: "7")
            try await scene.make(claim, scene.reference("1"), erp: "8")

            let documents = try await scene.store.documents(of: scene.key("1"))
            try expect(documents.map(\.erp.id.text), is: ["8"], "ERP ids")
        },
        removed, searched,
    ]

    private static let removed = StoreCheck(
        "a removed reference puts its record in doubt, and its intents are open again"
    ) {
        scene in
        let claim = try await scene.claimed()
        let reference = scene.reference("1")
        try await scene.make(claim, reference, erp: "7")
        try await scene.end(claim)

        try await scene.store.removeReference(reference, integration: StoreScene.integration, by: "anna")

        try expect(try await scene.store.documents(of: scene.key("1")), is: [], "documents")
        try expect(try await scene.entity("1").inDoubt, "it is not in doubt")
        let log = try await scene.store.logs(integration: StoreScene.integration, matching: reference.key, limit: 1)
        try expect(log.first?.text.contains("anna") ?? false, "the log does not say who removed it")
        try await scene.store.markDue([scene.key("1")], trigger: .retry)
        let again = try await scene.claimOne()
        try expect(again.openIntents.map(\.reference), is: [reference], "open intents")
        // Found again in the ERP, it is tied again.
        let found = scene.document(reference, erp: "7")
        _ = try await scene.store.recordOutcomes([scene.outcome(again, .adopted, found, nil)])
        let last = try await scene.claimedAgain(again)
        try expect(last.openIntents, is: [], "open intents after adopting")
        try expect(last.documents, is: [found], "documents after adopting")
    }

    private static let searched = StoreCheck(
        "a record is found by its number, its id, and its documents' numbers and ids"
    ) {
        scene in
        let claim = try await scene.claimed("27")
        try await scene.make(claim, scene.reference("27"), erp: "700", number: "INV-7")
        let customer = ExternalReference(shop: Sample.shop, record: "customer-9", kind: .customer)
        try await scene.make(claim, customer, .ensureCustomer, erp: "41")
        try await scene.record(scene.snapshot("28"))
        let integration = StoreScene.integration

        for identifier in ["10027", "27", "INV-7", "700"] {
            let entities = try await scene.store.entities(integration: integration, matching: identifier)
            try expect(entities.map(\.key.id), is: ["27"], "found by \(identifier)")
            let references = try await scene.store.references(
                integration: integration, matching: identifier, limit: 10)
            try expect(references.count, is: 2, "references found by \(identifier)")
            let logs = try await scene.store.logs(integration: integration, matching: identifier, limit: 10)
            try expect(logs.count, is: 2, "log lines found by \(identifier)")
        }
        for identifier in ["41", "7", "", "%"] {
            let entities = try await scene.store.entities(integration: integration, matching: identifier)
            try expect(entities.map(\.key.id), is: [], "found by \(identifier)")
        }
        try expect(try await scene.store.entities(integration: "alpine", matching: "27"), is: [], "found elsewhere")
        let queued = try await scene.store.entities(
            integration: integration, type: .order, states: [.queued], limit: 10)
        try expect(queued.map(\.key.id), is: ["28"], "queued")
    }
}
