import ConnectorKit
import Domain
import Synchronization
import TestKit
import Testing

@testable import Connectors

extension LiveTests {
    /// What goes wrong, against a real Tryton.
    @Suite struct Hazards {
        private let tryton = LiveTryton()

        private func count(_ model: String, _ domain: JSONValue) async throws -> Int {
            try await tryton.person.rows(model, domain, [], by: tryton.deadline).count
        }

        private func sales(of draft: SalesOrderDraft) async throws -> Int {
            try await count(
                "sale.sale",
                [
                    ["web_shop.name", "=", .string(tryton.shop.name)],
                    ["web_id", "=", .string(TrytonOrderValues.webID(draft.reference))],
                ])
        }

        // MARK: Once only

        @Test func `two processes that make the same customers make each of them once`() async throws {
            let drafts = try (1...5).map { try tryton.draft(tryton.order("\($0)")).customer }
            let steps = drafts.map { Step.ensureCustomer($0) }

            let (one, other) = (tryton.connector(), tryton.connector())
            async let first = tryton.documents(one, steps)
            async let second = tryton.documents(other, steps)
            let (left, right) = try await (first, second)

            #expect(left.map(\.id) == right.map(\.id))
            let codes = drafts.map { JSONValue.string(TrytonMatching.code($0.reference)) }
            #expect(try await count("party.party", [["code", "in", .array(codes)]]) == 5)
        }

        @Test func `two processes that make the same orders make each of them once`() async throws {
            let drafts = try (1...5).map { try tryton.draft(tryton.order("\($0)")) }
            let customers = try await tryton.documents(
                tryton.connector(), drafts.map { .ensureCustomer($0.customer) })
            let steps = zip(drafts, customers).map { Step.createOrder($0, customer: $1.id) }

            let (one, other) = (tryton.connector(), tryton.connector())
            async let first = one.perform(steps, deadline: tryton.deadline)
            async let second = other.perform(steps, deadline: tryton.deadline)
            let outcomes = await [first, second]

            let again = try await tryton.perform(tryton.connector(), steps)
            #expect(
                again.allSatisfy { if case .alreadyThere = $0 { true } else { false } }, "\(outcomes)")
            for draft in drafts { #expect(try await sales(of: draft) == 1) }
        }

        @Test(arguments: [
            "party.party.create", "sale.sale.create", "sale.sale.confirm", "sale.sale.process",
            "account.invoice.post",
        ])
        func `an answer lost after the effect is unknown, and the same step again finds it done`(
            _ method: String
        ) async throws {
            let loss = LosingTransport.Loss(method)
            let connection = tryton.connection { LosingTransport($0, loss) }
            let connector = tryton.connector(connection)
            let draft = try tryton.draft(tryton.order("27"))

            let booked = try await book(draft, connector)

            #expect(loss.happened)
            #expect(booked.state == .booked)
            #expect(booked.total == draft.total)
            #expect(try await sales(of: draft) == 1)
            let invoice = ExternalReference(shop: tryton.shop, record: "order-27", kind: .invoice)
            #expect(try await connector.find([invoice]) == [invoice: [booked]])
        }

        /// Every step, once more where it is unknown.
        private func book(_ draft: SalesOrderDraft, _ connector: TrytonConnector) async throws
            -> ERPDocument
        {
            let customer = try await persist(.ensureCustomer(draft.customer), connector)
            let order = try await persist(.createOrder(draft, customer: customer.id), connector)
            _ = try await persist(.confirmOrder(draft.reference, order.id), connector)
            let invoice = try await persist(
                .createInvoice(tryton.invoiceDraft(draft, order.id)), connector)
            return try await persist(tryton.booking(invoice), connector)
        }

        /// Performs a step until it is known what came of it.
        private func persist(_ step: Step, _ connector: TrytonConnector) async throws -> ERPDocument {
            let outcome = await connector.perform([step], deadline: tryton.deadline)
            if case .each(let outcomes) = outcome, case .done(let document) = outcomes.first {
                return document
            }
            guard case .unknown = outcome else { throw LiveTryton.Unexpected(what: "\(outcome)") }
            return try await tryton.documents(connector, [step])[0]
        }

        // MARK: People

        @Test func `what people posted, deleted or cancelled is told, and the rest goes through`()
            async throws
        {
            let connector = tryton.connector()
            let drafts = try (1...4).map { try tryton.draft(tryton.order("\($0)")) }
            let invoices = try await tryton.invoiced(connector, drafts)
            let ids = invoices.compactMap { Int($0.id.text) }
            let person = tryton.person
            try await person.press("account.invoice.post", [ids[0]], by: tryton.deadline)
            try await person.press("account.invoice.delete", [ids[1]], by: tryton.deadline)
            try await person.press("account.invoice.cancel", [ids[2]], by: tryton.deadline)

            let outcomes = try await tryton.perform(connector, invoices.map { tryton.booking($0) })

            guard case .alreadyThere(let theirs) = outcomes[0], case .rejected(let deleted) = outcomes[1],
                case .rejected(let cancelled) = outcomes[2], case .done(let ours) = outcomes[3]
            else { throw LiveTryton.Unexpected(what: "\(outcomes)") }
            #expect(theirs.state == .booked)
            #expect(deleted.code == .documentGone)
            #expect(cancelled.code == .documentGone)
            #expect(ours.state == .booked)
        }

        @Test func `orders that people confirmed or cancelled are told`() async throws {
            let connector = tryton.connector()
            let drafts = try (1...3).map { try tryton.draft(tryton.order("\($0)")) }
            let customers = try await tryton.documents(
                connector, drafts.map { .ensureCustomer($0.customer) })
            let made = try await tryton.documents(
                connector, zip(drafts, customers).map { .createOrder($0, customer: $1.id) })
            let ids = made.compactMap { Int($0.id.text) }
            for button in ["quote", "confirm"] {
                try await tryton.person.press("sale.sale.\(button)", [ids[0]], by: tryton.deadline)
            }
            try await tryton.person.press("sale.sale.cancel", [ids[1]], by: tryton.deadline)

            let confirmed = try await tryton.perform(
                connector, zip(drafts, made).map { .confirmOrder($0.reference, $1.id) })
            let invoiced = try await tryton.perform(
                connector, zip(drafts, made).map { .createInvoice(tryton.invoiceDraft($0, $1.id)) })

            guard case .alreadyThere = confirmed[0], case .rejected(let gone) = confirmed[1],
                case .done = confirmed[2],
                case .done = invoiced[0], case .rejected(let noInvoice) = invoiced[1],
                case .done = invoiced[2]
            else { throw LiveTryton.Unexpected(what: "\(confirmed) \(invoiced)") }
            #expect(gone.code == .documentGone)
            #expect(noInvoice.code == .documentGone)
        }

        // MARK: Dates

        @Test func `dates without a period, in closed ones and before the last number are told apart`()
            async throws
        {
            let connector = tryton.connector()
            let invoices = try await tryton.invoiced(
                connector, try (1...2).map { try tryton.draft(tryton.order("\($0)")) })
            let period = try await tryton.person.rows(
                "account.period", [["start_date", "=", TrytonWire.date(Sample.day("2024-01-01"))]], [],
                by: tryton.deadline)
            let january = try #require(period.first?.link("id"))
            _ = try await tryton.documents(connector, [tryton.booking(invoices[0])])

            let missing = await book(connector, invoices[1], "2019-05-05")
            let late = await book(connector, invoices[1], "\(tryton.today.year)-01-01")
            try await tryton.person.press("account.period.close", [january], by: tryton.deadline)
            let closed = await book(connector, invoices[1], "2024-01-05")
            let books = try? await connector.books()
            try await tryton.person.press("account.period.reopen", [january], by: tryton.deadline)

            #expect(missing?.code == .periodMissing)
            #expect(late?.code == .refusedByERP)
            #expect(closed?.code == .periodClosed, "\(closed?.detail ?? "booked")")
            #expect(books?.lockedThrough == Sample.day("2024-01-31"))
        }

        private func book(_ connector: TrytonConnector, _ invoice: ERPDocument, _ day: String) async -> Problem? {
            switch await connector.perform(
                [tryton.booking(invoice, Sample.day(day))], deadline: tryton.deadline)
            {
            case .refused(let problem), .retry(_, let problem): problem
            case .each, .unknown: nil
            }
        }

        @Test func `an invoice dated in the future asks a person`() async throws {
            let connector = tryton.connector()
            let invoices = try await tryton.invoiced(connector, [try tryton.draft(tryton.order())])

            #expect(
                await book(connector, invoices[0], "\(tryton.today.year + 1)-01-01")?.code == .consentNeeded)
        }

        // MARK: Texts, customers and addresses

        @Test func `the strangest and longest texts arrive, and their customer is found again`()
            async throws
        {
            let connector = tryton.connector()
            let strange = "Å\u{301}sa \"O'Brien\" <b>% _ \\ 漢字 🧾 " + String(repeating: "x", count: 2000)
            let order = tryton.order("1") { order in
                order.billing.lastName = strange
                order.billing.street = [strange, "c/o  Two   spaces "]
                order.billing.country = "NO"
                order.billing.region = "Oslo"
                order.shipping = Sample.address
                order.customer.phone = "not a number at all"
                order.customerNote = strange + "\nsecond line"
                order.lines[0].name = strange
            }
            let draft = try tryton.draft(order)

            let made = try await tryton.confirmed(connector, [draft])
            let again = try await tryton.perform(tryton.connector(), [.ensureCustomer(draft.customer)])
            let other = try tryton.draft(
                tryton.order("2") {
                    $0.billing = order.billing
                    $0.shipping = order.shipping
                    $0.customer = order.customer
                })
            _ = try await tryton.confirmed(tryton.connector(), [other])

            #expect(made[0].state == .confirmed)
            guard case .alreadyThere(let customer) = again[0] else {
                throw LiveTryton.Unexpected(what: "\(again)")
            }
            #expect(made[0].customer == customer.id)
            let party = try #require(Int(customer.id.text))
            // The billing address with the party, the shipping address once for both orders.
            #expect(try await count("party.address", [["party", "=", TrytonWire.id(party)]]) == 2)
        }

        @Test func `customers are matched by number as people write it and by address in any case`()
            async throws
        {
            let connector = tryton.connector()
            let digits = "\(tryton.clock.now().milliseconds)".suffix(10)
            let mail = "buyer-2@\(tryton.shop.name).test"
            let theirs = try await tryton.person.create(
                "party.party",
                [
                    [
                        "name": "By number", "code": .string("\(tryton.shop.name)-n"),
                        "identifiers": TrytonWire.create([
                            ["type": nil, "code": .string("\(digits.prefix(6))-\(digits.suffix(4))")]
                        ]),
                    ],
                    [
                        "name": "By address", "code": .string("\(tryton.shop.name)-e"),
                        "contact_mechanisms": TrytonWire.create([
                            ["type": "email", "value": .string(mail.replacing("buyer", with: "BuYer"))]
                        ]),
                    ],
                ], by: tryton.deadline)
            var business = try tryton.draft(tryton.order("1")).customer
            business.organisationNumber = String(digits)
            let person = try tryton.draft(tryton.order("2")).customer

            let found = try await tryton.perform(
                connector, [.ensureCustomer(business), .ensureCustomer(person)])

            let ids = found.map { outcome in
                if case .alreadyThere(let document) = outcome { document.id.text } else { "" }
            }
            #expect(ids == theirs.map { "\($0)" })
        }

        @Test func `a VAT number that is none and a stranger's country stop nobody else`() async throws {
            let connector = tryton.connector()
            var wrong = try tryton.draft(tryton.order("1")).customer
            wrong.vatNumber = "SE\("\(tryton.clock.now().milliseconds)".suffix(10))99"
            var abroad = try tryton.draft(tryton.order("2")).customer
            abroad.address.country = "JP"
            let fine = try tryton.draft(tryton.order("3")).customer

            let outcomes = try await tryton.perform(
                connector, [wrong, abroad, fine].map { .ensureCustomer($0) })

            guard case .done = outcomes[0], case .rejected(let problem) = outcomes[1],
                case .done = outcomes[2]
            else {
                throw LiveTryton.Unexpected(what: "\(outcomes)")
            }
            #expect(problem.code == .countryNotInERP)
        }

        @Test func `what Tryton lacks for orders is told before anything is made`() async throws {
            let connector = tryton.connector()
            var draft = try tryton.draft(tryton.order("1"))
            draft.lines[0].article = "NO-SUCH"
            draft.currency = Sample.currency("JPY")
            draft.customFields = ["no_such_field": "x"]

            let problems = try await connector.problems(in: [draft, draft])
            let outcome = try await tryton.perform(
                connector, [.createOrder(draft, customer: DocumentID("1"))])

            #expect(problems.map(\.code) == [.currencyNotInERP, .articleNotFound, .refusedByERP])
            guard case .rejected = outcome[0] else { throw LiveTryton.Unexpected(what: "\(outcome)") }
            #expect(try await sales(of: draft) == 0)
        }
    }
}

/// Loses the first answer to a method after the call has had its effect.
private final class LosingTransport: Transport {
    final class Loss: Sendable {
        let method: String
        private let done = Mutex(false)

        init(_ method: String) { self.method = method }

        var happened: Bool { done.withLock(\.self) }

        func isDue(_ call: HTTPCall) -> Bool {
            let body = String(decoding: call.body ?? [], as: UTF8.self)
            return done.withLock { done in
                guard !done, body.contains("\"model.\(method)\"") else { return false }
                done = true
                return true
            }
        }
    }

    private let next: any Transport
    private let loss: Loss

    init(_ next: any Transport, _ loss: Loss) {
        self.next = next
        self.loss = loss
    }

    func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        let isDue = loss.isDue(call)
        let reply = try await next.send(call)
        if isDue { throw .noAnswer("connection reset") }
        return reply
    }
}
