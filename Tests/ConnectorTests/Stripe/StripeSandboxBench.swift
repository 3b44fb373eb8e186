import ConnectorKit
import Domain
import Foundation
import Sandbox
import TestKit

/// A sandbox account on a virtual clock, with a client that has its key.
struct StripeSandboxBench {
    /// A Tuesday.
    static let start = Sample.instant("2026-11-03T10:00:00Z")

    static func day(_ days: Int, hours: Int = 0) -> Instant { start + .seconds(days * 86_400 + hours * 3600) }

    let stripe: StripeSandbox
    let clock: VirtualClock
    private let transport = HTTPTransport()

    /// Fees that are easy to follow: one percent and one krona.
    static var settings: StripeSandbox.Settings {
        var settings = StripeSandbox.Settings()
        settings.feeBasisPoints = 100
        settings.fixedFees = ["sek": 100, "eur": 10]
        settings.conversionBasisPoints = 0
        return settings
    }

    static func open(
        _ settings: StripeSandbox.Settings = settings, _ body: (StripeSandboxBench) async throws -> Void
    ) async throws {
        let clock = VirtualClock(start, autoAdvance: true)
        let stripe = StripeSandbox(settings: settings, clock: clock)
        try await stripe.start()
        let bench = StripeSandboxBench(stripe: stripe, clock: clock)
        do {
            try await body(bench)
        } catch {
            await bench.close()
            throw error
        }
        await bench.close()
    }

    private init(stripe: StripeSandbox, clock: VirtualClock) {
        self.stripe = stripe
        self.clock = clock
    }

    private func close() async {
        await stripe.stop()
        try? await transport.shutdown()
    }

    // MARK: Calls

    static let bearer = "Bearer sk_test_sandbox"

    static func basic(_ key: String) -> String { "Basic " + Data("\(key):".utf8).base64EncodedString() }

    func send(
        _ path: String, _ method: HTTPCall.Method = .get, key: String? = bearer, version: String? = nil
    ) async throws -> HTTPReply {
        var headers = key.map { [(name: "Authorization", value: $0)] } ?? []
        if let version { headers.append((name: "Stripe-Version", value: version)) }
        return try await transport.send(HTTPCall(method, stripe.apiURL + "/" + path, headers: headers))
    }

    func json(_ path: String) async throws -> JSONValue { try JSONReader.decode(try await send(path).body) }

    /// What of a list: the ids, the newest first.
    func ids(_ path: String) async throws -> [String] { Self.ids(try await json(path)) }

    static func ids(_ list: JSONValue) -> [String] { list["data"]?.array?.compactMap { $0.text("id") } ?? [] }

    /// Status, code and parameter of a refusal: `404 resource_missing id`.
    func refusal(_ path: String, _ method: HTTPCall.Method = .get, key: String? = bearer) async throws -> String {
        let reply = try await send(path, method, key: key)
        let error = try JSONReader.decode(reply.body)["error"]
        return [String(reply.status), error?.text("code"), error?.text("param")].compactMap(\.self)
            .joined(separator: " ")
    }
}
