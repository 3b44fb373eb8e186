import ConnectorKit
import Domain
import Synchronization
import TestKit
import Testing

/// Each check of a storefront notices its mutant.
@Suite struct StorefrontMutantTests {
    struct Mutant: Sendable, CustomStringConvertible {
        let description: String
        /// A part of the name of the check that must notice it.
        let check: String
        let shop: @Sendable (any StorefrontSubject) -> BrokenShop

        init(
            _ description: String, fails check: String,
            _ change: @escaping @Sendable (inout BrokenStorefront) -> Void = { _ in },
            subject: @escaping @Sendable (inout BrokenShop) -> Void = { _ in }
        ) {
            self.description = description
            self.check = check
            shop = { sound in
                var shop = BrokenShop(
                    sound: sound,
                    broken: { base in
                        var broken = BrokenStorefront(base: base)
                        change(&broken)
                        return broken
                    })
                subject(&shop)
                return shop
            }
        }
    }

    private static let tick = Atomic(0)

    static let mutants = [
        Mutant("stops after a full page", fails: "the walk ends") { shop in
            shop.page = { page, _ in
                var page = page
                page.next = nil
                return page
            }
        },
        Mutant("its cursors die with the process", fails: "from every cursor") { shop in
            let given = GivenCursors()
            shop.page = { page, cursor in
                if let cursor, !given.contains(cursor) {
                    return RecordPage(records: [], coveredThrough: nil, next: nil)
                }
                if let next = page.next { given.add(next) }
                return page
            }
        },
        Mutant("an old cursor is the end", fails: "nobody knows begins again") { shop in
            shop.page = { page, cursor in
                guard cursor?.text.hasPrefix("of a version") == true else { return page }
                return RecordPage(records: [], coveredThrough: nil, next: nil)
            }
        },
        Mutant("counts pages by offset", fails: "changes while pages") { shop in
            // What moved to the end shifts the rest up: a record of each page is passed over.
            shop.page = { page, cursor in
                var page = page
                if cursor != nil, page.records.count > 1 { page.records.remove(at: 1) }
                return page
            }
        },
        Mutant("goes on from now", fails: "from what the last one covered") { shop in
            shop.since = { $0 == .distantPast ? $0 : $0 + .seconds(7200) }
        },
        Mutant("names nobody gone", fails: "found by id") { shop in
            shop.byID = { RecordsByID(found: $0.found, gone: []) }
        },
        Mutant("takes numbers for sizes", fails: "a number finds") { shop in
            shop.number = { number in String(number.drop { $0 == "0" }) }
        },
        Mutant("marks what it read", fails: "writes nothing", subject: { $0.writes = true }),
        Mutant("reads the clock", fails: "the same record twice") { shop in
            shop.order = { order in
                var order = order
                order.customerNote = String(tick.add(1, ordering: .relaxed).newValue)
                return order
            }
        },
        Mutant("forgets shipping", fails: "add up to the total") { shop in
            shop.order = { order in
                var order = order
                order.lines.removeAll { $0.kind == .shipping }
                return order
            }
        },
        Mutant("keeps what it does not know", fails: "a field that nobody knows") { shop in
            shop.read = { order, record in
                var order = order
                if String(decoding: record.payload, as: UTF8.self).contains("hyperdrive") { order.customerNote = "?" }
                return order
            }
        },
        Mutant("takes unknown for paid", fails: "a status that nobody knows") { shop in
            shop.order = { order in
                var order = order
                if order.status == .other { order.status = .processing }
                return order
            }
        },
        Mutant("quotes the record", fails: "a damaged order") { shop in
            shop.damaged = { Problem(.recordUnreadable, "total in \(String(decoding: $0.payload, as: UTF8.self))") }
        },
        Mutant("tells one problem at a time", fails: "field by field", subject: { $0.forgetsSettings = true }),
        Mutant("wrong credentials are an outage", fails: "wrong credentials") { shop in
            shop.error = { ConnectorError(.retry(after: nil), $0.problem) }
        },
        Mutant("gives up at every error", fails: "each status") { shop in
            shop.error = { ConnectorError(.stop, $0.problem) }
        },
        Mutant("gives up at a cut", fails: "cut or refused") { shop in
            shop.error = { ConnectorError(.stop, $0.problem) }
        },
        Mutant("forgets the wish", fails: "asks for patience") { shop in
            shop.forgetsWishes = true
        },
        Mutant("does not give up", fails: "cancelling ends") { $0.stubborn = 3 },
    ]

    @Test(arguments: mutants)
    func isNoticed(_ mutant: Mutant) async throws {
        let check = try #require(StorefrontCheck.all.first { $0.name.contains(mutant.check) })
        try await WooCommerceSubject.open { sound in
            await #expect(throws: AcceptanceFailure.self, "\(mutant)") { try await check.run(on: mutant.shop(sound)) }
        }
    }

    @Test func everyCheckHasAMutantAndANameOfItsOwn() {
        for check in StorefrontCheck.all {
            #expect(Self.mutants.contains { check.name.contains($0.check) }, "nothing fails: \(check)")
        }
        #expect(Set(StorefrontCheck.all.map(\.name)).count == StorefrontCheck.all.count)
    }
}

/// The cursors that one process gave out.
private final class GivenCursors: Sendable {
    private let cursors = Mutex<Set<PageCursor>>([])
    func add(_ cursor: PageCursor) { cursors.withLock { _ = $0.insert(cursor) } }
    func contains(_ cursor: PageCursor) -> Bool { cursors.withLock { $0.contains(cursor) } }
}
