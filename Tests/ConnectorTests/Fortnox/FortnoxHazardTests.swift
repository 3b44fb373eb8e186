import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

@testable import Connectors

/// Lost answers, second tries, searches that find too much, people who were faster.
@Suite struct FortnoxHazardTests {
    private typealias Scene = FortnoxScene

    private func find(_ scene: FortnoxScene, _ references: ExternalReference...) async throws
        -> [ExternalReference: [ERPDocument]]
    {
        try await scene.connector.find(references)
    }

    // MARK: Rows written anew

    @Test func aRowWrittenAnewKeepsNothingOfTheRowThatStoodAtItsPlace() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft {
                var second = $0.lines[0]
                second.id = "2"
                $0.lines.append(second)
                ($0.taxes[0].amount, $0.totalTax) = (Sample.money("39.60"), Sample.money("39.60"))
                $0.total = $0.total + $0.total
            }
            let customer = try await scene.customer(draft)
            let made = try scene.made(await scene.invoiced(draft, customer: customer))
            // The second line is gone, and the shop rounds the total: a rounding takes the row's place.
            let changed = try scene.draft { $0.total = $0.total + Money(minorUnits: 1, Sample.sek) }
            #expect(changed.lines.map(\.article) == ["MUG-001", "AVRUNDNING"])

            let step = Step.updateInvoice(
                scene.invoice(changed, .customer(customer)), made.id, customer: customer, parts: [.lines])
            #expect(try scene.made(await scene.perform(step)).total == changed.total)

            let rows = scene.company.perform("GET", "invoices/\(made.id)").body["Invoice"]?["InvoiceRows"]?.array ?? []
            #expect(rows.map { $0["ArticleNumber"]?.text } == ["MUG-001", "AVRUNDNING"])
            #expect(rows.map { $0["AccountNumber"]?.int } == [3001, 3740])
        }
    }

    // MARK: Lost answers

    @Test func anInvoiceWhoseAnswerWasLostIsUnknownAndFoundOnce() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            let first = OnceAt("POST invoices")
            scene.company.onRequest { first($0) ? .loseAfter : nil }

            let outcome = await scene.invoiced(draft, customer: customer)

            guard case .unknown = outcome else { return #expect(Bool(false), "\(outcome)") }
            let reference = Scene.reference(draft, .invoice)
            let found = try await find(scene, reference)[reference] ?? []
            #expect(found.map(\.total) == [draft.total])
            #expect(scene.company.books.invoices.count == 1)
        }
    }

    @Test func anInvoiceThatNeverArrivedIsUnknownAndNotFound() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            let first = OnceAt("POST invoices")
            scene.company.onRequest { first($0) ? .loseBefore : nil }

            guard case .unknown = await scene.invoiced(draft, customer: customer) else {
                return #expect(Bool(false), "it may have been done")
            }
            #expect(try await find(scene, Scene.reference(draft, .invoice)).isEmpty)
        }
    }

    @Test func aBookingWhoseAnswerWasLostIsDoneTheSecondTime() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let invoice = try scene.made(await scene.invoiced(draft, customer: try await scene.customer(draft)))
            let first = OnceAt("PUT invoices/*/bookkeep")
            scene.company.onRequest { first($0) ? .loseAfter : nil }
            guard case .unknown = await scene.booked(draft, invoice) else {
                return #expect(Bool(false), "it may have been done")
            }

            let again = await scene.booked(draft, invoice)

            guard case .alreadyThere(let document) = again else { return #expect(Bool(false), "\(again)") }
            #expect(document.state == .booked)
            #expect(scene.company.books.vouchers.count == 1)
        }
    }

    @Test(arguments: ["lost", "refused"])
    func anOrderIsInvoicedOnceHoweverOftenItIsAsked(_ fault: String) async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let order = try scene.made(
                await scene.perform(.createOrder(draft, customer: try await scene.customer(draft))))
            let step = Step.createInvoice(scene.invoice(draft, .order(order.id)))
            if fault == "lost" {
                let first = OnceAt("PUT orders/*/createinvoice")
                scene.company.onRequest { first($0) ? .loseAfter : nil }
            }
            _ = await scene.perform(step)

            let invoice = try scene.made(await scene.perform(step))

            #expect(scene.company.books.invoices.count == 1)
            #expect(invoice.date == draft.date)
            let reference = Scene.reference(draft, .invoice)
            #expect(try await find(scene, reference)[reference]?.map(\.id) == [invoice.id])
        }
    }

    @Test func aCustomerWhoseAnswerWasLostIsTheSameTheSecondTime() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let first = OnceAt("POST customers")
            scene.company.onRequest { first($0) ? .loseAfter : nil }
            _ = await scene.perform(.ensureCustomer(draft.customer))

            let id = try await scene.customer(draft)

            #expect(scene.company.books.customers == [id.text])
            #expect(try await find(scene, draft.customer.reference)[draft.customer.reference]?.map(\.id) == [id])
        }
    }

    @Test(arguments: ["notAnswered", "500", "429"])
    func afterAFailureOfTheConnectionTheRestOfABatchIsNotSent(_ fault: String) async throws {
        try await Scene.open { scene in
            let customer = try await scene.customer(try scene.draft())
            let steps = try ["1", "2", "3"].map { id in
                let draft = try scene.draft(id)
                return Step.createInvoice(scene.invoice(draft, .customer(customer)))
            }
            scene.company.onRequest { request in
                guard FortnoxSandbox.route(request.method, request.path) == "POST invoices",
                    String(decoding: request.body, as: UTF8.self).contains("order-2\\/")
                else { return nil }
                return switch fault {
                case "500": .answer(HTTPReply(status: 500))
                case "429": .answer(HTTPReply(status: 429))
                default: .loseBefore
                }
            }

            let outcome = await scene.connector.perform(steps, deadline: scene.deadline)

            guard case .each(let outcomes) = outcome, outcomes.count == 3 else {
                return #expect(Bool(false), "\(outcome)")
            }
            guard case .done = outcomes[0] else { return #expect(Bool(false), "\(outcomes[0])") }
            switch (fault, outcomes[1]) {
            case ("429", .retry), ("500", .unknown), ("notAnswered", .unknown): break
            default: #expect(Bool(false), "\(fault): \(outcomes[1])")
            }
            guard case .retry = outcomes[2] else { return #expect(Bool(false), "\(outcomes[2])") }
            #expect(scene.company.books.invoices.count == 1)
        }
    }

    @Test func oneRefusedInvoiceOfABatchKeepsNobodyBack() async throws {
        try await Scene.open { scene in
            let customer = try await scene.customer(try scene.draft())
            let steps = try ["1", "2", "3"].map { id in
                let draft = try scene.draft(id) { if id == "2" { $0.lines[0].sku = "NO-SUCH" } }
                return Step.createInvoice(scene.invoice(draft, .customer(customer)))
            }
            guard case .each(let outcomes) = await scene.connector.perform(steps, deadline: scene.deadline) else {
                return #expect(Bool(false), "no outcomes")
            }
            #expect(outcomes.map { scene.code($0) } == [nil, .articleNotFound, nil])
            #expect(scene.company.books.invoices.count == 2)
        }
    }

    // MARK: Finding

    @Test func aSearchThatFindsPartsFindsOnlyTheWholeKey() async throws {
        try await Scene.open { scene in
            let customer = try await scene.customer(try scene.draft())
            for id in ["27", "127", "271"] { _ = await scene.invoiced(try scene.draft(id), customer: customer) }
            for id in ["2", "7", "7/invoice/1", "%", "_27", "ORDER-27"] {
                #expect(try await find(scene, Scene.reference(id, .invoice)).isEmpty, "order \(id)")
            }
            let reference = Scene.reference("27", .invoice)
            #expect(try await find(scene, reference)[reference]?.count == 1)
        }
    }

    @Test func twoInvoicesUnderOneKeyAreBothTold() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            for _ in 0..<2 { _ = await scene.invoiced(draft, customer: customer) }
            let reference = Scene.reference(draft, .invoice)
            #expect(try await find(scene, reference)[reference]?.count == 2)
        }
    }

    @Test func aCancelledInvoiceCountsOnlyWhereNoOtherStands() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            let reference = Scene.reference(draft, .invoice)
            let first = try scene.made(await scene.invoiced(draft, customer: customer))
            _ = scene.company.perform("PUT", "invoices/\(first.id)/cancel")
            #expect(try await find(scene, reference)[reference]?.map(\.state) == [.cancelled])

            let second = try scene.made(await scene.invoiced(draft, customer: customer))

            #expect(try await find(scene, reference)[reference]?.map(\.id) == [second.id])
        }
    }

    @Test func aCreditThatBearsTheInvoicesKeyIsNotTakenForTheInvoice() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let invoice = try await scene.book(draft)
            _ = scene.company.perform("PUT", "invoices/\(invoice.id)/credit")
            #expect(scene.company.books.invoices.count == 2)
            let reference = Scene.reference(draft, .invoice)
            #expect(try await find(scene, reference)[reference]?.map(\.id) == [invoice.id])
        }
    }

    @Test func manyAreLookedUpTogetherWhereThatIsCheaper() async throws {
        try await Scene.open { scene in
            let customer = try await scene.customer(try scene.draft())
            let ids = (1...8).map(String.init)
            for id in ids { _ = await scene.invoiced(try scene.draft(id), customer: customer) }
            let references = ids.map { Scene.reference($0, .invoice) }

            let calls = try await scene.calls {
                let found = try await scene.connector.find(references)
                #expect(found.count == 8)
                #expect(found.values.allSatisfy { $0.count == 1 })
            }

            #expect(calls == ["GET invoices": 1, "GET invoices/*": 8])
        }
    }

    @Test func amongManyPagesOfOthersEachIsLookedUpByItself() async throws {
        try await Scene.open { scene in
            let customer = try await scene.customer(try scene.draft())
            for id in 1...1600 {
                _ = scene.company.perform(
                    "POST", "invoices",
                    [
                        "Invoice": [
                            "CustomerNumber": .string(customer.text),
                            "ExternalInvoiceReference1": .string("nordic-shop/order-\(id)/invoice/1"),
                        ]
                    ])
            }
            let references = ["3", "4", "5"].map { Scene.reference($0, .invoice) }

            let calls = try await scene.calls {
                let found = try await scene.connector.find(references)
                #expect(Set(found.keys) == Set(references))
                #expect(found.values.allSatisfy { $0.count == 1 })
            }

            // One look at how many there are, then one search for each.
            #expect(calls["GET invoices"] == 4)
        }
    }

    @Test func withoutALicenceForOrdersInvoicesAreFoundAndOrdersAreNotTakenForMissing() async throws {
        var settings = Scene.companySettings
        settings.hasOrderLicence = false
        try await Scene.open(settings) { scene in
            let draft = try scene.draft()
            let invoice = try await scene.book(draft)
            let reference = Scene.reference(draft, .invoice)
            #expect(try await find(scene, reference) == [reference: [invoice]])
            await #expect(throws: ConnectorError.self) { try await find(scene, Scene.reference(draft, .order)) }
        }
    }

    @Test func aPageOfSomebodyElseIsNotFortnoxSayingThatADocumentIsGone() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let invoice = try scene.made(await scene.invoiced(draft, customer: try await scene.customer(draft)))
            scene.company.onRequest { request in
                request.path.contains("/invoices/")
                    ? .answer(HTTPReply(status: 404, body: Array("<html>nginx</html>".utf8))) : nil
            }
            await #expect(throws: ConnectorError.self) { try await scene.connector.read(.invoice, [invoice.id]) }
            guard case .unknown = await scene.booked(draft, invoice) else {
                return #expect(Bool(false), "it was not Fortnox who answered")
            }
        }
    }

    // MARK: People and books

    @Test func aClosedPeriodAMissingYearAndACancelledInvoiceAreToldApart() async throws {
        try await Scene.open { scene in
            let draft = try scene.draft()
            let customer = try await scene.customer(draft)
            let invoice = try scene.made(await scene.invoiced(draft, customer: customer))
            scene.company.lock(through: Sample.day("2026-11-20"))
            #expect(scene.code(await scene.booked(draft, invoice)) == .periodClosed)
            scene.company.lock(through: nil)

            #expect(scene.code(await scene.booked(draft, invoice, on: Sample.day("2031-01-01"))) == .periodMissing)

            _ = scene.company.perform("PUT", "invoices/\(invoice.id)/cancel")
            #expect(scene.code(await scene.booked(draft, invoice)) == .documentGone)
            #expect(
                scene.code(await scene.booked(draft, ERPDocument(id: DocumentID("999"), state: .draft)))
                    == .documentGone)
        }
    }

    @Test func theLockIsPartOfTheBooks() async throws {
        try await Scene.open { scene in
            scene.company.lock(through: Sample.day("2026-10-31"))
            let books = try await scene.connector.books()
            #expect(books.lockedThrough == Sample.day("2026-10-31"))
            #expect(books.rules.vat == .fromNetPerRate)
        }
    }

    @Test func aRoundedTotalIsNotTheShops() async throws {
        var settings = Scene.companySettings
        settings.roundsToWholeKronor = true
        try await Scene.open(settings) { scene in
            let draft = try scene.draft {
                $0.lines[0].subtotal = Sample.money("79.60")
                $0.lines[0].total = Sample.money("79.60")
                $0.lines[0].taxes = [LineTax(taxID: "1", amount: Sample.decimal("19.90"))]
                $0.taxes[0].amount = Sample.money("19.90")
                $0.total = Sample.money("99.50")
                $0.totalTax = Sample.money("19.90")
            }
            let invoice = try scene.made(await scene.invoiced(draft, customer: try await scene.customer(draft)))
            #expect(invoice.total == Sample.money("100.00"))
            let problems = await scene.connector.check(Scene.settings)
            #expect(problems.map(\.code) == [.totalsAreRounded])
        }
    }
}
