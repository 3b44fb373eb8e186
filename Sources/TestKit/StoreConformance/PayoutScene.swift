import Domain
import Engine

/// What the checks of payouts are told with.
extension StoreScene {
    static let provider = "pay"

    // MARK: Payouts

    func payoutKey(
        _ id: String = "1", of provider: String = provider, in integration: String = integration
    ) -> EntityKey {
        EntityKey(integration: integration, type: .payout, id: "\(provider)-\(id)")
    }

    func head(_ id: String = "1", of provider: String = provider, arrives: String = "2026-11-24") -> Payout {
        Payout(
            provider: provider, id: id, net: Sample.money("96.10"), createdAt: Sample.instant("2026-11-23T00:00:00Z"),
            arrivesOn: Sample.day(arrives))
    }

    func payoutSnapshot(_ payout: Payout, version: String = "a", in integration: String = integration) -> Snapshot {
        Snapshot(
            key: payoutKey(payout.id, of: payout.provider, in: integration), number: payout.id,
            payload: Array("{\"id\":\"\(payout.id)\"}".utf8), content: .payout(payout), hash: "hash of \(version)",
            createdAt: payout.createdAt, modifiedAt: now, fetchBegan: now)
    }

    // MARK: Lines

    /// A charge, unless it says otherwise.
    func line(
        _ id: String, _ amount: String = "99.00", fee: String = "2.90", _ kind: PayoutLine.Kind = .charge,
        at time: String = "2026-11-20T10:00:00Z"
    ) -> PayoutLine {
        PayoutLine(
            id: id, kind: kind, kindText: kind.rawValue, amount: Sample.money(amount), fee: Sample.money(fee),
            at: Sample.instant(time), keys: PayoutKeys(transactionIDs: ["ch_\(id)"]))
    }

    func part(
        _ lines: [PayoutLine], of id: String = "1", from provider: String = provider,
        in integration: String = integration, report: PayoutPart.Report = .own(Array("report".utf8)),
        isLast: Bool = true
    ) -> PayoutPart {
        PayoutPart(
            payout: payoutKey(id, of: provider, in: integration), head: head(id, of: provider), lines: lines,
            report: report, isLast: isLast)
    }

    /// Keeps a whole payout of charges.
    func keep(_ lines: String..., of id: String = "1") async throws {
        try await store.keep(part(lines.map { line($0) }, of: id))
    }

    /// All that is kept of a payout's lines, read a page at a time.
    func kept(_ payout: EntityKey? = nil, pages limit: Int = 100) async throws -> [KeptLine] {
        var kept: [KeptLine] = []
        // No page is empty before the last, so a store that never ends is noticed.
        for _ in 0..<200 {
            let page = try await store.lines(
                of: payout ?? payoutKey(), after: kept.last?.position ?? 0, limit: limit)
            if page.isEmpty { return kept }
            kept += page
        }
        throw CheckFailure(description: "the lines never end: \(kept.count) so far")
    }

    func kept(line id: String, of payout: EntityKey? = nil) async throws -> KeptLine {
        try unwrap(try await kept(payout).first { $0.line.id == id }, "line \(id) is not there")
    }

    func reportPieces(_ payout: EntityKey? = nil) async throws -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        while pieces.count < 100,
            let piece = try await store.report(of: payout ?? payoutKey(), piece: pieces.count + 1)
        {
            pieces.append(piece)
        }
        return pieces
    }

    // MARK: Matches

    func share(_ order: String, _ amount: String = "99.00", in integration: String = integration) -> LineMatch.Share {
        LineMatch.Share(
            order: key(order, in: integration), paid: Sample.money(amount), settled: Sample.money(amount))
    }

    func match(
        _ line: String, _ shares: LineMatch.Share..., by key: PayoutMatch.Key = .transaction,
        at place: PayoutPlace = .clearing
    ) -> LineMatch {
        LineMatch(line: line, place: place, by: key, why: nil, shares: shares)
    }

    func noMatch(_ line: String, why: String, at place: PayoutPlace = .clearing) -> LineMatch {
        LineMatch(line: line, place: place, by: nil, why: why, shares: [])
    }

    func word(_ shares: LineMatch.Share...) -> LineWord {
        LineWord(shares: shares, by: "anna", reason: "seen at the provider")
    }

    // MARK: Orders

    /// An order as the shop has it; sold for 99.00 and paid by `ch_` and its id, unless it is changed.
    func sale(
        _ id: String, number: String? = nil, version: String = "a", in integration: String = integration,
        _ change: (inout Order) -> Void = { _ in }
    ) -> Snapshot {
        let plain = snapshot(id, version: version, in: integration)
        var order = Sample.order(id)
        order.statusText = version
        change(&order)
        return Snapshot(
            key: plain.key, number: number ?? plain.number, payload: plain.payload, content: .order(order),
            hash: plain.hash, createdAt: plain.createdAt, modifiedAt: plain.modifiedAt, fetchBegan: plain.fetchBegan)
    }

    /// Orders that were worked off and have nothing to do.
    func restingOrders(_ ids: String..., in integration: String = integration) async throws {
        for id in ids { try await record(snapshot(id, in: integration)) }
        for claim in try await claim(in: integration) { try await end(claim) }
    }

    /// Who has something to do.
    func due(_ keys: EntityKey...) async throws -> [Bool] {
        var due: [Bool] = []
        for key in keys {
            let entity = try unwrap(try await store.entity(key), "\(key) is not there")
            due.append(entity.due > entity.worked && entity.standing.state == .queued)
        }
        return due
    }

    /// What the store must refuse, and leave everything as it is.
    func refused(_ what: String, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as StoreError {
            return try expect(error.kind, is: .conflict, what)
        }
        throw CheckFailure(description: "\(what) was taken")
    }
}
