import Domain
import TestKit
import Testing

@Suite struct OrderPlanTests {
    let now = Sample.instant("2026-11-23T12:00:00Z")

    private func plan(
        _ order: Order, _ documents: [Document] = [], settings: Settings = Sample.settings, books: Books? = nil,
        decisions: [Decision] = []
    ) -> Plan {
        Domain.plan(
            order, of: Sample.shop, documents: documents, settings: settings, books: books ?? Sample.books(at: now),
            decisions: decisions, now: now)
    }

    private func reference(_ kind: DocumentKind, _ order: Order = Sample.order()) -> ExternalReference {
        ExternalReference(shop: Sample.shop, record: "order-\(order.id)", kind: kind)
    }

    private func made(
        _ kind: DocumentKind, _ state: DocumentState, from order: Order = Sample.order(), total: Money? = nil
    ) -> Document {
        Document(
            reference: reference(kind, order),
            erp: ERPDocument(
                id: DocumentID("9"), number: "INV-1", state: state, total: total ?? order.total,
                taxes: [DocumentTax(code: "VAT25", amount: Sample.money("19.80"))]),
            madeFrom: MadeFrom(
                facts: OrderFacts(order, Sample.settings), settingsVersion: 1, mapperVersion: 1))
    }

    private var customer: Document { customer(of: Sample.order()) }

    private func customer(of order: Order) -> Document {
        let mapper = OrderMapper(shop: Sample.shop, settings: Sample.settings, rules: Sample.rules)
        let record = (try? mapper.draft(of: order))?.customer.reference.record ?? "none"
        return Document(
            reference: ExternalReference(shop: Sample.shop, record: record, kind: .customer),
            erp: ERPDocument(id: DocumentID("3"), state: .confirmed), madeFrom: nil)
    }

    private func kind(_ plan: Plan) -> Step.Kind? { if case .step(let step) = plan { step.kind } else { nil } }
    private func rule(_ plan: Plan) -> Exclusion.Rule? {
        if case .exclusion(let exclusion) = plan { exclusion.rule } else { nil }
    }
    private func code(_ plan: Plan) -> ProblemCode? { if case .stop(let problem) = plan { problem.code } else { nil } }
    private func waitingFor(_ plan: Plan) -> String? { if case .hold(let hold) = plan { hold.waitingFor } else { nil } }

    @Test func anOrderOfTheTestModeNeverReachesTheLedger() {
        var order = Sample.order()
        order.isTest = true
        #expect(rule(plan(order)) == .testOrder)
        #expect(rule(plan(order, [customer])) == .testOrder)
        var settings = Sample.settings
        settings.orders.includeTestOrders = true
        #expect(kind(plan(order, settings: settings)) == .ensureCustomer)
    }

    // MARK: The way of an order

    @Test func anOrderGoesStepByStepToABookedInvoice() {
        let order = Sample.order()
        #expect(kind(plan(order)) == .ensureCustomer)
        #expect(kind(plan(order, [customer])) == .createOrder)
        #expect(kind(plan(order, [customer, made(.order, .draft)])) == .confirmOrder)
        #expect(kind(plan(order, [customer, made(.order, .confirmed)])) == .createInvoice)
        #expect(kind(plan(order, [customer, made(.order, .confirmed), made(.invoice, .draft)])) == .bookInvoice)
        #expect(plan(order, [customer, made(.order, .confirmed), made(.invoice, .booked)]) == .complete)
    }

    @Test func anERPThatInvoicesWithoutOrdersGetsTheLinesWithTheInvoice() {
        var books = Sample.books(at: now)
        books.rules.workflows = [.invoiceOnly, .orderThenInvoice]
        #expect(kind(plan(Sample.order(), books: books)) == .ensureCustomer)
        guard case .step(.createInvoice(let draft)) = plan(Sample.order(), [customer], books: books),
            case .customer(let buyer) = draft.source
        else { return #expect(Bool(false), "no invoice of lines") }
        #expect(buyer == customer.erp.id)
        #expect(draft.content.lines.isEmpty == false)
        #expect(draft.reference.kind == .invoice)

        var settings = Sample.settings
        settings.invoices.workflow = .orderThenInvoice
        #expect(kind(plan(Sample.order(), [customer], settings: settings, books: books)) == .createOrder)
    }

    @Test func anOrderMadeInTheERPIsInvoicedFromItEvenAfterTheWorkflowChanged() {
        var books = Sample.books(at: now)
        books.rules.workflows = [.invoiceOnly]
        guard
            case .step(.createInvoice(let draft)) = plan(
                Sample.order(), [customer, made(.order, .confirmed)], books: books)
        else { return #expect(Bool(false), "no invoice") }
        #expect(draft.order == DocumentID("9"))
    }

    @Test func aWorkflowThatTheERPDoesNotKnowStops() {
        var settings = Sample.settings
        settings.invoices.workflow = .invoiceOnly
        #expect(code(plan(Sample.order(), [customer], settings: settings)) == .workflowNotSupported)
    }

    @Test func anOrderWhoseBuyerWasCorrectedGoesToTheRightCustomer() {
        var corrected = Sample.order()
        corrected.customFields = ["vat_number": "SE556677889901"]
        #expect(kind(plan(corrected, [customer])) == .ensureCustomer)
        #expect(kind(plan(corrected, [customer, customer(of: corrected)])) == .createOrder)
    }

    // MARK: Exclusions

    @Test(arguments: [
        (OrderStatus.draft, Exclusion.Rule.draftOrder), (.trashed, .trashedOrder), (.cancelled, .cancelledOrder),
        (.failed, .failedOrder),
    ])
    func whatIsNoSaleIsExcludedByItsRule(_ status: OrderStatus, _ expected: Exclusion.Rule) {
        var order = Sample.order()
        order.status = status
        #expect(rule(plan(order)) == expected)
    }

    @Test func theExclusionDateCountsInTheMerchantsTimeZoneAndNoSettingGetsAroundIt() {
        var order = Sample.order()
        order.createdAt = Sample.instant("2025-12-31T22:59:59Z")
        #expect(rule(plan(order)) == .beforeExclusionDate)
        order.createdAt = Sample.instant("2025-12-31T23:00:00Z")
        #expect(kind(plan(order)) == .ensureCustomer)
    }

    @Test func anOrderThatHasADocumentIsNeverExcludedByAFilter() {
        var settings = Sample.settings
        settings.orders.excludeStatuses = ["processing"]
        settings.orders.excludeBefore = Sample.day("2027-01-01")
        #expect(rule(plan(Sample.order(), settings: settings)) == .beforeExclusionDate)
        #expect(
            plan(Sample.order(), [made(.order, .confirmed), made(.invoice, .booked)], settings: settings) == .complete)
    }

    @Test func aZeroValueOrderIsExcludedUnlessTheMerchantWantsThem() {
        var order = Sample.order()
        order.lines[0].total = .zero(Sample.sek)
        order.lines[0].taxes[0].amount = .zero
        order.taxes[0].amount = .zero(Sample.sek)
        order.total = .zero(Sample.sek)
        order.totalTax = .zero(Sample.sek)
        #expect(rule(plan(order)) == .zeroValueOrder)
        var settings = Sample.settings
        settings.orders.includeZeroValueOrders = true
        #expect(kind(plan(order, [customer], settings: settings)) == .createOrder)
    }

    @Test func whatPeopleDecidedComesFirst() {
        let decision = Decision(kind: .bookedByHand(number: "INV-7"), by: "Eva", at: now, reason: "phone order")
        #expect(rule(plan(Sample.order(), decisions: [decision])) == .bookedByHand)
        let withdrawn = Decision(kind: .withdrawn, by: "Eva", at: now, reason: "mistake")
        #expect(kind(plan(Sample.order(), decisions: [decision, withdrawn])) == .ensureCustomer)
    }

    // MARK: Waiting

    @Test func anUnpaidOrderWaitsForPayment() {
        var order = Sample.order()
        order.paidAt = nil
        #expect(waitingFor(plan(order)) == "payment")
    }

    @Test func cashOnDeliveryWaitsForDelivery() {
        var settings = Sample.settings
        settings.paymentMethods = [PaymentMethodRule(method: "card", ownInvoice: true)]
        var order = Sample.order()
        order.paidAt = nil
        #expect(waitingFor(plan(order, settings: settings)) == "delivery")
        order.shippedAt = now
        #expect(kind(plan(order, settings: settings)) == .ensureCustomer)
    }

    @Test func aStatusNobodyKnowsWaitsAndIsNotGuessed() {
        var order = Sample.order()
        order.status = .other
        order.statusText = "wc-in-customs"
        #expect(waitingFor(plan(order)) == "a status that is known, not wc-in-customs")
    }

    @Test func nothingIsWrittenBeforeGoingLive() {
        var settings = Sample.settings
        settings.live = false
        #expect(waitingFor(plan(Sample.order(), settings: settings)) == "live mode")
    }

    // MARK: Booking dates

    private func bookingDate(_ order: Order, _ books: Books, _ policy: PeriodPolicy) -> Plan {
        var settings = Sample.settings
        settings.invoices.periodPolicy = policy
        return plan(
            order, [customer, made(.order, .confirmed, from: order), made(.invoice, .draft, from: order)],
            settings: settings, books: books)
    }

    @Test func aLockedPeriodWaitsOrTakesTheFirstOpenDayByPolicy() {
        var books = Sample.books(at: now)
        books.lockedThrough = Sample.day("2026-11-21")
        #expect(waitingFor(bookingDate(Sample.order(), books, .wait))?.contains("2026-11-20") == true)
        let moved = bookingDate(Sample.order(), books, .nextOpenDay)
        guard case .step(.bookInvoice(_, _, _, let date, let trueDate)) = moved
        else { return #expect(Bool(false), "no booking") }
        #expect(date == Sample.day("2026-11-22"))
        #expect(trueDate == Sample.day("2026-11-20"))
    }

    @Test func aLatecomerMovesWithinItsMonthAndNotIntoAnotherUnlessAllowed() {
        var books = Sample.books(at: now)
        books.lastInvoiceDate = [2026: Sample.day("2026-11-22")]
        #expect(kind(bookingDate(Sample.order(), books, .wait)) == .bookInvoice)
        var october = Sample.order()
        october.paidAt = Sample.instant("2026-10-30T10:00:00Z")
        #expect(waitingFor(bookingDate(october, books, .wait)) != nil)
        #expect(kind(bookingDate(october, books, .nextOpenDay)) == .bookInvoice)
    }

    // MARK: Before and after booking

    @Test func anInvoiceThatDoesNotEqualTheShopsOrderIsNotBooked() {
        let wrong = made(.invoice, .draft, total: Sample.money("99.01"))
        #expect(code(plan(Sample.order(), [customer, made(.order, .confirmed), wrong])) == .totalDiffers)
    }

    @Test func aChangeAfterBookingStopsAndLeavesTheInvoiceAlone() {
        var order = Sample.order()
        order.total = Sample.money("199.00")
        #expect(code(plan(order, [made(.order, .confirmed), made(.invoice, .booked)])) == .changedAfterBooking)
    }

    @Test func aNoteOrACustomFieldAfterBookingChangesNothing() {
        var order = Sample.order()
        order.customerNote = "ring twice"
        order.customFields = ["erp_id": "INV-1"]
        order.status = .completed
        #expect(plan(order, [made(.order, .confirmed), made(.invoice, .booked)]) == .complete)
    }

    @Test func aCancellationAfterBookingStops() {
        var order = Sample.order()
        order.status = .cancelled
        #expect(code(plan(order, [made(.invoice, .booked)])) == .cancelledAfterBooking)
    }

    @Test func aRefundAfterBookingStopsAndAZeroRefundDoesNot() {
        var order = Sample.order()
        order.refunds = [OrderRefund(id: "5", amount: .zero(Sample.sek), reason: "")]
        #expect(plan(order, [made(.invoice, .booked)]) == .complete)
        order.refunds.append(OrderRefund(id: "6", amount: Sample.money("10.00"), reason: ""))
        #expect(code(plan(order, [made(.invoice, .booked)])) == .refundNeedsCreditNote)
    }

    @Test(arguments: [DocumentState.gone, .cancelled])
    func aDocumentThatPeopleTookAwayIsNotMadeAgain(_ state: DocumentState) {
        #expect(code(plan(Sample.order(), [customer, made(.order, state)])) == .documentGone)
    }

    @Test func newSettingsChangeNoBookedDocument() {
        var settings = Sample.settings
        settings.vat.rules = []
        settings.articles = ArticleSettings()
        settings.shippingMethods = []
        settings.invoices.trigger = .shipped
        #expect(
            plan(Sample.order(), [made(.order, .confirmed), made(.invoice, .booked)], settings: settings) == .complete)
    }
}
