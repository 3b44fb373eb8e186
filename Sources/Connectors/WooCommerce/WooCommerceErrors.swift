import ConnectorKit
import Domain

/// What a failure of the shop means and what to do about it.
enum WooCommerceErrors {
    /// For every status but 200.
    static func error(_ reply: HTTPReply, now: Instant) -> ConnectorError {
        let body = WooErrorBody(reply.body)
        let shown = body.code.map { " (\($0))" } ?? ""
        switch reply.status {
        case 401:
            return unauthorised(body, shown)
        case 403 where body.code != nil:
            return ConnectorError(
                .pauseConnection, Problem(.permissionMissing, "the shop's key may not read orders\(shown)"))
        case 403:
            return ConnectorError(
                .retry(after: nil), Problem(.answerUnreadable, "something before the shop refused the request with 403")
            )
        case 408, 425, 429, 500...599:
            return ConnectorError(
                .retry(after: reply.retryAfter(now: now)),
                Problem(.unreachable, "the shop answered \(reply.status)\(shown)"))
        case 300..<400:
            return ConnectorError(
                .stop,
                Problem(.answerUnreadable, "the shop's address redirects (\(reply.status)): give its final address"))
        case 404:
            return ConnectorError(
                .stop, Problem(.answerUnreadable, "there is no WooCommerce REST API at the shop's address\(shown)"))
        default:
            let names = body.parameters.isEmpty ? "" : ": " + body.parameters.joined(separator: ", ")
            return ConnectorError(
                .stop, Problem(.answerUnreadable, "the shop refused the request with \(reply.status)\(shown)\(names)"))
        }
    }

    /// One status for several causes: the code and, for signatures, the message tell them apart.
    private static func unauthorised(_ body: WooErrorBody, _ shown: String) -> ConnectorError {
        let message = body.message.lowercased()
        if message.contains("nonce") {
            return ConnectorError(
                .retry(after: nil), Problem(.unauthorised, "the shop saw this request before\(shown)"))
        }
        let problem =
            if message.contains("permission") {
                Problem(.permissionMissing, "the shop's key lacks read permission\(shown)")
            } else if message.contains("timestamp") {
                Problem(.unauthorised, "the shop's clock and ours differ by more than 15 minutes\(shown)")
            } else if message.contains("signature") {
                Problem(
                    .unauthorised, "the signature does not match: wrong consumer secret, or homeURL is wrong\(shown)")
            } else {
                Problem(.unauthorised, "the shop refused the consumer key\(shown)")
            }
        return ConnectorError(.pauseConnection, problem)
    }

    /// `pause` is how long the connection would refuse calls anyway.
    static func error(_ failure: TransportFailure, pause: Duration?) -> ConnectorError {
        switch failure {
        case .notSent(let reason):
            ConnectorError(.retry(after: pause), Problem(.unreachable, "the shop cannot be reached: \(reason)"))
        case .noAnswer(let reason):
            ConnectorError(.retry(after: pause), Problem(.unreachable, "the shop did not answer: \(reason)"))
        case .replyTooLarge:
            ConnectorError(.stop, Problem(.answerUnreadable, "the shop's answer is longer than anything it should say"))
        }
    }

    static func notJSON(_ body: [UInt8]) -> ConnectorError {
        let isHTML = body.prefix(200).contains(UInt8(ascii: "<"))
        let what = isHTML ? "a web page" : "no JSON"
        return ConnectorError(
            .retry(after: nil), Problem(.answerUnreadable, "the shop answered \(what) where a list of orders should be")
        )
    }
}
