import ConnectorKit
import Crypto
import Domain
import Foundation

/// Whether a webhook is Stripe's: `Stripe-Signature: t=1793520000,v1=…[,v1=…]`, where each `v1` is the HMAC-SHA256 of
/// `{t}.{body}` under a signing secret, in hexadecimal. While a secret is replaced Stripe signs with both, and we may know both.
struct StripeSignature: Sendable {
    let secrets: [Secret]

    /// How far the time in the signature may be from ours: what is older may be played again by somebody who listened.
    static let tolerance: Int64 = 300

    /// - Throws: `WEBHOOK_NOT_SIGNED` unless one of the secrets made one of the signatures, lately.
    func verify(_ webhook: Webhook, now: Instant) throws(Problem) {
        guard !secrets.isEmpty else {
            throw Problem(
                .webhookNotSigned, "a webhook came, but no webhookSecret is set to tell whether it is Stripe's: set it")
        }
        guard let text = webhook.header("Stripe-Signature"), let header = Header(text) else {
            throw Problem(.webhookNotSigned, "a webhook has no Stripe-Signature with a time and a v1")
        }
        let signed = Array("\(header.time).".utf8) + webhook.body
        guard secrets.contains(where: { Self.isMade(with: $0, header.signatures, signed) }) else {
            throw Problem(
                .webhookNotSigned,
                "the signature of a webhook is not made with webhookSecret: take it from the endpoint that calls here")
        }
        guard abs(now.milliseconds - header.seconds * 1000) <= Self.tolerance * 1000 else {
            throw Problem(
                .webhookNotSigned,
                "a webhook was signed at \(Instant(stripe: header.seconds)), more than \(Self.tolerance) seconds from now, "
                    + "\(now): it was held up, was played again, or a clock is wrong")
        }
    }

    /// Compares in a time that tells nothing of how much of a signature is right.
    private static func isMade(with secret: Secret, _ signatures: [[UInt8]], _ signed: [UInt8]) -> Bool {
        let key = SymmetricKey(data: Data(secret.revealed.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: key)
        return signatures.contains { code == $0 }
    }

    /// The header taken apart; schemes that are not known, such as `v0`, are left out.
    private struct Header {
        /// As it was signed.
        let time: String
        let seconds: Int64
        let signatures: [[UInt8]]

        init?(_ text: String) {
            var times: [String] = []
            var signatures: [[UInt8]] = []
            for part in text.split(separator: ",") {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { continue }
                switch pair[0].filter({ $0 != " " }) {
                case "t": times.append(String(pair[1]))
                case "v1": if let bytes = Self.bytes(pair[1]) { signatures.append(bytes) }
                default: break
                }
            }
            // Of two times it would not be clear which was signed.
            guard times.count == 1, let time = times.first, time.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let seconds = Int64(time), Instant.stripeRange.contains(seconds), !signatures.isEmpty
            else { return nil }
            self.time = time
            self.seconds = seconds
            self.signatures = signatures
        }

        /// Of 64 hexadecimal digits.
        private static func bytes(_ text: Substring) -> [UInt8]? {
            let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
            guard digits.count == 64 else { return nil }
            var bytes: [UInt8] = []
            for index in stride(from: 0, to: 64, by: 2) {
                guard let high = digits[index], let low = digits[index + 1] else { return nil }
                bytes.append(UInt8(high * 16 + low))
            }
            return bytes
        }
    }
}
