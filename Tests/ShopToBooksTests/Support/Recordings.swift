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
        let file: String
        let order: String
        let number: String
        let state: String
        let code: String?
        let waitingFor: String?
        let invoice: Invoice?
    }

    static func outcomes() throws -> [Outcome] {
        try JSONDecoder().decode([Outcome].self, from: Data(contentsOf: expected.appending(path: "outcomes.json")))
    }

    static func order(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: "orders/\(file)")))
    }
}
