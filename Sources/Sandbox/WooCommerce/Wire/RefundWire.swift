import Domain

extension ShopWire {
    /// Without `parent_id` below its order, with it in the list of all refunds.
    func refund(_ refund: ShopRefund, of order: Int, hasParent: Bool = false) -> [UInt8] {
        WooJSON.object { json in
            json.number("id", refund.id)
            if hasParent { json.number("parent_id", order) }
            json.text("date_created", local(refund.created))
            json.text("date_created_gmt", gmt(refund.created))
            json.text("amount", ShopAmount.text(refund.amount))
            json.text("reason", refund.reason)
            json.number("refunded_by", 1)
            json.flag("refunded_payment", false)
            json.array("meta_data") { _ in }
            json.array("line_items", refund.lines) { goods(&$0, $1.item, refunded: $1.refunded) }
            json.array("shipping_lines", refund.shippingLines) { shipping(&$0, $1.item, refunded: $1.refunded) }
            taxLines(
                &json, goods: (refund.lines + refund.feeLines).map(\.item), shipping: refund.shippingLines.map(\.item),
                ids: refund.taxLineIDs)
            json.array("fee_lines", refund.feeLines) { fee(&$0, $1.item, refunded: $1.refunded) }
            links(&json, "orders/\(order)/refunds/\(refund.id)", allow: ["GET", "DELETE"], up: "orders/\(order)")
        }
    }

    func note(_ note: ShopNote, of order: Int) -> [UInt8] {
        WooJSON.object { json in
            json.number("id", note.id)
            json.text("author", note.author)
            json.text("date_created", local(note.created))
            json.text("date_created_gmt", gmt(note.created))
            json.text("note", note.text)
            json.flag("customer_note", note.isForCustomer)
            links(&json, "orders/\(order)/notes/\(note.id)", allow: ["GET", "DELETE"], up: "orders/\(order)")
        }
    }

    /// The members of a product that matter to orders.
    func product(_ product: ShopProduct) -> [UInt8] {
        WooJSON.object { json in
            json.number("id", product.id)
            json.text("name", product.name)
            json.text("type", "simple")
            json.text("status", "publish")
            json.text("sku", product.sku)
            json.text("price", ShopAmount.text(product.price))
            json.text("regular_price", ShopAmount.text(product.price))
            json.text("tax_status", product.isTaxable ? "taxable" : "none")
            json.text("tax_class", product.taxClass)
            links(&json, "products/\(product.id)", allow: Self.allMethods)
        }
    }

    func tax(_ rate: ShopTaxRate) -> [UInt8] {
        WooJSON.object { json in
            json.number("id", rate.id)
            json.text("country", rate.country)
            json.text("state", "")
            json.text("postcode", "")
            json.text("city", "")
            let digits = String(rate.rate)
            let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
            json.text("rate", "\(padded.dropLast(2)).\(padded.suffix(2))00")
            json.text("name", rate.name)
            json.number("priority", 1)
            json.flag("compound", false)
            json.flag("shipping", true)
            json.number("order", 0)
            json.text("class", rate.taxClass.isEmpty ? "standard" : rate.taxClass)
            json.array("postcodes") { _ in }
            json.array("cities") { _ in }
            links(&json, "taxes/\(rate.id)", allow: Self.allMethods)
        }
    }
}
