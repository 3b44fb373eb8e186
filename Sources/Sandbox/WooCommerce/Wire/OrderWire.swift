import Domain

extension ShopWire {
    func order(_ order: ShopOrder) -> [UInt8] {
        WooJSON.object { json in
            head(&json, order)
            address(&json, "billing", order.draft.billing, hasEmail: true)
            address(&json, "shipping", order.draft.shipping, hasEmail: false)
            payment(&json, order)
            metaData(&json, order.meta)
            json.array("line_items", order.lines) { goods(&$0, $1) }
            taxLines(
                &json, goods: order.lines + order.feeLines, shipping: order.shippingLines, ids: order.taxLineIDs)
            json.array("shipping_lines", order.shippingLines) { shipping(&$0, $1) }
            json.array("fee_lines", order.feeLines) { fee(&$0, $1) }
            coupons(&json, order)
            // Amounts only; the newest first.
            json.array("refunds", order.refunds.reversed()) { json, refund in
                json.number("id", refund.id)
                json.text("reason", refund.reason)
                json.text("total", "-" + ShopAmount.text(refund.amount))
            }
            tail(&json, order)
        }
    }

    private func head(_ json: inout WooJSON, _ order: ShopOrder) {
        let goods = order.lines
        json.number("id", order.id)
        json.number("parent_id", 0)
        json.text("status", order.status)
        json.text("currency", order.currency)
        json.text("version", "9.9.5")
        json.flag("prices_include_tax", true)
        json.text("date_created", local(order.created))
        json.text("date_modified", local(order.modified))
        json.text("discount_total", ShopAmount.text(goods.map { $0.subtotal - $0.total }.reduce(0, +)))
        json.text("discount_tax", ShopAmount.text(goods.map { $0.subtotalTax - $0.totalTax }.reduce(0, +)))
        json.text("shipping_total", ShopAmount.text(order.shippingLines.map(\.total).reduce(0, +)))
        json.text("shipping_tax", ShopAmount.text(order.shippingTax))
        json.text("cart_tax", ShopAmount.text(order.cartTax))
        json.text("total", ShopAmount.text(order.total))
        json.text("total_tax", ShopAmount.text(order.cartTax + order.shippingTax))
        json.number("customer_id", order.draft.customerID)
        json.text("order_key", order.key)
    }

    private func address(_ json: inout WooJSON, _ name: String, _ address: ShopAddress, hasEmail: Bool) {
        json.object(name) { json in
            json.text("first_name", address.firstName)
            json.text("last_name", address.lastName)
            json.text("company", address.company)
            json.text("address_1", address.street)
            json.text("address_2", "")
            json.text("city", address.city)
            json.text("state", "")
            json.text("postcode", address.postcode)
            json.text("country", address.country)
            if hasEmail { json.text("email", address.email) }
            json.text("phone", address.phone)
        }
    }

    private func payment(_ json: inout WooJSON, _ order: ShopOrder) {
        json.text("payment_method", order.draft.paymentMethod)
        json.text("payment_method_title", order.draft.paymentTitle)
        json.text("transaction_id", order.draft.transactionID)
        json.text("customer_ip_address", "")
        json.text("customer_user_agent", "")
        json.text("created_via", order.draft.createdVia)
        json.text("customer_note", order.draft.customerNote)
        json.text("date_completed", order.completed.map(local))
        json.text("date_paid", order.paid.map(local))
        json.text("cart_hash", "")
        json.text("number", String(order.id))
    }

    private func metaData(_ json: inout WooJSON, _ meta: [ShopMeta]) {
        json.array("meta_data", meta) { json, field in
            json.number("id", field.id)
            json.text("key", field.key)
            json.value("value", field.value)
        }
    }

    /// The whole discount stands with the first; the shop's own split between several is not modelled.
    private func coupons(_ json: inout WooJSON, _ order: ShopOrder) {
        let net = order.lines.map { $0.subtotal - $0.total }.reduce(0, +)
        let tax = order.lines.map { $0.subtotalTax - $0.totalTax }.reduce(0, +)
        let coupons = Array(zip(order.draft.coupons, order.couponIDs).enumerated())
        json.array("coupon_lines", coupons) { json, coupon in
            let (code, id) = coupon.element
            json.number("id", id)
            json.text("code", code)
            json.text("discount", ShopAmount.text(coupon.offset == 0 ? net : 0))
            json.text("discount_tax", ShopAmount.text(coupon.offset == 0 ? tax : 0))
            json.array("meta_data") { _ in }
            json.text("discount_type", "percent")
            json.number("nominal_amount", 10)
            json.flag("free_shipping", false)
        }
    }

    private func tail(_ json: inout WooJSON, _ order: ShopOrder) {
        let canPay = ["pending", "failed"].contains(order.status) && order.total > 0
        json.text(
            "payment_url", "\(home)/checkout/order-pay/\(order.id)/?pay_for_order=true&key=\(order.key)")
        json.flag("is_editable", ["pending", "on-hold", "auto-draft"].contains(order.status))
        json.flag("needs_payment", canPay)
        json.flag("needs_processing", !order.lines.isEmpty)
        json.text("date_created_gmt", gmt(order.created))
        json.text("date_modified_gmt", gmt(order.modified))
        json.text("date_completed_gmt", order.completed.map(gmt))
        json.text("date_paid_gmt", order.paid.map(gmt))
        json.text("currency_symbol", ["SEK", "NOK", "DKK"].contains(order.currency) ? "kr" : "€")
        let customer = order.draft.customerID
        links(&json, "orders/\(order.id)", allow: Self.allMethods) { json in
            link(&json, "email_templates", "orders/\(order.id)/actions/email_templates", isEmbeddable: true)
            if customer != 0 { link(&json, "customer", "customers/\(customer)") }
        }
    }
}
