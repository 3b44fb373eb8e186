import ConnectorKit
import Domain
import Foundation

/// Reads documents by number and finds them by our key.
///
/// Fortnox searches parts of texts, one field per call, and answers subsets: what it offers is compared exactly here, and
/// what fits is read whole.
struct FortnoxLookup: Sendable {
    private let client: FortnoxClient
    init(_ client: FortnoxClient) { self.client = client }

    // MARK: By number

    func read(
        _ kind: DocumentKind, _ ids: [DocumentID], by deadline: Instant
    ) async throws(FortnoxFailure) -> [DocumentID: ERPDocument] {
        var found: [DocumentID: ERPDocument] = [:]
        for id in ids { found[id] = try await read(kind, id, by: deadline) }
        return found
    }

    private func read(
        _ kind: DocumentKind, _ id: DocumentID, by deadline: Instant
    ) async throws(FortnoxFailure) -> ERPDocument? {
        let number = URLText.encoded(id.text)
        switch kind {
        case .customer:
            return try await client.get("customers/\(number)", "Customer", by: deadline)
                .flatMap { ERPDocument(fortnoxCustomer: $0) }
        case .order:
            return try await client.get("orders/\(number)", "Order", by: deadline)
                .flatMap { ERPDocument(fortnoxOrder: $0) }
        case .invoice, .creditNote:
            return try await client.get("invoices/\(number)", "Invoice", by: deadline)
                .flatMap { ERPDocument(fortnoxInvoice: $0) }
        case .payment, .journalEntry, .attachment:
            return nil
        }
    }

    // MARK: By reference

    func find(
        _ references: [ExternalReference], by deadline: Instant
    ) async throws(FortnoxFailure) -> [ExternalReference: [ERPDocument]] {
        var found: [ExternalReference: [ERPDocument]] = [:]
        for reference in references where reference.kind == .customer {
            let number = FortnoxCustomers.number(reference)
            if let row = try await client.get("customers/\(number)", "Customer", by: deadline),
                row.text("ExternalReference").map({ ExactText($0) }) == ExactText(reference.key),
                let customer = ERPDocument(fortnoxCustomer: row)
            {
                found[reference] = [customer]
            }
        }
        for resource in [Resource.orders, .invoices] {
            let wanted = references.filter { resource.kinds.contains($0.kind) }
            guard !wanted.isEmpty else { continue }
            let rows = try await candidates(resource, wanted, by: deadline)
            for reference in wanted {
                let numbers = Self.numbers(of: reference, in: rows)
                guard !numbers.isEmpty else { continue }
                let documents = try await read(reference.kind, numbers, by: deadline)
                let known = numbers.compactMap { documents[$0] }
                if !known.isEmpty { found[reference] = known }
            }
        }
        return found
    }

    private enum Resource: String {
        case orders, invoices

        var list: String { self == .orders ? "Orders" : "Invoices" }
        var kinds: Set<DocumentKind> { self == .orders ? [.order] : [.invoice, .creditNote] }
    }

    /// Rows that may be of these references: with one search for all of them where what they have in common does not bring
    /// more pages than there are references, else with one search for each.
    private func candidates(
        _ resource: Resource, _ references: [ExternalReference], by deadline: Instant
    ) async throws(FortnoxFailure) -> [FortnoxRow] {
        let texts = Set(references.map(Self.searched)).sorted()
        if texts.count > 2, let first = texts.first, let last = texts.last {
            let common = [(name: Self.parameter, value: first.commonPrefix(with: last))]
            var (rows, pages) = try await client.page(resource.rawValue, resource.list, common, by: deadline)
            if pages <= texts.count {
                var page = 2
                while page <= pages {
                    let next = try await client.page(
                        resource.rawValue, resource.list, common, page: page, by: deadline)
                    rows += next.rows
                    pages = next.pages
                    page += 1
                }
                return rows
            }
        }
        var rows: [FortnoxRow] = []
        for text in texts {
            rows += try await client.list(
                resource.rawValue, resource.list, [(name: Self.parameter, value: text)], by: deadline)
        }
        return rows
    }

    private static let parameter = "externalinvoicereference1"

    /// What all keys of the record begin with: an invoice that Fortnox made of an order bears the order's key.
    private static func searched(_ reference: ExternalReference) -> String {
        "\(reference.shop.name)/\(reference.record)/"
    }

    /// The rows that bear exactly this key; what was cancelled counts only where nothing else does.
    private static func numbers(of reference: ExternalReference, in rows: [FortnoxRow]) -> [DocumentID] {
        var keys = [ExactText(reference.key)]
        if reference.kind == .invoice {
            let order = ExternalReference(
                shop: reference.shop, record: reference.record, kind: .order, ordinal: reference.ordinal)
            keys.append(ExactText(order.key))
        }
        let matching = rows.filter { row in
            guard let key = row.text("ExternalInvoiceReference1"), keys.contains(ExactText(key)) else { return false }
            // A credit of an invoice may bear the invoice's key.
            let isCredit = row.decimal("Total")?.isNegative == true
            return reference.kind == .order || isCredit == (reference.kind == .creditNote)
        }
        let standing = matching.filter { !$0.flag("Cancelled") }
        var numbers: [DocumentID] = []
        for number in (standing.isEmpty ? matching : standing).compactMap({ $0.text("DocumentNumber") }) {
            let id = DocumentID(number)
            // Pages shift while they are read: a row may come twice.
            if !numbers.contains(id) { numbers.append(id) }
        }
        return numbers
    }
}
