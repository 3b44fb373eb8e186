import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// Tokens, the limit of calls, and faults on demand.
@Suite struct FortnoxSandboxAccessTests {
    private typealias Bench = FortnoxSandboxBench

    // MARK: Tokens

    @Test func eachRenewalBringsAnotherRefreshTokenAndKillsTheOldOne() async throws {
        try await Bench.open { bench in
            let first = try await bench.renew("sandbox-refresh-1")
            let again = try await bench.renew("sandbox-refresh-1")
            let next = try #require(first.body.text("refresh_token"))
            let second = try await bench.renew(next)

            #expect(first.status == 200)
            #expect(next != "sandbox-refresh-1")
            #expect(again.status == 400)
            #expect(again.body.text("error") == "invalid_grant")
            #expect(second.status == 200)
            #expect(second.body.text("refresh_token") != next)
        }
    }

    @Test func anAccessTokenEndsAfterAnHourAndARenewalLeavesItGood() async throws {
        try await Bench.open { bench in
            let token = try #require(try await bench.renew("sandbox-refresh-1").body.text("access_token"))
            bench.clock.advance(by: .seconds(3599))
            let before = try await bench.send(.get, "customers", token: token)
            bench.clock.advance(by: .seconds(1))
            let after = try await bench.send(.get, "customers", token: token)

            #expect(before.status == 200)
            #expect(after.status == 401)
            #expect(try JSONReader.decode(after.body) == ["message": "unauthorized"])
        }
    }

    @Test func aRefreshTokenThatNobodyRenewsEndsAfter45Days() async throws {
        try await Bench.open { bench in
            bench.clock.advance(by: .seconds(45 * 24 * 3600))
            let late = try await bench.renew("sandbox-refresh-1")
            #expect(late.status == 400)
        }
    }

    @Test func aPersonsYesBringsACodeThatIsGoodOnceForTheSameAddress() async throws {
        try await Bench.open { bench in
            let page = try await bench.open(
                bench.company.authorisationURL + "?client_id=sandbox-client&response_type=code&state=s%201"
                    + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fback&scope=invoice&access_type=offline")
            let location = try #require(page.header("Location"))
            #expect(page.status == 302)
            #expect(location.hasPrefix("http://127.0.0.1:1/back?code="))
            #expect(location.hasSuffix("&state=s%201"))
            let code = String(
                try #require(location.split(separator: "=").dropFirst().first?.split(separator: "&").first))

            func exchange(_ redirect: String) async throws -> HTTPReply {
                try await bench.tokenReply([
                    ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
                ])
            }
            let good = try await exchange("http://127.0.0.1:1/back")
            let again = try await exchange("http://127.0.0.1:1/back")
            let token = try JSONReader.decode(good.body).text("access_token")

            #expect(good.status == 200)
            #expect(again.status == 400)
            #expect(try await bench.send(.get, "customers", token: token).status == 200)
        }
    }

    @Test func aCodeForAnotherAddressIsRefused() async throws {
        try await Bench.open { bench in
            let page = try await bench.open(
                bench.company.authorisationURL
                    + "?client_id=sandbox-client&response_type=code&redirect_uri=http%3A%2F%2Fa")
            let code = try #require(page.header("Location")?.split(separator: "=").last)
            let reply = try await bench.tokenReply([
                ("grant_type", "authorization_code"), ("code", String(code)), ("redirect_uri", "http://b"),
            ])
            #expect(reply.status == 400)
        }
    }

    // MARK: The limit

    @Test func the26thCallInFiveSecondsIsRefusedAndTakesNoPlace() async throws {
        try await Bench.open { bench in
            for _ in 1...25 {
                let reply = try await bench.send(.get, "units")
                #expect(reply.status == 200)
            }
            bench.clock.advance(by: .milliseconds(4_999))
            #expect(try await bench.send(.get, "units").status == 429)
            bench.clock.advance(by: .milliseconds(1))
            #expect(try await bench.send(.get, "units").status == 200)
            #expect(bench.company.refusedForRate == 1)
        }
    }

    @Test func theLimitSlidesWithEveryCall() async throws {
        try await Bench.open { bench in
            for _ in 1...25 {
                bench.clock.advance(by: .milliseconds(100))
                let reply = try await bench.send(.get, "units")
                #expect(reply.status == 200)
            }
            bench.clock.advance(by: .milliseconds(2_600))
            #expect(try await bench.send(.get, "units").status == 200)
            #expect(try await bench.send(.get, "units").status == 429)
        }
    }

    @Test func withoutLicenceOrScopeAResourceIsBarred() async throws {
        var settings = Bench.settings
        settings.hasOrderLicence = false
        settings.scope = "order customer"
        try await Bench.open(settings) { bench in
            let orders = try await bench.refusal(.get, "orders")
            #expect(orders == "403 2001101")
            #expect(try await bench.refusal(.get, "invoices") == "403 2001101")
            #expect(try await bench.send(.get, "customers").status == 200)
        }
    }

    // MARK: Faults

    @Test func aLostAnswerHasItsEffectAndALostRequestHasNone() async throws {
        try await Bench.open { bench in
            bench.company.onRequest { $0.number == 1 ? .loseAfter : .loseBefore }
            for _ in 1...2 {
                await #expect(throws: TransportFailure.self) {
                    _ = try await bench.send(.post, "customers", #"{"Customer":{"Name":"Åsa"}}"#)
                }
            }
            #expect(bench.company.books.customers == ["1"])
            #expect(bench.company.requests == 2)
            #expect(bench.company.requestsByRoute == ["POST customers": 2])
            #expect(bench.company.log.map(\.status) == [201])
        }
    }

    @Test func aFaultCanBeAskedForByRoute() async throws {
        try await Bench.open { bench in
            bench.company.onRequest { request in
                FortnoxSandbox.route(request.method, request.path) == "PUT invoices/*/bookkeep"
                    ? .answer(HTTPReply(status: 503)) : nil
            }
            try await bench.customer()
            _ = try await bench.invoice()
            #expect(try await bench.send(.put, "invoices/1/bookkeep").status == 503)
            #expect(bench.company.books.vouchers.isEmpty)
        }
    }

    @Test func whatIsNewCanBeMissingFromListsForAWhile() async throws {
        var settings = Bench.settings
        settings.searchLag = .seconds(10)
        try await Bench.open(settings) { bench in
            try await bench.customer()
            #expect(try await bench.json(.get, "customers")["Customers"] == .array([]))
            #expect(try await bench.send(.get, "customers/1001").status == 200)
            bench.clock.advance(by: .seconds(10))
            #expect(try await bench.json(.get, "customers")["Customers"]?.array?.count == 1)
        }
    }
}
