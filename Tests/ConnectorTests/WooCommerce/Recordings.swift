import ConnectorKit
import Domain
import Foundation

/// The recorded answers of a real shop; see the README beside them.
enum Recordings {
    private static let folder = Bundle.module.resourceURL?.appending(path: "Recordings/woocommerce")

    static func bytes(_ name: String) throws -> [UInt8] {
        guard let file = folder?.appending(path: name), let data = FileManager.default.contents(atPath: file.path)
        else {
            throw Missing(name: name)
        }
        return Array(data)
    }

    static func json(_ name: String) throws -> JSONValue { try JSONReader.decode(try bytes(name)) }

    /// Order files by the date of their change.
    static let timeline: [String] = (try? json("timeline.json").array?.compactMap(\.string)) ?? []

    static func order(_ file: String) throws -> RawRecord {
        var payload = try bytes("orders/" + file)
        // The files end with a line feed, the shop's answers did not.
        while payload.last == 0x0A { payload.removeLast() }
        return RawRecord(
            id: JSONElements.text(of: "id", in: payload[...]) ?? "", payload: payload, fetchBegan: .distantPast)
    }

    /// The refunds of an order as the shop listed them, without the file's line feed.
    static func refunds(of order: Int) throws -> [UInt8] {
        var list = try bytes("refunds/\(order).json")
        while list.last == 0x0A { list.removeLast() }
        return list
    }

    /// Orders whose list of refunds was recorded.
    static let refunded = [27, 41, 42, 43, 44, 322]

    struct Missing: Error {
        let name: String
    }
}

/// An order as the shop would write it, with what a test says of it.
func wireOrder(
    _ id: Int, modified: String = "2026-11-23T05:40:26", status: String = "processing", extra: String = ""
) -> [UInt8] {
    Array(
        """
        {"id":\(id),"status":"\(status)","currency":"SEK","prices_include_tax":true,"total":"125.00","total_tax":"25.00",\
        "customer_id":0,"billing":{"first_name":"Anna","country":"SE","email":"anna@example.test"},\
        "payment_method":"bacs","number":"\(id)","meta_data":[],"line_items":[{"id":1,"name":"Mugg","quantity":1,\
        "subtotal":"100.00","total":"100.00","taxes":[{"id":1,"total":"25"}],"sku":"MUG-001"}],"tax_lines":[{"rate_id":1,\
        "label":"Moms","tax_total":"25.00","shipping_tax_total":"0.00","rate_percent":25}],"shipping_lines":[],\
        "fee_lines":[],"coupon_lines":[],"refunds":[],\(extra)"date_created_gmt":"2026-11-23T05:40:26",\
        "date_modified_gmt":"\(modified)"}
        """.utf8)
}
