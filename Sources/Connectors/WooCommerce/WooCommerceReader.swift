import ConnectorKit
import Domain

/// Gets every order of a page or of a list of ids, whatever one of them does to the answer.
///
/// An answer that cannot be taken apart, is too long or fails with 500 is fetched in halves by id until what is damaged
/// stands alone. Such an order becomes a record whose payload nobody can read: it stops by itself, with its id.
struct WooCommerceReader: Sendable {
    let client: WooCommerceClient

    struct Page: Sendable {
        var records: [RawRecord]
        var unreadable: [Problem] = []
        var facts: WooCommerceWalk.Page
    }

    private static let idsAndDates = (name: "_fields", value: "id,date_modified_gmt")
    /// Narrowing repeats itself anyway: a damaged order that is the shop's newest is met on every pick-up.
    private static let narrowing = RetryPolicy(maxAttempts: 2)

    // MARK: Pages

    func page(
        _ query: WooCommerceClient.Query, isTrash: Bool, label: String, place: String
    ) async throws(ConnectorError) -> Page {
        guard case .rows(let rows, let total, let began) = try await client.list(query, label: label) else {
            return try await pageInParts(query, isTrash: isTrash, place: place)
        }
        var page = Page(
            records: Self.records(rows, began),
            facts: WooCommerceWalk.Page(count: rows.count, newest: rows.compactMap(\.modified).max(), total: total))
        guard rows.contains(where: { $0.id == nil || $0.modified == nil }) else { return page }
        let listing = try await listing(query)
        page.facts.newest = [page.facts.newest, listing.compactMap(\.modified).max()].compactMap(\.self).max()
        let known = Set(page.records.map(\.id))
        let lost = listing.compactMap(\.id).filter { !known.contains($0) }
        page.records += try await singly(lost)
        page.unreadable = Self.unreadable(rows.count(where: { $0.id == nil }) - lost.count, of: place)
        return page
    }

    /// The ids of the page first, then their orders by halves.
    private func pageInParts(
        _ query: WooCommerceClient.Query, isTrash: Bool, place: String
    ) async throws(ConnectorError) -> Page {
        guard
            case .rows(let rows, let total, _) = try await client.list(
                query + [Self.idsAndDates], label: "orders.tally")
        else { throw Self.unusable("the shop's list of order ids cannot be read") }
        let ids = rows.compactMap(\.id)
        return Page(
            records: ids.isEmpty ? [] : try await halves(ids, isTrash: isTrash),
            unreadable: Self.unreadable(rows.count - ids.count, of: place),
            facts: WooCommerceWalk.Page(count: rows.count, newest: rows.compactMap(\.modified).max(), total: total))
    }

    private func listing(_ query: WooCommerceClient.Query) async throws(ConnectorError) -> [WooRow] {
        guard case .rows(let rows, _, _) = try await client.list(query + [Self.idsAndDates], label: "orders.tally")
        else {
            throw Self.unusable("the shop's list of order ids cannot be read")
        }
        return rows
    }

    // MARK: Ids

    /// The orders of at most 100 ids; those that no longer exist are left out.
    func orders(_ ids: [String]) async throws(ConnectorError) -> [RawRecord] {
        if ids.count == 1 { return try await order(ids[0]).map { [$0] } ?? [] }
        var records: [RawRecord] = []
        for isTrash in [false, true] {
            let missing = Self.missing(ids, records)
            if !missing.isEmpty { records += try await halves(missing, isTrash: isTrash) }
        }
        // Neither list has them: only the answer to each alone says whether they are gone.
        for id in Self.missing(ids, records) {
            if let record = try await order(id) { records.append(record) }
        }
        return records
    }

    /// One order wherever it is; `nil` when it is gone.
    func order(_ id: String) async throws(ConnectorError) -> RawRecord? {
        switch try await client.order(id) {
        case .gone: return nil
        case .tooLarge(let began): return Self.beyondLimit(id, began)
        case .failing(let error, _, _): throw error
        case .body(let body, let began):
            guard body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { throw WooCommerceErrors.notJSON(body) }
            return RawRecord(id: id, payload: body, fetchBegan: began)
        }
    }

    /// By search, which also finds names and addresses: numbers are compared here, exactly.
    func search(_ number: String) async throws(ConnectorError) -> RawRecord? {
        let query = [(name: "search", value: number), (name: "per_page", value: "100")]
        for status in ["any", "trash"] {
            let answer = try await client.list(query + [(name: "status", value: status)], label: "orders.search")
            guard case .rows(let rows, _, let began) = answer else {
                throw Self.unusable("the shop's search result cannot be read")
            }
            if let row = rows.first(where: { $0.number == number }), let id = row.id {
                return RawRecord(id: id, payload: row.payload, fetchBegan: began)
            }
        }
        return nil
    }

    /// The smallest read that needs address, key and permission.
    func probe() async throws(ConnectorError) {
        switch try await client.list([(name: "per_page", value: "1"), Self.idsAndDates], label: "orders.probe") {
        case .rows: return
        case .unusable(.failing(let error)): throw error
        case .unusable: throw Self.unusable("the shop's list of order ids cannot be read")
        }
    }

    // MARK: Narrowing

    private func halves(_ ids: [String], isTrash: Bool) async throws(ConnectorError) -> [RawRecord] {
        guard ids.count > 1 else { return try await singly(ids) }
        var query = [
            (name: "include", value: ids.joined(separator: ",")), (name: "per_page", value: String(ids.count)),
        ]
        if isTrash { query.append((name: "status", value: "trash")) }
        switch try await client.list(query, label: "orders.ids", policy: Self.narrowing) {
        case .rows(let rows, _, let began):
            let records = Self.records(rows, began)
            let isWhole = rows.allSatisfy { $0.id != nil }
            return isWhole ? records : records + (try await singly(Self.missing(ids, records)))
        case .unusable(let reason):
            if case .failing(let error) = reason { try await proveAlive(query, error) }
            let middle = ids.count / 2
            let left = try await halves(Array(ids[..<middle]), isTrash: isTrash)
            return left + (try await halves(Array(ids[middle...]), isTrash: isTrash))
        }
    }

    /// Each order alone, taking whatever the shop says as its payload: the shop was just seen to work for others.
    private func singly(_ ids: [String]) async throws(ConnectorError) -> [RawRecord] {
        var records: [RawRecord] = []
        for id in ids {
            switch try await client.order(id, policy: Self.narrowing) {
            case .gone: break
            case .body(let body, let began): records.append(RawRecord(id: id, payload: body, fetchBegan: began))
            case .tooLarge(let began): records.append(Self.beyondLimit(id, began))
            case .failing(let error, let body, let began):
                try await proveAlive([(name: "include", value: id)], error)
                records.append(RawRecord(id: id, payload: body, fetchBegan: began))
            }
        }
        return records
    }

    /// A 500 is blamed on an order only if the shop answers for the same orders' ids right after it. That answer also keeps
    /// the connection's breaker closed.
    private func proveAlive(_ query: WooCommerceClient.Query, _ error: ConnectorError) async throws(ConnectorError) {
        guard case .rows = try await client.list(query + [Self.idsAndDates], label: "orders.tally") else { throw error }
    }

    // MARK: Plain parts

    private static func beyondLimit(_ id: String, _ began: Instant) -> RawRecord {
        RawRecord(id: id, payload: WooCommerceNormaliser.beyondLimit, fetchBegan: began)
    }

    private static func records(_ rows: [WooRow], _ began: Instant) -> [RawRecord] {
        rows.compactMap { row in row.id.map { RawRecord(id: $0, payload: row.payload, fetchBegan: began) } }
    }

    private static func missing(_ ids: [String], _ records: [RawRecord]) -> [String] {
        let known = Set(records.map(\.id))
        return ids.filter { !known.contains($0) }
    }

    private static func unreadable(_ count: Int, of place: String) -> [Problem] {
        guard count > 0 else { return [] }
        return [Problem(.recordUnreadable, "\(count) of the \(place): not even the id can be read")]
    }

    private static func unusable(_ detail: String) -> ConnectorError {
        ConnectorError(.retry(after: nil), Problem(.answerUnreadable, detail))
    }
}
