import Domain
import Engine

extension ForwardingStore {
    func keep(_ part: PayoutPart) async throws {
        try await base.keep(part)
    }
    func contents(of payout: EntityKey) async throws -> PayoutContents? {
        try await base.contents(of: payout)
    }
    func verify(_ part: PayoutPart) async throws { try await base.verify(part) }
    func net(of payout: EntityKey) async throws -> Money? { try await base.net(of: payout) }
    func lines(of payout: EntityKey, after position: Int, limit: Int) async throws -> [KeptLine] {
        try await base.lines(of: payout, after: position, limit: limit)
    }
    func knownLines(_ ids: [String], provider: String, integration: String) async throws -> Set<String> {
        try await base.knownLines(ids, provider: provider, integration: integration)
    }
    func keepReport(_ id: String, integration: String, piece: Int, _ bytes: [UInt8]) async throws {
        try await base.keepReport(id, integration: integration, piece: piece, bytes)
    }
    func report(of payout: EntityKey, piece: Int) async throws -> [UInt8]? {
        try await base.report(of: payout, piece: piece)
    }
    func candidates(
        _ keys: [PayoutMatch.Key: Set<String>], in integrations: [String]
    ) async throws -> [FoundOrder] {
        try await base.candidates(keys, in: integrations)
    }
    func nearest(
        _ amount: Money, to time: Instant, in integrations: [String], limit: Int
    ) async throws -> [FoundOrder] {
        try await base.nearest(amount, to: time, in: integrations, limit: limit)
    }
    func keep(_ matches: [LineMatch], of payout: EntityKey) async throws {
        try await base.keep(matches, of: payout)
    }
    func settle(_ line: String, of payout: EntityKey, as word: LineWord) async throws {
        try await base.settle(line, of: payout, as: word)
    }
    func settlements(of order: EntityKey) async throws -> [Settlement] {
        try await base.settlements(of: order)
    }
    func documents(
        integration: String, kind: DocumentKind, after reference: ExternalReference?, limit: Int
    ) async throws -> [Reference] {
        try await base.documents(integration: integration, kind: kind, after: reference, limit: limit)
    }
    func payouts(integration: String, after id: String, limit: Int) async throws -> [Entity] {
        try await base.payouts(integration: integration, after: id, limit: limit)
    }
}
