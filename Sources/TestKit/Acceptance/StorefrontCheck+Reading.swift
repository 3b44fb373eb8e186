import ConnectorKit
import Domain

/// Records become canonical orders, or say why not.
extension StorefrontCheck {
    static let reading: [StorefrontCheck] = [
        StorefrontCheck("reading the same record twice gives the same order, with and without the one before") {
            subject in
            let (shop, record) = try await one(subject)
            let first = try shop.normalise(record, previous: nil)
            try require(try shop.normalise(record, previous: nil), is: first, "the second reading")
            try require(try shop.normalise(record, previous: first), is: first, "reading after itself")
            try require(first.id, is: record.id, "id")
        },
        StorefrontCheck("lines, shipping, fees and VAT add up to the total, to the minor unit") { subject in
            _ = try await subject.place(20)
            let shop = try await subject.connector(nil)
            for record in try await StorefrontWalk(shop, since: .distantPast).records {
                let order = try shop.normalise(record, previous: nil)
                try require(order.lines.count > 1, "an order has one line: nothing is proved")
                let net = order.lines.map(\.total).sum(order.currency)
                let vat = order.taxes.map(\.amount).sum(order.currency)
                try require(vat, is: order.totalTax, "VAT per rate of order \(order.number)")
                try require(net + vat, is: order.total, "order \(order.number)")
                let exact = order.lines.flatMap(\.taxes).map(\.amount).reduce(ExactDecimal.zero, +)
                let difference = exact - order.totalTax.decimal
                let near = ExactDecimal(units: Int64(order.lines.count), decimals: order.currency.decimals)
                try require(
                    difference <= near && ExactDecimal.zero - difference <= near,
                    "VAT of the lines of order \(order.number) is \(exact)")
            }
        },
        StorefrontCheck("a field that nobody knows changes nothing") { subject in
            let (shop, record) = try await one(subject)
            let order = try shop.normalise(record, previous: nil)
            try require(try shop.normalise(subject.withUnknownField(record), previous: nil), is: order, "the order")
        },
        StorefrontCheck("a status that nobody knows is kept as it is and not guessed") { subject in
            let (shop, record) = try await one(subject)
            let order = try shop.normalise(subject.withUnknownStatus(record, "teleported"), previous: nil)
            try require(order.status, is: .other, "status")
            try require(order.statusText, is: "teleported", "status in the shop's words")
        },
        StorefrontCheck("a damaged order says what is wrong with it and gives nothing away") { subject in
            let (shop, record) = try await one(subject)
            do throws(Problem) {
                let order = try shop.normalise(subject.withoutTotal(record), previous: nil)
                throw Problem(.internalError, "an order without a total is read as \(order.total)")
            } catch {
                try require(error.code != .internalError, error.detail)
                try require(error.detail.contains("total"), "\(error.detail) does not name the field")
                try refuse(subject.secrets, in: "\(error)")
            }
        },
    ]

    private static func one(_ subject: any StorefrontSubject) async throws -> (any Storefront, RawRecord) {
        _ = try await subject.place(1)
        let shop = try await subject.connector(nil)
        guard let record = try await StorefrontWalk(shop, since: .distantPast).records.first else {
            throw AcceptanceFailure("the order is not read")
        }
        return (shop, record)
    }

    static func refuse(_ words: [String], in text: String) throws(AcceptanceFailure) {
        for word in words where text.contains(word) {
            throw AcceptanceFailure("it gives away \(word.prefix(3))…: \(text.prefix(60))")
        }
    }
}
