import ConnectorKit
import Domain

/// Rules of accounting that a booked document must keep in any ERP, each named by its number in `docs/RULES.md`.
extension ERPCheck {
    static let rules: [ERPCheck] = [
        ERPCheck(
            "R1 R2: an invoice comes to the shop's total and VAT, rounded by line or not, with the difference shown"
        ) {
            subject in
            for difference in [-1, 0, 1] as [Int64] {
                let scene = try await ERPScene(subject)
                var order = subject.order("r1-\(difference)")
                order.total = Money(minorUnits: order.total.minorUnits + difference, order.currency)
                let invoice = try scene.invoice(try await scene.finish(order))
                try require(invoice.total, is: order.total, "total")
                try require(invoice.taxes.charged.map(\.amount), is: [order.totalTax], "VAT")
            }
        },
        ERPCheck("R1: an order whose total cannot be met books nothing", isDecidedByPlan: true) { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("r1-off")
            order.total += Sample.money("5.00")
            do {
                try await scene.finish(order)
            } catch is AcceptanceFailure {
                try require(try await subject.held(scene.reference(order.id, .invoice)), is: 0, "invoices")
                return
            }
            throw AcceptanceFailure("an order that does not add up was booked")
        },
        ERPCheck("R6: refunds beyond the invoice stop, and those before them stand", isDecidedByPlan: true) { subject in
            guard let (scene, order, documents) = try await invoiced(subject, "r6") else { return }
            var refunded = order
            refunded.refunds = [amountOnly("r6-1", "60.00", order), amountOnly("r6-2", "60.00", order)]
            do {
                try await scene.finish(refunded, documents)
            } catch is AcceptanceFailure {
                let credited = try await scene.erp.find(refunded.creditNoteReferences(in: subject.shop, ordinal: 1))
                let total = credited.values.flatMap(\.self).compactMap(\.total?.minorUnits).reduce(0, +)
                try require(-total <= order.total.minorUnits, "credited \(-total) of \(order.total)")
                return
            }
            throw AcceptanceFailure("more was given back than was sold")
        },
        ERPCheck(
            "R7 R8: what is credited in parts and at last comes to nothing, in VAT too, with the invoice's customer"
        ) {
            subject in
            guard let (scene, order, documents) = try await invoiced(subject, "r7") else { return }
            var refunded = order
            refunded.refunds = [
                amountOnly("r7-1", "33.33", order), amountOnly("r7-2", "33.33", order),
                amountOnly("r7-3", "32.34", order),
            ]
            let end = try await scene.finish(refunded, documents)
            let booked = end.filter { [.invoice, .creditNote].contains($0.reference.kind) }.map(\.erp)
            try require(booked.compactMap(\.total?.minorUnits).reduce(0, +), is: 0, "left of the total")
            try require(booked.flatMap(\.taxes).map(\.amount.minorUnits).reduce(0, +), is: 0, "left of the VAT")
            try require(Set(booked.compactMap(\.customer)).count, is: 1, "customers")
        },
        ERPCheck("R13: an order paid shortly before midnight by UTC is dated by the merchant's day") { subject in
            var scene = try await ERPScene(subject)
            scene.settings.timeZone = Sample.stockholm
            var order = subject.order("r13")
            let yesterday = (subject.clock.now() - .seconds(86_400)).day(in: .utc)
            // 23:30 UTC is the next day in Stockholm.
            guard let paid = Instant(iso8601: "\(yesterday)T23:30:00Z") else { throw AcceptanceFailure("no such time") }
            (order.createdAt, order.paidAt) = (paid, paid)
            let invoice = try scene.invoice(try await scene.finish(order))
            try require(invoice.date, is: yesterday.next, "date")
        },
        ERPCheck("R40: an exchange is a credit and a charge that come to what the customer paid") { subject in
            guard let (scene, order, documents) = try await invoiced(subject, "r40") else { return }
            // One unit comes back, two others go out: the order is refunded in part and grows by a line.
            var exchanged = doubled(order)
            exchanged.lines[0].id = "exchange"
            exchanged.refunds = [
                OrderRefund(
                    id: "r40-1", amount: order.total, reason: "exchange", createdAt: order.paidAt,
                    lines: [
                        RefundLine(
                            lineID: "exchange", quantity: .one, total: order.lines[0].total,
                            taxes: order.lines[0].taxes)
                    ])
            ]
            let end = try await scene.finish(exchanged, documents)
            let net = end.filter { [.invoice, .creditNote].contains($0.reference.kind) }
                .compactMap(\.erp.total?.minorUnits).reduce(0, +)
            try require(net, is: exchanged.total.minorUnits - order.total.minorUnits, "what is left of an exchange")
        },
    ]

    /// Rules on VAT, discounts, shipping and numbers.
    static let saleRules: [ERPCheck] = [
        ERPCheck("R3: amounts that no binary fraction holds arrive to the last digit") { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("r3")
            // 0.07 * 100 is 7.000000000000001 in binary.
            set(&order, net: "1000000.07", vat: "250000.02")
            let invoice = try scene.invoice(try await scene.finish(order))
            try require(invoice.total, is: Sample.money("1250000.09"), "total")
        },
        ERPCheck("R9 R12: each document leads to its source record and back") { subject in
            guard let (scene, order, documents) = try await invoiced(subject, "r12") else { return }
            var refunded = order
            refunded.refunds = [amountOnly("r12-1", "20.00", order)]
            let end = try await scene.finish(refunded, documents)
            for document in end where [.invoice, .creditNote].contains(document.reference.kind) {
                let found = try await scene.erp.find([document.reference])[document.reference] ?? []
                try require(found.map(\.id), is: [document.erp.id], "found under \(document.reference)")
            }
            try require(end.contains { $0.reference.record == "refund-r12-1" }, "no credit note names its refund")
        },
        ERPCheck("R10: invoice numbers are unique, and a refused invoice uses up none") { subject in
            let scene = try await ERPScene(subject)
            var numbers: [String] = []
            for id in ["r10-1", "r10-2", "r10-3"] {
                var lacking = subject.order("\(id)-lacking")
                lacking.lines[0].sku = "NOT-IN-THE-ERP"
                // An ERP without articles takes it: then its number counts too.
                if let taken = try? await scene.finish(lacking) {
                    numbers += [try scene.invoice(taken).number].compactMap(\.self)
                }
                numbers += [try scene.invoice(try await scene.finish(subject.order(id))).number].compactMap(\.self)
            }
            try require(Set(numbers).count, is: numbers.count, "numbers")
            let ordered = numbers.compactMap {
                Int($0.reversed().prefix { $0.isNumber }.reversed().map(String.init).joined())
            }
            try require(ordered, is: ordered.indices.map { ordered[0] + $0 }, "numbers without a gap")
        },
        ERPCheck("R11 R14: a correction is not written into a closed period; it waits, or is dated after it") {
            subject in
            guard let (scene, order, documents) = try await invoiced(subject, "r11") else { return }
            let invoice = try scene.invoice(documents)
            guard let date = invoice.date else { throw AcceptanceFailure("the invoice has no date") }
            try await subject.lock(through: date)
            do {
                var waiting = try await ERPScene(subject)
                waiting.settings.invoices.periodPolicy = .wait
                var refunded = order
                refunded.refunds = [amountOnly("r11-1", "20.00", order)]
                let held = try? await waiting.finish(refunded, documents)
                try require(held == nil, "a credit note was booked into a closed period")
                let isPast = date < subject.clock.now().day(in: subject.settings.timeZone)
                // The first open day has not come yet where all is of today.
                guard isPast else { return try await subject.lock(through: nil) }
                var moved = try await ERPScene(subject)
                moved.settings.invoices.periodPolicy = .nextOpenDay
                let known = try await moved.erp.find(refunded.creditNoteReferences(in: subject.shop, ordinal: 1))
                let adopted = known.flatMap { reference, found in
                    found.map { Document(reference: reference, erp: $0, madeFrom: nil) }
                }
                let end = try await moved.finish(refunded, documents + adopted)
                let note = end.first { $0.reference.kind == .creditNote }
                try require(note?.erp.date.map { $0 > date } == true, "the credit note is of the closed period")
            } catch {
                try await subject.lock(through: nil)
                throw error
            }
            try await subject.lock(through: nil)
        },
        ERPCheck("R33: a discount is what the shop gave, to the minor unit, and nothing is added to it") { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("r33")
            order.lines[0].subtotal = Sample.money("100.00")
            set(&order, net: "66.67", vat: "16.67")
            order.lines[0].subtotal = Sample.money("100.00")
            let invoice = try scene.invoice(try await scene.finish(order))
            try require(invoice.total, is: Sample.money("83.34"), "total after discount")
        },
        ERPCheck("R34: shipping bears the VAT that the shop charged on it, and gives it back when refunded in part") {
            subject in
            var scene = try await ERPScene(subject)
            guard try await scene.erp.books().rules.creditNotes else { return }
            var order = subject.order("r34")
            var shipping = order.lines[0]
            (shipping.id, shipping.kind, shipping.methodID) = ("ship", .shipping, "flat_rate")
            scene.settings.shippingMethods = [ShippingMethodRule(method: "*", article: shipping.sku ?? "")]
            shipping.sku = nil
            order.lines.append(shipping)
            order.taxes[0].amount += order.taxes[0].amount
            order.totalTax += order.totalTax
            order.total += order.total
            let documents = try await scene.finish(order)
            try require(try scene.invoice(documents).total, is: order.total, "total with shipping")
            order.refunds = [
                OrderRefund(
                    id: "r34-1", amount: Sample.money("49.50"), reason: "late", createdAt: order.paidAt,
                    lines: [
                        RefundLine(
                            lineID: "ship", quantity: .zero, total: Sample.money("39.60"),
                            taxes: [LineTax(taxID: order.taxes[0].id, amount: Sample.decimal("9.90"))])
                    ])
            ]
            let end = try await scene.finish(order, documents)
            let note = end.first { $0.reference.kind == .creditNote }
            try require(note?.erp.taxes.charged.map(\.amount), is: [Sample.money("-9.90")], "VAT of the shipping")
        },
        ERPCheck("R35: a consumer elsewhere in the Union pays the rate the shop charged, and a missing rate is named") {
            subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("r35")
            set(&order, net: "100.00", vat: "19.00", percent: 19)
            order.billing.country = "DE"
            let invoice = try scene.invoice(try await scene.finish(order))
            try require(invoice.total, is: Sample.money("119.00"), "total")
            try require(invoice.taxes.charged.map(\.amount), is: [Sample.money("19.00")], "VAT of the destination")
            var unknown = subject.order("r35-unknown")
            set(&unknown, net: "100.00", vat: "21.00", percent: 21)
            unknown.billing.country = "NL"
            try await requireStop(scene, unknown, naming: "21")
        },
        ERPCheck("R36: a business elsewhere in the Union pays no VAT, by a tax of its own; without a reason 0 % stops")
        { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("r36")
            set(&order, net: "100.00", vat: "0.00", percent: 0)
            order.billing.country = "DE"
            try await requireStop(scene, order, naming: "VAT")
            (order.customer.vatNumber, order.billing.company) = ("DE136695976", "Muster GmbH")
            let documents = try await scene.finish(order)
            try require(try scene.invoice(documents).total, is: Sample.money("100.00"), "total")
            let line = documents.first { $0.reference.kind == .invoice }?.madeFrom?.lines?.first
            let rule = scene.settings.vat.rules.first { $0.reason == .euBusiness }
            try require(line?.tax, is: rule?.tax, "the tax of a business elsewhere")
        },
        ERPCheck("R41: a test order of the shop never reaches the books", isDecidedByPlan: true) { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("r41")
            order.isTest = true
            _ = try? await scene.finish(order)
            for kind in [DocumentKind.order, .invoice] {
                try require(try await subject.held(scene.reference(order.id, kind)), is: 0, "\(kind) of a test order")
            }
        },
    ]

    private static func requireStop(_ scene: ERPScene, _ order: Order, naming text: String) async throws {
        do {
            try await scene.finish(order)
        } catch let failure as AcceptanceFailure {
            return try require("\(failure)".contains(text), "it stops without naming \(text): \(failure)")
        }
        throw AcceptanceFailure("order \(order.id) was booked")
    }

    /// One line at one rate.
    private static func set(_ order: inout Order, net: String, vat: String, percent: Int = 25) {
        let rate = order.taxes[0].id
        (order.lines[0].subtotal, order.lines[0].total) = (Sample.money(net), Sample.money(net))
        order.lines[0].taxes = [LineTax(taxID: rate, amount: Sample.decimal(vat))]
        order.taxes[0].percent = ExactDecimal(percent)
        order.taxes[0].amount = Sample.money(vat)
        order.totalTax = Sample.money(vat)
        order.total = Sample.money(net) + Sample.money(vat)
    }
}
