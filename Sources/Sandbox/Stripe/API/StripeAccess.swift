import ConnectorKit
import Domain
import Foundation

/// Which key may read what.
struct StripeAccess {
    let settings: StripeSandbox.Settings

    /// `nil` when the request may be answered.
    func refusal(_ request: LoopbackRequest, resource: String) -> StripeRefusal? {
        guard let key = Self.key(request.header("Authorization")), !key.isEmpty else { return .noKey }
        switch key {
        case settings.secretKey: return nil
        case settings.restrictedKey:
            return settings.restrictedResources.contains(resource)
                ? nil : .notPermitted(key, resource, settings.accountID)
        default: return .wrongKey(key)
        }
    }

    /// The user of Basic authentication, or a bearer's token.
    private static func key(_ header: String?) -> String? {
        guard let parts = header?.split(separator: " ", maxSplits: 1), parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return String(parts[1])
        case "basic":
            let decoded = Data(base64Encoded: String(parts[1])).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return decoded.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first
                .map(String.init)
        default: return nil
        }
    }
}

/// So many requests in any second.
struct StripeRate {
    private static let window = Duration.seconds(1)
    private var times: [Instant] = []

    /// Takes a place; false when there is none. What is refused takes none.
    mutating func take(at now: Instant, limit: Int) -> Bool {
        // A clock that was set back must not refuse for ever.
        times.removeAll { $0 + Self.window <= now || $0 > now }
        guard times.count < limit else { return false }
        times.append(now)
        return true
    }
}
