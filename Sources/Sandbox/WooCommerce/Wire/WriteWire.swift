import ConnectorKit
import Domain

/// Reads what a client wants written.
struct WriteWire {
    let body: JSONValue

    init(_ bytes: [UInt8]) { body = (try? JSONReader.decode(bytes)) ?? .object([:]) }

    func text(_ key: String) -> String? { body[key]?.text }

    private static func amount(_ value: JSONValue?) throws(ShopRefusal) -> Int? {
        guard let text = value?.text, !text.isEmpty else { return nil }
        guard let minor = ShopAmount.minor(text) else { throw .badAmount(String(text.prefix(40))) }
        return minor
    }

    // MARK: Orders

    func newOrder() throws(ShopRefusal) -> ShopOrderDraft {
        var draft = ShopOrderDraft()
        draft.createdVia = "rest-api"
        draft.shippingLines = try charges("shipping_lines", name: "method_title")
        draft.fees = try charges("fee_lines", name: "name")
        draft.coupons = (body["coupon_lines"]?.array ?? []).compactMap { $0["code"]?.string }
        draft.lines = try (body["line_items"]?.array ?? []).map { line throws(ShopRefusal) in try Self.line(line) }
        for field in body["meta_data"]?.array ?? [] {
            draft.fields.append(.init(field["key"]?.text ?? "", field["value"] ?? .null))
        }
        draft.isVATExempt = draft.fields.contains { $0.key == "is_vat_exempt" && $0.value.string == "yes" }
        draft.currency = text("currency")
        if let status = text("status") { draft.status = status }
        if body["set_paid"]?.bool == true { draft.status = "processing" }
        change(&draft)
        return draft
    }

    /// What of an order can be written at any time without touching its lines.
    func change(_ draft: inout ShopOrderDraft) {
        if let id = body["customer_id"]?.int { draft.customerID = id }
        if let method = text("payment_method") { draft.paymentMethod = method }
        if let title = text("payment_method_title") { draft.paymentTitle = title }
        if let id = text("transaction_id") { draft.transactionID = id }
        if let note = text("customer_note") { draft.customerNote = note }
        if let billing = body["billing"] { Self.change(&draft.billing, billing) }
        if let shipping = body["shipping"] { Self.change(&draft.shipping, shipping) }
    }

    private static func change(_ address: inout ShopAddress, _ wire: JSONValue) {
        let parts: [(String, WritableKeyPath<ShopAddress, String>)] = [
            ("first_name", \.firstName), ("last_name", \.lastName), ("company", \.company), ("address_1", \.street),
            ("city", \.city), ("postcode", \.postcode), ("country", \.country), ("email", \.email), ("phone", \.phone),
        ]
        for (key, path) in parts {
            if let text = wire[key]?.text { address[keyPath: path] = text }
        }
    }

    private static func line(_ wire: JSONValue) throws(ShopRefusal) -> ShopOrderDraft.Line {
        let total = try amount(wire["total"])
        let subtotal = try amount(wire["subtotal"])
        return ShopOrderDraft.Line(
            productID: wire["product_id"]?.int ?? 0, quantity: wire["quantity"]?.int ?? 1,
            amount: (total ?? subtotal).map { .net(subtotal: subtotal ?? $0, total: $0) } ?? .catalogue,
            name: wire["name"]?.string)
    }

    private func charges(_ key: String, name: String) throws(ShopRefusal) -> [ShopOrderDraft.Charge] {
        var charges: [ShopOrderDraft.Charge] = []
        for wire in body[key]?.array ?? [] {
            charges.append(
                ShopOrderDraft.Charge(
                    methodID: wire["method_id"]?.text ?? "", name: wire[name]?.text ?? "",
                    net: try Self.amount(wire["total"]) ?? 0, isTaxable: wire["tax_status"]?.text != "none"))
        }
        return charges
    }

    /// The lines of an order as a client wants them: those named by id are changed, removed by a quantity of 0; others are
    /// added. `nil` when it says nothing of lines.
    func lines(changing order: ShopOrder) throws(ShopRefusal) -> [ShopOrderDraft.Line]? {
        guard let wanted = body["line_items"]?.array else { return nil }
        var lines = zip(order.lines, order.draft.lines).map { item, line in
            // What was agreed stays agreed, also when only the quantity changes.
            var line = line
            line.amount = .net(subtotal: item.subtotal, total: item.total)
            return (id: Optional(item.id), line: line)
        }
        for wire in wanted {
            guard let id = wire["id"]?.int, let index = lines.firstIndex(where: { $0.id == id }) else {
                lines.append((nil, try Self.line(wire)))
                continue
            }
            if let quantity = wire["quantity"]?.int { lines[index].line.quantity = quantity }
            if let total = try Self.amount(wire["total"]) {
                lines[index].line.amount = .net(subtotal: total, total: total)
            }
        }
        return lines.map(\.line).filter { $0.quantity != 0 }
    }

    // MARK: Refunds and products

    func refund() throws(ShopRefusal) -> ShopRefundDraft {
        var lines: [ShopRefundDraft.Line] = []
        for wire in body["line_items"]?.array ?? [] {
            var tax = 0
            for part in wire["refund_tax"]?.array ?? [] { tax += try Self.amount(part["refund_total"]) ?? 0 }
            lines.append(
                ShopRefundDraft.Line(
                    itemID: wire["id"]?.int ?? 0, quantity: wire["quantity"]?.int ?? 0,
                    net: try Self.amount(wire["refund_total"]) ?? 0, tax: tax))
        }
        return ShopRefundDraft(amount: try Self.amount(body["amount"]), reason: text("reason") ?? "", lines: lines)
    }

    func change(_ product: inout ShopProduct) throws(ShopRefusal) {
        if let name = text("name") { product.name = name }
        if let sku = text("sku") { product.sku = sku }
        if let price = try Self.amount(body["regular_price"]) { product.price = price }
        if let taxClass = text("tax_class") { product.taxClass = taxClass }
        if let status = text("tax_status") { product.isTaxable = status == "taxable" }
    }
}
