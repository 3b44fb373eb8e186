import ConnectorKit

/// Bodies and headers as the real shop writes them.
enum WooAnswers {
    /// One page of a list with the headers that tell of the others. `payload` gives a record's bytes as they are served.
    static func list(
        _ all: [WooRecord], _ filter: WooFilter, _ call: WooCall, payload: (WooRecord) -> [UInt8]
    ) -> HTTPReply {
        let rows = all.dropFirst((filter.page - 1) * filter.perPage).prefix(filter.perPage)
        // Beyond the end the shop knows no total any more.
        let total = rows.isEmpty ? 0 : all.count
        let pages = (total + filter.perPage - 1) / filter.perPage
        let bodies = rows.map { row in
            filter.fields.map { names in row.fields(names) { payload(row) } } ?? payload(row)
        }
        var reply = json(200, joined(Array(bodies)))
        reply.headers += [("X-WP-Total", String(total)), ("X-WP-TotalPages", String(pages))]
        let links = links(call, page: filter.page, pages: pages)
        if !links.isEmpty { reply.headers.append(("Link", links)) }
        return reply
    }

    /// As a JSON array, whole runs of bytes at a time: a page is long.
    private static func joined(_ bodies: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bodies.reduce(2) { $0 + $1.count + 1 })
        bytes.append(UInt8(ascii: "["))
        for (index, body) in bodies.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: body)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private static func links(_ call: WooCall, page: Int, pages: Int) -> String {
        let kept = call.query.pairs.filter { $0.name != "page" && !$0.name.hasPrefix("oauth_") }
        func link(_ page: Int, _ relation: String) -> String {
            let text = URLText.query(kept + [(name: "page", value: String(page))])
            return "<\(call.home)\(WooCall.prefix)/\(call.route.joined(separator: "/"))?\(text)>; rel=\"\(relation)\""
        }
        var links: [String] = []
        if page > 1 { links.append(link(min(page - 1, pages), "prev")) }
        if page < pages { links.append(link(page + 1, "next")) }
        return links.joined(separator: ", ")
    }

    static func json(_ status: Int, _ body: [UInt8]) -> HTTPReply {
        HTTPReply(
            status: status,
            headers: [("Content-Type", "application/json; charset=UTF-8"), ("Allow", "GET, POST")],
            body: body)
    }

    /// `data` is a bare number in the shop's own exceptions, an object everywhere else.
    static func exception(_ status: Int, _ code: String, _ message: String, data: Int) -> HTTPReply {
        json(status, Array(#"{"code":"\#(code)","message":"\#(message)","data":\#(data)}"#.utf8))
    }

    static func error(_ status: Int, _ code: String, _ message: String) -> HTTPReply {
        json(status, Array(#"{"code":"\#(code)","message":"\#(message)","data":{"status":\#(status)}}"#.utf8))
    }

    static func invalid(_ refusal: WooQuery.Refusal) -> HTTPReply {
        let name = refusal.parameter
        let text =
            #"{"code":"rest_invalid_param","message":"Invalid parameter(s): \#(name)","data":{"status":400,"#
            + #""params":{"\#(name)":"\#(refusal.message)"},"details":{"\#(name)":{"code":"\#(refusal.code)","#
            + #""message":"\#(refusal.message)","data":null}}}}"#
        return json(400, Array(text.utf8))
    }

    static let noRoute = error(404, "rest_no_route", "No route was found matching the URL and request method.")
    static let invalidID = error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
    static let cannotView = error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")

    static func authenticationError(_ message: String) -> HTTPReply {
        error(401, "woocommerce_rest_authentication_error", message)
    }

    /// A list that is short enough to be answered whole.
    static func array(_ bodies: [[UInt8]]) -> HTTPReply {
        var reply = json(200, joined(bodies))
        reply.headers += [("X-WP-Total", String(bodies.count)), ("X-WP-TotalPages", bodies.isEmpty ? "0" : "1")]
        return reply
    }

    static let trashNotSupported = error(
        501, "woocommerce_rest_trash_not_supported", "Refunds do not support trashing.")

    static func refusal(_ refusal: ShopRefusal) -> HTTPReply {
        let cannotRefund = "woocommerce_rest_cannot_create_order_refund"
        switch refusal {
        case .invalidOrder: return invalidID
        case .invalidProduct: return error(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        case .invalidRefund: return error(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")
        case .alreadyTrashed:
            return error(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
        case .refundTooLarge: return exception(500, cannotRefund, "Invalid refund amount.", data: 500)
        case .refundNegative:
            return exception(
                500, "woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.", data: 400)
        case .gatewayCannotRefund:
            let text = "The payment gateway for this order does not support automatic refunds."
            return exception(500, cannotRefund, text, data: 500)
        case .badAmount: return error(400, "rest_invalid_param", "Invalid amount.")
        case .invalidStatus:
            let list = ShopState.statuses.dropLast().joined(separator: ", ") + ", and checkout-draft."
            return invalid(
                WooQuery.Refusal(parameter: "status", message: "status is not one of \(list)", code: "rest_not_in_enum")
            )
        }
    }
}
