import Domain
import Foundation

/// The recorded shop and what each of its snapshots must come to.
enum Recordings {
    static let folder = RealTryton.root.appending(path: "Tests/ConnectorTests/Recordings/woocommerce")
    static let expected = RealTryton.root.appending(path: "Tests/ShopToBooksTests/Expected")

    struct Outcome: Decodable, Sendable {
        struct Invoice: Decodable, Sendable {
            let total: String
            let currency: String
            let date: String
            let taxes: [String: String]
        }
        struct CreditNote: Decodable, Sendable {
            /// The refund's id; none when the rest of a sale is credited that was called off.
            let refund: String?
            let total: String
            let currency: String
            let date: String
            let taxes: [String: String]
            let net: [String: String]

            /// The reference that it bears in the ERP.
            func reference(_ order: String) -> String {
                "recorded/\(refund.map { "refund-\($0)" } ?? "order-\(order)")/creditNote/1"
            }
        }
        let file: String
        let order: String
        let number: String
        let state: String
        let code: String?
        let waitingFor: String?
        let invoice: Invoice?
        let creditNotes: [CreditNote]?
    }

    static func outcomes() throws -> [Outcome] {
        try JSONDecoder().decode([Outcome].self, from: Data(contentsOf: expected.appending(path: "outcomes.json")))
    }

    static func order(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: "orders/\(file)")))
    }

    /// The recorded lists of refunds by their order's id.
    static func refunds() throws -> [Int: [UInt8]] {
        let lists = folder.appending(path: "refunds")
        return try FileManager.default.contentsOfDirectory(atPath: lists.path).reduce(into: [:]) { refunds, name in
            guard let order = Int(name.prefix { $0 != "." }) else { return }
            refunds[order] = [UInt8](try Data(contentsOf: lists.appending(path: name)))
        }
    }
}
