import ConnectorKit
import Domain
import Foundation

/// Who may read and write: WooCommerce's rules for keys.
struct WooAccess {
    let settings: WooCommerceSettings
    let home: String
    let now: Instant

    private struct KeyPair {
        let key: String
        let secret: String
        let mayWrite: Bool
    }

    /// `nil` when the request may be answered.
    func refusal(_ request: LoopbackRequest, _ query: WooQuery, usedNonces: inout Set<String>) -> HTTPReply? {
        if settings.isSecure, query["oauth_consumer_key"] == nil { return keyRefusal(request, query) }
        return signatureRefusal(request, query, usedNonces: &usedNonces)
    }

    private func pair(_ key: String?) -> KeyPair? {
        switch key {
        case settings.consumerKey: KeyPair(key: settings.consumerKey, secret: settings.consumerSecret, mayWrite: true)
        case settings.readOnlyKey: KeyPair(key: settings.readOnlyKey, secret: settings.readOnlySecret, mayWrite: false)
        default: nil
        }
    }

    private func permissionRefusal(_ pair: KeyPair, _ request: LoopbackRequest) -> HTTPReply? {
        if pair.mayWrite || ["GET", "HEAD", "OPTIONS"].contains(request.method) { return nil }
        return WooAnswers.authenticationError("The API key provided does not have write permissions.")
    }

    /// Keys as Basic authentication or in the query; both count only over https.
    private func keyRefusal(_ request: LoopbackRequest, _ query: WooQuery) -> HTTPReply? {
        let header = request.header("Authorization") ?? ""
        let decoded = Data(base64Encoded: String(header.dropFirst("Basic ".count)))
            .map { String(decoding: $0, as: UTF8.self) }
        let parts = (decoded ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        let secret = parts.count == 2 ? parts[1] : query["consumer_secret"]
        guard let pair = pair(parts.first ?? query["consumer_key"]) else { return WooAnswers.cannotView }
        guard secret == pair.secret else { return WooAnswers.authenticationError("Consumer secret is invalid.") }
        return permissionRefusal(pair, request)
    }

    private func signatureRefusal(
        _ request: LoopbackRequest, _ query: WooQuery, usedNonces: inout Set<String>
    ) -> HTTPReply? {
        guard let pair = pair(query["oauth_consumer_key"]) else { return WooAnswers.cannotView }
        let oauth = OAuth1(consumerKey: Secret(pair.key), consumerSecret: Secret(pair.secret))
        let signed = query.pairs.filter { $0.name != "oauth_signature" }
        let base = OAuth1.baseString(method: request.method, url: home + request.path, query: signed)
        guard query["oauth_signature"] == oauth.signature(of: base) else {
            return WooAnswers.authenticationError("Invalid signature - provided signature does not match.")
        }
        let timestamp = query["oauth_timestamp"].flatMap { Int64($0) } ?? 0
        guard abs(now.milliseconds / 1000 - timestamp) <= 15 * 60 else {
            return WooAnswers.authenticationError("Invalid timestamp.")
        }
        guard let nonce = query["oauth_nonce"], usedNonces.insert(nonce).inserted else {
            return WooAnswers.authenticationError("Invalid nonce - nonce has already been used.")
        }
        return permissionRefusal(pair, request)
    }
}
