import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// The surprises that were recorded from the real shop.
@Suite struct WooCommerceSandboxTests {
    private typealias Bench = SandboxBench

    @Test func linesAreNetAndTheirTaxesAreNotRounded() async throws {
        try await Bench.open { bench in
            let order = try await bench.order(bench.shop.place(Bench.draft, at: Bench.start))
            #expect(order.text("line_items.1.total") == "96.16")
            #expect(order.text("line_items.1.total_tax") == "11.54")
            #expect(order.text("line_items.1.taxes.0.total") == "11.539286")
            #expect(order.text("line_items.1.name") == "Ost &amp; Kex")
            #expect(order.text("shipping_lines.0.total_tax") == "9.80")
            #expect(order.text("total") == "255.70")
            #expect(order.value(at: "line_items.1.price")?.number != nil)
        }
    }

    @Test func aHalfGoesDown() async throws {
        try await Bench.open { bench in
            var draft = Bench.draft
            draft.lines = [.init(productID: 12, quantity: 7, amount: .gross(subtotal: 25_130, total: 25_130))]
            let order = try await bench.order(bench.shop.place(draft, at: Bench.start))
            #expect(order.text("line_items.0.taxes.0.total") == "26.925")
            #expect(order.text("line_items.0.total_tax") == "26.92")
            #expect(order.text("line_items.0.total") == "224.38")
        }
    }

    @Test func aRenamedSKUChangesOldOrdersAndADeletedProductTakesItAway() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            let before = try await bench.order(id)
            bench.clock.advance(by: .seconds(60))
            _ = try await bench.send(.put, "products/10", #"{"sku":"MUG-2"}"#)
            bench.shop.deleteProduct(12)

            let after = try await bench.order(id)

            #expect(before.text("line_items.0.sku") == "MUG-001")
            #expect(after.text("line_items.0.sku") == "MUG-2")
            #expect(after.value(at: "line_items.1.sku") == .null)
            #expect(after.value(at: "line_items.1.product_id")?.int == 0)
            #expect(after.text("line_items.1.name") == "Ost &amp; Kex")
            #expect(after["date_modified_gmt"] == before["date_modified_gmt"])
        }
    }

    @Test func aRefundChangesNeitherTotalNorLinesAndNeedNotAddUp() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            bench.shop.pay(id, at: Bench.start)
            let before = try await bench.order(id)
            let line = try #require(bench.shop.lineIDs(of: id).first)
            bench.clock.advance(by: .seconds(60))

            let refund = try await bench.json(
                .post, "orders/\(id)/refunds",
                #"{"amount":"60","api_refund":false,"line_items":[{"id":\#(line),"quantity":99,"refund_total":"20","#
                    + #""refund_tax":[{"id":1,"refund_total":"5"}]}]}"#)
            let after = try await bench.order(id)

            #expect(refund.text("amount") == "60.00")
            #expect(refund.text("line_items.0.total") == "-20.00")
            #expect(refund.text("line_items.0.quantity") == "-99")
            #expect(refund.text("line_items.0.meta_data.0.value") == String(line))
            #expect(refund["parent_id"] == nil)
            #expect(after["line_items"] == before["line_items"])
            #expect(after["total"] == before["total"])
            #expect(after.text("refunds.0.total") == "-60.00")
            #expect(after.text("date_modified_gmt") == "2026-11-20T10:01:00")
            let all = try await bench.json(.get, "refunds")
            #expect(all.value(at: "0.parent_id")?.int == id)
        }
    }

    @Test func aDeletedRefundAndANoteMoveNoDateAndTheStatusStays() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            bench.shop.pay(id, at: Bench.start)
            bench.shop.setStatus(id, "refunded", at: Bench.start)
            let before = try await bench.order(id)
            let refund = try #require(before.text("refunds.0.id"))
            bench.clock.advance(by: .seconds(60))

            #expect(try await bench.send(.delete, "orders/\(id)/refunds/\(refund)?force=true").status == 200)
            #expect(try await bench.send(.post, "orders/\(id)/notes", #"{"note":"Hej"}"#).status == 201)
            let after = try await bench.order(id)

            #expect(after["refunds"] == .array([]))
            #expect(after.text("status") == "refunded")
            #expect(after["date_modified_gmt"] == before["date_modified_gmt"])
            #expect(try await bench.json(.get, "orders/\(id)/notes").text("0.note") == "Hej")
            #expect(try await bench.json(.get, "refunds") == .array([]))
        }
    }

    @Test func theStatusRefundedMakesARefundWithoutLinesButNoneOfNothing() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            var free = Bench.draft
            free.lines = [.init(productID: 10, amount: .gross(subtotal: 9_900, total: 0))]
            free.shippingLines = []
            let zero = bench.shop.place(free, at: Bench.start)

            let order = try await bench.json(.put, "orders/\(id)", #"{"status":"refunded"}"#)
            let nothing = try await bench.json(.put, "orders/\(zero)", #"{"status":"refunded"}"#)
            let refunds = try await bench.json(.get, "orders/\(id)/refunds")

            #expect(order.text("refunds.0.total") == "-255.70")
            #expect(refunds.value(at: "0.line_items") == .array([]))
            #expect(nothing.text("status") == "refunded")
            #expect(nothing["refunds"] == .array([]))
        }
    }

    @Test func refusedRefundsFailWithABareNumberAndTheGatewaysBurnsAnID() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            for (body, name) in [
                (#"{"amount":"99999","api_refund":false}"#, "refund_error_too_much"),
                (#"{"amount":"1.00"}"#, "refund_error_gateway"),
                (#"{"amount":"-5","api_refund":false}"#, "refund_negative"),
            ] {
                let reply = try await bench.send(.post, "orders/\(id)/refunds", body)
                let recorded = try #require(try Recordings.json("errors.json")[name])
                #expect(reply.status == recorded["status"]?.int)
                #expect(try JSONReader.decode(reply.body) == recorded["body"])
            }
            #expect(bench.shop.place(Bench.draft, at: Bench.start) == id + 2)
        }
    }

    @Test func aWriteThatChangesNothingMovesTheDate() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            bench.clock.advance(by: .seconds(5))
            let order = try await bench.json(.put, "orders/\(id)", "{}")
            #expect(order.text("date_modified_gmt") == "2026-11-20T10:00:05")
            #expect(order.text("date_modified") == "2026-11-20T11:00:05")
        }
    }

    @Test func theSamePostTwiceMakesTwoOrders() async throws {
        try await Bench.open { bench in
            let body = #"{"line_items":[{"product_id":10,"quantity":2}],"shipping":{"country":"SE"},"set_paid":true}"#
            let first = try await bench.json(.post, "orders", body)
            let second = try await bench.json(.post, "orders", body)
            #expect(first.text("total") == "198.00")
            #expect(first.text("status") == "processing")
            #expect(first["id"] != second["id"])
            #expect(bench.shop.orderIDs.count == 2)
        }
    }

    @Test func aQuantityWithoutATotalKeepsTheOldTotalAndNoQuantityRemovesTheLine() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            let lines = bench.shop.lineIDs(of: id)
            let order = try await bench.json(
                .put, "orders/\(id)",
                #"{"line_items":[{"id":\#(lines[0]),"quantity":3},{"id":\#(lines[1]),"quantity":0}]}"#)
            #expect(order["line_items"]?.array?.count == 1)
            #expect(order.text("line_items.0.total") == "79.20")
            #expect(order.text("line_items.0.quantity") == "3")
        }
    }

    @Test func theTrashIsAListOfItsOwnAndADeletedOrderLeavesNoTrace() async throws {
        try await Bench.open { bench in
            let (first, second) = (
                bench.shop.place(Bench.draft, at: Bench.start), bench.shop.place(Bench.draft, at: Bench.start)
            )
            let trashed = try await bench.json(.delete, "orders/\(first)")
            #expect(trashed.text("status") == "trash")
            #expect(try await bench.json(.get, "orders").array?.count == 1)
            #expect(try await bench.json(.get, "orders?status=trash").array?.count == 1)

            #expect(try await bench.send(.delete, "orders/\(second)?force=true").status == 200)
            let gone = try await bench.send(.get, "orders/\(second)")
            #expect(gone.status == 404)
            let recorded = try Recordings.json("errors.json")["not_found"]
            #expect(try JSONReader.decode(gone.body) == recorded?["body"])
        }
    }

    @Test func aKeyThatMayOnlyReadIsRefusedWhenItWrites() async throws {
        try await Bench.open { bench in
            let key = "ck_readonly:cs_readonly"
            #expect(try await bench.send(.get, "orders", key: key).status == 200)
            let reply = try await bench.send(.post, "orders", "{}", key: key)
            let recorded = try #require(try Recordings.json("errors.json")["read_only_key_write"])
            #expect(reply.status == recorded["status"]?.int)
            #expect(try JSONReader.decode(reply.body) == recorded["body"])
            #expect(bench.shop.orderIDs.isEmpty)
        }
    }

    @Test func anUnknownStatusIsRefusedAsRecorded() async throws {
        try await Bench.open { bench in
            let id = bench.shop.place(Bench.draft, at: Bench.start)
            let reply = try await bench.send(.put, "orders/\(id)", #"{"status":"shipped"}"#)
            let recorded = try #require(try Recordings.json("errors.json")["order_put_invalid_status"])
            #expect(reply.status == 400)
            #expect(try JSONReader.decode(reply.body) == recorded["body"])
        }
    }

    @Test func cashOnDeliveryIsPaidWhenTheParcelIsHandedOver() async throws {
        try await Bench.open { bench in
            var draft = Bench.draft
            draft.paymentMethod = "cod"
            draft.status = "processing"
            let id = bench.shop.place(draft, at: Bench.start)
            let before = try await bench.order(id)
            bench.shop.complete(id, at: Bench.start + .seconds(60))
            let after = try await bench.order(id)
            #expect(before["date_paid_gmt"] == .null)
            #expect(after.text("date_paid_gmt") == "2026-11-20T10:01:00")
        }
    }

    @Test func aLostAnswerHasItsEffectAndALostRequestHasNone() async throws {
        try await Bench.open { bench in
            bench.shop.onRequest { $0.number == 1 ? .loseAfter : .loseBefore }
            for _ in 1...2 {
                await #expect(throws: TransportFailure.self) { _ = try await bench.send(.post, "orders", "{}") }
            }
            #expect(bench.shop.orderIDs.count == 1)
            #expect(bench.shop.requests == 2)
        }
    }
}
