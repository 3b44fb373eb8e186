import Crypto
import Foundation

/// One-legged OAuth 1.0a (RFC 5849, without a token): every request carries a signature of its method, address and query.
public struct OAuth1: Hashable, Sendable {
    public let consumerKey: Secret
    public let consumerSecret: Secret

    public init(consumerKey: Secret, consumerSecret: Secret) {
        self.consumerKey = consumerKey
        self.consumerSecret = consumerSecret
    }

    /// The query with the `oauth_` parameters and their signature added. `url` is the address as the other side knows
    /// itself, without query. A nonce is good for one request, a timestamp (seconds since 1970) for some minutes.
    public func signed(
        method: String, url: String, query: [(name: String, value: String)], nonce: String, timestamp: Int64
    ) -> [(name: String, value: String)] {
        let all =
            query + [
                ("oauth_consumer_key", consumerKey.revealed),
                ("oauth_nonce", nonce),
                ("oauth_signature_method", "HMAC-SHA256"),
                ("oauth_timestamp", String(timestamp)),
            ]
        return all + [("oauth_signature", signature(of: Self.baseString(method: method, url: url, query: all)))]
    }

    /// Base64 of HMAC-SHA256 under `secret&`.
    public func signature(of baseString: String) -> String {
        let key = SymmetricKey(data: Data((URLText.encoded(consumerSecret.revealed) + "&").utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(baseString.utf8), using: key)
        return Data(code).base64EncodedString()
    }

    /// Method, address and sorted query, each encoded, joined by `&` (RFC 5849, 3.4.1).
    public static func baseString(method: String, url: String, query: [(name: String, value: String)]) -> String {
        let pairs = query.map { (URLText.encoded($0.name), URLText.encoded($0.value)) }.sorted { $0 < $1 }
        let joined = pairs.map { "\($0)=\($1)" }.joined(separator: "&")
        return [method, url, joined].map { URLText.encoded($0) }.joined(separator: "&")
    }
}

/// Percent-encoding as signatures need it: everything but RFC 3986's unreserved characters.
public enum URLText {
    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    private static let digits = Array("0123456789ABCDEF".utf8)

    public static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if unreserved.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `a=1&b=2`, encoded.
    public static func query(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }
}
