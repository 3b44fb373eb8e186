import ConnectorKit
import Domain
import Engine
import Sandbox
import TestKit
import Testing

/// Two shops that are paid out on one account with the provider, and one payout that arrives in several ways.
@Suite struct SharedProviderTests {
    // MARK: Each shop's lines

    @Test(arguments: [Way.file, .poll])
    func eachShopsLinesPayItsOwnOrdersAndThePayoutIsBookedOnce(way: Way) async throws {
        let shops = try await TwoShops.open()
        shops.place("7", "8")
        try await shops.pickUp()
        // The same numbers and the same amounts, in turns.
        let rows = ["7", "8"].flatMap { [shops.row("n", $0), shops.row("s", $0)] }
        try await shops.arrive(rows, by: way)
        try await shops.work()

        for id in ["7", "8"] {
            #expect(try await shops.lines(ofOrder: id, in: shops.north) == ["txn_n\(id)"])
            #expect(try await shops.lines(ofOrder: id, in: shops.south) == ["txn_s\(id)"])
            for integration in [shops.north, shops.south] {
                let standing = try await shops.standing(ofOrder: id, in: integration)
                #expect(standing?.state == .completed, "\(integration.name) \(id): \(standing as Any)")
            }
        }
        try await shops.expectPaidOut(4)
    }

    @Test func theOtherShopsRefundPaysTheOtherShopsCreditNote() async throws {
        let shops = try await TwoShops.open()
        shops.place("7")
        var refunded = shops.order("s", "7")
        refunded.refunds = [
            OrderRefund(
                id: "3", amount: refunded.total, reason: "returned", createdAt: Sample.instant("2026-11-21T09:00:00Z"),
                lines: [])
        ]
        shops.southShop.put(refunded)
        try await shops.pickUp()
        var back = shops.row("s", "7")
        (back.id, back.type, back.amount, back.fee) = ("txn_back", "Retur", "-99.00", "0.00")
        try await shops.arrive([shops.row("n", "7"), shops.row("s", "7"), back], by: .file)
        try await shops.work()
        #expect(try await shops.lines(ofOrder: "7", in: shops.north) == ["txn_n7"])
        #expect(try await shops.lines(ofOrder: "7", in: shops.south) == ["txn_back", "txn_s7"])
        #expect(shops.world.erp.documents(.creditNote).map(\.state) == [.paid])
        #expect(shops.world.erp.documents(.invoice).allSatisfy { $0.state == .paid })
        #expect(shops.world.erp.balance("1580") == 0)
        #expect(shops.world.erp.balance("1930") == 9610 + 9610 - 9900)
    }

    /// The payout is here before the other shop's order is, and this shop has an order of that number.
    @Test(arguments: [Way.file, .poll])
    func aLineWaitsForTheOtherShopsOrderAndIsNotGivenToOneOfTheSameNumber(way: Way) async throws {
        let shops = try await TwoShops.open()
        shops.northShop.put(shops.order("n", "7"))
        try await shops.pickUp()
        try await shops.arrive([shops.row("s", "7")], by: way)
        try await shops.work()
        #expect(try await shops.lines(ofOrder: "7", in: shops.north) == [])
        let standing = try await shops.payout?.standing
        #expect(standing?.code == ProblemCode.payoutLineNotMatched.rawValue, "\(standing as Any)")
        #expect(shops.world.erp.documents(.payment).isEmpty)
        // It is booked all the same, and what nobody took yet lies on clearing.
        #expect(shops.world.erp.balance("1930") == 9610)
        #expect(shops.world.erp.balance("1580") == -9900)

        shops.southShop.put(shops.order("s", "7"))
        try await shops.pickUp()
        shops.world.clock.advance(by: .seconds(3601))
        try await shops.work()
        #expect(try await shops.lines(ofOrder: "7", in: shops.south) == ["txn_s7"])
        #expect(try await shops.lines(ofOrder: "7", in: shops.north) == [])
        try await shops.expectPaidOut(1, invoicesOpen: 1)
    }

    @Test func aNumberThatBothShopsHaveIsForAPersonAndOneThatOneShopHasIsNot() async throws {
        let shops = try await TwoShops.open()
        shops.place("7")
        shops.southShop.put(shops.order("s", "9"))
        try await shops.pickUp()
        var rows = [shops.row("s", "7"), shops.row("s", "9")]
        for index in rows.indices { rows[index].payment = "" }
        try await shops.arrive(rows, by: .file)
        try await shops.work()
        #expect(try await shops.lines(ofOrder: "9", in: shops.south) == ["txn_s9"])
        for integration in [shops.north, shops.south] {
            #expect(try await shops.lines(ofOrder: "7", in: integration) == [])
        }
        let told = try await shops.payout?.standing.reason ?? ""
        #expect(told.contains("order number 7 is of order 7 of nordic-shop, order 7 of south-shop"), "\(told)")

        let payout = try #require(try await shops.payout)
        let share = LineMatch.Share(
            order: EntityKey(integration: "south", type: .order, id: "7"), paid: Sample.money("99.00"),
            settled: Sample.money("99.00"))
        try await shops.north.store.settle(
            "txn_s7", of: payout.key, as: LineWord(shares: [share], by: "Eva", reason: "seen at the provider"))
        try await shops.work()
        #expect(try await shops.lines(ofOrder: "7", in: shops.south) == ["txn_s7"])
        try await shops.expectPaidOut(2, invoicesOpen: 1)
    }

    /// A basket that became two orders, paid at once: by the shop's own word, or by a person's.
    @Test(arguments: [true, false])
    func oneChargeOfSeveralOrdersPaysTheInvoiceOfEach(isByTransaction: Bool) async throws {
        let shops = try await TwoShops.open()
        for order in [shops.order("n", "7"), shops.order("n", "8")] {
            var order = order
            if isByTransaction { order.payment.transactionID = "ch_both" }
            shops.northShop.put(order)
        }
        shops.southShop.put(shops.order("s", "7"))
        try await shops.pickUp()
        var row = SettlementRow.sale("", amount: isByTransaction ? "198.00" : "297.00")
        (row.id, row.payment, row.fee) = ("txn_both", "ch_both", "0.00")
        try await shops.arrive([row], by: .file)
        try await shops.work()
        if !isByTransaction {
            // Among them one of the other shop's, and of an equal number.
            let orders = [("test", "7"), ("test", "8"), ("south", "7")]
            let shares = orders.map {
                LineMatch.Share(
                    order: EntityKey(integration: $0, type: .order, id: $1), paid: Sample.money("99.00"),
                    settled: Sample.money("99.00"))
            }
            let word = LineWord(shares: shares, by: "Eva", reason: "one basket")
            try await shops.north.store.settle("txn_both", of: try #require(try await shops.payout).key, as: word)
            try await shops.work()
        }
        let count = isByTransaction ? 2 : 3
        #expect(shops.world.erp.documents(.payment).count == count)
        #expect(shops.world.erp.documents(.invoice).filter { $0.state == .paid }.count == count)
        #expect(shops.world.erp.balance("1580") == 0)
        #expect(shops.world.erp.balance("1930") == Int64(count) * 9900)
        let proof = try await shops.proof(shops.north)
        #expect(proof.isProved && proof.items.isEmpty, "\(proof.items)")
    }

    @Test func theClearingAccountIsProvedFromEitherShopAlike() async throws {
        let shops = try await TwoShops.open()
        shops.place("7")
        try await shops.pickUp()
        // One of the two is paid out, and the other lies with the provider.
        try await shops.arrive([shops.row("s", "7"), SettlementRow.sale("nobody's")], by: .file)
        try await shops.work()
        let proofs = [try await shops.proof(shops.north), try await shops.proof(shops.south)]
        for proof in proofs {
            #expect(proof.isProved, "\(proof.balance) beside \(proof.explained)")
            #expect(proof.balance.minorUnits == shops.world.erp.balance("1580"))
        }
        #expect(proofs[0].items == proofs[1].items)
    }

    // MARK: One payout in several ways

    enum Way: String, CaseIterable { case file, poll, webhook }

    private static let orders: [[Way]] = [
        [.file, .poll, .webhook], [.file, .webhook, .poll], [.poll, .file, .webhook], [.poll, .webhook, .file],
        [.webhook, .file, .poll], [.webhook, .poll, .file],
    ]

    @Test(arguments: orders)
    func aPayoutThatComesByFileByPollAndByWebhookIsOnePayoutInWhateverOrder(ways: [Way]) async throws {
        let shops = try await TwoShops.open()
        shops.place("7")
        try await shops.pickUp()
        let rows = [shops.row("n", "7"), shops.row("s", "7"), .correction("txn_c", "-5.00")]
        for way in ways {
            try await shops.arrive(rows, by: way)
            // A provider tells twice when it did not hear an answer.
            if way == .webhook { try await shops.arrive(rows, by: way) }
            try await shops.work()
            #expect(shops.world.erp.documents(.journalEntry).count == 1, "\(way) of \(ways)")
        }
        let payouts = try await shops.north.store.payouts(integration: "test", after: "", limit: 10)
        #expect(payouts.map(\.key.id) == ["stripe-A7"])
        #expect(try await shops.world.movements(shops.north).map(\.line.id).sorted() == ["txn_c", "txn_n7", "txn_s7"])
        try await shops.expectPaidOut(2, corrections: -500)
    }

    @Test(arguments: orders)
    func whatArrivesInSeveralWaysBeforeAnythingIsWorkedOffIsOnePayoutToo(ways: [Way]) async throws {
        let shops = try await TwoShops.open()
        shops.place("7")
        try await shops.pickUp()
        for way in ways + [.webhook, .webhook] { try await shops.arrive([shops.row("n", "7")], by: way) }
        try await shops.work()
        try await shops.expectPaidOut(1, invoicesOpen: 1)
    }
}

/// Two shops, one ERP, and an account with a provider that the first of them reads.
private struct TwoShops {
    typealias Way = SharedProviderTests.Way

    let world: World
    let southShop: InProcessShop
    let north: Integration
    let south: Integration

    var northShop: InProcessShop { world.shop }

    static func open() async throws -> TwoShops {
        let world = try World.ofFiles(provider: "stripe")
        world.settings.articles.refund = "REFUND"
        let southShop = InProcessShop(clock: world.clock)
        let identity = try #require(ShopIdentity("south-shop"))
        let first = try await world.process()
        let settings = try await first.store.adopt(world.settings, integration: "south", by: "test")
        func integration(
            _ name: String, _ shop: ShopIdentity, _ storefront: InProcessShop, _ other: [String: ShopIdentity],
            _ settings: SettingsVersion, _ providers: [String: any PaymentProvider]
        ) -> Integration {
            Integration(
                name: name, shop: shop, storefront: storefront, erp: first.erp, providers: providers,
                alsoOrdersOf: other, settings: settings, store: first.store, clock: first.clock, epoch: first.epoch,
                logger: first.logger)
        }
        return TwoShops(
            world: world, southShop: southShop,
            north: integration(
                "test", Sample.shop, world.shop, ["south": identity], first.settings, ["stripe": world.provider]),
            south: integration("south", identity, southShop, ["test": Sample.shop], settings, [:]))
    }

    // MARK: What happens

    /// `n` or `s`, and a number that the other shop may have too.
    func order(_ shop: String, _ id: String) -> Order {
        var order = Sample.order(id)
        order.payment.transactionID = "ch_\(shop)\(id)"
        return order
    }

    func place(_ ids: String...) {
        for id in ids {
            northShop.put(order("n", id))
            southShop.put(order("s", id))
        }
    }

    func row(_ shop: String, _ id: String) -> SettlementRow {
        var row = SettlementRow.sale(id)
        (row.id, row.payment) = ("txn_\(shop)\(id)", "ch_\(shop)\(id)")
        return row
    }

    func arrive(_ rows: [SettlementRow], by way: Way) async throws {
        let lines = rows.map(\.line)
        let payout = Payout(
            provider: "stripe", id: "A7", net: lines.map(\.net).sum(Sample.sek),
            createdAt: Sample.instant("2026-11-21T00:00:00Z"), arrivesOn: Sample.day("2026-11-22"))
        world.provider.put(payout, lines)
        switch way {
        case .file:
            let report = try await world.take(SettlementText(rows).bytes, north, provider: "stripe")
            #expect(report.problems.isEmpty, "\(report.text)")
        case .poll: _ = try await PayoutPickup(north).run()
        case .webhook:
            let call = Webhook(headers: [(name: "signature", value: "signed")], body: Array("A7".utf8))
            try await PayoutPickup(north).take(call, of: "stripe")
        }
        // Reads of one moment replace each other; those that follow come later.
        world.clock.advance(by: .seconds(1))
    }

    func pickUp() async throws {
        for integration in [north, south] { _ = try await OrderPickup(integration).run() }
    }

    /// Works off both, and what one made due with the other.
    func work() async throws {
        for _ in 0..<3 {
            for integration in [north, south] {
                try await Worker(integration, name: integration.name, tuning: world.tuning).workOff()
            }
        }
    }

    // MARK: What became of it

    func lines(ofOrder id: String, in integration: Integration) async throws -> [String] {
        try await north.store.settlements(of: EntityKey(integration: integration.name, type: .order, id: id))
            .map(\.line).sorted()
    }

    func standing(ofOrder id: String, in integration: Integration) async throws -> Standing? {
        try await north.store.entity(EntityKey(integration: integration.name, type: .order, id: id))?.standing
    }

    var payout: Entity? { get async throws { try await PayoutReader(north).payout("A7") } }

    func proof(_ integration: Integration) async throws -> ClearingProof {
        let prover = try #require(ClearingProver(integration, provider: "stripe", Sample.sek))
        return try await prover.proof()
    }

    func expectPaidOut(
        _ orders: Int, invoicesOpen: Int = 0, corrections: Int64 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let erp = world.erp
        #expect(erp.documents(.payment).count == orders, "payments", sourceLocation: sourceLocation)
        let open = erp.documents(.invoice).filter { $0.state != .paid }
        #expect(open.count == invoicesOpen, "open invoices", sourceLocation: sourceLocation)
        #expect(erp.documents(.journalEntry).count == 1, "entries", sourceLocation: sourceLocation)
        #expect(erp.balance("1580") == 0, "clearing", sourceLocation: sourceLocation)
        let net = Int64(orders) * 9610 + corrections
        #expect(erp.balance("1930") == net, "bank", sourceLocation: sourceLocation)
        let standing = try await payout?.standing
        #expect(standing?.state == .completed, "\(standing as Any)", sourceLocation: sourceLocation)
        let proof = try await proof(north)
        #expect(proof.isProved && proof.balance.isZero, "\(proof.items)", sourceLocation: sourceLocation)
    }
}

extension SettlementRow {
    /// As the provider's API tells of it.
    fileprivate var line: PayoutLine {
        let kinds: [String: PayoutLine.Kind] = ["Köp": .charge, "Retur": .refund, "Rättelse": .adjustment]
        return PayoutLine(
            id: id, kind: kinds[type] ?? .unknown, kindText: type, amount: Sample.money(amount), fee: Sample.money(fee),
            at: Sample.instant(at),
            keys: PayoutKeys(
                transactionIDs: payment.isEmpty ? [] : [payment], orderNumber: order.isEmpty ? nil : order))
    }
}
