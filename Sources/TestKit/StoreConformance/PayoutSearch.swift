import Domain
import Engine

/// Finding the orders of lines, and reading all that a proof needs.
extension StoreCheck {
    static let payoutSearch = [
        StoreCheck("an order is found by its transaction, its id, its number and its invoice's number") { scene in
            let claim = try await scene.claimed("1")
            try await scene.make(claim, scene.reference("1", .order), .createOrder, erp: "41", number: "SO-1")
            try await scene.make(claim, scene.reference("1"), erp: "7", number: "INV-7")
            try await scene.end(claim)
            try await scene.record(scene.snapshot("2"))
            try await scene.store.decide(
                Decision(kind: .excluded, by: "anna", at: scene.now, reason: "a test of ours"), about: scene.key("1"))
            let found = FoundOrder(
                key: scene.key("1"), number: "1001", transactionID: "ch_1", invoiceNumbers: ["INV-7"],
                total: Sample.money("99.00"), createdAt: Sample.order().createdAt, hasDecisions: true)

            let keys: [(PayoutMatch.Key, String)] = [
                (.transaction, "ch_1"), (.orderID, "1"), (.orderNumber, "1001"), (.invoiceNumber, "INV-7"),
            ]
            for (key, value) in keys {
                try expect(try await scene.candidates([key: [value]]), is: [found], "found by \(key)")
            }
            // A key is no other's, and a customer's order in the ERP is no invoice.
            for (key, _) in keys {
                let others = Set(keys.filter { $0.0 != key }.map(\.1) + ["SO-1", "", "%"])
                try expect(try await scene.candidates([key: others]), is: [], "found by \(key)")
            }
            let all = try await scene.candidates([.transaction: ["ch_1", "ch_2"], .orderNumber: ["1001", "nine"]])
            try expect(all.map(\.key.id), is: ["1", "2"], "found by several keys, each once")
            try expect(all.map(\.hasDecisions), is: [true, false], "decisions")
        },
        StoreCheck("all orders of a key are found, in the integrations that are asked for and in no other") { scene in
            for (id, integration) in [("1", "nordic"), ("2", "nordic"), ("1", "alpine"), ("3", "elsewhere")] {
                try await scene.record(scene.sale(id, in: integration) { $0.payment.transactionID = "shared" })
            }

            for integrations in [["nordic"], ["alpine"], ["nordic", "alpine"], []] {
                let found = try await scene.store.candidates([.transaction: ["shared"]], in: integrations)
                let all = [scene.key("1"), scene.key("2"), scene.key("1", in: "alpine")]
                try expect(
                    Set(found.map(\.key)), is: Set(all.filter { integrations.contains($0.integration) }),
                    "found in \(integrations)")
                try expect(Set(found).count, is: found.count, "different orders in \(integrations)")
            }
        },
        StoreCheck("an order is found by its number with and without the mark that the shop writes before it") {
            scene in
            try await scene.record(scene.sale("1", number: "#1001"), scene.sale("2", number: "1002"))

            let found = try await scene.candidates([.orderNumber: ["1001", "1002"]])

            try expect(found.map(\.number), is: ["#1001", "1002"], "numbers")
        },
        StoreCheck("spaces and marks around a transaction do not keep its order from being found") { scene in
            try await scene.record(scene.sale("1") { $0.payment.transactionID = " #ch_9 " })
            try await scene.record(scene.sale("2") { $0.payment.transactionID = nil })

            try expect(try await scene.candidates([.transaction: ["ch_9"]]).map(\.key.id), is: ["1"], "found")
            try expect(try await scene.candidates([.orderID: ["2"]]).map(\.transactionID), is: [nil], "transaction")
        },
        StoreCheck("an order that changed is found by what it says now") { scene in
            try await scene.record(scene.snapshot("1"))
            let later = scene.sale("1", version: "b") { order in
                order.payment.transactionID = "ch_new"
                order.total = Sample.money("50.00")
            }
            try await scene.record(later)

            try expect(try await scene.candidates([.transaction: ["ch_1"]]), is: [], "found by what it said")
            let found = try await scene.candidates([.transaction: ["ch_new"]])
            try expect(found.map(\.total), is: [Sample.money("50.00")], "totals")
        },
        nearest, documents, readAll,
    ]

    private static let nearest = StoreCheck(
        "orders of an amount are told by how near they were paid to a time, as many as are asked for"
    ) { scene in
        let noon = Sample.instant("2026-11-20T12:00:00Z")
        for (id, minutes) in [("1", -50), ("2", 10), ("3", -20), ("4", 0), ("5", 40)] as [(String, Int64)] {
            try await scene.record(scene.sale(id) { $0.paidAt = noon + .seconds(60 * minutes) })
        }
        // Never paid: the time of the order counts.
        try await scene.record(
            scene.sale("6") { order in
                order.paidAt = nil
                order.createdAt = noon - .seconds(60 * 30)
            })
        try await scene.record(
            scene.sale("7") { $0.total = Sample.money("99.01") },
            scene.sale("8") { order in
                order.currency = Sample.currency("EUR")
                order.total = Sample.money("99.00", order.currency)
            },
            scene.sale("9", in: "alpine") { $0.paidAt = noon + .seconds(1) })

        func nearest(_ limit: Int, _ integrations: [String] = [StoreScene.integration]) async throws -> [String] {
            try await scene.store.nearest(Sample.money("99.00"), to: noon, in: integrations, limit: limit).map(\.key.id)
        }
        try expect(try await nearest(10), is: ["4", "2", "3", "6", "5", "1"], "nearest")
        try expect(try await nearest(3), is: ["4", "2", "3"], "nearest three")
        try expect(try await nearest(2, ["nordic", "alpine"]), is: ["4", "9"], "nearest in two integrations")
    }

    private static let documents = StoreCheck(
        "all documents of a kind are read page by page, each once, with the records that they belong to"
    ) { scene in
        var made: [Reference] = []
        for id in (1...7).map(String.init) {
            let claim = try await scene.claimed(id)
            try await scene.make(claim, scene.reference(id, .order), .createOrder, erp: id)
            try await scene.make(claim, scene.reference(id), erp: id, number: "INV-\(id)")
            try await scene.end(claim)
            made.append(
                Reference(
                    key: scene.key(id), number: "100\(id)",
                    document: scene.document(scene.reference(id), erp: id, number: "INV-\(id)")))
        }
        try await scene.record(scene.snapshot("8", in: "alpine"))
        let other = try unwrap(try await scene.claim(in: "alpine").first, "no claim")
        try await scene.make(other, scene.reference("8"), erp: "8")

        for limit in [1, 3, 7, 8] {
            var read: [Reference] = []
            while read.count < 100 {
                let page = try await scene.store.documents(
                    integration: StoreScene.integration, kind: .invoice, after: read.last?.document.reference,
                    limit: limit)
                if page.isEmpty { break }
                read += page
            }
            try expect(read, is: made, "documents by \(limit)")
        }
    }

    private static let readAll = StoreCheck("all payouts are read page by page, each once, and no orders") { scene in
        try await scene.record(scene.snapshot("pay-25"))
        let ids = ["1", "2", "3", "4", "5"]
        for id in ids.reversed() { try await scene.record(scene.payoutSnapshot(scene.head(id))) }
        try await scene.record(scene.payoutSnapshot(scene.head("6"), in: "alpine"))

        for limit in [1, 2, 5, 6] {
            var read: [Entity] = []
            while read.count < 100 {
                let page = try await scene.store.payouts(
                    integration: StoreScene.integration, after: read.last?.key.id ?? "", limit: limit)
                if page.isEmpty { break }
                read += page
            }
            try expect(read.map(\.key), is: ids.map { scene.payoutKey($0) }, "payouts by \(limit)")
            try expect(read.compactMap(\.snapshot.content.payout), is: ids.map { scene.head($0) }, "what they say")
        }
    }
}

extension StoreScene {
    fileprivate func candidates(_ keys: [PayoutMatch.Key: Set<String>]) async throws -> [FoundOrder] {
        try await store.candidates(keys, in: [Self.integration]).sorted { $0.key.id < $1.key.id }
    }
}
