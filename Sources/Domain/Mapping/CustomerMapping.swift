import Crypto

extension Order {
    /// The order with VAT and organisation numbers taken from the custom fields that the settings name.
    func withBusinessNumbers(_ settings: CustomerSettings) -> Order {
        var order = self
        order.customer.vatNumber = order.customer.vatNumber ?? identifier(in: settings.vatNumberFields)
        order.customer.organisationNumber =
            order.customer.organisationNumber ?? identifier(in: settings.organisationNumberFields)
        return order
    }

    /// Letters and digits only, upper case, as registers compare them.
    private func identifier(in fields: [String]) -> String? {
        let values = fields.lazy.compactMap { self.customFields[$0]?.text }
        return values.map { $0.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) } }.first {
            !$0.isEmpty
        }
    }
}

extension CustomerDraft {
    /// The customer of an order. The record's name is derived from what identifies the customer, so that all orders of one
    /// customer, guest or not, name one record; it holds no personal data.
    init(_ order: Order, shop: ShopIdentity, settings: CustomerSettings) {
        let customer = order.customer
        let email = customer.email.map { $0.lowercased() }
        let record: String
        if let number = customer.organisationNumber ?? customer.vatNumber {
            record = "customer-o-" + Self.fingerprint(number)
        } else if let email {
            record = "customer-e-" + Self.fingerprint(email)
        } else if let id = customer.id {
            record = "customer-id-\(id)"
        } else {
            record = "customer-of-order-\(order.id)"
        }
        let names = [order.billing.company, order.billing.personName, order.destination.personName]
        self.init(
            reference: ExternalReference(shop: shop, record: record, kind: .customer),
            name: names.first { !$0.isEmpty } ?? settings.fallbackName,
            isBusiness: !order.billing.company.isEmpty || customer.vatNumber != nil,
            email: email,
            phone: customer.phone,
            organisationNumber: customer.organisationNumber,
            vatNumber: customer.vatNumber,
            address: order.billing,
            matchBy: settings.matchBy
        )
    }

    private static func fingerprint(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).prefix(10).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
