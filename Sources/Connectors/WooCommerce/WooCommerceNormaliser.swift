import ConnectorKit
import Domain

/// Turns an order as the shop writes it into ours. Pure.
enum WooCommerceNormaliser {
    /// No real order's JSON is longer, in bytes.
    static let maxRecordBytes = 1_048_576
    /// Stands in for the payload of an answer that was too long to be read at all.
    static let beyondLimit = Array("an answer beyond every limit".utf8)

    static func order(_ record: RawRecord, previous: Order?) throws(Problem) -> Order {
        guard record.payload != beyondLimit else { throw Problem(.recordTooLarge, "the answer is beyond every limit") }
        guard record.payload.count <= maxRecordBytes else {
            throw Problem(.recordTooLarge, "\(record.payload.count) bytes, of \(maxRecordBytes) allowed")
        }
        let wire = try WireObject(try JSONReader.decode(record.payload))
        guard try wire.text("id") == record.id else {
            throw Problem(.recordUnreadable, "the shop answered another order than the one asked for")
        }
        return try order(wire, previous: previous)
    }

    private static func order(_ wire: WireObject, previous: Order?) throws(Problem) -> Order {
        let currency = try currency(wire)
        let status = try wire.text("status")
        let billing = try wire.object("billing")
        let fields = try customFields(wire)
        let createdAt = try wire.instant("date_created_gmt")
        return Order(
            id: try wire.text("id"),
            number: try wire.text("number"),
            status: OrderStatus(wooCommerce: status),
            statusText: status,
            isTest: isTest(fields),
            createdAt: createdAt,
            modifiedAt: try wire.optionalInstant("date_modified_gmt") ?? createdAt,
            paidAt: try wire.optionalInstant("date_paid_gmt"),
            shippedAt: try wire.optionalInstant("date_completed_gmt"),
            currency: currency,
            pricesIncludeTax: try wire.flag("prices_include_tax"),
            customer: try customer(wire, billing),
            billing: try address(billing),
            shipping: try shipping(wire),
            lines: try lines(wire, currency, previous),
            taxes: try taxes(wire, currency),
            total: try wire.amount("total", currency),
            totalTax: try wire.amount("total_tax", currency),
            payment: try payment(wire),
            refunds: try refunds(wire, currency),
            customerNote: try wire.optionalText("customer_note") ?? "",
            coupons: try coupons(wire),
            customFields: fields,
            isAnonymised: fields["_anonymized"]?.text == "yes"
        )
    }

    private static func currency(_ wire: WireObject) throws(Problem) -> Currency {
        let code = try wire.text("currency")
        guard let currency = Currency(code: code) else {
            throw Problem(.currencyUnknown, "the order's currency is \"\(code.prefix(10))\"")
        }
        return currency
    }

    // MARK: People and places

    private static func customer(_ wire: WireObject, _ billing: WireObject) throws(Problem) -> Customer {
        let id = try wire.optionalText("customer_id")
        return Customer(
            // 0 is a guest.
            id: id == "0" ? nil : id,
            email: try billing.optionalText("email"),
            phone: try billing.optionalText("phone")
        )
    }

    private static func shipping(_ wire: WireObject) throws(Problem) -> Address? {
        guard wire.members["shipping"] != nil else { return nil }
        let address = try address(try wire.object("shipping"))
        return address.isEmpty ? nil : address
    }

    private static func address(_ wire: WireObject) throws(Problem) -> Address {
        Address(
            firstName: try wire.optionalText("first_name") ?? "",
            lastName: try wire.optionalText("last_name") ?? "",
            company: try wire.optionalText("company") ?? "",
            street: [try wire.optionalText("address_1"), try wire.optionalText("address_2")].compactMap(\.self),
            postalCode: try wire.optionalText("postcode") ?? "",
            city: try wire.optionalText("city") ?? "",
            region: try wire.optionalText("state") ?? "",
            country: try wire.optionalText("country") ?? ""
        )
    }

    private static func payment(_ wire: WireObject) throws(Problem) -> OrderPayment {
        OrderPayment(
            methodID: try wire.optionalText("payment_method") ?? "",
            methodName: try wire.optionalText("payment_method_title") ?? "",
            transactionID: try wire.optionalText("transaction_id")
        )
    }

    // MARK: Lines and money

    private static func lines(
        _ wire: WireObject, _ currency: Currency, _ previous: Order?
    ) throws(Problem) -> [OrderLine] {
        let kept = (previous?.lines ?? []).reduce(into: [String: OrderLine]()) { lines, line in
            if line.kind == .goods, line.sku?.isEmpty == false { lines[line.id] = line }
        }
        var lines: [OrderLine] = []
        for line in try wire.objects("line_items") { lines.append(try goods(line, currency, kept)) }
        for line in try wire.objects("shipping_lines") { lines.append(try charge(line, .shipping, currency)) }
        for line in try wire.objects("fee_lines") { lines.append(try charge(line, .fee, currency)) }
        return lines
    }

    /// SKU and name come from today's product: a renamed or deleted one would change old orders, so the first are kept.
    private static func goods(
        _ line: WireObject, _ currency: Currency, _ kept: [String: OrderLine]
    ) throws(Problem) -> OrderLine {
        let id = try line.text("id")
        let sku = try line.optionalText("sku")
        let name = HTMLText.plain(try line.optionalText("name") ?? "")
        return OrderLine(
            id: id,
            kind: .goods,
            sku: kept[id]?.sku ?? sku,
            name: kept[id]?.name ?? name,
            quantity: try line.decimal("quantity"),
            subtotal: try line.amount("subtotal", currency),
            total: try line.amount("total", currency),
            taxes: try lineTaxes(line),
            subtotalTaxes: try lineTaxes(line, "subtotal")
        )
    }

    private static func charge(
        _ line: WireObject, _ kind: OrderLine.Kind, _ currency: Currency
    ) throws(Problem) -> OrderLine {
        let total = try line.amount("total", currency)
        return OrderLine(
            id: try line.text("id"),
            kind: kind,
            name: HTMLText.plain(try line.optionalText(kind == .shipping ? "method_title" : "name") ?? ""),
            methodID: kind == .shipping ? try line.optionalText("method_id") : nil,
            quantity: .one,
            subtotal: total,
            total: total,
            taxes: try lineTaxes(line)
        )
    }

    private static func lineTaxes(_ line: WireObject, _ member: String = "total") throws(Problem) -> [LineTax] {
        var taxes: [LineTax] = []
        for tax in try line.objects("taxes") where try tax.optionalText(member) != nil {
            taxes.append(LineTax(taxID: try tax.text("id"), amount: try tax.decimal(member)))
        }
        return taxes
    }

    private static func taxes(_ wire: WireObject, _ currency: Currency) throws(Problem) -> [OrderTax] {
        var taxes: [OrderTax] = []
        for tax in try wire.objects("tax_lines") {
            taxes.append(
                OrderTax(
                    id: try tax.text("rate_id"),
                    label: HTMLText.plain(try tax.optionalText("label") ?? ""),
                    percent: try tax.decimal("rate_percent"),
                    amount: try tax.amount("tax_total", currency) + tax.amount("shipping_tax_total", currency)
                ))
        }
        return taxes
    }

    /// By id, because the shop lists them in no dependable order. Their totals are negative there, and so is what each
    /// gives back of a line.
    private static func refunds(_ wire: WireObject, _ currency: Currency) throws(Problem) -> [OrderRefund] {
        var details: [String: WireObject] = [:]
        if wire.members[WooCommerceRefunds.member] != nil {
            for refund in try wire.objects(WooCommerceRefunds.member) { details[try refund.text("id")] = refund }
        }
        var refunds: [OrderRefund] = []
        for refund in try wire.objects("refunds") {
            let id = try refund.text("id")
            refunds.append(
                OrderRefund(
                    id: id,
                    amount: -(try refund.amount("total", currency)),
                    reason: try refund.optionalText("reason") ?? "",
                    createdAt: try details[id]?.optionalInstant("date_created_gmt"),
                    lines: try details[id].map { detail throws(Problem) in try refundLines(detail, currency) }
                ))
        }
        return refunds.sorted { ($0.id.utf8.count, $0.id) < ($1.id.utf8.count, $1.id) }
    }

    private static func refundLines(_ refund: WireObject, _ currency: Currency) throws(Problem) -> [RefundLine] {
        var lines: [RefundLine] = []
        for list in ["line_items", "shipping_lines", "fee_lines"] {
            for line in try refund.objects(list) {
                let taxes = try lineTaxes(line).map { LineTax(taxID: $0.taxID, amount: -$0.amount) }
                lines.append(
                    RefundLine(
                        lineID: try refundedLine(line),
                        quantity: list == "line_items" ? -(try line.decimal("quantity")) : .one,
                        total: -(try line.amount("total", currency)), taxes: taxes))
            }
        }
        return lines
    }

    /// The order's line that a refund's line takes from.
    private static func refundedLine(_ line: WireObject) throws(Problem) -> String {
        for field in try line.objects("meta_data") where try field.optionalText("key") == "_refunded_item_id" {
            return try field.text("value")
        }
        return ""
    }

    private static func coupons(_ wire: WireObject) throws(Problem) -> [OrderCoupon] {
        var coupons: [OrderCoupon] = []
        for coupon in try wire.objects("coupon_lines") {
            coupons.append(
                OrderCoupon(
                    id: try coupon.text("id"), code: try coupon.text("code"),
                    discount: try coupon.decimal("discount"), discountTax: try coupon.decimal("discount_tax")))
        }
        return coupons
    }

    // MARK: Free fields

    /// A key can stand several times; the last one counts, as in the shop itself.
    private static func customFields(_ wire: WireObject) throws(Problem) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        for field in try wire.objects("meta_data") { fields[try field.text("key")] = field.members["value"] ?? .null }
        return fields
    }

    /// WooCommerce itself has no test orders; these are the marks of its two common payment plugins.
    private static func isTest(_ fields: [String: JSONValue]) -> Bool {
        fields["_wcpay_mode"]?.string == "test" || fields["_ppcp_paypal_payment_mode"]?.string == "sandbox"
    }
}
