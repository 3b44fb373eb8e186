import ConnectorKit
import Connectors
import Domain
import Sandbox
import TestKit
import Testing

@Suite struct WooCommerceDamageTests {
    /// Orders 1 to 7, of which number 4 is `damaged`.
    private func reading(
        _ damaged: [UInt8], pageSize: Int = 100, _ body: (ShopBench, ShopBench.Haul) async throws -> Void
    ) async throws {
        try await ShopBench.open(pageSize: pageSize) { bench in
            for id in 1...7 where id != 4 { bench.shop.put(wireOrder(id, modified: at(id))) }
            bench.shop.put(damaged, id: 4, modified: Sample.instant(at(4) + "Z"), status: "processing")
            try await body(bench, try await bench.haul())
        }
    }

    private func code(_ bench: ShopBench, _ record: RawRecord?) -> ProblemCode? {
        guard let record else { return nil }
        do throws(Problem) {
            _ = try bench.connector.normalise(record, previous: nil)
            return nil
        } catch {
            return error.code
        }
    }

    private static func order4(_ old: String, _ new: String) -> [UInt8] {
        Array(String(decoding: wireOrder(4, modified: at(4)), as: UTF8.self).replacing(old, with: new).utf8)
    }

    static let damages: [(name: String, payload: [UInt8], code: ProblemCode)] = [
        ("half a pair", order4("Anna", "An\\ud83dna"), .textInvalid),
        ("a NUL", order4("Anna", "An\\u0000na"), .textInvalid),
        ("bytes of Latin-1", order4("Anna", "X").map { $0 == UInt8(ascii: "X") ? 0xF6 : $0 }, .textInvalid),
        ("a word that is no JSON", order4("\"total\":\"125.00\"", "\"total\":oops"), .recordUnreadable),
        ("no closing brace", Array(wireOrder(4, modified: at(4)).dropLast()), .recordUnreadable),
        ("an open quote", order4("\"Anna\"", "\"Anna"), .recordUnreadable),
        ("an amount that is none", order4("125.00", "12abc"), .amountInvalid),
        ("nothing at all", [], .recordUnreadable),
        ("no id", order4("\"id\":4,", ""), .recordUnreadable),
        ("an id of another kind", order4("\"id\":4,", "\"id\":{\"x\":4},"), .recordUnreadable),
        ("no order but text", Array("oops".utf8), .recordUnreadable),
        ("no date of change", order4("\"date_modified_gmt\":\"\(at(4))\"", "\"x\":1"), .recordUnreadable),
        (
            "deep nesting",
            wireOrder(
                4, modified: at(4),
                extra: "\"x\":\(String(repeating: "[", count: 9999))\(String(repeating: "]", count: 9999)),"),
            .recordUnreadable
        ),
    ]

    @Test(arguments: damages.indices, [3, 100])
    func aDamagedOrderStopsItselfAndNothingElse(index: Int, pageSize: Int) async throws {
        let damage = Self.damages[index]
        try await reading(damage.payload, pageSize: pageSize) { bench, haul in
            #expect(haul.distinct == [1, 2, 3, 4, 5, 6, 7], "\(damage.name)")
            #expect(haul.unreadable.isEmpty)
            for id in [1, 2, 3, 5, 6, 7] {
                #expect(code(bench, haul.records.last { $0.id == String(id) }) == nil, "\(damage.name): order \(id)")
            }
            let found = code(bench, haul.records.last { $0.id == "4" })
            let isHarmless = damage.name == "no date of change"
            #expect(found == (isHarmless ? nil : damage.code), "\(damage.name)")
        }
    }

    @Test(arguments: [3, 100])
    func anOrderOverWhichTheShopFailsWith500StopsAlone(pageSize: Int) async throws {
        try await ShopBench.open(pageSize: pageSize) { bench in
            for id in 1...7 { bench.shop.put(wireOrder(id, modified: at(id))) }
            bench.shop.onRequest { request in
                let query = request.query
                guard query["_fields"] == nil else { return nil }
                let ids = query["include"]?.split(separator: ",").map(String.init)
                let concernsFour =
                    request.path.hasSuffix("orders") ? ids?.contains("4") ?? true : request.path.hasSuffix("/4")
                guard concernsFour, query["status"] != "trash" else { return nil }
                return .answer(HTTPReply(status: 500, body: Array("<p>There has been a critical error</p>".utf8)))
            }

            let haul = try await bench.haul()

            #expect(haul.distinct == [1, 2, 3, 4, 5, 6, 7])
            #expect(code(bench, haul.records.last { $0.id == "4" }) == .recordUnreadable)
            #expect(code(bench, haul.records.last { $0.id == "5" }) == nil)
        }
    }

    @Test func aShopThatFailsWith500AltogetherIsTriedAgainLaterAndNoOrderIsBlamed() async throws {
        try await ShopBench.open { bench in
            bench.shop.put(wireOrder(1, modified: at(1)))
            bench.shop.onRequest { _ in .answer(HTTPReply(status: 500)) }
            do {
                _ = try await bench.haul()
                Issue.record("it must not end well")
            } catch let error as ConnectorError {
                #expect(error.problem.code == .answerUnreadable || error.problem.code == .unreachable)
                guard case .retry = error.decision else {
                    Issue.record("it passes")
                    return
                }
            }
        }
    }

    @Test func anOrderOfTenMegabytesStopsItselfAndNothingElse() async throws {
        let filler = String(repeating: "x", count: 10_000_000)
        try await reading(wireOrder(4, modified: at(4), extra: "\"x\":\"\(filler)\",")) { bench, haul in
            #expect(haul.distinct == [1, 2, 3, 4, 5, 6, 7])
            #expect(code(bench, haul.records.last { $0.id == "4" }) == .recordTooLarge)
            #expect(code(bench, haul.records.last { $0.id == "5" }) == nil)
        }
    }

    @Test func anOrderBeyondTheLimitOfAnAnswerStopsItselfAndNothingElse() async throws {
        try await ShopBench.open(pageSize: 100, maxReplyBytes: 50_000) { bench in
            let filler = "\"x\":\"\(String(repeating: "x", count: 60_000))\","
            for id in 1...7 { bench.shop.put(wireOrder(id, modified: at(id), extra: id == 4 ? filler : "")) }

            let haul = try await bench.haul()

            #expect(haul.distinct == [1, 2, 3, 4, 5, 6, 7])
            #expect(code(bench, haul.records.last { $0.id == "4" }) == .recordTooLarge)
        }
    }

    @Test func aPageBeyondTheLimitIsFetchedInParts() async throws {
        try await ShopBench.open(pageSize: 100, maxReplyBytes: 300_000) { bench in
            let filler = "\"x\":\"\(String(repeating: "x", count: 20_000))\","
            for id in 1...40 { bench.shop.put(wireOrder(id, modified: at(id), extra: filler)) }

            let haul = try await bench.haul()

            #expect(haul.distinct == Array(1...40))
            #expect(haul.records.allSatisfy { code(bench, $0) == nil })
        }
    }

    @Test func aPageThatIsCutIsAskedForAgain() async throws {
        try await ShopBench.open { bench in
            for id in 1...5 { bench.shop.put(wireOrder(id, modified: at(id))) }
            bench.shop.onRequest { $0.number % 2 == 1 ? .cutBody(after: 100) : nil }

            let haul = try await bench.haul()

            #expect(haul.distinct == [1, 2, 3, 4, 5])
        }
    }
}
