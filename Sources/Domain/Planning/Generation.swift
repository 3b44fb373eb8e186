/// The documents that stand for an order at one time: they share an ordinal. The next generation comes only after this one was
/// withdrawn before booking, or credited whole after it.
struct Generation {
    let ordinal: Int
    let order: Document?
    let invoice: Document?
    /// Credit notes of refunds.
    let refundNotes: [Document]
    /// The credit note of all that refunds left: the sale was called off, or is corrected by the next generation.
    let closing: Document?

    var notes: [Document] { refundNotes + [closing].compactMap(\.self) }

    /// What is withdrawn, in this order.
    private var unbooked: [Document] { [invoice, order].compactMap(\.self) }

    var isBooked: Bool { invoice?.erp.state.isBooked == true }
    /// What we took back people may tidy away.
    var isWithdrawn: Bool { toWithdraw == nil && unbooked.contains { $0.erp.state == .withdrawn } }
    var isClosed: Bool { isWithdrawn || (isBooked && closing?.erp.state.isBooked == true) }

    /// Ids of refunds that have a credit note.
    var notedRefunds: Set<String> {
        Set(refundNotes.filter { $0.erp.state != .withdrawn }.map(\.reference.refundID))
    }

    /// Its credit notes come to its invoice.
    var isCredited: Bool { isBooked && invoice.map { $0.isTakenBack(by: notes) } == true }

    /// The document to be withdrawn next.
    var toWithdraw: Document? { unbooked.first { ![.withdrawn, .gone].contains($0.erp.state) } }
    /// The step that withdraws it.
    var withdrawal: Step? { toWithdraw.map { .withdraw($0.reference, $0.erp.id) } }
    /// Withdrawing was begun and has to be carried to its end.
    var isHalfWithdrawn: Bool { toWithdraw != nil && unbooked.contains { $0.erp.state == .withdrawn } }
    /// All that refunds left is credited, or about to be.
    var isClosing: Bool { closing.map { ![.gone, .cancelled].contains($0.erp.state) } ?? false }

    /// What people did away with.
    var lost: Document? {
        isWithdrawn ? nil : unbooked.first { $0.erp.state == .gone || $0.erp.state == .cancelled }
    }
}

extension Document {
    /// Neither withdrawn by us nor done away with by people.
    var isStanding: Bool { ![.gone, .cancelled, .withdrawn].contains(erp.state) }

    /// Booked credit notes come to all of this invoice. One that a gift card paid comes to nothing from the start, so its VAT
    /// has to be taken back too, to the minor unit that ERPs may compute more or less per note.
    fileprivate func isTakenBack(by notes: [Document]) -> Bool {
        let booked = notes.filter { $0.erp.state.isBooked }
        guard let total = erp.total, !booked.isEmpty else { return false }
        let vatLeft = ([self] + booked).flatMap(\.erp.taxes).summed
        return (total + booked.compactMap(\.erp.total).sum(total.currency)).isZero
            && vatLeft.allSatisfy { $0.amount.magnitude <= Int64(booked.count) }
    }
}

/// The documents of one order.
public struct OrderDocuments {
    /// An order may have had another customer before its address was corrected in the shop.
    let customers: [Document]
    /// By ordinal.
    let generations: [Generation]

    /// Payments that we registered.
    private let payments: [PaymentDraft]

    var newest: Generation? { generations.last }

    /// What we know to be open of it may be more than is: it was read before we paid.
    func isPaidByUs(_ document: Document) -> Bool { payments.contains { $0.document == document.erp.id } }

    public init(_ documents: [Document], ofOrder id: String) {
        let record = Order.record(id)
        customers = documents.filter { $0.reference.kind == .customer }
        payments = documents.filter { $0.reference.kind == .payment }.compactMap(\.madeFrom?.payment)
        let ofSale = documents.filter { [.order, .invoice, .creditNote].contains($0.reference.kind) }
        generations = Dictionary(grouping: ofSale, by: \.reference.ordinal).sorted { $0.key < $1.key }
            .map { ordinal, documents in
                let notes = documents.filter { $0.reference.kind == .creditNote }
                return Generation(
                    ordinal: ordinal,
                    order: documents.first { $0.reference.kind == .order },
                    invoice: documents.first { $0.reference.kind == .invoice },
                    refundNotes: notes.filter { $0.reference.record != record },
                    closing: notes.first { $0.reference.record == record && $0.erp.state != .withdrawn })
            }
    }

    /// Whether there may be a generation after this one: it was closed, or nothing of it is left.
    public func mayBeFollowed(_ ordinal: Int) -> Bool {
        guard let generation = generations.first(where: { $0.ordinal == ordinal }) else { return false }
        return generation.isWithdrawn || generation.lost != nil || generation.isClosing || generation.isCredited
    }

    /// Whether an invoice of this total is taken back whole by the credit notes of its generation: then it stated another
    /// state of the order than the shop shows now.
    public func takesBack(_ ordinal: Int, _ total: Money?) -> Bool {
        guard let generation = generations.first(where: { $0.ordinal == ordinal }), let total else { return false }
        let notes = generation.refundNotes.filter { $0.erp.state.isBooked }.compactMap(\.erp.total)
        return generation.isClosing || (!notes.isEmpty && (total + notes.sum(total.currency)).isZero)
    }

    /// Ids of refunds with a credit note of an earlier generation: the later ones state what they left.
    func refundsCredited(before ordinal: Int) -> Set<String> {
        generations.filter { $0.ordinal < ordinal }.reduce(into: []) { $0.formUnion($1.notedRefunds) }
    }
}

extension Order {
    /// Its record in external references.
    var record: String { Self.record(id) }
    static func record(_ id: String) -> String { "order-\(id)" }
}

extension ExternalReference {
    /// The shop's id of the refund that a credit note is of.
    var refundID: String { String(record.dropFirst("refund-".count)) }
}
