import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// Members and JSON types are those of the recorded orders.
@Suite struct WooCommerceSandboxShapeTests {
    /// Each member's path with its type; what a list holds is told once.
    private static func shape(_ value: JSONValue, _ path: String = "") -> Set<String> {
        switch value {
        case .object(let members):
            members.reduce(into: [path + ": object"]) { $0.formUnion(shape($1.value, "\(path).\($1.key)")) }
        case .array(let elements):
            elements.reduce(into: [path + ": list"]) { $0.formUnion(shape($1, path + "[]")) }
        case .string: [path + ": text"]
        case .number: [path + ": number"]
        case .bool: [path + ": flag"]
        case .null: [path + ": null"]
        }
    }

    /// Custom fields hold anything.
    private static func isFixed(_ line: String) -> Bool { !line.hasPrefix(".meta_data[].value") }

    private static func recorded() throws -> Set<String> {
        let files = [
            "guest_simple", "b2b", "coupon_percent", "fees", "put_completed", "put_refunded", "put_cancelled",
            "after_product_delete",
        ]
        return try files.reduce(into: []) {
            $0.formUnion(Self.shape(try JSONReader.decode(try Recordings.order("\($1).json").payload)))
        }
    }

    @Test func everyMemberOfAnOrderIsOneThatWasRecordedWithItsType() async throws {
        try await SandboxBench.open { bench in
            var draft = SandboxBench.draft
            draft.customerID = 3
            draft.coupons = ["TIO"]
            draft.fields = [.init("vat_number", "SE556677889901")]
            draft.fees = [.init(name: "Fakturaavgift", net: 2_320)]
            let id = bench.shop.place(draft, at: SandboxBench.start)
            let pending = Self.shape(try await bench.order(id))
            bench.shop.complete(id, at: SandboxBench.start)
            bench.shop.setStatus(id, "refunded", at: SandboxBench.start)
            let ours = pending.union(Self.shape(try await bench.order(id))).filter(Self.isFixed)

            let unknown = ours.subtracting(try Self.recorded())

            #expect(unknown.isEmpty, "\(unknown.sorted())")
        }
    }

    @Test func noTopLevelMemberOfARecordedOrderIsMissingAndTheyStandInItsOrder() async throws {
        try await SandboxBench.open { bench in
            let id = bench.shop.place(SandboxBench.draft, at: SandboxBench.start)
            let ours = JSONElements.members(of: try #require(bench.shop.payload(of: id))).map(\.name)
            let theirs = JSONElements.members(of: try Recordings.order("guest_simple.json").payload).map(\.name)
            #expect(ours == theirs)
        }
    }
}
