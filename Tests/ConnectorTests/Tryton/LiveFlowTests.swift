import ConnectorKit
@testable import Connectors
import Domain
import TestKit
import Testing

/// The way of orders through a real Tryton.
extension LiveTests {
    @Suite struct Flow {
        private let tryton = LiveTryton()

        @Test func fiftyOrdersBecomeFiftyBookedInvoicesInBatches() async throws {
            let connection = tryton.connection()
            let connector = tryton.connector(connection)
            let drafts = try (1...50).map { try tryton.draft(tryton.order("\($0)")) }

            let invoices = try await tryton.invoiced(connector, drafts)
            let booked = try await tryton.documents(connector, invoices.map { tryton.booking($0) })

            #expect(invoices.allSatisfy { $0.state == .draft && $0.total == Sample.money("99.00") })
            #expect(booked.allSatisfy { $0.state == .booked && $0.date == tryton.today && $0.number != nil })
            #expect(Set(booked.compactMap(\.number)).count == 50)
            #expect(booked.allSatisfy { $0.taxes == [DocumentTax(code: "VAT25", amount: Sample.money("19.80"))] })
        }

        @Test func aBatchCostsAsManyCallsAsOneOrderDoes() async throws {
            let connection = tryton.connection()
            let connector = tryton.connector(connection)
            func book(_ ids: ClosedRange<Int>) async throws -> [String: Int] {
                let before = connection.calls.byLabel
                let drafts = try ids.map { try tryton.draft(tryton.order("\($0)")) }
                let invoices = try await tryton.invoiced(connector, drafts)
                _ = try await tryton.documents(connector, invoices.map { tryton.booking($0) })
                return connection.calls.byLabel.merging(before) { $0 - $1 }.filter { $0.value > 0 }
            }
            _ = try await book(1...1)

            let one = try await book(2...2)
            let many = try await book(3...12)

            #expect(one == many)
            #expect(
                many == [
                    "party.party.search_read": 2, "party.party.create": 1, "sale.sale.create": 1,
                    "sale.sale.search_read": 3, "sale.sale.quote": 1, "sale.sale.confirm": 1, "sale.sale.process": 1,
                    "account.invoice.write": 2, "account.invoice.validate_invoice": 1, "account.invoice.post": 1,
                    "account.invoice.search_read": 2,
                ])
        }

        @Test func everythingDoneIsFoundAgainByItsReferenceAndNothingElseIs() async throws {
            let connector = tryton.connector()
            let draft = try tryton.draft(tryton.order("27"))
            let invoices = try await tryton.invoiced(connector, [draft])
            let order = draft.reference
            let invoice = ExternalReference(shop: tryton.shop, record: "order-27", kind: .invoice)
            let unknown = ExternalReference(shop: tryton.shop, record: "order-2", kind: .order)
            let second = ExternalReference(shop: tryton.shop, record: "order-27", kind: .order, ordinal: 2)

            let found = try await tryton.connector().find([order, invoice, unknown, second, draft.customer.reference])

            #expect(Set(found.keys) == [order, invoice, draft.customer.reference])
            #expect(found[order]?.map(\.state) == [.confirmed])
            #expect(found[order]?.first?.total == draft.total)
            #expect(found[order]?.first?.date == draft.date)
            #expect(found[invoice] == invoices)
            let read = try await connector.read(.invoice, [invoices[0].id, DocumentID("999999999")])
            #expect(read == [invoices[0].id: invoices[0]])
        }

        @Test func anOrderInEurosIsBookedInEuros() async throws {
            let eur = Sample.currency("EUR")
            let connector = tryton.connector()
            let order = tryton.order("1") { order in
                order.currency = eur
                order.lines[0].subtotal = Sample.money("79.20", eur)
                order.lines[0].total = Sample.money("79.20", eur)
                order.taxes[0].amount = Sample.money("19.80", eur)
                order.total = Sample.money("99.00", eur)
            }

            let invoices = try await tryton.invoiced(connector, [try tryton.draft(order)])
            let booked = try await tryton.documents(connector, [tryton.booking(invoices[0])])

            #expect(booked[0].total == Sample.money("99.00", eur))
            #expect(booked[0].state == .booked)
        }

        @Test func vatThatTrytonRoundsOtherwiseIsSetToTheShops() async throws {
            let connector = tryton.connector()
            let order = tryton.order("1") { order in
                // 3 x 3.33 net is 9.99, of which 25 % is 2.4975: Tryton says 2.50, a shop that rounds each piece 2.49.
                order.lines[0].quantity = ExactDecimal(3)
                order.lines[0].subtotal = Sample.money("9.99")
                order.lines[0].total = Sample.money("9.99")
                order.taxes[0].amount = Sample.money("2.49")
                order.total = Sample.money("12.48")
            }

            let invoices = try await tryton.invoiced(connector, [try tryton.draft(order)])
            let booked = try await tryton.documents(connector, [tryton.booking(invoices[0])])

            #expect(invoices[0].total == Sample.money("12.48"))
            #expect(booked[0].total == Sample.money("12.48"))
            #expect(booked[0].taxes == [DocumentTax(code: "VAT25", amount: Sample.money("2.49"))])
        }

        @Test func foreignVATAndNumbersThatAreNotCheckedYetNeedNoPerson() async throws {
            let connector = tryton.connector()
            let abroad = (1...6).map { id in
                tryton.order("\(id)") { order in
                    order.billing.country = "DE"
                    order.taxes[0].percent = ExactDecimal(19)
                    order.taxes[0].amount = Sample.money("15.05")
                    order.total = Sample.money("94.25")
                }
            }
            let business = tryton.order("7") { order in
                order.billing.country = "DE"
                order.billing.company = "Muster GmbH"
                order.customer.vatNumber = "DE136695976"
                order.taxes = []
                order.lines[0].taxes = []
                order.total = Sample.money("79.20")
            }

            let invoices = try await tryton.invoiced(connector, (abroad + [business]).map { try tryton.draft($0) })
            let booked = try await tryton.documents(connector, invoices.map { tryton.booking($0) })

            #expect(booked.allSatisfy { $0.state == .booked })
            #expect(booked[0].taxes == [DocumentTax(code: "DE19", amount: Sample.money("15.05"))])
            #expect(booked[6].taxes == [DocumentTax(code: "EUB2B0", amount: Sample.money("0.00"))])
            let left = try await tryton.person.rows("res.user.warning", [], ["name"], by: tryton.deadline)
            #expect(left.isEmpty)
        }

        @Test func theBooksTellTheLastDateOfTheYearsNumbersAndTheRules() async throws {
            let connector = tryton.connector()
            let invoices = try await tryton.invoiced(connector, [try tryton.draft(tryton.order())])
            _ = try await tryton.documents(connector, [tryton.booking(invoices[0])])

            let books = try await connector.books()

            #expect(books.lastInvoiceDate[tryton.today.year] == tryton.today)
            #expect(books.rules == TrytonBooks.rules)
        }

        @Test func aCompanyAsSeededLacksNothingAndEverythingThatIsMissingIsToldAtOnce() async throws {
            let connector = tryton.connector()
            var settings = Sample.settings
            let fine = await connector.check(settings)
            settings.vat.rules.append(VATRule(percent: ExactDecimal(9), country: "XX", tax: "VAT9"))
            settings.articles.rounding = "NO-SUCH-ARTICLE"
            settings.paymentMethods = [PaymentMethodRule(method: "*", terms: "99 days")]
            settings.shippingMethods[0].erpMethod = "Pigeon"
            settings.customFields = [
                CustomFieldRule(from: "a", to: "no_such_field"), CustomFieldRule(from: "b", to: "notes"),
            ]

            let problems = await connector.check(settings)

            #expect(fine.isEmpty)
            #expect(
                problems.map(\.code) == [
                    .taxNotInERP, .termsNotInERP, .refusedByERP, .articleNotFound, .refusedByERP, .refusedByERP,
                ])
        }

        @Test func wrongCredentialsAreToldAsSuch() async throws {
            var configuration = LiveTryton.configuration
            configuration.password = Secret("wrong")
            let connector = TrytonConnector(
                configuration, connection: tryton.connection(), clock: tryton.clock, shop: tryton.shop)

            #expect(await connector.check(Sample.settings).map(\.code) == [.unauthorised])
            await #expect(throws: ConnectorError.self) { try await connector.books() }
        }
    }
}
