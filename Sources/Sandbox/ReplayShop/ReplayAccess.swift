import ConnectorKit
import Domain
import Foundation

/// Who may read: WooCommerce's rules for keys.
struct ReplayAccess {
    let settings: ReplayShop.Settings
    let home: String
    let now: Instant

    /// `nil` when the request may be answered.
    func refusal(_ request: LoopbackRequest, _ query: ReplayQuery, usedNonces: inout Set<String>) -> HTTPReply? {
        if settings.isSecure, query["oauth_consumer_key"] == nil { return keyRefusal(request, query) }
        return signatureRefusal(request, query, usedNonces: &usedNonces)
    }

    /// Keys as Basic authentication or in the query; both count only over https.
    private func keyRefusal(_ request: LoopbackRequest, _ query: ReplayQuery) -> HTTPReply? {
        let header = request.header("Authorization") ?? ""
        let decoded = Data(base64Encoded: String(header.dropFirst("Basic ".count)))
            .map { String(decoding: $0, as: UTF8.self) }
        let parts = (decoded ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        let key = parts.first ?? query["consumer_key"]
        let secret = parts.count == 2 ? parts[1] : query["consumer_secret"]
        guard key == settings.consumerKey else { return ReplayAnswers.cannotView }
        guard secret == settings.consumerSecret else {
            return ReplayAnswers.authenticationError("Consumer secret is invalid.")
        }
        return nil
    }

    private func signatureRefusal(
        _ request: LoopbackRequest, _ query: ReplayQuery, usedNonces: inout Set<String>
    ) -> HTTPReply? {
        guard query["oauth_consumer_key"] == settings.consumerKey else { return ReplayAnswers.cannotView }
        let oauth = OAuth1(consumerKey: Secret(settings.consumerKey), consumerSecret: Secret(settings.consumerSecret))
        let signed = query.pairs.filter { $0.name != "oauth_signature" }
        let base = OAuth1.baseString(method: request.method, url: home + request.path, query: signed)
        guard query["oauth_signature"] == oauth.signature(of: base) else {
            return ReplayAnswers.authenticationError("Invalid signature - provided signature does not match.")
        }
        let timestamp = query["oauth_timestamp"].flatMap { Int64($0) } ?? 0
        guard abs(now.milliseconds / 1000 - timestamp) <= 15 * 60 else {
            return ReplayAnswers.authenticationError("Invalid timestamp.")
        }
        guard let nonce = query["oauth_nonce"], usedNonces.insert(nonce).inserted else {
            return ReplayAnswers.authenticationError("Invalid nonce - nonce has already been used.")
        }
        return nil
    }
}
