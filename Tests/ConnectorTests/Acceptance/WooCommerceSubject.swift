import ConnectorKit
import Connectors
import Domain
import Foundation
import Sandbox
import TestKit

/// A sandbox shop of its own for each check.
final class WooCommerceSubject: StorefrontSubject {
    private let shop: WooCommerceSandbox
    private let virtualClock = VirtualClock(SandboxBench.start, autoAdvance: true)
    private let transport = HTTPTransport()

    static func open(_ body: (WooCommerceSubject) async throws -> Void) async throws {
        let subject = WooCommerceSubject()
        try await subject.shop.start()
        do {
            try await body(subject)
        } catch {
            await subject.close()
            throw error
        }
        await subject.close()
    }

    private init() {
        var settings = WooCommerceSandbox.Settings()
        settings.isSecure = true
        shop = WooCommerceSandbox(
            settings: settings, products: [SandboxBench.mug, SandboxBench.chocolate], clock: virtualClock)
    }

    private func close() async {
        await shop.stop()
        try? await transport.shutdown()
    }

    var clock: any WallClock { virtualClock }
    let pageSize = 5
    let secrets = ["ck_sandbox", "cs_sandbox", "cs_wrong", "Zelda", "zelda@example.test"]

    func connector(_ rule: CallRule?) async throws -> any Storefront {
        connector(rule.map { RuledTransport(transport, $0) } ?? transport, secret: "cs_sandbox")
    }

    func connectorWithWrongCredentials() async throws -> any Storefront { connector(transport, secret: "cs_wrong") }

    private func connector(_ transport: any Transport, secret: String) -> WooCommerceConnector {
        WooCommerceConnector(
            WooCommerceConfiguration(
                url: shop.address, consumerKey: Secret("ck_sandbox"), consumerSecret: Secret(secret),
                pageSize: pageSize),
            transport: transport, clock: virtualClock)
    }

    func problemsOfBadSettings() -> (keys: Set<String>, problems: [SettingsProblem]) {
        let reader = FieldReader([
            "url": "no address", "consumerKey": "ck_sandbox with a space", "pageSize": "1000", "timeoutSeconds": "soon",
        ])
        _ = WooCommerceConfiguration(reader)
        return (["url", "consumerKey", "consumerSecret", "pageSize", "timeoutSeconds"], reader.problems)
    }

    func place(_ count: Int) async throws -> [String] {
        (0..<count).map { _ in
            virtualClock.advance(by: .seconds(1))
            var draft = SandboxBench.draft
            draft.billing.firstName = "Zelda"
            draft.billing.email = "zelda@example.test"
            let id = shop.place(draft, at: virtualClock.now())
            shop.pay(id, transactionID: "ch_\(id)", at: virtualClock.now())
            return String(id)
        }
    }

    func touch(_ id: String) async throws {
        virtualClock.advance(by: .seconds(1))
        if let number = Int(id) { shop.complete(number, at: virtualClock.now()) }
    }

    func remove(_ id: String) async throws { if let number = Int(id) { shop.delete(number) } }

    func number(of id: String) -> String { id }

    func withUnknownStatus(_ record: RawRecord, _ status: String) -> RawRecord {
        changed(record) { $0["status"] = .string(status) }
    }

    func withUnknownField(_ record: RawRecord) -> RawRecord {
        changed(record) { $0["hyperdrive"] = ["engaged": true, "charge": "12.5"] }
    }

    func withoutTotal(_ record: RawRecord) -> RawRecord { changed(record) { $0["total"] = "a lot" } }

    private func changed(_ record: RawRecord, _ change: (inout [String: JSONValue]) -> Void) -> RawRecord {
        guard case .object(var members)? = try? JSONReader.decode(record.payload) else { return record }
        change(&members)
        var record = record
        record.payload = (try? JSONEncoder().encode(JSONValue.object(members))).map { [UInt8]($0) } ?? []
        return record
    }
}
