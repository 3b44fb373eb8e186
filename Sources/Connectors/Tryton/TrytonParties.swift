import ConnectorKit
import Domain

/// Parties and their addresses, kept at hand: most orders of a batch name a party that was just matched or made.
actor TrytonParties {
    private static let maxAge = Duration.seconds(900)
    private static let limit = 5000

    private let client: TrytonClient
    private var parties: [Int: TrytonParty] = [:]
    private var since: Instant?

    init(_ client: TrytonClient) { self.client = client }

    /// Parties by id; those that no longer exist are left out.
    func parties(_ ids: Set<Int>, by deadline: Instant) async throws(TrytonFailure) -> [Int: TrytonParty] {
        let now = client.clock.now()
        if let since, now > since + Self.maxAge { forget() }
        let missing = ids.filter { parties[$0] == nil }
        if !missing.isEmpty { keep(try await read([["id", "in", TrytonWire.ids(missing.sorted())]], by: deadline)) }
        return parties.filter { ids.contains($0.key) }
    }

    /// Parties that a domain finds, fresh; also those that are inactive where asked.
    func search(
        _ domain: JSONValue, inactiveToo: Bool = false, by deadline: Instant
    ) async throws(TrytonFailure) -> [TrytonParty] {
        let found = try await read(domain, inactiveToo: inactiveToo, by: deadline)
        keep(found)
        return found
    }

    private func read(
        _ domain: JSONValue, inactiveToo: Bool = true, by deadline: Instant
    ) async throws(TrytonFailure) -> [TrytonParty] {
        let rows = try await client.rows(
            "party.party", domain, TrytonParty.fields, context: inactiveToo ? ["active_test": false] : [:], by: deadline
        )
        var found: [TrytonParty] = []
        for row in rows { found.append(try TrytonParty(row)) }
        return found
    }

    private func keep(_ found: [TrytonParty]) {
        if parties.count + found.count > Self.limit { forget() }
        if since == nil { since = client.clock.now() }
        for party in found { parties[party.id] = party }
    }

    /// Forgets parties that Tryton refused something of.
    func forget(_ ids: Set<Int>) {
        for id in ids { parties[id] = nil }
    }

    private func forget() {
        parties = [:]
        since = nil
    }

    /// Address ids for parties, made in one call where a party lacks one.
    func addresses(
        _ wanted: Set<TrytonPlace>, by deadline: Instant
    ) async throws(TrytonFailure) -> [TrytonPlace: Int] {
        let known = try await parties(Set(wanted.map(\.party)), by: deadline)
        var ids: [TrytonPlace: Int] = [:]
        var missing: [TrytonPlace] = []
        for place in wanted {
            if let id = known[place.party]?.address(place.values) { ids[place] = id } else { missing.append(place) }
        }
        guard !missing.isEmpty else { return ids }
        missing.sort { ($0.party, $0.values.street, $0.values.city) < ($1.party, $1.values.street, $1.values.city) }
        let made = try await client.create(
            "party.address", missing.map { $0.values.json(party: $0.party) }, by: deadline)
        for (place, id) in zip(missing, made) {
            ids[place] = id
            parties[place.party]?.addresses.append(TrytonAddress(id: id, values: place.values))
        }
        return ids
    }
}

/// An address wanted at a party.
struct TrytonPlace: Hashable, Sendable {
    let party: Int
    let values: TrytonAddress.Values
}
