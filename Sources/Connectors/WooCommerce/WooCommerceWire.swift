import ConnectorKit
import Domain

/// One element of a list of orders with what can be told of it without decoding it.
struct WooRow: Hashable, Sendable {
    /// `nil` when not even that can be read.
    let id: String?
    let number: String?
    /// `date_modified_gmt` in seconds since 1970.
    let modified: Int64?
    let payload: [UInt8]

    init(_ payload: ArraySlice<UInt8>) {
        self.payload = Array(payload)
        let texts = JSONElements.texts(of: ["id", "number", "date_modified_gmt"], in: payload)
        id = texts["id"].flatMap { Self.isID($0) ? $0 : nil }
        number = texts["number"]
        modified = texts["date_modified_gmt"].flatMap { Instant(iso8601: $0) }.map(\.wholeSeconds)
    }

    static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 19 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

/// An answer to a list request.
enum WooList: Sendable {
    /// `total` is `X-WP-Total`: how many orders match, on all pages.
    case rows([WooRow], total: Int?, began: Instant)
    /// An answer that as a whole is of no use, so that its orders are fetched in smaller parts.
    case unusable(Reason)

    enum Reason: Sendable {
        case unbalanced, tooLarge
        /// The shop fails with 500, as it does when a plugin stumbles over one order.
        case failing(ConnectorError)
    }
}

/// The body of an error answer: `{"code": …, "message": …, "data": {"status": …}}`. `data` may be a bare number.
struct WooErrorBody: Sendable {
    /// Letters, digits and underscores; anything else is not shown to people.
    let code: String?
    let message: String
    /// Names of the parameters that a 400 complains of.
    let parameters: [String]

    init(_ body: [UInt8]) {
        let value = try? JSONReader.decode(body)
        code = value?["code"]?.string.flatMap { Self.isName($0) ? $0 : nil }
        message = value?["message"]?.string ?? ""
        if case .object(let members) = value?["data"]?["params"] {
            parameters = members.keys.filter(Self.isName).sorted()
        } else {
            parameters = []
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 80
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F }
    }
}

extension OrderStatus {
    /// WooCommerce's word for a status; plugins add their own, which are `other`.
    init(wooCommerce status: String) {
        self =
            switch status {
            case "auto-draft", "checkout-draft", "draft": .draft
            case "pending": .pending
            case "on-hold": .onHold
            case "processing": .processing
            case "completed": .completed
            case "refunded": .refunded
            case "cancelled": .cancelled
            case "failed": .failed
            case "trash": .trashed
            default: .other
            }
    }
}

extension Instant {
    /// Rounded down.
    var wholeSeconds: Int64 { Int64((Double(milliseconds) / 1000).rounded(.down)) }

    init(wholeSeconds: Int64) { self.init(milliseconds: wholeSeconds * 1000) }

    /// UTC without a marker, as `dates_are_gmt` wants it. With `Z` the shop would silently shift the time by its zone.
    var wooCommerceText: String { String(iso8601.dropLast()) }
}
