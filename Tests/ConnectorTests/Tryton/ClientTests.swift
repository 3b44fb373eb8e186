import ConnectorKit
@testable import Connectors
import Domain
import TestKit
import Testing

@Suite struct TrytonClientTests {
    private typealias Answer = ScriptedTryton.Answer

    private func call(_ scene: ScriptedScene, _ effect: TrytonClient.Effect) async throws -> JSONValue {
        try await scene.client.call("sale.sale.quote", [[1]], effect, by: scene.deadline)
    }

    @Test func `one login serves all calls, and every call carries company and language`() async throws {
        let scene = ScriptedScene()

        _ = try await call(scene, .write)
        _ = try await call(scene, .read)

        #expect(scene.tryton.logins == 1)
        #expect(scene.tryton.params("sale.sale.quote").last == ["company": 1, "language": "en"])
        #expect(scene.tryton.params("sale.sale.quote", 1).last == ["company": 1, "language": "sv"])
        // "ordersync:3:token1"
        let sent = scene.tryton.requests.last?.headers.first { $0.name == "Authorization" }?.value
        #expect(sent == "Session b3JkZXJzeW5jOjM6dG9rZW4x")
    }

    @Test func `a body that is called compressed and is not is read`() async throws {
        // `ScriptedTryton` sends the header with every answer.
        let scene = ScriptedScene(["sale.sale.quote": [.result([7])]])

        #expect(try await call(scene, .write) == [7])
    }

    @Test func `a session that is gone is renewed and the call sent once more`() async throws {
        let scene = ScriptedScene(["sale.sale.quote": [.result(nil), .http(401), .result([7])]])
        _ = try await call(scene, .write)

        let result = try await call(scene, .write)

        #expect(result == [7])
        #expect(scene.tryton.logins == 2)
        #expect(scene.tryton.methods.count == 3)
    }

    @Test func `a fresh session that is refused again is no matter of trying`() async throws {
        let scene = ScriptedScene(["sale.sale.quote": [.http(401), .http(401), .http(401)]])

        let failure = await failure { try await call(scene, .write) }

        #expect(failure?.problem.code == .unauthorised)
        #expect(scene.tryton.methods.count == 2)
    }

    @Test func `a wrong password pauses the connection`() async throws {
        let scene = ScriptedScene(["common.db.login": [.http(401)]])

        let error = await #expect(throws: ConnectorError.self) { try await scene.connector.books() }

        #expect(error?.decision == .pauseConnection)
        #expect(error?.problem.code == .unauthorised)
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }

    @Test func `a locked row was rolled back, so a write is sent again`() async throws {
        let lock = Answer.http(503, "<p>could not obtain lock on row in relation \"sale_sale\"")
        let scene = ScriptedScene(["sale.sale.quote": [lock, lock, .result([7])]])

        #expect(try await call(scene, .write) == [7])
        #expect(scene.clock.slept == [.milliseconds(150), .milliseconds(300)])
    }

    @Test(arguments: [503, 504, 500, 502, 408])
    func `any other failing of the server leaves a write unknown`(_ status: Int) async throws {
        let scene = ScriptedScene(["sale.sale.quote": [.http(status, "<h1>gone</h1>"), .result([7])]])

        let failure = await failure { try await call(scene, .write) }

        guard case .unknown = failure else { throw Problem(.internalError, "\(String(describing: failure))") }
        #expect(scene.tryton.methods.count == 1)
    }

    @Test func `a database that cannot be reached just now is no fault of any order`() async throws {
        let scene = ScriptedScene(["common.db.login": [.http(404), .http(404), .http(404), .http(404)]])

        let failure = await failure { try await call(scene, .write) }

        guard case .busy = failure else { throw Problem(.internalError, "\(String(describing: failure))") }
        #expect(scene.tryton.requests.count == 4)
    }

    @Test func `logging in is tried again, whatever it is for`() async throws {
        let scene = ScriptedScene(["common.db.login": [.unreachable, .http(404), .result([3, "token", nil])]])

        #expect(try await scene.client.session(by: scene.deadline).company == 1)
    }

    @Test func `what Tryton does not offer to anybody stops the connection, not the order`() async throws {
        for status in [302, 403] {
            let scene = ScriptedScene(["sale.sale.quote": [.http(status)]])

            let failure = await failure { try await call(scene, .write) }

            guard case .barred = failure else { throw Problem(.internalError, "\(String(describing: failure))") }
        }
    }

    @Test func `an answer that is lost, cut or no JSON leaves a write unknown`() async throws {
        for answer in [Answer.lost, .http(200, "{\"id\":1,\"resu"), .http(200, "<html>"), .http(200, "{\"id\":1}")] {
            let scene = ScriptedScene(["sale.sale.quote": [answer, .result([7])]])

            let failure = await failure { try await call(scene, .write) }

            guard case .unknown = failure else { throw Problem(.internalError, "\(String(describing: failure))") }
            #expect(scene.tryton.methods.count == 1)
        }
    }

    @Test func `a read is asked again after whatever passes`() async throws {
        let scene = ScriptedScene(["sale.sale.quote": [.lost, .http(504), .unreachable, .result([7])]])

        #expect(try await call(scene, .read) == [7])
    }

    @Test func `a write that was never sent is sent again, and then told as not done`() async throws {
        let scene = ScriptedScene(["sale.sale.quote": [.unreachable, .unreachable, .unreachable, .unreachable, .lost]])

        let failure = await failure { try await call(scene, .write) }

        guard case .busy = failure else { throw Problem(.internalError, "\(String(describing: failure))") }
        #expect(scene.tryton.methods.count == 4)
    }

    @Test func `too many calls are told with Tryton's wish, which is not undercut`() async throws {
        let many = Answer.http(429, headers: [("Retry-After", "90")])
        let scene = ScriptedScene(["sale.sale.quote": [many, .result([7])]])

        let failure = await failure { try await call(scene, .write) }

        #expect(failure == .busy(after: .seconds(90), Problem(.unreachable, "Tryton answered with HTTP 429")))
    }

    @Test func `nothing is sent after the deadline`() async throws {
        let scene = ScriptedScene()
        _ = try await call(scene, .write)
        let past = scene.clock.now()

        let failure = await failure {
            try await scene.client.call("sale.sale.quote", [[1]], .write, by: past)
        }

        guard case .busy = failure else { throw Problem(.internalError, "\(String(describing: failure))") }
        #expect(scene.tryton.methods.count == 1)
    }

    @Test func `a call may take no longer than what is left until its deadline`() async throws {
        let scene = ScriptedScene()

        try await scene.client.call("sale.sale.quote", [[1]], .write, by: scene.clock.now() + .seconds(5))

        #expect(scene.tryton.requests.allSatisfy { $0.deadline <= .seconds(5) })
    }

    private func failure(_ body: () async throws -> JSONValue) async -> TrytonFailure? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? TrytonFailure
        }
    }
}
