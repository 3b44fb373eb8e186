import ConnectorKit
import Domain

/// Orders that the shop changes or takes back, before and after booking.
extension ERPCheck {
    static let changes: [ERPCheck] = [
        ERPCheck("a change before booking flows into what will be booked, and one invoice stands at the end") {
            subject in
            for kind in [Step.Kind.createInvoice, .bookInvoice, .confirmOrder] {
                let scene = try await ERPScene(subject)
                let order = subject.order("changed-\(kind.rawValue)")
                guard let (_, documents) = try await scene.before(kind, order) else { continue }
                let changed = doubled(order)
                let end = try await scene.finish(changed, documents)
                let standing = end.filter { $0.reference.kind == .invoice && $0.erp.state.isBooked }
                try require(standing.map(\.erp.total), is: [changed.total], "booked, changed before \(kind.title)")
                try require(standing.first?.erp.taxes.charged.map(\.amount), is: [changed.totalTax], "VAT")
                try require(try await booked(subject, order), is: [changed.total], "held after \(kind.title)")
            }
        },
        ERPCheck("an order taken back before booking leaves nothing booked, and one placed again is invoiced once") {
            subject in
            let scene = try await ERPScene(subject)
            let order = subject.order("called-off")
            guard let (_, documents) = try await scene.before(.bookInvoice, order) else { return }
            var cancelled = order
            (cancelled.status, cancelled.statusText) = (.cancelled, "cancelled")
            let withdrawn = try await scene.finish(cancelled, documents)
            for document in withdrawn where [.order, .invoice].contains(document.reference.kind) {
                try require(document.erp.state, is: .withdrawn, "\(document.reference.kind.title) taken back")
            }
            try require(try await booked(subject, order), is: [], "booked of a cancelled order")
            let left = try await scene.erp.find([scene.reference(order.id, .invoice)]).values.flatMap(\.self)
            try require(left.allSatisfy { $0.state == .cancelled }, "a draft of a cancelled order is left")
            let again = try await scene.finish(order, withdrawn)
            try require(
                again.filter { $0.reference.kind == .invoice && $0.erp.state.isBooked }.map(\.reference.ordinal),
                is: [2],
                "the invoice that was made again")
            try require(try await booked(subject, order), is: [order.total], "booked of an order placed again")
        },
        ERPCheck("R4 R5: a change after booking is credited and invoiced anew, and the booked invoice stays as it is") {
            subject in
            let scene = try await ERPScene(subject)
            guard try await scene.erp.books().rules.creditNotes else { return }
            let order = subject.order("corrected")
            let documents = try await scene.finish(order)
            let invoice = try scene.invoice(documents)
            let changed = doubled(order)
            let end = try await scene.finish(changed, documents)
            try require(
                try await booked(subject, order), is: [order.total, -order.total, changed.total].sorted(by: <),
                "documents of a corrected order")
            let first = end.first { $0.reference.kind == .invoice && $0.reference.ordinal == 1 }
            let read = try await scene.erp.read(.invoice, [invoice.id])[invoice.id]
            try require(read?.total, is: invoice.total, "the first invoice's total")
            try require(read?.number, is: invoice.number, "the first invoice's number")
            try require(first?.erp.id, is: invoice.id, "the first invoice")
            if try await scene.erp.books().rules.offsets {
                try require(read?.state, is: .paid, "the first invoice, set off against its credit note")
            }
        },
        ERPCheck("R44: an unpaid order that is cancelled after booking leaves nothing owed") { subject in
            let scene = try await ERPScene(subject)
            guard try await scene.erp.books().rules.creditNotes else { return }
            var order = subject.order("unpaid")
            order.shippedAt = order.paidAt
            let documents = try await scene.finish(order)
            order.paidAt = nil
            (order.shippedAt, order.status, order.statusText) = (nil, .cancelled, "cancelled")
            let end = try await scene.finish(order, documents)
            for document in end where [.invoice, .creditNote].contains(document.reference.kind) {
                let read = try await scene.erp.read(document.reference.kind, [document.erp.id])[document.erp.id]
                let title = document.reference.kind.title
                try require(read?.state, is: .paid, "the \(title) of an unpaid, cancelled order")
            }
        },
        ERPCheck("whatever answer is lost while documents are changed or taken back, each is done once") {
            subject in
            for kind in [Step.Kind.updateOrder, .updateInvoice, .withdraw] {
                for manner in [ERPFault.Manner.lostBefore, .lostAfter, .serverError] {
                    try await loseAndChange(ERPFault(kind, manner), subject)
                }
            }
        },
    ]

    private static func loseAndChange(_ fault: ERPFault, _ subject: any ERPSubject) async throws {
        let scene = try await ERPScene(subject)
        let order = subject.order("lost-\(fault.kind.rawValue)-\(fault.manner)")
        // An order by itself is written anew only until it is invoiced.
        let start: Step.Kind = fault.kind == .updateOrder ? .createInvoice : .bookInvoice
        guard let (_, documents) = try await scene.before(start, order) else { return }
        let changed = doubled(order)
        let faulty = try await ERPScene(subject, fault)
        guard let (step, known) = try await faulty.before(fault.kind, changed, documents) else { return }
        let outcome = try await faulty.perform(step)
        guard case .unknown = outcome else { throw AcceptanceFailure("\(fault.kind.title) came to \(outcome)") }
        // What is known is read again, as the engine does, before the step is planned once more.
        let before = known.first { $0.reference == step.reference }
        guard let id = before?.erp.id,
            var now = try await scene.erp.read(step.reference.kind, [id])[id]
        else { throw AcceptanceFailure("the document is gone") }
        if fault.kind == .withdraw, now.state == .cancelled { now.state = .withdrawn }
        let refreshed = Document(reference: step.reference, erp: now, madeFrom: before?.madeFrom)
        // Our own edit is no person's.
        var trusted = refreshed
        trusted.madeFrom?.parts = now.parts
        try await scene.finish(changed, known.filter { $0.reference != step.reference } + [trusted])
        try require(try await booked(subject, order), is: [changed.total], "booked after \(fault.kind.title)")
    }

    /// Totals of what stands booked for the order: found under its references past what the scene remembers.
    private static func booked(_ subject: any ERPSubject, _ order: Order) async throws -> [Money] {
        let scene = try await ERPScene(subject)
        let references = (1...3).flatMap { ordinal in
            [DocumentKind.invoice, .creditNote].map {
                ExternalReference(shop: subject.shop, record: "order-\(order.id)", kind: $0, ordinal: ordinal)
            }
        }
        return try await scene.erp.find(references).values.flatMap(\.self).filter(\.state.isBooked)
            .compactMap(\.total).sorted(by: <)
    }

    /// The same order of two units.
    static func doubled(_ order: Order) -> Order {
        var order = order
        order.lines[0].quantity = order.lines[0].quantity * ExactDecimal(2)
        order.lines[0].subtotal += order.lines[0].subtotal
        order.lines[0].total += order.lines[0].total
        order.lines[0].taxes = order.lines[0].taxes.map {
            LineTax(taxID: $0.taxID, amount: $0.amount * ExactDecimal(2))
        }
        order.taxes = order.taxes.map { tax in
            var tax = tax
            tax.amount += tax.amount
            return tax
        }
        order.totalTax += order.totalTax
        order.total += order.total
        return order
    }
}

/// For comparing lists of amounts.
private func < (left: Money, right: Money) -> Bool { left.minorUnits < right.minorUnits }
