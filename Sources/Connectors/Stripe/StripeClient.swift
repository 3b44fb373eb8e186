import ConnectorKit
import Domain
import Synchronization

/// Requests to Stripe's API, version 1. Only reads; decides nothing about payouts.
struct StripeClient: Sendable {
    typealias Query = [(name: String, value: String)]

    /// What is read. The raw value is its place in the API.
    enum Kind: String, CaseIterable, Sendable {
        case payouts
        case balanceTransactions = "balance_transactions"
        /// What balance transactions come from, by `expand`: charges with their refunds, and disputes.
        case charges, disputes

        /// As people are told.
        var title: String { self == .balanceTransactions ? "balance transactions" : rawValue }

        /// What Stripe is asked to write out in it. When the money of a failed payout came back stands only in the balance
        /// transaction that brought it; whose order a balance transaction is of stands only in its source.
        var expanded: String? {
            switch self {
            case .payouts: "failure_balance_transaction"
            case .balanceTransactions: "source"
            case .charges, .disputes: nil
            }
        }
    }

    let configuration: StripeConfiguration
    let connection: Connection
    let clock: any WallClock
    let policy: RetryPolicy

    /// A page of a list, split but not decoded. `label` is for the count of calls.
    func list(_ kind: Kind, _ query: Query, label: String = "list") async throws(ConnectorError) -> StripePage {
        let expanded = kind.expanded.map { (name: "expand[]", value: "data.\($0)") }
        let (reply, began) = try await get(
            "/v1/\(kind.rawValue)", query + [expanded].compactMap(\.self), label: "\(kind.rawValue).\(label)")
        guard reply.status == 200 else { throw StripeErrors.error(reply, reading: kind, now: clock.now()) }
        guard let page = StripePage(reply.body, began: began) else {
            throw StripeErrors.notJSON(reply.body, expected: "a list of \(kind.title)")
        }
        return page
    }

    /// One object, as Stripe's bytes; `nil` when there is none of the id.
    func object(
        _ kind: Kind, _ id: String
    ) async throws(ConnectorError) -> (body: [UInt8], began: Instant)? {
        let expanded = kind.expanded.map { (name: "expand[]", value: $0) }
        let (reply, began) = try await get(
            "/v1/\(kind.rawValue)/\(id)", [expanded].compactMap(\.self), label: "\(kind.rawValue).get")
        if reply.status == 404, StripeErrorBody(reply.body).code == "resource_missing" { return nil }
        guard reply.status == 200 else { throw StripeErrors.error(reply, reading: kind, now: clock.now()) }
        // Anything else, such as an error of something before Stripe, says nothing of what was asked for.
        guard JSONElements.text(of: "id", in: reply.body[...]) == id else {
            throw StripeErrors.notJSON(reply.body, expected: "one of the \(kind.title)")
        }
        return (reply.body, began)
    }

    /// The answer, and when its request was sent.
    private func get(
        _ path: String, _ query: Query, label: String
    ) async throws(ConnectorError) -> (HTTPReply, Instant) {
        let began = Mutex(clock.now())
        do throws(TransportFailure) {
            let reply = try await connection.read(label: label, policy: policy) {
                let now = clock.now()
                began.withLock { $0 = now }
                return call(path, query)
            }
            return (reply, began.withLock { $0 })
        } catch {
            throw StripeErrors.error(error, pause: await connection.pause())
        }
    }

    private func call(_ path: String, _ query: Query) -> HTTPCall {
        HTTPCall(
            .get, configuration.url + path + (query.isEmpty ? "" : "?" + URLText.query(query)),
            headers: [
                ("Accept", "application/json"), ("Authorization", "Bearer \(configuration.secretKey.revealed)"),
                ("Stripe-Version", configuration.apiVersion),
            ],
            deadline: .seconds(configuration.timeoutSeconds), maxReplyBytes: configuration.maxReplyBytes)
    }
}
