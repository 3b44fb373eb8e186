import ConnectorKit
import Domain

/// Calls to the Fortnox API v3. Decides nothing about documents.
///
/// What provably did nothing and will pass (not sent, too many calls, a token that has ended) is sent again a few times,
/// reads also when their answer was lost. Nothing else is: Fortnox takes every POST for a new document.
final class FortnoxClient: Sendable {
    let configuration: FortnoxConfiguration
    let connection: Connection
    let tokens: FortnoxTokens
    let clock: any WallClock
    private static let attempts = 4

    init(
        configuration: FortnoxConfiguration, connection: Connection, tokens: FortnoxTokens, clock: any WallClock
    ) {
        self.configuration = configuration
        self.connection = connection
        self.tokens = tokens
        self.clock = clock
    }

    /// When a call that is begun now must have ended.
    var deadline: Instant { clock.now() + .seconds(configuration.timeoutSeconds) }

    // MARK: Reading

    /// One record: `get("invoices/17", "Invoice", …)`; `nil` when there is none.
    func get(_ path: String, _ name: String, by deadline: Instant) async throws(FortnoxFailure) -> FortnoxRow? {
        do throws(FortnoxFailure) {
            let answer = try await read(path, [], by: deadline)
            guard let row = FortnoxRow(answer[name]) else { throw FortnoxFailure.unreadable("no \(name)") }
            return row
        } catch .refused(let refusal) where refusal.isNotFound {
            return nil
        } catch {
            throw error.ofRead
        }
    }

    /// One page of a list, with the number of pages there are.
    func page(
        _ path: String, _ name: String, _ filter: [(name: String, value: String)] = [], page: Int = 1,
        limit: Int = 500, by deadline: Instant
    ) async throws(FortnoxFailure) -> (rows: [FortnoxRow], pages: Int) {
        do throws(FortnoxFailure) {
            var query = filter + [(name: "limit", value: String(limit))]
            if page > 1 { query.append((name: "page", value: String(page))) }
            let answer = try await read(path, query, by: deadline)
            guard let elements = answer[name]?.array else { throw FortnoxFailure.unreadable("no list of \(name)") }
            return (elements.compactMap { FortnoxRow($0) }, answer["MetaInformation"]?["@TotalPages"]?.int ?? 1)
        } catch {
            throw error.ofRead
        }
    }

    /// All rows of a list. Pages shift when records are added meanwhile; what comes twice does no harm here.
    func list(
        _ path: String, _ name: String, _ filter: [(name: String, value: String)] = [], by deadline: Instant
    ) async throws(FortnoxFailure) -> [FortnoxRow] {
        var (rows, pages) = try await page(path, name, filter, by: deadline)
        var number = 2
        while number <= pages {
            let next = try await page(path, name, filter, page: number, by: deadline)
            rows += next.rows
            pages = next.pages
            number += 1
        }
        return rows
    }

    private func read(
        _ path: String, _ query: [(name: String, value: String)], by deadline: Instant
    ) async throws(FortnoxFailure) -> JSONValue {
        let target = path + (query.isEmpty ? "" : "?" + URLText.query(query))
        return try await call(.get, target, nil, isRead: true, by: deadline)
    }

    // MARK: Writing

    /// Makes a record, or acts on one: `write(.put, "invoices/17/bookkeep", "Invoice", …)` answers it as it is then.
    func write(
        _ method: HTTPCall.Method, _ path: String, _ name: String, _ body: JSONValue?, by deadline: Instant
    ) async throws(FortnoxFailure) -> FortnoxRow {
        try await write(method, path, name, sending: body.map { .json([name: $0]) }, by: deadline)
    }

    /// Makes a record of a file.
    func upload(
        _ path: String, _ name: String, _ file: FortnoxUpload, by deadline: Instant
    ) async throws(FortnoxFailure) -> FortnoxRow {
        try await write(.post, path, name, sending: .file(file), by: deadline)
    }

    private func write(
        _ method: HTTPCall.Method, _ path: String, _ name: String, sending body: FortnoxBody?, by deadline: Instant
    ) async throws(FortnoxFailure) -> FortnoxRow {
        let answer = try await call(method, path, body, isRead: false, by: deadline)
        guard let row = FortnoxRow(answer[name]) else { throw .unreadable("no \(name)") }
        return row
    }

    func call(
        _ method: HTTPCall.Method, _ path: String, _ body: FortnoxBody?, isRead: Bool, by deadline: Instant
    ) async throws(FortnoxFailure) -> JSONValue {
        var attempt = 1
        while true {
            do throws(FortnoxFailure) {
                return try await once(method, path, body, by: deadline)
            } catch {
                let failure = isRead ? error.ofRead : error
                guard case .busy(let after, _) = failure, attempt < Self.attempts,
                    await mayTryAgain(attempt, after: after, by: deadline)
                else { throw failure }
                attempt += 1
            }
        }
    }

    /// Waits for the next try; false when there is no time for one.
    private func mayTryAgain(_ attempt: Int, after: Duration?, by deadline: Instant) async -> Bool {
        let wait = max(after ?? .zero, .milliseconds(200 << Int64(attempt)))
        guard clock.now() + wait + .seconds(1) < deadline else { return false }
        return (try? await clock.sleep(for: wait)) != nil
    }

    private func once(
        _ method: HTTPCall.Method, _ path: String, _ body: FortnoxBody?, by deadline: Instant
    ) async throws(FortnoxFailure) -> JSONValue {
        let token = try await tokens.access()
        let left = min(deadline - clock.now(), .seconds(configuration.timeoutSeconds))
        guard left > .milliseconds(100) else {
            throw .busy(after: nil, Problem(.unreachable, "there was no time left for the call to Fortnox"))
        }
        var headers = [("Authorization", "Bearer \(token.revealed)"), ("Accept", "application/json")]
        if let body { headers.append(("Content-Type", body.contentType)) }
        let call = HTTPCall(
            method, "\(configuration.url)/3/\(path)", headers: headers,
            body: body?.bytes, deadline: left)
        let reply: HTTPReply
        do throws(TransportFailure) {
            reply = try await connection.send(call, label: Self.label(method, path))
        } catch {
            throw Self.failure(error, await connection.pause())
        }
        if reply.status == 401 { await tokens.refused(token) }
        return try Self.value(reply)
    }

    /// `PUT invoices/17/bookkeep` counts as `invoices.bookkeep`, `GET invoices?…` as `invoices.list`.
    private static func label(_ method: HTTPCall.Method, _ path: String) -> String {
        let parts = path.prefix { $0 != "?" }.split(separator: "/")
        let act =
            switch (method, parts.count) {
            case (.get, 1): "list"
            case (.get, _): "get"
            case (.post, _): "create"
            case (_, 3...): String(parts[2])
            case (.delete, _): "delete"
            default: "write"
            }
        return "\(parts.first ?? "").\(act)"
    }

    // MARK: What an answer proves

    private static func failure(_ failure: TransportFailure, _ pause: Duration?) -> FortnoxFailure {
        switch failure {
        case .notSent(let text): .busy(after: pause, Problem(.unreachable, "Fortnox: \(text)"))
        case .noAnswer(let text): .unknown(Problem(.unreachable, "Fortnox: \(text)"))
        case .replyTooLarge: .unknown(Problem(.answerUnreadable, "Fortnox's answer is too large"))
        }
    }

    private static func value(_ reply: HTTPReply) throws(FortnoxFailure) -> JSONValue {
        switch reply.status {
        case 200...299:
            do throws(Problem) {
                return try JSONReader.decode(reply.body)
            } catch {
                throw .unreadable("no JSON: \(error.detail)")
            }
        case 401:
            // The next try renews the token; if that does not help, the tokens say so.
            throw .busy(after: nil, Problem(.unauthorised, "Fortnox refused the access token"))
        case 429:
            throw .busy(after: nil, Problem(.unreachable, "Fortnox allows no more calls for now"))
        case 403:
            throw .barred(Problem(.permissionMissing, FortnoxRefusal(status: 403, body: reply.body).problem.detail))
        case 408, 300...399, 500...:
            throw .unknown(Problem(.unreachable, "Fortnox answered \(reply.status)"))
        default:
            let refusal = FortnoxRefusal(status: reply.status, body: reply.body)
            // Whoever answers without a code is not Fortnox: a wrong address, or something in between.
            guard refusal.code != nil else {
                throw .unknown(
                    Problem(.answerUnreadable, "the answer \(reply.status) does not look like one of Fortnox's"))
            }
            // A system error: nobody says what was done.
            if refusal.code == 1_000_003 { throw .unknown(refusal.problem) }
            if refusal.problem.code == .permissionMissing { throw .barred(refusal.problem) }
            throw .refused(refusal)
        }
    }
}
