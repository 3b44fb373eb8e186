import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

@testable import Connectors

/// What Fortnox allows and lacks: calls, tokens, permissions, articles, accounts, currencies.
@Suite struct FortnoxLimitTests {
    private typealias Scene = FortnoxScene

    // MARK: Calls and tokens

    @Test func theAllowanceIsUsedAndNeverExceeded() async throws {
        var settings = Scene.companySettings
        settings.limitsRate = true
        try await Scene.open(settings, limited: true) { scene in
            let began = scene.clock.now()
            for id in 1...300 { try await scene.book(try scene.draft(String(id))) }
            let seconds = (scene.clock.now() - began).milliseconds / 1000
            let calls = scene.company.requests
            #expect(scene.company.refusedForRate == 0)
            #expect(Int64(calls) >= (25 + 5 * seconds) * 95 / 100, "\(calls) calls in \(seconds) s")
        }
    }

    @Test func whereSomebodyElseUsesTheAllowanceTooTheCallIsSentAgainAfterAWindow() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            let first = OnceAt("POST invoices")
            scene.company.onRequest { first($0) ? .answer(HTTPReply(status: 429)) : nil }

            let invoice = try scene.made(await scene.invoiced(draft, customer: customer))

            #expect(invoice.total == draft.total)
            #expect(scene.company.books.invoices.count == 1)
        }
    }

    @Test func aTokenThatEndedInTheMiddleIsRenewedAndTheCallSentAgain() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            scene.company.revokeAccessTokens()

            let invoice = try scene.made(await scene.invoiced(draft, customer: customer))

            #expect(invoice.total == draft.total)
            #expect(scene.company.books.invoices.count == 1)
            #expect(scene.company.requestsByRoute["POST token"] == 2)
        }
    }

    @Test func aConnectionThatWasThrownOutPausesAndIsToldAsUnauthorised() async throws {
        try await Scene.open { scene in
            _ = try await scene.connector.books()
            scene.company.revokeAccessTokens()
            scene.company.revokeRefreshToken()
            do throws(ConnectorError) {
                _ = try await scene.connector.find([Scene.reference("1", .invoice)])
                #expect(Bool(false), "there is no token")
            } catch {
                #expect(error.problem.code == .unauthorised)
            }
        }
    }

    @Test func twoIntegrationsOfOneCompanyShareTokenAndAllowance() async throws {
        var settings = Scene.companySettings
        settings.limitsRate = true
        try await Scene.open(settings, limited: true) { scene in
            let shared = SharedParts()
            let memory = VolatileMemory()
            var configuration = Scene.configuration(scene.company, limited: true)
            configuration.connection = "company"
            let connectors = ["one", "two"].compactMap { ShopIdentity($0) }.map { shop in
                FortnoxConnector(
                    configuration,
                    ConnectorTools(
                        transport: scene.transport, clock: scene.clock, shop: shop, timeZone: Sample.stockholm,
                        memory: memory, shared: shared))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for connector in connectors {
                    group.addTask {
                        for id in 1...40 { _ = try await connector.find([Scene.reference(String(id), .invoice)]) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(scene.company.refusedForRate == 0)
            #expect(scene.company.requestsByRoute["POST token"] == 1)
        }
    }

    @Test func nothingIsSentAfterTheDeadline() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            let before = scene.company.requests
            let outcome = await scene.connector.perform(
                [.createInvoice(scene.invoice(draft, .customer(customer)))], deadline: scene.clock.now())
            guard case .each(let outcomes) = outcome, case .retry? = outcomes.first else {
                return #expect(Bool(false), "\(outcome)")
            }
            #expect(scene.company.requests == before)
        }
    }

    // MARK: What is missing

    @Test func everythingThatAnOrderLacksIsToldAtOnceAndNothingIsMade() async throws {
        try await Scene.open { scene in
            var draft = try scene.draft()
            draft.currency = Sample.currency("JPY")
            draft.payment.terms = "60"
            draft.shippingMethod = "DRÖNARE"
            draft.lines[0].article = "MUGG Å"
            let others = [("NO-SUCH", "25@3001"), ("MUG-001", "25@3999"), ("MUG-001", "VAT25"), ("MUG-001", "25@6999")]
            draft.lines += others.map { article, tax in
                var line = draft.lines[0]
                (line.article, line.tax) = (article, tax)
                return line
            }
            let expected: [ProblemCode] = [
                .currencyNotInERP, .termsNotInERP, .shippingMethodNotMapped, .articleNumberNotAllowed, .articleNotFound,
                .accountNotInERP, .taxNotInERP, .accountNotInERP,
            ]
            #expect(try await scene.connector.problems(in: [draft]).map(\.code) == expected)

            let outcome = await scene.perform(
                .createInvoice(scene.invoice(draft, .customer(DocumentID("1")))))
            #expect(scene.code(outcome) == expected[0])
            #expect(scene.company.books.invoices.isEmpty)
        }
    }

    @Test func fiveHundredLinesGoAndOneMoreIsTold() async throws {
        try await Scene.open { scene in
            var draft = try scene.draft()
            draft.lines = Array(repeating: draft.lines[0], count: 500)
            #expect(try await scene.connector.problems(in: [draft]).isEmpty)
            draft.lines.append(draft.lines[0])
            #expect(try await scene.connector.problems(in: [draft]).map(\.code) == [.tooManyLines])
        }
    }

    @Test func anArticleMadeAMomentAgoIsFound() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft { $0.lines[0].sku = "NEW-1" }
            #expect(try await scene.connector.problems(in: [draft]).map(\.code) == [.articleNotFound])
            scene.company.put(FortnoxSandbox.Article("NEW-1", "Ny"))
            #expect(try await scene.connector.problems(in: [draft]).isEmpty)
        }
    }

    @Test(arguments: ["MUG-001", "a.b_c/d+e", String(repeating: "9", count: 50)])
    func articleNumbersThatFortnoxTakes(_ number: String) { #expect(FortnoxRows.isArticleNumber(number)) }

    @Test(arguments: ["", "MUG 001", "MUG-Ä", "MUG#1", "@", "[", "{", "`", String(repeating: "9", count: 51)])
    func articleNumbersThatItDoesNot(_ number: String) { #expect(!FortnoxRows.isArticleNumber(number)) }

    // MARK: Check

    @Test func aCompanyAsItShouldBeLacksNothing() async throws {
        try await Scene.open { scene in #expect(await scene.connector.check(Scene.settings).isEmpty) }
    }

    @Test func everythingThatWouldStopOrdersIsToldAtOnceAndNothingIsWritten() async throws {
        var company = Scene.companySettings
        company.lockedThrough = Sample.day("2026-11-30")
        company.financialYears = [.init(from: Sample.day("2026-01-01"), to: Sample.day("2026-12-31"), method: .cash)]
        company.articles.removeAll { $0.number == "AVRUNDNING" || $0.number == "FRAKT" }
        company.hasOrderLicence = true
        try await Scene.open(company) { scene in
            var settings = Scene.settings
            settings.vat.rules.append(VATRule(percent: Sample.decimal("21"), country: "NL", tax: "21@3999"))
            settings.vat.rules.append(VATRule(percent: Sample.decimal("20"), country: "FR", tax: "FR20"))
            settings.fees = [FeeRule(name: "*", article: "AVGIFT Å")]
            settings.paymentMethods = [PaymentMethodRule(method: "*", terms: "60")]
            settings.shippingMethods = [ShippingMethodRule(method: "*", article: "FRAKT", erpMethod: "DRÖNARE")]

            let calls = try await scene.calls {
                let codes = await scene.connector.check(settings).map(\.code)
                #expect(
                    codes == [
                        .periodClosed, .cashMethodAccounting, .accountNotInERP, .taxNotInERP,
                        .articleNumberNotAllowed, .articleNotFound, .articleNotFound, .termsNotInERP,
                        .shippingMethodNotMapped,
                    ])
            }
            #expect(calls.keys.allSatisfy { $0.hasPrefix("GET") || $0 == "POST token" })
        }
    }

    @Test func aYearThatWasNotSetUpIsTold() async throws {
        var company = Scene.companySettings
        company.financialYears = FortnoxSandbox.FinancialYear.calendarYears(2024...2025)
        try await Scene.open(company) { scene in
            #expect(await scene.connector.check(Scene.settings).map(\.code) == [.periodMissing])
        }
    }

    @Test func aLicenceThatIsMissingIsToldOnlyWhereItIsNeeded() async throws {
        var company = Scene.companySettings
        company.hasOrderLicence = false
        try await Scene.open(company) { scene in
            #expect(await scene.connector.check(Scene.settings).isEmpty)
            var settings = Scene.settings
            settings.invoices.workflow = .orderThenInvoice
            #expect(await scene.connector.check(settings).map(\.code) == [.permissionMissing])
        }
    }
}
