import Domain

/// What customers and shopkeepers do, by the shop's rules.
extension ShopState {
    mutating func place(_ draft: ShopOrderDraft, at time: Int64) -> Int {
        let id = nextID()
        var order = ShopOrder(
            id: id, status: "auto-draft", currency: draft.currency ?? settings.currency,
            key: "wc_order_" + String(id &* 2_654_435_761 & 0xFFFF_FFFF_FFFF, radix: 36), created: time, modified: time,
            draft: draft)
        order.meta = draft.fields.map { ShopMeta(id: nextMetaID(), key: $0.key, value: $0.value) }
        calculate(&order)
        enter(&order, draft.status, at: time)
        store(order)
        return id
    }

    /// Makes the lines anew from what the order's draft says of them.
    mutating func calculate(_ order: inout ShopOrder) {
        let pricer = ShopPricer(
            rates: taxRates, country: order.taxCountry, homeCountry: settings.homeCountry,
            isExempt: order.draft.isVATExempt)
        order.lines = order.draft.lines.map { pricer.goods($0, products[$0.productID], id: nextItemID()) }
        order.shippingLines = order.draft.shippingLines.map { pricer.charge($0, id: nextItemID()) }
        order.feeLines = order.draft.fees.map { pricer.charge($0, id: nextItemID()) }
        order.couponIDs = order.draft.coupons.map { _ in nextItemID() }
        numberTaxLines(&order)
    }

    mutating func numberTaxLines(_ order: inout ShopOrder) {
        for tax in order.items.taxesByRate where order.taxLineIDs[tax.rate.id] == nil {
            order.taxLineIDs[tax.rate.id] = nextItemID()
        }
    }

    /// A status and what follows from it.
    mutating func enter(_ order: inout ShopOrder, _ status: String, at time: Int64) {
        let before = order.status
        order.status = status
        // Cash on delivery is paid when the parcel is handed over.
        let paying = order.draft.paymentMethod == "cod" ? ["completed"] : ["processing", "completed"]
        if order.paid == nil, paying.contains(status) { order.paid = time }
        if status == "completed" { order.completed = time }
        if status == "refunded", before != "refunded", order.total > order.refunded {
            let rest = order.total - order.refunded
            order.refunds.append(
                ShopRefund(
                    id: nextID(), created: time, amount: rest, reason: "Order fully refunded.", lines: [],
                    shippingLines: [], feeLines: [], taxLineIDs: [:]))
        }
        guard before != "auto-draft", before != status else { return }
        let text = "Order status changed from \(Self.title(before)) to \(Self.title(status))."
        order.notes.append(
            ShopNote(id: nextNoteID(), created: time, text: text, isForCustomer: false, author: "WooCommerce"))
    }

    private static func title(_ status: String) -> String {
        switch status {
        case "on-hold": "On hold"
        case "pending": "Pending payment"
        default: status.prefix(1).uppercased() + status.dropFirst()
        }
    }

    /// Any change of an order, even one that changes nothing, bumps its date.
    mutating func change(
        _ id: Int, at time: Int64, _ body: (inout ShopState, inout ShopOrder) throws(ShopRefusal) -> Void
    ) throws(ShopRefusal) {
        var order = try order(id)
        try body(&self, &order)
        order.modified = max(order.modified, time)
        store(order)
    }

    mutating func setStatus(_ id: Int, _ status: String, at time: Int64) throws(ShopRefusal) {
        try change(id, at: time) { (shop, order) throws(ShopRefusal) in
            guard Self.statuses.contains(status) || status == "trash" else { throw .invalidStatus }
            shop.enter(&order, status, at: time)
        }
    }

    mutating func pay(_ id: Int, transactionID: String, at time: Int64) throws(ShopRefusal) {
        try change(id, at: time) { (shop, order) throws(ShopRefusal) in
            if !transactionID.isEmpty { order.draft.transactionID = transactionID }
            order.paid = order.paid ?? time
            shop.enter(&order, "processing", at: time)
        }
    }

    mutating func editLines(_ id: Int, _ lines: [ShopOrderDraft.Line], at time: Int64) throws(ShopRefusal) {
        try change(id, at: time) { (shop, order) throws(ShopRefusal) in
            order.draft.lines = lines
            shop.calculate(&order)
        }
    }

    mutating func trash(_ id: Int, at time: Int64) throws(ShopRefusal) {
        if try order(id).status == "trash" { throw .alreadyTrashed }
        try setStatus(id, "trash", at: time)
    }

    /// Notes move no date.
    mutating func note(
        _ id: Int, _ text: String, isForCustomer: Bool = false, at time: Int64
    ) throws(ShopRefusal) -> ShopNote {
        var order = try order(id)
        let note = ShopNote(
            id: nextNoteID(), created: time, text: text, isForCustomer: isForCustomer, author: "admin")
        order.notes.append(note)
        store(order)
        return note
    }

    // MARK: Refunds

    mutating func refund(_ id: Int, _ draft: ShopRefundDraft, at time: Int64) throws(ShopRefusal) -> ShopRefund {
        var order = try order(id)
        let amount = draft.amount ?? draft.lines.map { $0.net + $0.tax }.reduce(0, +)
        guard amount >= 0 else { throw .refundNegative }
        guard amount <= order.total - order.refunded else { throw .refundTooLarge }
        func lines(of items: [ShopItem]) -> [(item: ShopItem, refunded: Int)] {
            draft.lines.compactMap { line in
                guard let item = items.first(where: { $0.id == line.itemID }) else { return nil }
                return (givenBack(item, line), item.id)
            }
        }
        let (goods, shipping, fees) = (
            lines(of: order.lines), lines(of: order.shippingLines), lines(of: order.feeLines)
        )
        let taxed = (goods + shipping + fees).map(\.item).taxesByRate
        let refund = ShopRefund(
            id: nextID(), created: time, amount: amount, reason: draft.reason, lines: goods, shippingLines: shipping,
            feeLines: fees, taxLineIDs: taxed.reduce(into: [:]) { $0[$1.rate.id] = nextItemID() })
        order.refunds.append(refund)
        order.modified = max(order.modified, time)
        if amount > 0, order.refunded >= order.total { enter(&order, "refunded", at: time) }
        store(order)
        return refund
    }

    /// A line of a refund: its own id, and negative amounts. Nothing is checked against the order.
    private mutating func givenBack(_ item: ShopItem, _ line: ShopRefundDraft.Line) -> ShopItem {
        let micro = -line.tax * 10_000
        var back = ShopItem(id: nextItemID(), name: item.name, subtotal: -line.net, total: -line.net)
        (back.productID, back.methodID, back.taxClass) = (item.productID, item.methodID, item.taxClass)
        back.quantity = -line.quantity
        (back.subtotalTax, back.totalTax, back.netMicro) = (-line.tax, -line.tax, -line.net * 10_000)
        if line.tax != 0 { back.tax = item.tax.map { ShopLineTax(rate: $0.rate, total: micro, subtotal: micro) } }
        return back
    }

    /// The order keeps its status and its date.
    mutating func deleteRefund(_ refundID: Int, of id: Int) throws(ShopRefusal) -> ShopRefund {
        var order = try order(id)
        guard let index = order.refunds.firstIndex(where: { $0.id == refundID }) else { throw .invalidRefund }
        // While the old order is still known its refunds are, so the shelf forgets this one too.
        let refund = order.refunds.remove(at: index)
        store(order)
        return refund
    }
}
