import ConnectorKit
import Domain

/// Doubt: what we know of the ERP may be less than what is there. It is asked before anything is made.
extension WorkBatch {
    /// Looks up the documents of all orders in doubt, in one call for all, and adopts or refreshes what is found. Where a
    /// generation turns out to be closed, the next one is looked for too.
    mutating func resolveDoubts(_ books: Books) async throws {
        var doubtful = runs.indices.filter { runs[$0].isActive && isInDoubt(runs[$0]) }
        var ordinals = Dictionary(uniqueKeysWithValues: doubtful.map { ($0, 1...knownGenerations(runs[$0])) })
        for index in doubtful { runs[index].lookedUp = true }
        while !doubtful.isEmpty {
            try await lookUp(doubtful, ordinals, books)
            doubtful = doubtful.filter { index in
                runs[index].isActive && ordinals[index].map { isClosed($0.upperBound, runs[index]) } == true
            }
            ordinals = ordinals.mapValues { $0.upperBound + 1...$0.upperBound + 1 }
        }
    }

    private mutating func lookUp(
        _ doubtful: [Int], _ ordinals: [Int: ClosedRange<Int>], _ books: Books
    ) async throws {
        let references = doubtful.reduce(into: [:]) { references, index in
            references[index] = (ordinals[index].map(Array.init) ?? []).flatMap {
                self.references(index, ordinal: $0, books.rules)
            }
        }
        let wanted = doubtful.flatMap { references[$0] ?? [] }
        var found = try await integration.erp.find(wanted)
        try await addKnown(doubtful, references, to: &found)
        let startedAt = clock.now()
        for index in doubtful { try await take(found, references[index] ?? [], for: index, books, startedAt) }
    }

    /// How many generations of documents an order may have as far as we know.
    private func knownGenerations(_ run: RecordRun) -> Int {
        let begun = run.documents.keys.filter { $0.kind != .customer }.map(\.ordinal)
        return max(1, (begun + run.claim.openIntents.map(\.reference.ordinal)).max() ?? 1)
    }

    /// Whether there may be a generation after this one.
    private func isClosed(_ ordinal: Int, _ run: RecordRun) -> Bool {
        OrderDocuments(Array(run.documents.values), ofOrder: run.key.id).mayBeFollowed(ordinal)
    }

    /// Searches lag and people change references: a document whose id is known is gone only if reading it says so too.
    private func addKnown(
        _ doubtful: [Int], _ references: [Int: [ExternalReference]], to found: inout [ExternalReference: [ERPDocument]]
    ) async throws {
        let missing = doubtful.flatMap { index in (references[index] ?? []).compactMap { runs[index].documents[$0] } }
            .filter { found[$0.reference] == nil && $0.erp.state != .gone }
        for (kind, documents) in Dictionary(grouping: missing, by: \.reference.kind) {
            let read = try await integration.erp.read(kind, documents.map(\.erp.id))
            for document in documents {
                if let now = read[document.erp.id] { found[document.reference] = [now] }
            }
        }
    }

    /// Everything of an order's generation that the ERP may hold. Orders are asked for only where the workflow makes them or
    /// one was made or begun: a company that invoices without may have no permission for them.
    private func references(_ index: Int, ordinal: Int, _ rules: ERPRules) -> [ExternalReference] {
        let order = reference(index, .order, ordinal)
        let workflow = integration.settings.settings.invoices.workflow ?? rules.workflows.first
        let asksForOrder =
            workflow != .invoiceOnly || runs[index].documents[order] != nil
            || runs[index].claim.openIntents.contains { $0.reference == order }
        let credits =
            rules.creditNotes
            ? runs[index].order?.creditNoteReferences(in: integration.shop, ordinal: ordinal) : nil
        // A refund that the shop deleted may have a credit note all the same.
        let known = Array(runs[index].documents.keys) + runs[index].claim.openIntents.map(\.reference)
        let others = Set(known.filter { $0.kind == .creditNote && $0.ordinal == ordinal }).subtracting(credits ?? [])
        // Credit notes first: what they take back tells which state of the order an invoice stated.
        return (credits ?? []) + others.sorted { $0.key < $1.key } + (asksForOrder ? [order] : []) + [
            reference(index, .invoice, ordinal)
        ]
    }

    private func reference(_ index: Int, _ kind: DocumentKind, _ ordinal: Int) -> ExternalReference {
        ExternalReference(
            shop: integration.shop, record: "order-\(runs[index].key.id)", kind: kind, ordinal: ordinal)
    }

    private func isInDoubt(_ run: RecordRun) -> Bool {
        if run.claim.entity.inDoubt || !run.claim.openIntents.isEmpty { return true }
        // Older than this life of the store: another life may have made documents that this one does not remember.
        let isOld = run.claim.entity.snapshot.createdAt < integration.epoch.value.startedAt + tuning.epochMargin
        let settings = integration.settings.settings
        let isExcluded =
            run.claim.entity.snapshot.createdAt.day(in: settings.timeZone) < settings.orders.excludeBefore
        return isOld && !isExcluded && run.documents.values.allSatisfy { $0.reference.kind == .customer }
    }

    private mutating func take(
        _ found: [ExternalReference: [ERPDocument]], _ references: [ExternalReference], for index: Int,
        _ books: Books, _ startedAt: Instant
    ) async throws {
        for reference in references where runs[index].isActive {
            let documents = found[reference] ?? []
            guard documents.count <= 1 else {
                let ids = documents.map(\.id.text).joined(separator: ", ")
                let title = reference.kind.title
                runs[index].stop(Problem(.documentConflict, "the ERP has several \(title)s for it: \(ids)"))
                return
            }
            if let document = documents.first {
                // What was withdrawn bears the reference still; the one that was to follow it may be on its way.
                if document.state == .cancelled { waitForLateArrivals(of: reference, index) }
                guard runs[index].isActive else { return }
                try await take(document, under: reference, for: index, books, startedAt)
            } else if let known = runs[index].documents[reference] {
                try await noteGone(known, for: index, startedAt)
            } else {
                waitForLateArrivals(of: reference, index)
            }
        }
    }

    private mutating func take(
        _ found: ERPDocument, under reference: ExternalReference, for index: Int, _ books: Books,
        _ startedAt: Instant
    ) async throws {
        var found = found
        let known = runs[index].documents[reference]
        let wasWithdrawn = known?.erp.state == .withdrawn && known?.erp.id == found.id
        // What we took back stays taken back, whatever the ERP calls that; so does what nobody remembers.
        let isCancelled = found.state == .cancelled && (known == nil || isWithdrawing(reference, index))
        if !found.state.isBooked, wasWithdrawn || isCancelled { found.state = .withdrawn }
        // A credit note is compared with its refund by the plan, whether it was made or found.
        var madeFrom = known?.madeFrom ?? intended(found, reference, index)
        if madeFrom == nil {
            let draft = foundDraft(reference, index, books)
            let documents = OrderDocuments(Array(runs[index].documents.values), ofOrder: runs[index].key.id)
            if reference.kind != .creditNote, found.state != .cancelled, found.state != .withdrawn,
                !documents.takesBack(reference.ordinal, found.total)
            {
                switch draft {
                case .failure(let problem): return runs[index].stop(problem)
                case .success(let expected):
                    if let problem = try await conflict(found, reference, expected) { return runs[index].stop(problem) }
                case nil: break
                }
            }
            madeFrom = adopted(found, try? draft?.get())
        }
        // A change of ours whose answer was lost may have come through: what differs is not taken for a person's edit.
        if isChanging(reference, index) {
            if found.state.isBooked {
                madeFrom = intended(found, reference, index) ?? madeFrom
            } else {
                madeFrom?.facts = nil
            }
            madeFrom?.parts = found.parts
        }
        var document = Document(reference: reference, erp: found, madeFrom: madeFrom)
        document.noteSetOff()
        if known?.erp == found, known?.madeFrom == document.madeFrom { return }
        let result: OutcomeRecord.Result = known == nil ? .adopted : .refreshed
        let text = known == nil ? "found in the ERP and adopted" : "read again from the ERP"
        try await keep(document, result, "\(document.title): \(text)", for: index, startedAt)
    }

    /// What a document that we found is taken to be made from: the order as it is now, if they agree.
    private func adopted(_ found: ERPDocument, _ draft: SalesOrderDraft?) -> MadeFrom {
        MadeFrom(
            facts: draft?.facts, settingsVersion: integration.settings.version, mapperVersion: OrderMapper.version,
            lines: draft?.lines, parts: found.parts)
    }

    /// What a call of ours whose answer was lost made the document from: the order may have been changed since.
    private func intended(_ found: ERPDocument, _ reference: ExternalReference, _ index: Int) -> MadeFrom? {
        let open = runs[index].claim.openIntents.filter { $0.reference == reference }
        let intents = open.reversed().compactMap(\.madeFrom)
        var made = intents.first { intent in
            intent.facts.map { facts in
                // The ERP computes an order's VAT by its own rounding; the invoice is set right later.
                found.total.map { ($0.magnitude - facts.total.magnitude).magnitude <= Int64(facts.lines.count) } ?? true
            } ?? false
        }
        made?.parts = found.parts
        return made
    }

    private func isChanging(_ reference: ExternalReference, _ index: Int) -> Bool {
        runs[index].claim.openIntents.contains {
            $0.reference == reference && [.updateOrder, .updateInvoice].contains($0.kind)
        }
    }

    private func isWithdrawing(_ reference: ExternalReference, _ index: Int) -> Bool {
        runs[index].claim.openIntents.contains { $0.reference == reference && $0.kind == .withdraw }
    }

    /// What a document that is found should state.
    private func foundDraft(
        _ reference: ExternalReference, _ index: Int, _ books: Books
    ) -> Result<SalesOrderDraft, Problem>? {
        guard let order = runs[index].order, reference.kind != .creditNote else { return nil }
        do throws(Problem) {
            return .success(
                try draft(
                    of: order, in: integration.shop, ordinal: reference.ordinal,
                    documents: Array(runs[index].documents.values), settings: integration.settings.settings,
                    books: books))
        } catch {
            return .failure(error)
        }
    }

    private func conflict(
        _ found: ERPDocument, _ reference: ExternalReference, _ draft: SalesOrderDraft
    ) async throws -> Problem? {
        let known = try await store.customer(draft.customer.reference, integration: integration.name)
        let customers = known == nil ? try await integration.erp.find([draft.customer.reference]) : [:]
        let customer = known?.erp.id ?? customers[draft.customer.reference]?.first?.id
        let agreement = Agreement(draft, customer: customer)
        return reference.kind == .order
            ? agreement.conflict(with: found) : agreement.invoiceConflict(with: found, total: draft.total)
    }

    /// People work in the ERP too: what is about to be booked is read once more, so that a draft that somebody changed or
    /// deleted meanwhile is not.
    mutating func readDraftsAgain() async throws {
        let fresh = integration.erp.capabilities.readsTogether ? Duration.zero : tuning.draftFreshFor
        let oldest = clock.now() - fresh
        var drafts: [(index: Int, document: Document)] = []
        for index in runs.indices where runs[index].isActive {
            for document in runs[index].documents.values.sorted(by: { $0.reference.key < $1.reference.key })
            where [.invoice, .creditNote].contains(document.reference.kind) && document.erp.state == .draft
                && document.readAt <= oldest
            {
                drafts.append((index, document))
            }
        }
        for (kind, drafts) in Dictionary(grouping: drafts, by: \.document.reference.kind) {
            try await readAgain(kind, drafts)
        }
    }

    private mutating func readAgain(
        _ kind: DocumentKind, _ drafts: [(index: Int, document: Document)]
    ) async throws {
        let startedAt = clock.now()
        let found = try await integration.erp.read(kind, drafts.map(\.document.erp.id))
        for (index, known) in drafts {
            guard let now = found[known.erp.id] else {
                try await noteGone(known, for: index, startedAt)
                continue
            }
            if now == known.erp { continue }
            let document = Document(reference: known.reference, erp: now, madeFrom: known.madeFrom)
            try await keep(document, .refreshed, "\(document.title): changed in the ERP", for: index, startedAt)
        }
    }

    private mutating func noteGone(_ known: Document, for index: Int, _ startedAt: Instant) async throws {
        guard known.erp.state != .gone, known.erp.state != .withdrawn else { return }
        var gone = known
        gone.erp.state = .gone
        try await keep(gone, .refreshed, "\(known.title) is no longer in the ERP", for: index, startedAt)
    }

    private mutating func keep(
        _ document: Document, _ result: OutcomeRecord.Result, _ message: String, for index: Int, _ startedAt: Instant
    ) async throws {
        let run = runs[index]
        let refused = try await store.recordOutcomes([
            OutcomeRecord(
                key: run.key, lease: run.lease, taskID: run.claim.taskID, reference: document.reference, kind: nil,
                result: result, document: document, startedAt: startedAt, finishedAt: clock.now(), message: message)
        ])
        if refused.contains(run.key) {
            runs[index].ending = .lost
        } else {
            runs[index].documents[document.reference] = document
        }
    }

    /// "Not found" is evidence only when no earlier call can still arrive. Where the ERP itself refuses a second document
    /// the late one does no harm and nothing needs to be waited for, unless the sale was called off meanwhile: then nothing would
    /// be made that could refuse it.
    private mutating func waitForLateArrivals(of reference: ExternalReference, _ index: Int) {
        let capabilities = integration.erp.capabilities
        let open = runs[index].claim.openIntents.filter { $0.reference == reference && $0.kind.makes }
        guard let latest = open.map(\.deadline).max() else { return }
        guard let kind = capabilities.kinds[reference.kind] else { return }
        let isWanted = runs[index].order.map { wantsDocuments($0, runs[index].claim.decisions) } ?? true
        if kind.enforcesUniqueness, isWanted || capabilities.serverLimit == nil { return }
        wait(for: reference, until: latest, index)
    }

    /// A step that is its own lookup is not performed again before what an earlier try did can be seen.
    mutating func waitForOwnLateArrivals(_ index: Int) {
        guard let step = runs[index].next, let kind = integration.erp.capabilities.kinds[step.reference.kind],
            kind.lookup == .byStep, !kind.enforcesUniqueness
        else { return }
        let open = runs[index].claim.openIntents.filter { $0.reference == step.reference && $0.kind == step.kind }
        guard let latest = open.map(\.deadline).max() else { return }
        wait(for: step.reference, until: latest, index)
    }

    private mutating func wait(for reference: ExternalReference, until latest: Instant, _ index: Int) {
        let capabilities = integration.erp.capabilities
        guard capabilities.kinds[reference.kind]?.lookup != ERPCapabilities.Lookup.none,
            let limit = capabilities.serverLimit
        else {
            return runs[index].stop(
                Problem(.outcomeUnknown, "an earlier try to make the \(reference.kind.title) may still take effect"))
        }
        let certain = latest + limit + capabilities.searchLag
        guard clock.now() < certain else { return }
        runs[index].lookedUp = false
        runs[index].end(
            .retrying, code: ProblemCode.outcomeUnknown.rawValue, "an earlier call may still arrive",
            .again(at: certain, isFailure: false))
    }
}
