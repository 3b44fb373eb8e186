import ConnectorKit
import Domain
import Foundation
import Sandbox
import TestKit

/// A sandbox company on a virtual clock, with a client that has an access token.
struct FortnoxSandboxBench {
    static let start = Sample.instant("2026-11-20T10:00:00Z")

    let company: FortnoxSandbox
    let clock: VirtualClock
    let token: String
    private let transport = HTTPTransport()

    static var settings: FortnoxSandbox.Settings {
        var settings = FortnoxSandbox.Settings()
        settings.articles = [
            .init("MUG-001", "Kaffemugg", price: ExactDecimal(100)),
            .init("FOOD-001", "Ost & Kex", salesAccount: 3002, vat: ExactDecimal(12)),
        ]
        return settings
    }

    static func open(
        _ settings: FortnoxSandbox.Settings = settings, _ body: (FortnoxSandboxBench) async throws -> Void
    ) async throws {
        let clock = VirtualClock(start, autoAdvance: true)
        let company = FortnoxSandbox(settings: settings, clock: clock)
        try await company.start()
        let bench = FortnoxSandboxBench(company, clock)
        do {
            try await body(bench)
        } catch {
            await bench.close()
            throw error
        }
        await bench.close()
    }

    private init(_ company: FortnoxSandbox, _ clock: VirtualClock) {
        self.company = company
        self.clock = clock
        token = company.accessToken()
    }

    private func close() async {
        await company.stop()
        try? await transport.shutdown()
    }

    // MARK: Calls

    func send(
        _ method: HTTPCall.Method, _ path: String, _ body: String? = nil, token: String? = nil
    ) async throws -> HTTPReply {
        var headers = [(name: "Authorization", value: "Bearer " + (token ?? self.token))]
        headers.append((name: "Accept", value: "application/json"))
        return try await transport.send(
            HTTPCall(method, company.apiURL + "/" + path, headers: headers, body: body.map { Array($0.utf8) }))
    }

    /// A form with one file.
    func upload(
        _ name: String, _ content: [UInt8], to path: String = "inbox?path=inbox_v"
    ) async throws -> HTTPReply {
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n"
        let headers = [
            (name: "Authorization", value: "Bearer \(token)"),
            (name: "Content-Type", value: "multipart/form-data; boundary=b"),
        ]
        clock.advance(by: .milliseconds(250))
        return try await transport.send(
            HTTPCall(
                .post, company.apiURL + "/" + path, headers: headers,
                body: Array(head.utf8) + content + Array("\r\n--b--\r\n".utf8)))
    }

    func json(_ method: HTTPCall.Method, _ path: String, _ body: String? = nil) async throws -> JSONValue {
        // Tests of the limit send by themselves.
        clock.advance(by: .milliseconds(250))
        return try JSONReader.decode(try await send(method, path, body).body)
    }

    /// The code of a refusal with its status, whichever way it is spelt.
    func refusal(_ method: HTTPCall.Method, _ path: String, _ body: String? = nil) async throws -> String {
        clock.advance(by: .milliseconds(250))
        let reply = try await send(method, path, body)
        let information = try JSONReader.decode(reply.body)["ErrorInformation"]
        let code = information?["code"]?.text ?? information?["Code"]?.text
        return "\(reply.status) \(code ?? "no code")"
    }

    func tokenReply(
        _ form: [(name: String, value: String)], client: String = "sandbox-client:sandbox-secret"
    ) async throws -> HTTPReply {
        let headers = [
            (name: "Authorization", value: "Basic " + Data(client.utf8).base64EncodedString()),
            (name: "Content-Type", value: "application/x-www-form-urlencoded"),
        ]
        return try await transport.send(
            HTTPCall(.post, company.tokenURL, headers: headers, body: Array(URLText.query(form).utf8)))
    }

    func renew(_ token: String) async throws -> (status: Int, body: JSONValue) {
        let reply = try await tokenReply([("grant_type", "refresh_token"), ("refresh_token", token)])
        return (reply.status, try JSONReader.decode(reply.body))
    }

    func open(_ address: String) async throws -> HTTPReply { try await transport.send(HTTPCall(.get, address)) }

    // MARK: Documents

    /// A customer with the number 1001.
    func customer(_ fields: String = "") async throws {
        _ = try await json(
            .post, "customers",
            #"{"Customer":{"CustomerNumber":"1001","Name":"Åsa Öberg"\#(fields.isEmpty ? "" : ",")\#(fields)}}"#)
    }

    static let mugs =
        #"{"ArticleNumber":"MUG-001","DeliveredQuantity":"2","Price":79.20,"VAT":25,"AccountNumber":3001}"#
    static let food = #"{"ArticleNumber":"FOOD-001","DeliveredQuantity":"3","Price":32.05,"VAT":12}"#

    func invoice(
        _ fields: String = "", rows: [String] = [mugs, food], key: String = "shop:1001"
    ) async throws -> JSONValue {
        let more = fields.isEmpty ? "" : "," + fields
        let body =
            #"{"Invoice":{"CustomerNumber":"1001","ExternalInvoiceReference1":"\#(key)","#
            + #""InvoiceRows":[\#(rows.joined(separator: ","))]\#(more)}}"#
        return try await json(.post, "invoices", body)["Invoice"] ?? .null
    }

    /// What the only voucher with this reference type holds: `1510 D 306.10`.
    func rows(_ type: String = "INVOICE", at index: Int = 0) -> [String] {
        let vouchers = company.books.vouchers.filter { $0.referenceType == type }
        guard vouchers.indices.contains(index) else { return [] }
        return vouchers[index].rows.map { row in
            row.debit.isZero ? "\(row.account) C \(row.credit)" : "\(row.account) D \(row.debit)"
        }
    }
}
