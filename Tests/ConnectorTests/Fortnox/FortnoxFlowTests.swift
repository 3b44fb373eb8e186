import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

@testable import Connectors

/// From order to booked invoice in the sandbox company: what is sent, what it costs, what stands in the books.
@Suite struct FortnoxFlowTests {
    private typealias Scene = FortnoxScene

    @Test func anInvoiceStandsInTheBooksAsTheShopHasIt() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft {
                $0.lines.append(
                    OrderLine(
                        id: "2", kind: .goods, sku: "FOOD-001", name: "Ost & Kex", quantity: ExactDecimal(3),
                        subtotal: Sample.money("96.16"), total: Sample.money("96.16"),
                        taxes: [LineTax(taxID: "2", amount: Sample.decimal("11.54"))]))
                $0.taxes.append(
                    OrderTax(id: "2", label: "VAT", percent: Sample.decimal("12"), amount: Sample.money("11.54")))
                $0.total = Sample.money("206.70")
                $0.totalTax = Sample.money("31.34")
            }

            let booked = try await scene.book(draft)

            #expect(booked.state == .booked)
            #expect(booked.total == Sample.money("206.70"))
            #expect(booked.taxes == draft.taxes)
            #expect(booked.date == draft.date)
            let invoice = try #require(scene.company.books.invoices.first)
            #expect(invoice.reference == "nordic-shop/order-1/invoice/1")
            #expect(invoice.total == Sample.decimal("206.70"))
            #expect(
                invoice.vat == [ExactDecimal(25): Sample.decimal("19.80"), ExactDecimal(12): Sample.decimal("11.54")])
            #expect(scene.company.books.areBalanced)
            #expect(scene.company.books.balances[1510] == Sample.decimal("206.70"))
            #expect(scene.company.books.balances[3001] == Sample.decimal("-79.20"))
            #expect(scene.company.books.balances[3002] == Sample.decimal("-96.16"))
        }
    }

    @Test func anInvoiceInAnotherCurrencyIsBookedInIt() async throws {
        try await Scene.open { scene in
            let euro = Sample.currency("EUR")
            let draft = try scene.draft {
                $0.currency = euro
                $0.billing.country = "DE"
                $0.shipping = $0.billing
                $0.lines[0].subtotal = Sample.money("20.00", euro)
                $0.lines[0].total = Sample.money("20.00", euro)
                $0.lines[0].taxes = [LineTax(taxID: "1", amount: Sample.decimal("3.80"))]
                $0.taxes = [
                    OrderTax(id: "1", label: "MwSt", percent: Sample.decimal("19"), amount: Sample.money("3.80", euro))
                ]
                $0.total = Sample.money("23.80", euro)
                $0.totalTax = Sample.money("3.80", euro)
            }

            let booked = try await scene.book(draft)

            #expect(booked.total == Sample.money("23.80", euro))
            #expect(booked.taxes == [DocumentTax(code: "19@3111", amount: Sample.money("3.80", euro))])
            #expect(scene.company.books.areBalanced)
        }
    }

    @Test func aKnownCustomersOrderCostsTwoCallsAndANewOnesThree() async throws {
        try await Scene.open { scene in
            let customer = try await scene.customer(try scene.draft("1"))
            try await scene.book(try scene.draft("1"))

            let known = try await scene.calls {
                let draft = try scene.draft("2")
                let invoice = try scene.made(await scene.invoiced(draft, customer: customer))
                _ = try scene.made(await scene.booked(draft, invoice))
            }
            let new = try await scene.calls {
                try await scene.book(try scene.draft("3") { $0.customer.email = "new@example.test" })
            }

            #expect(known == ["POST invoices": 1, "PUT invoices/*/bookkeep": 1])
            #expect(new == ["POST customers": 1, "POST invoices": 1, "PUT invoices/*/bookkeep": 1])
        }
    }

    @Test func withAnOrderInBetweenItCostsThreeCallsAndFour() async throws {
        try await Scene.open { scene in
            let today = Sample.day("2026-11-23")
            func flow(_ draft: SalesOrderDraft, _ customer: DocumentID) async throws -> ERPDocument {
                let order = try scene.made(await scene.perform(.createOrder(draft, customer: customer)))
                let invoice = try scene.made(
                    await scene.perform(.createInvoice(scene.invoice(draft, .order(order.id), date: today))))
                #expect(invoice.total == draft.total)
                return try scene.made(
                    await scene.perform(
                        .bookInvoice(
                            Scene.reference(draft, .invoice), invoice.id, dated: invoice.date, date: today,
                            trueDate: today)))
            }
            let customer = try await scene.customer(try scene.draft("1"))
            _ = try await flow(try scene.draft("1"), customer)

            let known = try await scene.calls { _ = try await flow(try scene.draft("2"), customer) }
            let new = try await scene.calls {
                let draft = try scene.draft("3") { $0.customer.email = "new@example.test" }
                _ = try await flow(draft, try await scene.customer(draft))
            }

            #expect(known.values.reduce(0, +) == 3)
            #expect(new.values.reduce(0, +) == 4)
        }
    }

    @Test func anInvoiceOfAnOrderBearsTheShopsDateNotTodays() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            let order = try scene.made(await scene.perform(.createOrder(draft, customer: customer)))

            let invoice = try scene.made(await scene.perform(.createInvoice(scene.invoice(draft, .order(order.id)))))

            #expect(invoice.date == draft.date)
            #expect(draft.date != scene.clock.now().day(in: Sample.stockholm))
        }
    }

    @Test func aLateBookingNamesTheTrueDate() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let invoice = try scene.made(
                await scene.invoiced(draft, customer: try await scene.customer(draft)))
            let booked = try scene.made(await scene.booked(draft, invoice, on: Sample.day("2026-11-22")))
            #expect(booked.date == Sample.day("2026-11-22"))
            let (_, body) = scene.company.perform("GET", "invoices/\(invoice.id)")
            #expect(body["Invoice"]?["Comments"]?.text?.contains("2026-11-20") == true)
        }
    }

    @Test func theLongestAndStrangestTextsArrive() async throws {
        try await Scene.open { scene in
            let strange = "Åsa \"Öberg\" <b>&amp; 北京 👩‍👩‍👧 \u{202E}…\n" + String(repeating: "x", count: 3000)
            let draft = try scene.draft {
                $0.billing.firstName = strange
                $0.billing.street = [strange, strange]
                $0.billing.city = strange
                $0.billing.postalCode = "SE-123 45 678"
                $0.shipping = $0.billing
                $0.lines[0].name = strange
                $0.customerNote = strange
            }
            let booked = try await scene.book(draft)
            #expect(booked.state == .booked)
        }
    }

    // MARK: Customers

    @Test func aCustomerIsMatchedByAddressInAnyCaseAndByNumberAsPeopleWriteIt() async throws {
        try await Scene.open { scene in
            _ = scene.company.perform(
                "POST", "customers",
                ["Customer": ["CustomerNumber": "77", "Name": "Anna", "Email": "Anna@Example.test"]])
            _ = scene.company.perform(
                "POST", "customers",
                ["Customer": ["CustomerNumber": "88", "Name": "Firma", "OrganisationNumber": "556677-8899"]])
            #expect(try await scene.customer(try scene.draft()) == DocumentID("77"))
            let company = try scene.draft("2") {
                $0.billing.company = "Firma AB"
                $0.customFields["organisation_number"] = .string("5566778899")
            }
            #expect(try await scene.customer(company) == DocumentID("88"))
        }
    }

    @Test func twoCustomersWithOneAddressAskAPerson() async throws {
        try await Scene.open { scene in
            for number in ["77", "88"] {
                _ = scene.company.perform(
                    "POST", "customers",
                    ["Customer": ["CustomerNumber": .string(number), "Name": "A", "Email": "anna@example.test"]])
            }
            let outcome = await scene.perform(.ensureCustomer(try scene.draft().customer))
            #expect(scene.code(outcome) == .customerAmbiguous)
        }
    }

    @Test func aCustomerThatAPersonDeactivatedIsNotMadeAgain() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let id = try await scene.customer(draft)
            _ = scene.company.perform("PUT", "customers/\(id)", ["Customer": ["Active": false, "Email": ""]])
            scene.clock.advance(by: .seconds(120))
            let outcome = await scene.perform(.ensureCustomer(draft.customer))
            #expect(scene.code(outcome) == .documentGone)
            #expect(scene.company.books.customers.count == 1)
        }
    }

    @Test func twoProcessesThatMakeOneCustomerMakeOne() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            // The second listed the customers before the first made one.
            let other = FortnoxConnector(
                Scene.configuration(scene.company),
                ConnectorTools(
                    transport: scene.transport, clock: scene.clock, shop: Sample.shop, timeZone: Sample.stockholm,
                    memory: scene.tools.memory))
            _ = await other.perform(
                [.ensureCustomer(try scene.draft("2") { $0.customer.email = "b@example.test" }.customer)],
                deadline: scene.deadline)
            let first = try await scene.customer(draft)

            let second = await other.perform([.ensureCustomer(draft.customer)], deadline: scene.deadline)

            #expect(second == .each([.alreadyThere(ERPDocument(id: first, number: first.text, state: .confirmed))]))
            #expect(scene.company.books.customers.count == 2)
        }
    }
}
