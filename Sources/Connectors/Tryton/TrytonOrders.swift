import ConnectorKit
import Domain

/// Makes and confirms sales, a batch in one call.
struct TrytonOrders: Sendable {
    let client: TrytonClient
    let catalogue: TrytonCatalogue
    let parties: TrytonParties
    let lookup: TrytonLookup
    let webShop: String

    // MARK: Making

    func create(
        _ orders: [(draft: SalesOrderDraft, customer: DocumentID)], by deadline: Instant
    ) async throws(TrytonFailure) -> [StepOutcome] {
        let register = try await catalogue.register(for: TrytonNeeds(orders.map(\.draft)), by: deadline)
        let customers = Set(orders.compactMap { Int($0.customer.text) })
        let known = try await parties.parties(customers, by: deadline)
        let judged = orders.map { judge($0.draft, Int($0.customer.text).flatMap { known[$0] }, register) }
        let ready = judged.compactMap { try? $0.get() }
        let made = try await create(ready, by: deadline)
        return judged.map { result in
            switch result {
            case .failure(let problem): .rejected(problem)
            case .success(let values):
                made[values.draft.reference]
                    ?? .rejected(Problem(.internalError, "order \(values.draft.reference.record) was not made"))
            }
        }
    }

    private func judge(
        _ draft: SalesOrderDraft, _ party: TrytonParty?, _ register: TrytonRegister
    ) -> Result<TrytonOrderValues, Problem> {
        guard let party else {
            return .failure(Problem(.documentGone, "the customer's party was deleted in Tryton"))
        }
        guard party.isActive else {
            let text = "the customer's party #\(party.id) was deactivated or merged in Tryton"
            return .failure(Problem(.documentGone, text))
        }
        do throws(Problem) {
            return .success(try TrytonOrderValues(draft, party: party, register))
        } catch {
            return .failure(error)
        }
    }

    private func create(
        _ orders: [TrytonOrderValues], by deadline: Instant
    ) async throws(TrytonFailure) -> [ExternalReference: StepOutcome] {
        guard !orders.isEmpty else { return [:] }
        let shop = try await catalogue.ensureWebShop(named: webShop, by: deadline)
        let places = Set(orders.flatMap { [$0.billing, $0.shipping] })
        let addresses = try await parties.addresses(places, by: deadline)
        var outcomes: [ExternalReference: StepOutcome] = [:]
        var missing = orders
        // The second try is for those that turn out to be there already: by a call of ours whose answer was lost.
        for attempt in 1...2 {
            do throws(TrytonFailure) {
                let ids = try await client.create(
                    "sale.sale", missing.map { $0.json(webShop: shop, addresses: addresses) }, by: deadline)
                let made = try await readBack(ids, by: deadline)
                for (order, document) in zip(missing, made) { outcomes[order.draft.reference] = .done(document) }
                return outcomes
            } catch .refused(let refusal) where refusal.kind == .duplicateWebID && attempt == 1 {
                let found = try await lookup.orders(missing.map(\.draft.reference), by: deadline)
                for (reference, documents) in found { outcomes[reference] = Self.outcome(found: documents) }
                missing.removeAll { found[$0.draft.reference] != nil }
                if missing.isEmpty { return outcomes }
            } catch .refused(let refusal) {
                await forgetWhatMayBeStale(missing)
                throw .refused(refusal)
            } catch {
                throw error
            }
        }
        throw .busy(after: nil, Problem(.refusedByERP, "others make the same orders in Tryton"))
    }

    private static func outcome(found documents: [ERPDocument]) -> StepOutcome {
        guard let document = documents.first, documents.count == 1 else {
            let ids = documents.map(\.id.text).joined(separator: ", ")
            return .rejected(Problem(.documentConflict, "sales \(ids) of Tryton have the same reference"))
        }
        return .alreadyThere(document)
    }

    /// A refusal may come of something that was changed in Tryton since we read it.
    private func forgetWhatMayBeStale(_ orders: [TrytonOrderValues]) async {
        await catalogue.forget()
        await parties.forget(Set(orders.map(\.party)))
    }

    private func readBack(_ ids: [Int], by deadline: Instant) async throws(TrytonFailure) -> [ERPDocument] {
        do throws(TrytonFailure) {
            let sales = try await lookup.sales(ids, by: deadline)
            var documents: [ERPDocument] = []
            for id in ids {
                guard let sale = sales[id] else { throw .unreadable("not the sale that was made") }
                documents.append(sale.document)
            }
            return documents
        } catch {
            throw .afterWriting(error)
        }
    }

    // MARK: Changing

    /// Writes a sale anew that is not processed yet; it is a draft afterwards. One that Tryton has begun to invoice cannot be
    /// changed: it is withdrawn.
    func update(
        _ draft: SalesOrderDraft, _ id: DocumentID, customer: DocumentID, _ parts: Set<DocumentPart>,
        by deadline: Instant
    ) async throws(TrytonFailure) -> StepOutcome {
        guard let number = Int(id.text), let sale = try await lookup.sales([number], by: deadline)[number] else {
            return .rejected(Problem(.documentGone, "order #\(id) was deleted in Tryton"))
        }
        switch sale.state {
        case "draft", "quotation", "confirmed": break
        case "cancelled": return .rejected(Problem(.documentGone, "order #\(id) was cancelled in Tryton"))
        default:
            return try await TrytonWithdrawal(client: client, lookup: lookup).withdraw(.order, id, by: deadline)
        }
        let register = try await catalogue.register(for: TrytonNeeds([draft]), by: deadline)
        let party = Int(customer.text)
        let known = try await parties.parties(Set([party].compactMap(\.self)), by: deadline)
        let values: TrytonOrderValues
        switch judge(draft, party.flatMap { known[$0] }, register) {
        case .failure(let problem): return .rejected(problem)
        case .success(let found): values = found
        }
        let shop = try await catalogue.ensureWebShop(named: webShop, by: deadline)
        let addresses = try await parties.addresses([values.billing, values.shipping], by: deadline)
        let rows = try await client.rows("sale.sale", [["id", "=", TrytonWire.id(number)]], ["lines"], by: deadline)
        if sale.state != "draft" { try await client.press("sale.sale.draft", [number], by: deadline) }
        let changes = values.changes(
            parts, webShop: shop, addresses: addresses, replacing: rows.first?.ids("lines") ?? [])
        do throws(TrytonFailure) {
            try await client.write("sale.sale", [([number], changes)], by: deadline)
            guard let written = try await lookup.sales([number], by: deadline)[number] else {
                throw .unreadable("not the sale that was changed")
            }
            return .done(written.document)
        } catch .refused(let refusal) {
            await forgetWhatMayBeStale([values])
            throw .refused(refusal)
        } catch {
            throw .afterWriting(error)
        }
    }

    // MARK: Confirming

    /// Quotes and confirms. Only when Tryton refuses are the states read: most batches are as we left them.
    func confirm(_ ids: [DocumentID], by deadline: Instant) async throws(TrytonFailure) -> [StepOutcome] {
        let sales = ids.compactMap { Int($0.text) }
        var before: [Int: TrytonSale]?
        do throws(TrytonFailure) {
            try await client.press("sale.sale.quote", sales, by: deadline)
            try await client.press("sale.sale.confirm", sales, by: deadline)
        } catch .refused(let refusal) where refusal.kind == .wrongState {
            let known = try await lookup.sales(sales, by: deadline)
            try await client.press("sale.sale.quote", sales.filter { known[$0]?.state == "draft" }, by: deadline)
            let open = sales.filter { ["draft", "quotation"].contains(known[$0]?.state) }
            try await client.press("sale.sale.confirm", open, by: deadline)
            before = known
        } catch {
            throw error
        }
        do throws(TrytonFailure) {
            let after = try await lookup.sales(sales, by: deadline)
            return ids.map { Self.outcome(of: $0, before: before, after: after) }
        } catch {
            throw .afterWriting(error)
        }
    }

    private static func outcome(
        of id: DocumentID, before: [Int: TrytonSale]?, after: [Int: TrytonSale]
    ) -> StepOutcome {
        guard let number = Int(id.text), let sale = after[number] else {
            return .rejected(Problem(.documentGone, "order #\(id) was deleted in Tryton"))
        }
        switch sale.document.state {
        case .confirmed:
            let wasOpen = before.map { ["draft", "quotation"].contains($0[number]?.state) } ?? true
            return wasOpen ? .done(sale.document) : .alreadyThere(sale.document)
        case .cancelled:
            return .rejected(Problem(.documentGone, "order #\(id) was cancelled in Tryton"))
        case .draft, .booked, .paid, .gone, .withdrawn:
            return .rejected(Problem(.documentChangedInERP, "order #\(id) is \(sale.state) in Tryton after confirming"))
        }
    }
}
