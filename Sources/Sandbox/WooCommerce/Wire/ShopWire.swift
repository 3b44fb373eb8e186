import Domain

/// Writes what the shop holds as its REST API does, with the members in the recorded order.
struct ShopWire {
    let home: String
    let settings: WooCommerceSettings
    let products: [Int: ShopProduct]

    private var root: String { home + WooCall.prefix }

    // MARK: Times and links

    func gmt(_ seconds: Int64) -> String { String(Instant(milliseconds: seconds * 1000).iso8601.dropLast()) }
    func local(_ seconds: Int64) -> String { gmt(seconds + settings.secondsFromUTC) }

    /// `_links` for a resource at a path, with those above and beside it.
    func links(
        _ json: inout WooJSON, _ path: String, allow: [String], up: String? = nil,
        more: (inout WooJSON) -> Void = { _ in }
    ) {
        json.object("_links") { json in
            json.array("self") { json in
                json.object { json in
                    json.text("href", "\(root)/\(path)")
                    json.object("targetHints") { $0.value("allow", .array(allow.map { .string($0) })) }
                }
            }
            let collection = path.split(separator: "/").dropLast().joined(separator: "/")
            link(&json, "collection", collection)
            if let up { link(&json, "up", up) }
            more(&json)
        }
    }

    func link(_ json: inout WooJSON, _ name: String, _ path: String, isEmbeddable: Bool = false) {
        json.array(name) { json in
            json.object { json in
                if isEmbeddable { json.flag("embeddable", true) }
                json.text("href", "\(root)/\(path)")
            }
        }
    }

    static let allMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    // MARK: Lines

    /// A line of goods. `refunded` is the order's line that a refund's line gives back.
    func goods(_ json: inout WooJSON, _ item: ShopItem, refunded: Int? = nil) {
        let product = products[item.productID]
        json.number("id", item.id)
        json.text("name", Self.escaped(item.name))
        json.number("product_id", product?.id ?? 0)
        json.number("variation_id", 0)
        json.number("quantity", item.quantity)
        json.text("tax_class", item.taxClass)
        json.text("subtotal", ShopAmount.text(item.subtotal))
        json.text("subtotal_tax", ShopAmount.text(item.subtotalTax))
        json.text("total", ShopAmount.text(item.total))
        json.text("total_tax", ShopAmount.text(item.totalTax))
        taxes(&json, item, hasSubtotal: true)
        refundedMeta(&json, refunded)
        // Today's SKU: renaming or deleting a product changes old orders.
        json.text("sku", product?.sku)
        json.digits("price", ShopAmount.noisyPrice(netMicro: item.netMicro, quantity: item.quantity))
        json.object("image") { json in
            if product == nil { json.number("id", 0) } else { json.text("id", "") }
            json.text("src", "")
        }
        json.text("parent_name", nil)
    }

    func shipping(_ json: inout WooJSON, _ item: ShopItem, refunded: Int? = nil) {
        json.number("id", item.id)
        json.text("method_title", Self.escaped(item.name))
        json.text("method_id", item.methodID)
        json.text("instance_id", "")
        json.text("total", ShopAmount.text(item.total))
        json.text("total_tax", ShopAmount.text(item.totalTax))
        taxes(&json, item, hasSubtotal: false)
        json.text("tax_status", "taxable")
        refundedMeta(&json, refunded)
    }

    func fee(_ json: inout WooJSON, _ item: ShopItem, refunded: Int? = nil) {
        json.number("id", item.id)
        json.text("name", Self.escaped(item.name))
        json.text("tax_class", item.taxClass)
        json.text("tax_status", item.isTaxable ? "taxable" : "none")
        json.text("amount", "")
        json.text("total", ShopAmount.text(item.total))
        json.text("total_tax", ShopAmount.text(item.totalTax))
        taxes(&json, item, hasSubtotal: false)
        refundedMeta(&json, refunded)
    }

    /// Not rounded, unlike the sums beside them.
    private func taxes(_ json: inout WooJSON, _ item: ShopItem, hasSubtotal: Bool) {
        json.array("taxes", [item.tax].compactMap(\.self)) { json, tax in
            json.number("id", tax.rate.id)
            json.text("total", ShopAmount.microText(tax.total))
            json.text("subtotal", hasSubtotal ? ShopAmount.microText(tax.subtotal) : "")
        }
    }

    private func refundedMeta(_ json: inout WooJSON, _ refunded: Int?) {
        json.array("meta_data", [refunded].compactMap(\.self)) { json, id in
            json.number("id", id)
            json.text("key", "_refunded_item_id")
            json.text("value", String(id))
            json.text("display_key", "_refunded_item_id")
            json.text("display_value", String(id))
        }
    }

    func taxLines(
        _ json: inout WooJSON, goods: [ShopItem], shipping: [ShopItem], ids: [Int: Int]
    ) {
        let ofGoods = goods.taxesByRate.reduce(into: [:]) { $0[$1.rate.id] = $1.amount }
        let ofShipping = shipping.taxesByRate.reduce(into: [:]) { $0[$1.rate.id] = $1.amount }
        json.array("tax_lines", (goods + shipping).taxesByRate.map(\.rate)) { json, rate in
            json.number("id", ids[rate.id] ?? 0)
            json.text("rate_code", "\(rate.country)-\(rate.name.uppercased())-1")
            json.number("rate_id", rate.id)
            json.text("label", rate.name)
            json.flag("compound", false)
            json.text("tax_total", ShopAmount.text(ofGoods[rate.id] ?? 0))
            json.text("shipping_tax_total", ShopAmount.text(ofShipping[rate.id] ?? 0))
            json.digits("rate_percent", rate.percentText)
            json.array("meta_data") { _ in }
        }
    }

    /// Names in lines carry HTML entities, names of people do not.
    static func escaped(_ text: String) -> String {
        text.split(separator: "&", omittingEmptySubsequences: false).joined(separator: "&amp;")
    }
}
