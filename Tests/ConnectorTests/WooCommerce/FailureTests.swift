import ConnectorKit
import Connectors
import Domain
import Sandbox
import TestKit
import Testing

@Suite struct WooCommerceFailureTests {
    private func failure(_ transport: StubTransport, clock: VirtualClock = VirtualClock(autoAdvance: true)) async
        -> ConnectorError?
    {
        let connector = WooCommerceConnector(
            WooCommerceConfiguration(
                url: "https://shop.example", consumerKey: Secret("ck_hidden"), consumerSecret: Secret("cs_hidden")),
            transport: transport, clock: clock)
        do throws(ConnectorError) {
            _ = try await connector.orders(changedSince: .distantPast, cursor: nil)
            return nil
        } catch {
            return error
        }
    }

    private func recorded(_ name: String) throws -> HTTPReply {
        let error = try #require(try Recordings.json("errors.json")[name])
        let code = error["body"]?["code"]?.string ?? ""
        let message = error["body"]?["message"]?.string ?? ""
        let status = error["status"]?.int ?? 0
        return HTTPReply(
            status: status,
            body: Array(#"{"code":"\#(code)","message":"\#(message)","data":{"status":\#(status)}}"#.utf8))
    }

    @Test(arguments: [
        ("no_auth", ConnectorError.Decision.pauseConnection, ProblemCode.unauthorised),
        ("wrong_secret", .pauseConnection, .unauthorised), ("wrong_key", .pauseConnection, .unauthorised),
        ("basic_over_plain_http", .pauseConnection, .unauthorised),
        ("read_only_key_write", .pauseConnection, .permissionMissing),
        ("oauth_nonce_reused", .retry(after: nil), .unauthorised),
        ("oauth_stale_timestamp", .pauseConnection, .unauthorised),
        ("oauth_bad_signature", .pauseConnection, .unauthorised), ("per_page_101", .stop, .answerUnreadable),
        ("bad_date", .stop, .answerUnreadable), ("bad_route", .stop, .answerUnreadable),
    ])
    func recordedRefusalsMeanWhatTheySay(
        name: String, decision: ConnectorError.Decision, code: ProblemCode
    ) async throws {
        let error = await failure(StubTransport([.success(try recorded(name))]))
        #expect(error?.decision == decision)
        #expect(error?.problem.code == code)
    }

    @Test func tooManyRequestsAndAnOverloadedShopAreTriedAgainWhenItSaysSo() async {
        let reply = HTTPReply(status: 503, headers: [("Retry-After", "900")], body: Array("<html>".utf8))
        let error = await failure(StubTransport([.success(reply)]))
        #expect(error?.decision == .retry(after: .seconds(900)))
        #expect(error?.problem.code == .unreachable)
    }

    @Test func aReadIsRepeatedAFewTimesThenHandedBack() async {
        let transport = StubTransport(statuses: 502)
        let error = await failure(transport)
        #expect(error?.problem.code == .unreachable)
        #expect(transport.sent.count == 4)
    }

    @Test func aConnectionThatIsRefusedIsUnreachable() async {
        let error = await failure(StubTransport([.failure(.notSent("connection refused"))]))
        #expect(error?.problem.code == .unreachable)
    }

    @Test(arguments: ["<!doctype html><html>", "", "{\"code\":\"x\"}", "Array"])
    func aWebPageWithStatus200IsNotAList(body: String) async {
        let error = await failure(StubTransport([.success(HTTPReply(status: 200, body: Array(body.utf8)))]))
        #expect(error?.problem.code == .answerUnreadable)
        #expect(error?.decision == .retry(after: nil))
    }

    @Test func aRedirectIsToldWithWhatToDo() async {
        let reply = HTTPReply(
            status: 301, headers: [("Location", "https://www.shop.example/?consumer_secret=cs_hidden")])
        let error = await failure(StubTransport([.success(reply)]))
        #expect(error?.decision == .stop)
        #expect(error?.problem.detail.contains("redirect") == true)
    }

    @Test(arguments: [200, 301, 400, 401, 403, 404, 418, 429, 500, 503])
    func noFailureShowsACredentialWhateverTheShopEchoes(status: Int) async {
        let echo =
            #"{"code":"x_cs_hidden y","message":"ck_hidden cs_hidden","data":{"params":{"cs hidden":"cs_hidden"}}}"#
        let error = await failure(StubTransport([.success(HTTPReply(status: status, body: Array(echo.utf8)))]))
        #expect(error != nil)
        #expect(!"\(String(describing: error))".contains("hidden"))
    }

    @Test func credentialsGoInAHeaderOverHttpsAndNeverIntoTheAddress() async {
        let transport = StubTransport([.success(HTTPReply(status: 200, body: Array("[]".utf8)))])
        _ = await failure(transport)
        #expect(transport.sent.allSatisfy { !$0.url.contains("hidden") })
        #expect(transport.sent.first?.headers.contains { $0.name == "Authorization" } == true)
    }

    @Test func everyAttemptOverHttpIsSignedAnew() async throws {
        try await ShopBench.open { bench in
            bench.shop.put(wireOrder(1, modified: at(1)))
            bench.shop.onRequest { $0.number < 4 ? .loseBefore : nil }
            let haul = try await bench.haul()
            #expect(haul.distinct == [1])
        }
    }

    @Test func behindAProxyTheSignatureIsMadeOverTheShopsOwnAddress() async throws {
        var settings = ReplayShop.Settings()
        settings.homeURL = "http://shop.example"
        try await ShopBench.open(settings: settings) { bench in
            #expect(await bench.connector.check().map(\.code) == [.unauthorised])
            let right = WooCommerceConnector(
                WooCommerceConfiguration(
                    url: bench.shop.address, homeURL: "http://shop.example/", consumerKey: Secret("ck_sandbox"),
                    consumerSecret: Secret("cs_sandbox")),
                transport: HTTPTransport(), clock: bench.clock)
            #expect(await right.check().isEmpty)
        }
    }

    @Test func theCheckTellsAGoodConnectionFromWrongKeysWrongAddressAndAShopThatIsDown() async throws {
        try await ShopBench.open { #expect(await $0.connector.check().isEmpty) }
        try await ShopBench.open(secret: "wrong") { #expect(await $0.connector.check().map(\.code) == [.unauthorised]) }
        try await ShopBench.open { bench in
            let elsewhere = WooCommerceConnector(
                WooCommerceConfiguration(
                    url: bench.shop.address + "/blog", consumerKey: Secret("ck_sandbox"),
                    consumerSecret: Secret("cs_sandbox")),
                transport: HTTPTransport(), clock: bench.clock)
            #expect(!(await elsewhere.check().isEmpty))
            await bench.shop.stop()
            #expect(await bench.connector.check().map(\.code) == [.unreachable])
        }
    }
}

@Suite struct WooCommerceConfigurationTests {
    private func configuration(url: String, home: String? = nil, key: String = "ck", pageSize: Int = 100)
        -> WooCommerceConfiguration
    {
        WooCommerceConfiguration(
            url: url, homeURL: home, consumerKey: Secret(key), consumerSecret: Secret("cs"), pageSize: pageSize)
    }

    @Test(arguments: ["https://shop.example", "http://127.0.0.1:18180/", "https://example.com/shop//"])
    func anAddressOfAShopIsAccepted(url: String) {
        #expect(configuration(url: url).validate().isEmpty)
        #expect(!configuration(url: url).url.hasSuffix("/"))
    }

    @Test(arguments: [
        "", "shop.example", "ftp://shop.example", "https://", "https://ck:cs@shop.example", "https://a/?b",
    ])
    func anythingElseIsRefusedByName(url: String) {
        #expect(configuration(url: url).validate().map(\.path) == ["url"])
    }

    @Test func allProblemsAreToldAtOnceAndWithoutTheKeys() {
        let problems = configuration(url: "x", home: "y", key: "ck hidden", pageSize: 0).validate()
        #expect(problems.map(\.path) == ["url", "homeURL", "consumerKey", "pageSize"])
        #expect(!"\(problems)".contains("hidden"))
    }

    @Test func aConfigurationFilesKeysAreReadAndEachProblemIsToldOnce() {
        let reader = FieldReader([
            "url": "shop", "consumerKey": "", "consumerSecret": "cs_hidden", "pageSize": "101",
        ])
        let configuration = WooCommerceConfiguration(reader)
        #expect(reader.problems.map(\.path).sorted() == ["consumerKey", "pageSize", "url"])
        #expect(!"\(configuration)".contains("hidden"))
    }
}
