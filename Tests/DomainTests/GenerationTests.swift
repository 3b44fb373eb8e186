import Domain
import TestKit
import Testing

/// What becomes of documents when the order changes, is called off, or people decide about it.
@Suite struct GenerationTests {
    private let now = Sample.instant("2026-11-23T12:00:00Z")
    private let order = Sample.order()

    private var books: Books {
        var books = Sample.books(at: now)
        books.rules.creditNotes = true
        books.rules.workflows = [.invoiceOnly, .orderOnly]
        books.rules.updates = [.order, .invoice]
        return books
    }

    private var settings: Settings {
        var settings = Sample.settings
        settings.articles.refund = "REFUND"
        return settings
    }

    private func plan(
        _ order: Order, _ documents: [Document] = [], settings: Settings? = nil, books: Books? = nil,
        decisions: [Decision.Kind] = []
    ) -> Plan {
        Domain.plan(
            order, of: Sample.shop, documents: [customer] + documents, settings: settings ?? self.settings,
            books: books ?? self.books,
            decisions: decisions.map { Decision(kind: $0, by: "Anna", at: now, reason: "her word") }, now: now)
    }

    private var customer: Document {
        let draft = try? OrderMapper(shop: Sample.shop, settings: settings, rules: books.rules).draft(of: order)
        let reference = ExternalReference(
            shop: Sample.shop, record: draft?.customer.reference.record ?? "", kind: .customer)
        return Document(reference: reference, erp: ERPDocument(id: DocumentID("3"), state: .confirmed), madeFrom: nil)
    }

    private func made(
        _ kind: DocumentKind, _ state: DocumentState, _ ordinal: Int = 1, from order: Order? = nil,
        record: String = "order-1", parts: [DocumentPart: String] = [.texts: "a", .lines: "b"]
    ) -> Document {
        let order = order ?? self.order
        let sign: Int64 = kind == .creditNote ? -1 : 1
        return Document(
            reference: ExternalReference(shop: Sample.shop, record: record, kind: kind, ordinal: ordinal),
            erp: ERPDocument(
                id: DocumentID("\(kind.rawValue)-\(ordinal)"), number: "N-\(ordinal)", state: state,
                date: Sample.day("2026-11-20"), customer: DocumentID("3"),
                total: Money(minorUnits: sign * order.total.minorUnits, Sample.sek),
                taxes: [
                    DocumentTax(
                        code: "VAT25", amount: Money(minorUnits: sign * order.totalTax.minorUnits, Sample.sek))
                ], parts: parts),
            madeFrom: MadeFrom(
                facts: OrderFacts(order, settings), settingsVersion: 1, mapperVersion: 1,
                parts: [.texts: "a", .lines: "b"]))
    }

    private var noted: Order {
        var order = order
        order.customerNote = "ring twice"
        return order
    }

    private var grown: Order {
        var order = order
        order.lines[0].total = Sample.money("158.40")
        order.lines[0].subtotal = Sample.money("158.40")
        order.lines[0].taxes[0].amount = Sample.decimal("39.60")
        order.taxes[0].amount = Sample.money("39.60")
        (order.totalTax, order.total) = (Sample.money("39.60"), Sample.money("198.00"))
        return order
    }

    private var cancelled: Order {
        var order = order
        (order.status, order.statusText) = (.cancelled, "cancelled")
        return order
    }

    private func step(_ plan: Plan) -> Step? { if case .step(let step) = plan { step } else { nil } }
    private func kind(_ plan: Plan) -> Step.Kind? { step(plan)?.kind }
    private func code(_ plan: Plan) -> ProblemCode? { if case .stop(let problem) = plan { problem.code } else { nil } }

    // MARK: Before booking

    @Test func aNoteIsWrittenIntoTheDraftAndNothingElseIs() {
        guard case .updateInvoice(_, let id, _, let parts)? = step(plan(noted, [made(.invoice, .draft)])) else {
            return #expect(Bool(false), "\(plan(noted, [made(.invoice, .draft)]))")
        }
        #expect(id == DocumentID("invoice-1"))
        #expect(parts == [.texts])
    }

    @Test func aDraftThatCannotBeWrittenAnewIsWithdrawnAndMadeAgain() {
        var books = books
        books.rules.updates = []
        #expect(kind(plan(grown, [made(.invoice, .draft)], books: books)) == .withdraw)
        let next = step(plan(grown, [made(.invoice, .withdrawn)], books: books))
        #expect(next?.kind == .createInvoice)
        #expect(next?.reference.ordinal == 2)
    }

    @Test func whereShopAndPersonChangedTheSamePartThePolicyDecides() {
        let edited = made(.invoice, .draft, parts: [.texts: "by hand", .lines: "b"])
        var settings = settings
        #expect(code(plan(noted, [edited])) == .changedBeforeBooking)
        settings.invoices.editsInERP = .shopWins
        #expect(kind(plan(noted, [edited], settings: settings)) == .updateInvoice)
        settings.invoices.editsInERP = .erpWins
        #expect(kind(plan(noted, [edited], settings: settings)) == .bookInvoice)
        // The person's word stands where the shop changed something else.
        guard case .updateInvoice(_, _, _, let parts)? = step(plan(grown, [edited])) else {
            return #expect(Bool(false), "\(plan(grown, [edited]))")
        }
        #expect(parts == [.lines])
    }

    @Test func anOrderCalledOffBeforeBookingIsWithdrawnToTheLastDocument() {
        let withdrawn = made(.order, .withdrawn)
        #expect(step(plan(cancelled, [made(.order, .confirmed), made(.invoice, .draft)]))?.reference.kind == .invoice)
        #expect(
            step(plan(cancelled, [made(.order, .confirmed), made(.invoice, .withdrawn)]))?.reference.kind == .order)
        // Half withdrawn goes on to its end even if the order is on again, or excluded.
        let half = [made(.order, .confirmed), made(.invoice, .withdrawn)]
        #expect(kind(plan(order, half)) == .withdraw)
        #expect(kind(plan(order, half, decisions: [.excluded])) == .withdraw)
        guard case .exclusion(let exclusion) = plan(cancelled, [withdrawn, made(.invoice, .withdrawn)]) else {
            return #expect(Bool(false))
        }
        #expect(exclusion.rule == .cancelledOrder)
    }

    @Test func whereOnlyOrdersAreWantedTheOrderIsAll() {
        var settings = settings
        settings.invoices.workflow = .orderOnly
        #expect(kind(plan(order, settings: settings)) == .createOrder)
        #expect(plan(order, [made(.order, .confirmed)], settings: settings) == .complete)
        #expect(kind(plan(noted, [made(.order, .confirmed)], settings: settings)) == .updateOrder)
    }

    // MARK: Refunds before booking

    @Test func aRefundBeforeTheInvoiceIsCreditedReducedOrHeldByPolicy() {
        var refunded = order
        refunded.refunds = [OrderRefund(id: "9", amount: Sample.money("49.50"), reason: "", lines: [])]
        func total(_ settings: Settings) -> Money? {
            if case .createInvoice(let draft)? = step(plan(refunded, settings: settings)) { draft.total } else { nil }
        }
        var settings = settings
        #expect(total(settings) == Sample.money("99.00"))
        settings.invoices.refundsBeforeBooking = .reduce
        #expect(total(settings) == Sample.money("49.50"))
        settings.invoices.refundsBeforeBooking = .hold
        guard case .hold = plan(refunded, settings: settings) else { return #expect(Bool(false)) }
        settings.invoices.refundsBeforeBooking = .reduce
        refunded.refunds[0].amount = order.total
        guard case .exclusion(let exclusion) = plan(refunded, settings: settings) else { return #expect(Bool(false)) }
        #expect(exclusion.rule == .refundedBeforeInvoice)
    }

    // MARK: After booking

    @Test func aChangeAfterBookingIsProposedAndAPersonsWordIsAboutThatChangeOnly() {
        let booked = made(.invoice, .booked)
        #expect(code(plan(grown, [booked])) == .changedAfterBooking)
        let change = OrderChange(facts: OrderFacts(grown, settings), ordinal: 1)
        #expect(plan(grown, [booked], decisions: [.keep(change)]) == .complete)
        let correction = step(plan(grown, [booked], decisions: [.correct(change)]))
        #expect(correction?.reference.key == "nordic-shop/order-1/creditNote/1")
        var again = grown
        again.billing.city = "Lund"
        #expect(code(plan(again, [booked], decisions: [.keep(change)])) == .changedAfterBooking)
        #expect(code(plan(again, [booked], decisions: [.correct(change)])) == .changedAfterBooking)
        // The newest word counts.
        #expect(plan(grown, [booked], decisions: [.correct(change), .keep(change)]) == .complete)
    }

    @Test func thatTheShopForgotWhoBoughtIsNoChange() {
        var forgotten = order
        (forgotten.billing.lastName, forgotten.billing.city, forgotten.billing.country) = ("[deleted]", "[deleted]", "")
        forgotten.customer.email = "deleted@site.invalid"
        for state in [DocumentState.booked, .draft] {
            #expect(plan(forgotten, [made(.invoice, state)]) != plan(order, [made(.invoice, state)]))
            forgotten.isAnonymised = true
            #expect(plan(forgotten, [made(.invoice, state)]) == plan(order, [made(.invoice, state)]))
            forgotten.isAnonymised = false
        }
    }

    @Test func whatIsBookedAnewOfAnAnonymisedOrderStatesTheBuyerOfBefore() {
        var forgotten = order
        (forgotten.billing, forgotten.shipping, forgotten.isAnonymised) = (Address(), nil, true)
        forgotten.customer.email = "deleted@site.invalid"
        let documents = [made(.invoice, .booked), made(.creditNote, .booked)]
        guard case .createInvoice(let draft)? = step(plan(forgotten, documents, decisions: [.undone, .withdrawn]))
        else {
            return #expect(Bool(false), "\(plan(forgotten, documents, decisions: [.undone, .withdrawn]))")
        }
        #expect(draft.content.billing == order.billing)
        #expect(draft.content.customer.email == order.customer.email)
        // Nobody knows any more who bought what was never booked.
        #expect(code(plan(forgotten)) == .orderAnonymised)
    }

    @Test func onlyWhatAPersonUndidAndResumedIsBookedAgainAfterItsRefundsWereDeleted() throws {
        var note = made(.creditNote, .booked, record: "refund-9")
        note.madeFrom = nil
        let documents = [made(.invoice, .booked), note]
        #expect(code(plan(order, documents, decisions: [.excluded, .withdrawn])) == .refundWithdrawn)
        #expect(step(plan(order, documents, decisions: [.undone, .withdrawn]))?.reference.ordinal == 2)
    }

    @Test func aCorrectionCreditsTheOldInvoiceAsItWasAndMakesANewOneOnce() {
        var settings = settings
        settings.invoices.changesAfterBooking = .correct
        let booked = made(.invoice, .booked)
        guard case .createCreditNote(let draft)? = step(plan(grown, [booked], settings: settings)) else {
            return #expect(Bool(false))
        }
        #expect(draft.total == order.total)
        let credited = made(.creditNote, .booked)
        guard case .createInvoice(let next)? = step(plan(grown, [booked, credited], settings: settings)) else {
            return #expect(Bool(false))
        }
        #expect(next.reference.ordinal == 2)
        #expect(next.total == grown.total)
        let second = made(.invoice, .booked, 2, from: grown)
        #expect(plan(grown, [booked, credited, second], settings: settings) == .complete)
        // Taken back once more, it is credited again, and only the second invoice is.
        var off = grown
        (off.status, off.statusText) = (.cancelled, "cancelled")
        #expect(
            step(plan(off, [booked, credited, second], settings: settings))?.reference.key
                == "nordic-shop/order-1/creditNote/2")
    }

    @Test func anOrderThatIsOnAgainAfterItsCreditAsksAPersonUnlessTheSettingsSaySo() {
        let documents = [made(.invoice, .booked), made(.creditNote, .booked)]
        #expect(plan(cancelled, documents) == .complete)
        #expect(code(plan(order, documents)) == .changedAfterBooking)
        var settings = settings
        settings.invoices.changesAfterBooking = .correct
        #expect(step(plan(order, documents, settings: settings))?.reference.ordinal == 2)
    }

    @Test func aDecisionIsAboutTheInvoiceThatWasSeen() {
        let (first, credited) = (made(.invoice, .booked), made(.creditNote, .booked))
        let second = made(.invoice, .booked, 2, from: grown)
        let kept = OrderChange(facts: OrderFacts(order, settings), ordinal: 1)
        // The order is back to what was kept beside the first invoice, but the second stands in the books now.
        #expect(code(plan(order, [first, credited, second], decisions: [.keep(kept)])) == .changedAfterBooking)
        // That somebody once corrected the first says nothing about the second.
        let corrected = OrderChange(facts: OrderFacts(grown, settings), ordinal: 1)
        let closed = [first, credited, second, made(.creditNote, .booked, 2, from: grown)]
        #expect(code(plan(grown, closed, decisions: [.correct(corrected)])) == .changedAfterBooking)
        let keptClosed = OrderChange(facts: OrderFacts(grown, settings), ordinal: 2)
        #expect(plan(grown, closed, decisions: [.keep(keptClosed)]) == .complete)
    }

    @Test func nothingIsCreditedBeforeANewInvoiceCanBeMade() {
        var settings = settings
        settings.invoices.changesAfterBooking = .correct
        var lacking = grown
        lacking.lines[0].sku = nil
        #expect(code(plan(lacking, [made(.invoice, .booked)], settings: settings)) == .skuMissing)
    }

    @Test func newSettingsAreNoChangeOfABookedOrder() {
        var order = order
        order.customFields = ["tax_id": .string("SE556012579001")]
        let booked = made(.invoice, .booked, from: order)
        var settings = settings
        settings.invoices.changesAfterBooking = .correct
        settings.customers.vatNumberFields.append("tax_id")
        #expect(plan(order, [booked], settings: settings) == .complete)
    }

    @Test func aRefundIsCreditedThoughAPersonDeletedTheDraftThatCreditedAll() {
        var refunded = order
        refunded.refunds = [OrderRefund(id: "9", amount: Sample.money("49.50"), reason: "", lines: [])]
        let documents = [made(.invoice, .booked), made(.creditNote, .gone)]
        #expect(step(plan(refunded, documents))?.reference.record == "refund-9")
        #expect(code(plan(cancelled, documents)) == .documentGone)
    }

    @Test func refundsThatWereCreditedHoldNoLaterInvoice() {
        var settings = settings
        settings.invoices.changesAfterBooking = .correct
        settings.invoices.refundsBeforeBooking = .hold
        var refunded = grown
        refunded.refunds = [OrderRefund(id: "9", amount: Sample.money("49.50"), reason: "", lines: [])]
        var note = made(.creditNote, .booked, record: "refund-9")
        note.erp.total = Sample.money("-49.50")
        var closing = made(.creditNote, .booked)
        closing.erp.total = Sample.money("-49.50")
        let next = step(plan(refunded, [made(.invoice, .booked), note, closing], settings: settings))
        #expect(next?.kind == .createInvoice)
        #expect(next?.reference.ordinal == 2)
    }

    @Test func aStatusNobodyKnowsMakesNoNewInvoiceOfACreditedOrder() {
        var settings = settings
        settings.invoices.changesAfterBooking = .correct
        var returned = order
        (returned.status, returned.statusText) = (.other, "returned")
        guard case .hold = plan(returned, [made(.invoice, .booked), made(.creditNote, .booked)], settings: settings)
        else { return #expect(Bool(false)) }
    }

    @Test func whatWeTookBackPeopleMayTidyAway() {
        let documents = [made(.order, .gone), made(.invoice, .withdrawn), made(.invoice, .booked, 2)]
        #expect(plan(order, documents) == .complete)
    }

    // MARK: Undone by a person

    @Test func undoingWithdrawsWhatIsNotBookedCreditsWhatIsAndRefusesInAClosedPeriod() {
        #expect(kind(plan(order, [made(.invoice, .draft)], decisions: [.undone])) == .withdraw)
        #expect(kind(plan(order, [made(.invoice, .booked)], decisions: [.undone])) == .createCreditNote)
        guard
            case .exclusion(let exclusion) = plan(
                order, [made(.invoice, .booked), made(.creditNote, .booked)], decisions: [.undone])
        else { return #expect(Bool(false)) }
        #expect(exclusion.rule == .undoneByPerson)
        var closed = books
        closed.lockedThrough = Sample.day("2026-11-20")
        #expect(code(plan(order, [made(.invoice, .booked)], books: closed, decisions: [.undone])) == .periodClosed)
        // Taken back, the order is made anew.
        #expect(
            step(plan(order, [made(.invoice, .withdrawn)], decisions: [.undone, .withdrawn]))?.reference.ordinal == 2)
    }

    @Test func undoingCreditsWhatCreditNotesLeftWhateverTheShopShowsByNow() throws {
        var refunded = order
        refunded.refunds = [OrderRefund(id: "9", amount: Sample.money("49.50"), reason: "", lines: [])]
        guard case .createInvoice(let draft)? = step(plan(order)) else { return #expect(Bool(false)) }
        var invoice = made(.invoice, .booked)
        invoice.madeFrom?.lines = draft.content.lines
        guard case .createCreditNote(let credit)? = step(plan(refunded, [invoice])) else {
            return #expect(Bool(false))
        }
        var note = made(.creditNote, .booked, record: "refund-9")
        note.erp.total = -credit.total
        note.erp.taxes = credit.taxes.map { DocumentTax(code: $0.code, amount: -$0.amount) }
        note.madeFrom?.lines = credit.lines
        // The refund was deleted, and the order holds what no setting maps.
        var deleted = grown
        deleted.lines[0].sku = nil
        guard case .createCreditNote(let rest)? = step(plan(deleted, [invoice, note], decisions: [.undone])) else {
            return #expect(Bool(false), "\(plan(deleted, [invoice, note], decisions: [.undone]))")
        }
        #expect(rest.total == Sample.money("49.50"))
        #expect(rest.taxes.map(\.amount) == [Sample.money("9.90")])
        #expect(rest.lines.map(\.net) == [Sample.money("39.60")])
        // Without credit notes the invoice's own lines are credited.
        guard case .createCreditNote(let all)? = step(plan(deleted, [invoice], decisions: [.undone])) else {
            return #expect(Bool(false))
        }
        #expect(all.lines == draft.content.lines)
        // A credit note that nobody booked yet is withdrawn first.
        note.erp.state = .draft
        #expect(step(plan(deleted, [invoice, note], decisions: [.undone]))?.reference.record == "refund-9")
    }

    // MARK: What accountants ask for

    @Test func creditedAndNotRepaidAndRepaidAndNotCreditedAreToldApart() {
        let (booked, credited) = (made(.invoice, .booked), made(.creditNote, .booked))
        #expect(Repayment(order, [booked]) == nil)
        #expect(Repayment(cancelled, [booked, credited])?.kind == .creditedNotRepaid)
        #expect(Repayment(cancelled, [booked, credited])?.amount == order.total)
        var refunded = order
        refunded.refunds = [OrderRefund(id: "9", amount: order.total, reason: "")]
        #expect(Repayment(refunded, [booked])?.kind == .repaidNotCredited)
        #expect(Repayment(refunded, [booked, made(.creditNote, .booked, record: "refund-9")]) == nil)
    }
}
