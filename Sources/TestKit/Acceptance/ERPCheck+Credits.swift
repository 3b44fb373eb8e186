import ConnectorKit
import Domain

/// Refunds of booked invoices. An ERP whose connector makes no credit notes says so in its rules and passes.
extension ERPCheck {
    static let credits: [ERPCheck] = [
        ERPCheck("R9: refunds become booked credit notes of their amounts and VAT, each once, and the invoice stays") {
            subject in
            guard let (scene, order, documents) = try await invoiced(subject, "refund") else { return }
            var refunded = order
            refunded.refunds = [part("1", "39.60", "9.90", order), amountOnly("2", "49.50", order)]
            let end = try await scene.finish(refunded, documents)
            let notes = end.filter { $0.reference.kind == .creditNote }.sorted { $0.reference.key < $1.reference.key }
            try require(notes.map(\.reference.record), is: ["refund-1", "refund-2"], "credit notes")
            for note in notes {
                try require(note.erp.state.isBooked, "a credit note is not booked")
                try require(note.erp.total, is: Sample.money("-49.50"), "total")
                try require(note.erp.taxes.map(\.amount), is: [Sample.money("-9.90")], "VAT")
                try require(try await subject.held(note.reference), is: 1, "credit notes of a refund")
                let found = try await scene.erp.find([note.reference])[note.reference] ?? []
                try require(found.map(\.id), is: [note.erp.id], "credit notes found")
            }
            let invoice = try scene.invoice(documents)
            let again = try await scene.erp.find([scene.reference(order.id, .invoice)])
            try require(again.values.map { $0.map(\.id) }, is: [[invoice.id]], "invoices under the invoice's reference")
            try require(again.values.first?.first?.total, is: invoice.total, "the invoice's total")
        },
        ERPCheck("an order taken back is credited as it was invoiced, to nothing") { subject in
            guard let (scene, order, documents) = try await invoiced(subject, "cancelled") else { return }
            var cancelled = order
            (cancelled.status, cancelled.statusText) = (.cancelled, "cancelled")
            let end = try await scene.finish(cancelled, documents)
            let notes = end.filter { $0.reference.kind == .creditNote }
            try require(notes.compactMap(\.erp.total), is: [-order.total], "credited")
            try require(
                notes.allSatisfy { $0.erp.customer == end.first { $0.reference.kind == .invoice }?.erp.customer },
                "it is another customer's")
        },
        ERPCheck("a credit note whose answer was lost is made once") { subject in
            for kind in [Step.Kind.createCreditNote, .bookCreditNote] {
                for manner in [ERPFault.Manner.lostBefore, .lostAfter, .serverError] {
                    let id = "lost-\(kind.rawValue)-\(manner)"
                    guard let (_, order, documents) = try await invoiced(subject, id) else { return }
                    var refunded = order
                    refunded.refunds = [part(id, "39.60", "9.90", order)]
                    try await loseAndFinish(ERPFault(kind, manner), refunded, documents, subject)
                }
            }
        },
    ]

    private static func loseAndFinish(
        _ fault: ERPFault, _ order: Order, _ documents: [Document], _ subject: any ERPSubject
    ) async throws {
        let scene = try await ERPScene(subject, fault)
        guard let (step, known) = try await scene.before(fault.kind, order, documents) else {
            throw AcceptanceFailure("nothing is credited")
        }
        let outcome = try await scene.perform(step)
        guard case .unknown = outcome else { throw AcceptanceFailure("\(fault.kind.title) came to \(outcome)") }
        let found = try await scene.erp.find([step.reference])[step.reference] ?? []
        try require(found.count <= 1, "a lookup finds \(found.count) credit notes")
        let end = try await scene.finish(
            order, found.first.map { scene.keep($0, step.reference, order, known) } ?? known)
        try require(try await subject.held(step.reference), is: 1, "credit notes after a fault at \(fault.kind.title)")
        let note = end.first { $0.reference == step.reference }
        try require(note?.erp.state.isBooked == true, "the credit note is not booked")
    }

    /// An order on to its booked invoice; `nil` where the ERP makes no credit notes.
    static func invoiced(
        _ subject: any ERPSubject, _ id: String
    ) async throws -> (ERPScene, Order, [Document])? {
        let scene = try await ERPScene(subject)
        guard try await scene.erp.books().rules.creditNotes else { return nil }
        let order = subject.order(id)
        return (scene, order, try await scene.finish(order))
    }

    /// Money for a part of the only line.
    private static func part(_ id: String, _ net: String, _ vat: String, _ order: Order) -> OrderRefund {
        let line = RefundLine(
            lineID: order.lines[0].id, quantity: .zero, total: Sample.money(net),
            taxes: [LineTax(taxID: order.taxes[0].id, amount: Sample.decimal(vat))])
        return OrderRefund(
            id: id, amount: Sample.money(net) + Sample.money(vat), reason: "part", createdAt: order.paidAt,
            lines: [line])
    }

    static func amountOnly(_ id: String, _ amount: String, _ order: Order) -> OrderRefund {
        OrderRefund(id: id, amount: Sample.money(amount), reason: "goodwill", createdAt: order.paidAt, lines: [])
    }
}
