import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// The stand-in answers as the recordings say the real shop did.
@Suite struct ReplayShopTests {
    private static func opened(
        refunds: [Int: [UInt8]] = [:],
        _ body: (ReplayShop, @Sendable (String) async throws -> HTTPReply) async throws -> Void
    ) async throws {
        var settings = ReplayShop.Settings()
        settings.isSecure = true
        let shop = ReplayShop(refunds: refunds, settings: settings, clock: VirtualClock())
        try await shop.start()
        let transport = HTTPTransport()
        let address = shop.address
        let get: @Sendable (String) async throws -> HTTPReply = { target in
            try await transport.send(
                HTTPCall(.get, address + target, headers: [("Authorization", "Basic Y2tfc2FuZGJveDpjc19zYW5kYm94")]))
        }
        try await body(shop, get)
        await shop.stop()
        try await transport.shutdown()
    }

    private static func ids(_ reply: HTTPReply) throws -> [Int] {
        try JSONReader.decode(reply.body).array?.compactMap { $0["id"]?.int } ?? []
    }

    /// Lists that were recorded when orders 26 to 48 were all there was.
    static let filters: [String] = {
        guard case .object(let members) = try? Recordings.json("list_filters.json") else { return [] }
        return members.keys.sorted()
    }()

    @Test(arguments: filters)
    func recordedListsHoldTheSameOrders(name: String) async throws {
        let exchange = try #require(try Recordings.json("list_filters.json")[name])
        let target = try #require(exchange["request"]?["path"]?.string)
        let first = try Recordings.timeline.map { try Recordings.order($0) }.filter { (Int($0.id) ?? 0) < 57 }
        try await Self.opened { shop, get in
            for record in first { shop.put(record.payload) }

            let reply = try await get(target)

            #expect(reply.status == exchange["status"]?.int)
            guard reply.status == 200 else { return }
            let expected = exchange["body"]?.array?.compactMap { $0["id"]?.int } ?? []
            #expect(try Self.ids(reply).sorted() == expected.sorted())
            #expect(reply.header("X-WP-Total") == exchange["headers"]?["X-WP-Total"]?.string)
            #expect(reply.header("X-WP-TotalPages") == exchange["headers"]?["X-WP-TotalPages"]?.string)
        }
    }

    @Test(arguments: ["not_found", "per_page_101", "bad_date", "bad_orderby", "bad_route"])
    func recordedErrorsHaveTheSameStatusAndCode(name: String) async throws {
        let recorded = try #require(try Recordings.json("errors.json")[name])
        try await Self.opened { _, get in
            let reply = try await get(try #require(recorded["request"]?["path"]?.string))
            #expect(reply.status == recorded["status"]?.int)
            #expect(try JSONReader.decode(reply.body) == recorded["body"])
        }
    }

    @Test(arguments: Recordings.refunded)
    func theRefundsOfAnOrderAreThoseThatItNamesByteForByteAsRecorded(of order: Int) async throws {
        let recorded = try Recordings.refunds(of: order)
        let snapshots = try Recordings.timeline.map { try Recordings.order($0) }.filter { $0.id == String(order) }
        try await Self.opened(refunds: [order: recorded]) { shop, get in
            shop.put(try #require(snapshots.first).payload)
            let first = try await get("/wp-json/wc/v3/orders/\(order)/refunds?per_page=100")
            shop.put(try #require(snapshots.last).payload)
            let last = try await get("/wp-json/wc/v3/orders/\(order)/refunds?per_page=100")

            if snapshots.count > 1 { #expect(first.body == Array("[]".utf8)) }
            #expect(last.status == 200)
            #expect(last.body == recorded)
            #expect(last.header("X-WP-Total") == String(try Self.ids(last).count))
        }
    }

    @Test func refundsThatWereNotRecordedAreNotMadeUp() async throws {
        try await Self.opened { shop, get in
            shop.put(try Recordings.order("final_to_refund_partial.json").payload)
            #expect(try await get("/wp-json/wc/v3/orders/42/refunds").status == 404)
            let unknown = try await get("/wp-json/wc/v3/orders/7/refunds")
            #expect(String(decoding: unknown.body, as: UTF8.self).contains("shop_order_invalid_id"))
        }
    }

    @Test func aPageBeyondTheEndIsEmptyAndKnowsNoTotal() async throws {
        try await Self.opened { shop, get in
            for id in 1...3 { shop.put(wireOrder(id, modified: at(id))) }
            let reply = try await get("/wp-json/wc/v3/orders?per_page=2&page=3")
            #expect(reply.body == Array("[]".utf8))
            #expect(reply.header("X-WP-Total") == "0")
        }
    }

    @Test func ordersAreServedByteForByteDamagedOnesToo() async throws {
        try await Self.opened { shop, get in
            let odd = Array(" {\"id\" : 5 , \"x\":\"\\ud83d\"} ".utf8)
            shop.put(odd)
            let list = try await get("/wp-json/wc/v3/orders")
            let single = try await get("/wp-json/wc/v3/orders/5")
            let ids = try await get("/wp-json/wc/v3/orders?_fields=id")

            #expect(list.body == Array("[".utf8) + odd + Array("]".utf8))
            #expect(single.body == odd)
            #expect(ids.body == Array("[{\"id\":5}]".utf8))
        }
    }

    @Test func datesWithAZoneAndTheGMTFlagAreShiftedByTheShopsZoneAsInTheRealShop() async throws {
        try await Self.opened { shop, get in
            shop.put(wireOrder(1, modified: at(36)))
            let after = "/wp-json/wc/v3/orders?modified_after=2026-11-23T"
            for (query, count) in [
                ("05:40:35&dates_are_gmt=true", 1), ("05:40:36&dates_are_gmt=true", 0), ("06:40:35", 1),
                ("06:40:36", 0),
                ("05:40:35Z", 1), ("05:40:35Z&dates_are_gmt=true", 0), ("04:40:35Z&dates_are_gmt=true", 1),
            ] {
                let ids = try Self.ids(try await get(after + query))
                #expect(ids.count == count, "\(query)")
            }
            let dateOnly = try await get("/wp-json/wc/v3/orders?modified_after=2026-11-23")
            #expect(dateOnly.status == 400)
        }
    }

    @Test func tiesStandInAnotherOrderWithAnotherPageSize() async throws {
        try await Self.opened { shop, get in
            for id in 1...30 { shop.put(wireOrder(id, modified: at(1))) }
            let list = "/wp-json/wc/v3/orders?orderby=modified&order=asc&per_page="
            let small = try Self.ids(try await get(list + "30"))
            let large = try Self.ids(try await get(list + "31"))
            #expect(small != large)
            #expect(small.sorted() == large.sorted())
        }
    }

    @Test func aNonceIsGoodForOneRequestAndASignatureForItsOwnAddress() async throws {
        let clock = VirtualClock()
        let shop = ReplayShop(clock: clock)
        try await shop.start()
        let transport = HTTPTransport()
        let oauth = OAuth1(consumerKey: Secret("ck_sandbox"), consumerSecret: Secret("cs_sandbox"))
        func status(_ nonce: String, path: String = "/wp-json/wc/v3/orders", age: Int64 = 0) async throws -> Int {
            let query = oauth.signed(
                method: "GET", url: shop.address + "/wp-json/wc/v3/orders", query: [], nonce: nonce,
                timestamp: clock.now().milliseconds / 1000 - age)
            return try await transport.send(HTTPCall(.get, shop.address + path + "?" + URLText.query(query))).status
        }

        #expect(try await status("a") == 200)
        #expect(try await status("a") == 401)
        #expect(try await status("b", path: "/wp-json/wc/v3/orders/1") == 401)
        #expect(try await status("c", age: 1000) == 401)
        await shop.stop()
    }

    @Test func basicAuthenticationIsIgnoredOverPlainHttp() async throws {
        let shop = ReplayShop(clock: VirtualClock())
        try await shop.start()
        let reply = try await HTTPTransport().send(
            HTTPCall(
                .get, shop.address + "/wp-json/wc/v3/orders",
                headers: [("Authorization", "Basic Y2tfc2FuZGJveDpjc19zYW5kYm94")]))
        #expect(reply.status == 401)
        #expect(String(decoding: reply.body, as: UTF8.self).contains("woocommerce_rest_cannot_view"))
        await shop.stop()
    }
}

@Suite struct OAuth1Tests {
    @Test func theRequestThatTheRealShopAcceptedIsReproduced() throws {
        let vector = try Recordings.json("oauth1_vector.json")
        func text(_ path: String) -> String { vector.value(at: path)?.string ?? "" }
        let oauth = OAuth1(
            consumerKey: Secret(text("consumer_key")), consumerSecret: Secret(text("consumer_secret")))

        let signed = oauth.signed(
            method: "GET", url: text("url"),
            query: ["per_page", "modified_after", "dates_are_gmt", "_fields"].map { ($0, text("params.\($0)")) },
            nonce: text("params.oauth_nonce"), timestamp: Int64(text("params.oauth_timestamp")) ?? 0)

        let unsigned = signed.filter { $0.name != "oauth_signature" }
        #expect(OAuth1.baseString(method: "GET", url: text("url"), query: unsigned) == text("base_string"))
        #expect(signed.last?.value == text("signature"))
    }

    @Test func onlyUnreservedCharactersStay() {
        #expect(URLText.encoded("aZ09-._~ +&=/é") == "aZ09-._~%20%2B%26%3D%2F%C3%A9")
    }
}
