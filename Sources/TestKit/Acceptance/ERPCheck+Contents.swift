import ConnectorKit
import Domain

/// What stands in the ERP is what was sent, to the minor unit and to the letter.
extension ERPCheck {
    static let contents: [ERPCheck] = [
        ERPCheck("what is read back is what was sent: total, VAT, currency, customer, date") { subject in
            let scene = try await ERPScene(subject)
            let order = subject.order("1")
            let draft = try await scene.draft(order)
            let documents = try await scene.finish(order)
            let booked = try scene.invoice(documents)
            let customer = documents.first { $0.reference.kind == .customer }?.erp.id
            guard let read = try await scene.erp.read(.invoice, [booked.id])[booked.id] else {
                throw AcceptanceFailure("the invoice cannot be read")
            }
            try require(read.total, is: draft.total, "total")
            try require(read.taxes.charged, is: draft.taxes.charged, "VAT")
            try require(read.customer, is: customer, "customer")
            try require(read.date, is: order.paidAt?.day(in: subject.settings.timeZone), "date")
            try require(read.number?.isEmpty == false, "a booked invoice has no number")
        },
        ERPCheck("a sum that does not divide by its quantity comes to the cent") { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("odd")
            order.lines[0].quantity = ExactDecimal(3)
            order.setSums(net: "100.01", vat: "25.00", total: "125.01")
            let invoice = try scene.invoice(try await scene.finish(order))
            try require(invoice.total, is: order.total, "total")
        },
        ERPCheck("the longest and strangest texts arrive or are cut, and stop nothing") { subject in
            let scene = try await ERPScene(subject)
            var order = subject.order("strange")
            let strange =
                "Åsa \"Öberg\" <b>&amp;</b> 'x' \\ % _ 北京 👩‍👩‍👧 \u{202E}\u{0301}" + String(repeating: "æ", count: 300)
            order.billing.firstName = strange
            order.billing.street = [strange, strange]
            order.billing.city = strange
            order.shipping = order.billing
            order.lines[0].name = strange
            order.customerNote = strange + "\n\t" + String(repeating: "long ", count: 500)
            let documents = try await scene.finish(order)
            try require(try scene.invoice(documents).total, is: order.total, "total")
            guard let customer = documents.first(where: { $0.reference.kind == .customer }) else {
                throw AcceptanceFailure("there is no customer")
            }
            let found = try await scene.erp.find([customer.reference])[customer.reference] ?? []
            try require(found.map(\.id), is: [customer.erp.id], "the customer with the strange name")
        },
        ERPCheck("a currency without decimals is booked to the unit or told by its name") { subject in
            // A quarter of it is no whole króna, and neither is a third.
            try await inCurrency("ISK", pieces: 3, net: "1000", vat: "250", total: "1250", subject)
            try await inCurrency("ISK", pieces: 1, net: "999", vat: "250", total: "1249", subject)
        },
        ERPCheck("a currency with three decimals is booked to the unit or told by its name") { subject in
            try await inCurrency("KWD", pieces: 1, net: "10.002", vat: "2.501", total: "12.503", subject)
        },
        ERPCheck("an invoice that is booked is not booked again") { subject in
            let scene = try await ERPScene(subject)
            let order = subject.order("again")
            guard let (step, documents) = try await scene.before(.bookInvoice, order) else {
                throw AcceptanceFailure("nothing is booked")
            }
            let first = try scene.invoice(try await scene.done(step, order, documents))
            guard case .alreadyThere(let second) = try await scene.perform(step) else {
                throw AcceptanceFailure("a second booking is not told as such")
            }
            try require(second.number, is: first.number, "number")
            try require(second.total, is: first.total, "total")
        },
    ]

    private static func inCurrency(
        _ code: String, pieces: Int, net: String, vat: String, total: String, _ subject: any ERPSubject
    ) async throws {
        let scene = try await ERPScene(subject)
        var order = subject.order("\(code.lowercased())-\(pieces)")
        order.currency = Sample.currency(code)
        order.lines[0].quantity = ExactDecimal(pieces)
        order.setSums(net: net, vat: vat, total: total)
        let problems = try await scene.erp.problems(in: [try await scene.draft(order)])
        if !problems.isEmpty {
            try require(problems.allSatisfy { $0.code == .currencyNotInERP }, "\(problems)")
            try require(problems.allSatisfy { $0.detail.contains(code) }, "\(problems) does not name \(code)")
            return
        }
        let invoice = try scene.invoice(try await scene.finish(order))
        try require(invoice.total, is: order.total, "total")
    }
}

extension Order {
    /// One line and one rate that come to these sums, in the order's currency.
    mutating func setSums(net: String, vat: String, total: String) {
        lines[0].subtotal = Sample.money(net, currency)
        lines[0].total = lines[0].subtotal
        lines[0].taxes[0].amount = Sample.decimal(vat)
        taxes[0].amount = Sample.money(vat, currency)
        totalTax = taxes[0].amount
        self.total = Sample.money(total, currency)
    }
}
