import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

@testable import Connectors

/// Credit notes, payments and vouchers: once each, to the cent, though Fortnox keeps nothing unique.
@Suite struct FortnoxLedgerTests {
    private typealias Scene = FortnoxScene

    // MARK: Credit notes

    private func creditNote(_ draft: SalesOrderDraft, _ invoice: ERPDocument, refund: String = "9") -> CreditNoteDraft {
        CreditNoteDraft(
            reference: ExternalReference(shop: Sample.shop, record: "refund-\(refund)", kind: .creditNote),
            invoice: invoice.id, invoiceReference: Scene.reference(draft, .invoice),
            customer: invoice.customer ?? DocumentID("?"), number: draft.number, date: Sample.day("2026-11-22"),
            currency: draft.currency, lines: draft.lines, taxes: draft.taxes, total: draft.total,
            text: "Refund \(refund): returned", facts: draft.facts)
    }

    /// Half of the only line.
    private func half(_ draft: CreditNoteDraft) -> CreditNoteDraft {
        var draft = draft
        draft.lines[0].unitPrice = Sample.decimal("39.60")
        draft.lines[0].net = Sample.money("39.60")
        draft.taxes[0].amount = Sample.money("9.90")
        draft.total = Sample.money("49.50")
        return draft
    }

    private func book(_ scene: FortnoxScene, _ draft: CreditNoteDraft, _ made: ERPDocument) async -> StepOutcome {
        await scene.perform(
            .bookCreditNote(draft.reference, made.id, dated: made.date, date: draft.date, trueDate: draft.date))
    }

    @Test func twoCreditNotesOfOneInvoiceAreTiedToItAndTakeItBackToTheCent() async throws {
        try await Scene.open { scene in
            let order = try scene.draft()
            let invoice = try await scene.book(order)
            for refund in ["9", "10"] {
                let draft = half(creditNote(order, invoice, refund: refund))
                let made = try scene.made(await scene.perform(.createCreditNote(draft)))
                #expect(made.state == .draft)
                #expect(made.total == Sample.money("-49.50"))
                #expect(made.taxes == [DocumentTax(code: "25@3001", amount: Sample.money("-9.90"))])
                let booked = try scene.made(await book(scene, draft, made))
                #expect(booked.state.isBooked)
                #expect(try await scene.connector.find([draft.reference])[draft.reference]?.map(\.id) == [made.id])
            }
            let books = scene.company.books
            let credits = books.invoices.filter(\.isCredit)
            #expect(credits.map(\.creditOf) == [Int(invoice.id.text), Int(invoice.id.text)])
            #expect(books.areBalanced)
            for account in [1510, 3001, 2611] { #expect(books.balances[account] == .zero, "account \(account)") }
            let reference = Scene.reference(order, .invoice)
            #expect(try await scene.connector.find([reference])[reference]?.map(\.id) == [invoice.id])
        }
    }

    @Test func aCreditNoteWhoseAnswerWasLostIsFoundByItsKey() async throws {
        try await Scene.open { scene in
            let order = try scene.draft()
            let draft = creditNote(order, try await scene.book(order))
            let first = OnceAt("POST invoices")
            scene.company.onRequest { first($0) ? .loseAfter : nil }

            guard case .unknown = await scene.perform(.createCreditNote(draft)) else {
                return #expect(Bool(false), "it may have been done")
            }

            let found = try await scene.connector.find([draft.reference])[draft.reference] ?? []
            #expect(found.map(\.total) == [Sample.money("-99.00")])
        }
    }

    // MARK: Payments

    private func payment(_ invoice: ERPDocument, _ amount: String = "99.00", equalBefore: Int = 0) -> PaymentDraft {
        PaymentDraft(
            reference: ExternalReference(
                shop: Sample.shop, record: "order-1", kind: .payment, ordinal: equalBefore + 1),
            document: invoice.id, amount: Sample.money(amount), date: Sample.day("2026-11-21"), account: "1580",
            equalBefore: equalBefore)
    }

    @Test func aPaymentMarksItsInvoicePaidOnTheDayTheMoneyMoved() async throws {
        try await Scene.open { scene in
            let invoice = try await scene.book(try scene.draft())

            let paid = try scene.made(await scene.perform(.registerPayment(payment(invoice))))

            #expect(paid.state == .booked)
            #expect(paid.date == Sample.day("2026-11-21"))
            #expect(try await scene.connector.read(.invoice, [invoice.id])[invoice.id]?.state == .paid)
            #expect(scene.company.books.balances[1580] == Sample.decimal("99.00"))
            #expect(scene.company.books.balances[1510] == .zero)
        }
    }

    @Test func aPaymentIsMadeOnceHoweverOftenItIsAskedAndASecondEqualOneOnlyWhenItIsMeant() async throws {
        try await Scene.open { scene in
            let invoice = try await scene.book(try scene.draft())
            let first = payment(invoice, "40.00")
            _ = try scene.made(await scene.perform(.registerPayment(first)))
            guard case .alreadyThere = await scene.perform(.registerPayment(first)) else {
                return #expect(Bool(false), "it was there")
            }
            #expect(scene.company.books.payments.count == 1)

            let second = payment(invoice, "40.00", equalBefore: 1)
            for _ in 0..<2 { _ = try scene.made(await scene.perform(.registerPayment(second))) }

            #expect(scene.company.books.payments.map(\.amount) == [Sample.decimal("40"), Sample.decimal("40")])
            #expect(scene.company.books.invoices.first?.balance == Sample.decimal("19.00"))
        }
    }

    @Test(arguments: ["POST invoicepayments", "PUT invoicepayments/*/bookkeep"])
    func aPaymentWhoseAnswerWasLostIsTheSameTheNextTime(_ route: String) async throws {
        for fault in [SandboxFault.loseBefore, .loseAfter] {
            try await Scene.open { scene in
                let invoice = try await scene.book(try scene.draft())
                let first = OnceAt(route)
                scene.company.onRequest { first($0) ? fault : nil }
                guard case .unknown = await scene.perform(.registerPayment(payment(invoice))) else {
                    return #expect(Bool(false), "it may have been done")
                }

                let paid = try scene.made(await scene.perform(.registerPayment(payment(invoice))))

                #expect(paid.state == .booked)
                #expect(scene.company.books.payments.count == 1)
                #expect(scene.company.books.balances[1510] == .zero)
            }
        }
    }

    @Test func aPaymentOfAnotherInvoiceWhoseNumberContainsThisOnesIsNotTakenForIt() async throws {
        try await Scene.open { scene in
            var invoices: [ERPDocument] = []
            for id in 1...11 { invoices.append(try await scene.book(try scene.draft(String(id)))) }
            #expect(invoices[10].id.text == "11")
            _ = try scene.made(await scene.perform(.registerPayment(payment(invoices[10]))))
            _ = try scene.made(await scene.perform(.registerPayment(payment(invoices[0]))))
            #expect(scene.company.books.payments.map(\.invoice) == [11, 1])
        }
    }

    @Test func aPaymentInALockedPeriodAndOneOfAGoneInvoiceAreToldApart() async throws {
        try await Scene.open { scene in
            let invoice = try await scene.book(try scene.draft())
            scene.company.lock(through: Sample.day("2026-11-21"))
            #expect(scene.code(await scene.perform(.registerPayment(payment(invoice)))) == .periodClosed)
            scene.company.lock(through: nil)
            let gone = ERPDocument(id: DocumentID("999"), state: .booked)
            #expect(scene.code(await scene.perform(.registerPayment(payment(gone)))) == .documentGone)
            var wrong = payment(invoice)
            wrong.account = "KORT"
            #expect(scene.code(await scene.perform(.registerPayment(wrong))) == .accountNotInERP)
            #expect(scene.company.books.payments.allSatisfy { !$0.isBooked })
        }
    }

    // MARK: Vouchers

    private var entry: JournalEntryDraft {
        JournalEntryDraft(
            reference: ExternalReference(shop: Sample.shop, record: "payout-po_1", kind: .journalEntry),
            date: Sample.day("2026-11-21"), text: "Stripe payout po_1, 2026-11-21",
            rows: [
                .init(account: "1930", amount: Sample.money("97.00"), text: "Payout"),
                .init(account: "6064", amount: Sample.money("2.00"), text: "Fee"),
                .init(account: "1580", amount: Sample.money("-99.00"), text: "Clearing"),
            ])
    }

    @Test(arguments: ["nothing", "before", "after"])
    func anEntryIsMadeOnceWhateverIsLost(_ lost: String) async throws {
        try await Scene.open { scene in
            let first = OnceAt("POST vouchers")
            scene.company.onRequest { request in
                guard first(request) else { return nil }
                return lost == "before" ? .loseBefore : lost == "after" ? .loseAfter : nil
            }
            _ = await scene.perform(.createJournalEntry(entry))

            let made = try scene.made(await scene.perform(.createJournalEntry(entry)))

            #expect(made.number == "A1")
            let vouchers = scene.company.books.vouchers
            #expect(vouchers.count == 1)
            #expect(vouchers.first?.description == "Stripe payout po_1, 2026-11-21")
            #expect(scene.company.books.balances[6064] == Sample.decimal("2.00"))
        }
    }

    @Test func twoPayoutsOfOneDayAreTwoEntries() async throws {
        try await Scene.open { scene in
            var other = entry
            other.reference = ExternalReference(shop: Sample.shop, record: "payout-po_10", kind: .journalEntry)
            for draft in [entry, other, entry] { _ = try scene.made(await scene.perform(.createJournalEntry(draft))) }
            #expect(scene.company.books.vouchers.count == 2)
        }
    }

    @Test func anEntryThatDoesNotBalanceOrLiesInALockedOrMissingYearIsRefused() async throws {
        try await Scene.open { scene in
            var crooked = entry
            crooked.rows[1].amount = Sample.money("2.01")
            #expect(scene.code(await scene.perform(.createJournalEntry(crooked))) == .internalError)
            var early = entry
            early.date = Sample.day("2019-01-01")
            #expect(scene.code(await scene.perform(.createJournalEntry(early))) == .periodMissing)
            scene.company.lock(through: Sample.day("2026-11-21"))
            #expect(scene.code(await scene.perform(.createJournalEntry(entry))) == .periodClosed)
            #expect(scene.company.books.vouchers.isEmpty)
        }
    }
}
