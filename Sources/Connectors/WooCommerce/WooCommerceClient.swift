import ConnectorKit
import Domain
import Foundation
import Synchronization

/// Requests to the shop's REST API, version 3. Decides nothing about orders.
struct WooCommerceClient: Sendable {
    typealias Query = [(name: String, value: String)]

    let configuration: WooCommerceConfiguration
    let connection: Connection
    let clock: any WallClock
    let randomness: Randomness
    let policy: RetryPolicy

    private static let path = "/wp-json/wc/v3/orders"

    /// A page of orders, split but not decoded.
    func list(_ query: Query, label: String, policy: RetryPolicy? = nil) async throws(ConnectorError) -> WooList {
        let (outcome, began) = await get(Self.path, query, label: label, policy: policy ?? self.policy)
        let reply: HTTPReply
        switch outcome {
        case .success(let answer): reply = answer
        case .failure(.replyTooLarge): return .unusable(.tooLarge)
        case .failure(let failure): throw WooCommerceErrors.error(failure, pause: await connection.pause())
        }
        guard reply.status == 200 else {
            let error = WooCommerceErrors.error(reply, now: clock.now())
            if reply.status == 500 { return .unusable(.failing(error)) }
            throw error
        }
        do throws(JSONElements.Failure) {
            let rows = try JSONElements.split(reply.body).map { WooRow(reply.body[$0.range]) }
            return .rows(rows, total: reply.header("X-WP-Total").flatMap { Int($0) }, began: began)
        } catch .notAnArray {
            throw WooCommerceErrors.notJSON(reply.body)
        } catch {
            return .unusable(.unbalanced)
        }
    }

    /// One order's answer, whatever its status but for failures that concern the whole shop.
    func order(_ id: String, policy: RetryPolicy? = nil) async throws(ConnectorError) -> WooSingle {
        let (outcome, began) = await get("\(Self.path)/\(id)", [], label: "orders.get", policy: policy ?? self.policy)
        switch outcome {
        case .failure(.replyTooLarge):
            return .tooLarge(began: began)
        case .failure(let failure):
            throw WooCommerceErrors.error(failure, pause: await connection.pause())
        case .success(let reply) where reply.status == 200:
            return .body(Self.trimmed(reply.body), began: began)
        case .success(let reply) where reply.status == 500:
            return .failing(WooCommerceErrors.error(reply, now: clock.now()), body: reply.body, began: began)
        case .success(let reply):
            let code = WooErrorBody(reply.body).code
            if reply.status == 404, code == "woocommerce_rest_shop_order_invalid_id" { return .gone }
            throw WooCommerceErrors.error(reply, now: clock.now())
        }
    }

    /// Refunds of an order, as the shop's bytes; `nil` where the shop cannot tell them.
    func refunds(of id: String) async throws(ConnectorError) -> [UInt8]? {
        let (outcome, _) = await get(
            "\(Self.path)/\(id)/refunds", [(name: "per_page", value: "100")], label: "refunds.list", policy: policy)
        switch outcome {
        case .failure(.replyTooLarge): return nil
        case .failure(let failure): throw WooCommerceErrors.error(failure, pause: await connection.pause())
        case .success(let reply) where reply.status == 200:
            let body = Self.trimmed(reply.body)
            return (try? JSONElements.split(body)) == nil ? nil : body
        case .success(let reply) where reply.status == 404 || reply.status == 500: return nil
        case .success(let reply): throw WooCommerceErrors.error(reply, now: clock.now())
        }
    }

    /// The answer, and when its request was sent.
    private func get(
        _ path: String, _ query: Query, label: String, policy: RetryPolicy
    ) async -> (Result<HTTPReply, TransportFailure>, Instant) {
        let began = Mutex(clock.now())
        do throws(TransportFailure) {
            let reply = try await connection.read(label: label, policy: policy) {
                let now = clock.now()
                began.withLock { $0 = now }
                return call(path, query, now: now)
            }
            return (.success(reply), began.withLock { $0 })
        } catch {
            return (.failure(error), began.withLock { $0 })
        }
    }

    /// What PHP files print around an answer (blank lines, a byte order mark) is no part of the order: the same order is
    /// then the same bytes, alone and in a list.
    private static func trimmed(_ body: [UInt8]) -> [UInt8] {
        let body = body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body[...]
        guard let first = body.firstIndex(where: { $0 > 0x20 }), let last = body.lastIndex(where: { $0 > 0x20 }) else {
            return []
        }
        return Array(body[first...last])
    }

    /// One request with its own signature.
    func call(_ path: String, _ query: Query, now: Instant) -> HTTPCall {
        var headers = [(name: "Accept", value: "application/json")]
        var query = query
        if configuration.isSecure {
            let pair = "\(configuration.consumerKey.revealed):\(configuration.consumerSecret.revealed)"
            headers.append(("Authorization", "Basic " + Data(pair.utf8).base64EncodedString()))
        } else {
            let oauth = OAuth1(consumerKey: configuration.consumerKey, consumerSecret: configuration.consumerSecret)
            query = oauth.signed(
                method: "GET", url: (configuration.homeURL ?? configuration.url) + path, query: query,
                nonce: randomness.nonce(), timestamp: now.wholeSeconds)
        }
        let address = configuration.url + path + (query.isEmpty ? "" : "?" + URLText.query(query))
        return HTTPCall(
            .get, address, headers: headers, deadline: .seconds(configuration.timeoutSeconds),
            maxReplyBytes: configuration.maxReplyBytes)
    }
}

/// The answer to a request for one order.
enum WooSingle: Sendable {
    case body([UInt8], began: Instant)
    case gone
    case tooLarge(began: Instant)
    /// 500: the shop fails over this order, or as a whole.
    case failing(ConnectorError, body: [UInt8], began: Instant)
}
