import ConnectorKit
import Domain
import TestKit
import Testing

@testable import Connectors

/// Sales that a gift card paid, in a real Tryton.
extension LiveTests {
    @Suite struct Tenders {
        private let tryton = LiveTryton()

        /// A mug of 99.00 of which a gift card paid so much, as a coupon of the shop.
        private func draft(_ card: (net: String, tax: String), left: (net: String, tax: String)) throws
            -> SalesOrderDraft
        {
            var settings = Sample.settings
            settings.timeZone = .utc
            settings.tenders = [TenderRule(shown: .coupon("gc-*"), article: "ROUNDING")]
            let order = tryton.order { order in
                order.lines[0].total = Sample.money(left.net)
                order.lines[0].subtotalTaxes = order.lines[0].taxes
                order.lines[0].taxes[0].amount = Sample.decimal(left.tax)
                order.taxes[0].amount = Sample.money(left.tax)
                order.total = Sample.money(left.net) + Sample.money(left.tax)
                order.coupons = [
                    OrderCoupon(
                        id: "28", code: "gc-7f3a", discount: Sample.decimal(card.net),
                        discountTax: Sample.decimal(card.tax))
                ]
            }
            return try OrderMapper(shop: tryton.shop, settings: settings, rules: TrytonBooks.rules).draft(of: order)
        }

        /// The booked invoice and the booked credit note of all of it.
        private func bookedAndCredited(_ draft: SalesOrderDraft) async throws -> [ERPDocument] {
            let connector = tryton.connector()
            let invoices = try await tryton.invoiced(connector, [draft])
            let booked = try await tryton.documents(connector, invoices.map { tryton.booking($0) })
            let invoice = ExternalReference(shop: tryton.shop, record: "order-1", kind: .invoice)
            let reference = ExternalReference(shop: tryton.shop, record: "order-1", kind: .creditNote)
            let credit = CreditNoteDraft(
                reference: reference, invoice: booked[0].id, invoiceReference: invoice,
                customer: try #require(booked[0].customer), number: draft.number, date: tryton.today,
                currency: draft.currency, lines: draft.lines, taxes: draft.taxes, total: draft.total,
                text: "Called off", facts: draft.facts)
            let notes = try await tryton.documents(connector, [.createCreditNote(credit)])
            return booked
                + (try await tryton.documents(
                    connector,
                    [
                        .bookCreditNote(
                            reference, notes[0].id, dated: notes[0].date, date: tryton.today, trueDate: tryton.today)
                    ]))
        }

        @Test func aSaleThatAGiftCardPaidInPartIsBookedWithItsVATAndCreditedWhole() async throws {
            let draft = try draft(("40.00", "10.00"), left: ("39.20", "9.80"))
            let documents = try await bookedAndCredited(draft)
            #expect(documents.map(\.total) == [Sample.money("49.00"), Sample.money("-49.00")])
            #expect(documents[0].taxes == [DocumentTax(code: "VAT25", amount: Sample.money("19.80"))])
            #expect(documents[1].taxes == [DocumentTax(code: "VAT25", amount: Sample.money("-19.80"))])
        }

        @Test func aSaleThatAGiftCardPaidWholeIsBookedWithItsVATAndCreditedWhole() async throws {
            let draft = try draft(("79.20", "19.80"), left: ("0.00", "0"))
            let documents = try await bookedAndCredited(draft)
            #expect(documents.map(\.total) == [Sample.money("0.00"), Sample.money("0.00")])
            #expect(documents[0].taxes == [DocumentTax(code: "VAT25", amount: Sample.money("19.80"))])
            #expect(documents[1].taxes == [DocumentTax(code: "VAT25", amount: Sample.money("-19.80"))])
            #expect(documents.allSatisfy { $0.state.isBooked })
        }
    }
}
