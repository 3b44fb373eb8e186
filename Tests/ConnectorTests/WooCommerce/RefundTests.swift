import ConnectorKit
import Connectors
import Domain
import Sandbox
import TestKit
import Testing

/// An order says what its refunds come to; what they give back is asked for.
@Suite struct WooRefundTests {
    private func order(
        _ bench: SandboxBench, _ refunds: (Int) async throws -> Void
    ) async throws -> Order {
        let id = bench.shop.place(SandboxBench.draft, at: SandboxBench.start)
        bench.shop.pay(id, at: SandboxBench.start)
        bench.clock.advance(by: .seconds(60))
        try await refunds(id)
        let record = try #require(try await bench.connector.orders(ids: [String(id)]).found.first)
        return try bench.connector.normalise(record, previous: nil)
    }

    @Test func whatIsGivenBackOfEachLineIsReadWithItsVAT() async throws {
        try await SandboxBench.open { bench in
            let order = try await order(bench) { id in
                let lines = bench.shop.lineIDs(of: id)
                bench.shop.refund(
                    id,
                    ShopRefundDraft(
                        amount: 9_900, reason: "Retur",
                        lines: [.init(itemID: lines[0], quantity: 1, net: 7_920, tax: 1_980)]),
                    at: bench.clock.now())
            }
            let refund = try #require(order.refunds.first)
            #expect(refund.amount == Sample.money("99.00"))
            #expect(refund.reason == "Retur")
            #expect(refund.createdAt == bench.clock.now())
            let line = try #require(refund.lines?.first)
            #expect(refund.lines?.count == 1)
            #expect(line.lineID == order.lines[0].id)
            #expect(line.quantity == .one)
            #expect(line.total == Sample.money("79.20"))
            #expect(line.taxes.map(\.amount) == [Sample.decimal("19.80")])
            #expect(line.taxes.map(\.taxID) == [order.taxes[0].id])
        }
    }

    @Test func anAmountAloneAndTheStatusRefundedNameNoLines() async throws {
        try await SandboxBench.open { bench in
            let amount = try await order(bench) { id in
                bench.shop.refund(id, ShopRefundDraft(amount: 500, reason: "", lines: []), at: bench.clock.now())
            }
            #expect(amount.refunds.map(\.lines) == [[]])
            let whole = try await order(bench) { bench.shop.setStatus($0, "refunded", at: bench.clock.now()) }
            #expect(whole.refunds.map(\.lines) == [[]])
            #expect(whole.refunds.map(\.amount) == [whole.total])
        }
    }

    @Test func onlyOrdersWithRefundsCostACallMore() async throws {
        try await SandboxBench.open { bench in
            for _ in 0..<3 { bench.shop.place(SandboxBench.draft, at: SandboxBench.start) }
            _ = try await order(bench) { id in
                bench.shop.refund(id, ShopRefundDraft(amount: 500, reason: "", lines: []), at: bench.clock.now())
            }
            let before = bench.connector.connection.calls.byLabel["refunds.list"] ?? 0
            let read = try await bench.connector.orders(ids: bench.shop.orderIDs.map(String.init))
            #expect(read.found.count == 4)
            #expect(bench.connector.connection.calls.byLabel["refunds.list"] == before + 1)
        }
    }

    @Test(arguments: [404, 500])
    func whereTheShopCannotTellARefundIsNotGuessed(_ status: Int) async throws {
        try await SandboxBench.open { bench in
            bench.shop.onRequest { request in
                request.path.hasSuffix("/refunds") && request.method == "GET"
                    ? .answer(HTTPReply(status: status, body: Array("{}".utf8))) : nil
            }
            let order = try await order(bench) { id in
                bench.shop.refund(id, ShopRefundDraft(amount: 500, reason: "", lines: []), at: bench.clock.now())
            }
            #expect(order.refunds.map(\.lines) == [nil])
            #expect(order.refunds.map(\.amount) == [Sample.money("5.00")])
        }
    }

    @Test func anOrderWithoutRefundsIsItsBytes() async throws {
        try await SandboxBench.open { bench in
            let id = bench.shop.place(SandboxBench.draft, at: SandboxBench.start)
            let record = try #require(try await bench.connector.orders(ids: [String(id)]).found.first)
            #expect(record.payload == bench.shop.payload(of: id))
        }
    }
}
