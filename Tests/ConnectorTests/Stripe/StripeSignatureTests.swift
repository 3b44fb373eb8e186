import ConnectorKit
import Connectors
import Crypto
import Domain
import Foundation
import TestKit
import Testing

@Suite struct StripeSignatureTests {
    private static let time: Int64 = 1_793_520_000
    private static let body = #"{"id":"evt_1","object":"event","type":"payout.reconciliation_completed"}"#
    private static let now = Instant(milliseconds: time * 1000)
    /// Made with another program, over `body` with `whsec_test_secret`.
    private static let known = "t=1793520000,v1=fd884fd9fc3f40c99eb703131d8a6ec003985020a61c145f017cce938cc3964c"

    private static func event(_ type: String, id: String = "po_1") -> String {
        #"{"id":"evt_1","object":"event","type":"\#(type)","data":{"object":{"id":"\#(id)","object":"payout"}}}"#
    }

    private static func signature(_ body: String, _ secret: String, time: String = "1793520000") -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(time).\(body)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private func payoutID(
        _ body: String, _ header: String?, secrets: [String] = ["whsec_test_secret"], now: Instant = now
    ) throws(Problem) -> String? {
        let configuration = StripeConfiguration(
            secretKey: Secret("rk_test_1"), webhookSecrets: secrets.map { Secret($0) })
        let connector = StripeConnector(configuration, transport: StubTransport([]), clock: VirtualClock(now))
        let headers = header.map { [(name: "stripe-signature", value: $0)] } ?? []
        return try connector.payoutID(in: Webhook(headers: headers, body: Array(body.utf8)), now: now)
    }

    private func refusal(
        _ body: String, _ header: String?, secrets: [String] = ["whsec_test_secret"], now: Instant = now
    ) -> Problem? {
        do throws(Problem) {
            _ = try payoutID(body, header, secrets: secrets, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func aSignatureOfAnotherProgramIsTaken() {
        // It is signed, and then found to tell of no payout.
        #expect(refusal(Self.body, Self.known)?.code == .recordUnreadable)
        #expect(refusal(Self.body + " ", Self.known)?.code == .webhookNotSigned)
    }

    @Test(arguments: [
        ("payout.paid", "po_1"), ("payout.failed", "po_1"), ("payout.reconciliation_completed", "po_1"),
        ("charge.succeeded", nil), ("payouts", nil),
    ])
    func onlyPayoutsAreTold(type: String, id: String?) throws {
        let body = Self.event(type)
        #expect(try payoutID(body, "t=1793520000,v1=\(Self.signature(body, "whsec_test_secret"))") == id)
    }

    @Test func anEventOfAnotherGenerationTellsNothing() throws {
        let body = #"{"id":"evt_1","object":"v2.core.event","type":"payout.paid"}"#
        #expect(try payoutID(body, "t=1793520000,v1=\(Self.signature(body, "whsec_test_secret"))") == nil)
    }

    @Test func whileASecretIsReplacedEitherSideMayHaveSeveral() throws {
        let body = Self.event("payout.paid")
        let old = Self.signature(body, "whsec_old")
        let new = Self.signature(body, "whsec_new")
        #expect(try payoutID(body, "t=1793520000,v1=\(old),v1=\(new),v0=\(old)", secrets: ["whsec_new"]) == "po_1")
        #expect(try payoutID(body, "t=1793520000, v1=\(old)", secrets: ["whsec_new", "whsec_old"]) == "po_1")
        #expect(try payoutID(body, "t=1793520000,v1=\(old.uppercased())", secrets: ["whsec_old"]) == "po_1")
        #expect(refusal(body, "t=1793520000,v1=\(old)", secrets: ["whsec_new"])?.code == .webhookNotSigned)
        #expect(refusal(body, "t=1793520000,v0=\(new)", secrets: ["whsec_new"])?.code == .webhookNotSigned)
    }

    @Test(arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
    func aSignatureIsGoodForFiveMinutesBothWays(seconds: Int64, isGood: Bool) {
        let body = Self.event("payout.paid")
        let header = "t=1793520000,v1=\(Self.signature(body, "whsec_test_secret"))"
        let problem = refusal(body, header, now: Self.now + .seconds(seconds))
        #expect((problem == nil) == isGood)
        #expect(problem.map { $0.code == .webhookNotSigned } ?? true)
    }

    @Test(arguments: [
        nil, "", "t=1793520000", "v1=00", "t=,v1=00", "nonsense", "t=1793520000,v1=zz",
        "t=99999999999999999999,v1=fd884fd9fc3f40c99eb703131d8a6ec003985020a61c145f017cce938cc3964c",
        "t=+1793520000,v1=fd884fd9fc3f40c99eb703131d8a6ec003985020a61c145f017cce938cc3964c",
        "t=1793520001,v1=fd884fd9fc3f40c99eb703131d8a6ec003985020a61c145f017cce938cc3964c",
        "t=1793520000,t=1793520001,v1=fd884fd9fc3f40c99eb703131d8a6ec003985020a61c145f017cce938cc3964c",
        "t=1793520000,v1=fd884fd9fc3f40c99eb703131d8a6ec003985020a61c145f017cce938cc396",
    ])
    func anythingElseIsNotSigned(header: String?) {
        #expect(refusal(Self.body, header)?.code == .webhookNotSigned)
    }

    @Test func withoutASecretNothingIsBelieved() {
        let problem = refusal(Self.body, Self.known, secrets: [])
        #expect(problem?.code == .webhookNotSigned)
        #expect(problem?.detail.contains("webhookSecret") == true)
    }
}
