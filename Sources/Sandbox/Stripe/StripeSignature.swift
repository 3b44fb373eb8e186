import Crypto
import Foundation

/// Proves that a webhook comes from who knows its secret.
enum StripeSignature {
    /// `t=1793520000,v1=fd88…`: the code of time and body, in hexadecimal, for each secret.
    static func header(_ body: [UInt8], secrets: [String], at time: Int64) -> String {
        let codes = secrets.map { secret in
            let key = SymmetricKey(data: Data(secret.utf8))
            let code = HMAC<SHA256>.authenticationCode(for: Data("\(time).".utf8) + Data(body), using: key)
            return "v1=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        return (["t=\(time)"] + codes).joined(separator: ",")
    }
}
