import ConnectorKit
import Domain

/// What a failure of Stripe means and what to do about it.
enum StripeErrors {
    /// For every status but 200.
    static func error(_ reply: HTTPReply, reading kind: StripeClient.Kind, now: Instant) -> ConnectorError {
        let body = StripeErrorBody(reply.body)
        let shown = body.code.map { " (\($0))" } ?? ""
        switch reply.status {
        case 401:
            return ConnectorError(
                .pauseConnection,
                Problem(.unauthorised, "Stripe refused secretKey\(shown): it is wrong, expired or was revoked"))
        case 403 where body.isStripes:
            let permission = body.permission.map { ", \($0)" } ?? ""
            return ConnectorError(
                .pauseConnection,
                Problem(
                    .permissionMissing,
                    "secretKey may not read \(kind.title)\(shown): give it that permission in Stripe\(permission)"))
        case 408, 409, 425, 429, 500...599:
            return ConnectorError(
                .retry(after: reply.retryAfter(now: now)),
                Problem(.unreachable, "Stripe answered \(reply.status)\(shown) when asked for \(kind.title)"))
        case 300..<400:
            return ConnectorError(
                .stop, Problem(.answerUnreadable, "url redirects (\(reply.status)): give the API's own address"))
        case 404 where !body.isStripes:
            return ConnectorError(
                .stop, Problem(.answerUnreadable, "there is no API of Stripe's at url (404): correct it"))
        case 400..<500 where !body.isStripes:
            return ConnectorError(
                .retry(after: nil),
                Problem(.answerUnreadable, "something before Stripe refused the request with \(reply.status)"))
        default:
            return refused(reply.status, body, kind)
        }
    }

    /// A request that Stripe does not take is one that we or the configuration made wrong.
    private static func refused(_ status: Int, _ body: StripeErrorBody, _ kind: StripeClient.Kind) -> ConnectorError {
        if body.message.lowercased().contains("api version") {
            return ConnectorError(
                .stop, Problem(.answerUnreadable, "Stripe does not know the apiVersion (\(status)): give one it knows"))
        }
        let names = [body.code, body.parameter].compactMap(\.self).joined(separator: ", ")
        let shown = names.isEmpty ? "" : " (\(names))"
        return ConnectorError(
            .stop, Problem(.answerUnreadable, "Stripe refused the request for \(kind.title) with \(status)\(shown)"))
    }

    /// `pause` is how long the connection would refuse calls anyway.
    static func error(_ failure: TransportFailure, pause: Duration?) -> ConnectorError {
        switch failure {
        case .notSent(let reason):
            ConnectorError(.retry(after: pause), Problem(.unreachable, "Stripe cannot be reached: \(reason)"))
        case .noAnswer(let reason):
            ConnectorError(.retry(after: pause), Problem(.unreachable, "Stripe did not answer: \(reason)"))
        case .replyTooLarge:
            ConnectorError(.stop, Problem(.answerUnreadable, "Stripe's answer is longer than anything it should say"))
        }
    }

    static func notJSON(_ body: [UInt8], expected: String) -> ConnectorError {
        let isHTML = body.first { $0 > 0x20 } == UInt8(ascii: "<")
        return unreadable("\(isHTML ? "a web page" : "something else") where \(expected) should be")
    }

    static func unreadable(_ what: String) -> ConnectorError {
        ConnectorError(.retry(after: nil), Problem(.answerUnreadable, "Stripe answered \(what)"))
    }

    /// One row that cannot be read takes its payout with it, because its lines would not add up without it.
    static func ofLine(_ row: String, _ payout: Payout, _ problem: Problem) -> ConnectorError {
        ConnectorError(
            .stop, Problem(problem.code, "balance transaction \(row) of payout \(payout.id): \(problem.detail)"))
    }

    /// Stripe refuses, or answers less than all, where a payout's content is not known for good.
    static func refuseWithoutLines(_ payout: Payout) throws(ConnectorError) {
        guard payout.content == .settled else {
            throw ConnectorError(
                .stop,
                Problem(
                    .internalError, "payout \(payout.id) was made by hand: Stripe does not tell what it is made up of"))
        }
        guard payout.state != .pending else {
            throw ConnectorError(
                .retry(after: nil),
                Problem(.internalError, "payout \(payout.id) is not complete yet: its lines are read once it is"))
        }
        guard StripeID.isOne(payout.id) else {
            throw ConnectorError(
                .stop, Problem(.internalError, "\"\(payout.id.prefix(40))\" is not the id of a Stripe payout"))
        }
    }
}
