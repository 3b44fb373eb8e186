import Foundation

/// The real ERP that these tests run against, brought up by `scripts/test.sh`.
enum RealTryton {
    static let environment = ProcessInfo.processInfo.environment
    static let url = environment["ORDERSYNC_TEST_TRYTON_URL"]?.trimmingSuffix("/")
    static var isThere: Bool { url != nil }
    static let database = "ordersync"
    static let password = environment["TRYTON_PASSWORD"] ?? "ordersync-test"

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What the ERP's books say, read by a script that uses nothing of the product.
    static func books() throws -> Data {
        let script = root.appending(path: "scripts/tryton/truth.py").path
        let result = try Command.run(
            "/usr/bin/env", ["python3", script, "--url", url ?? "", "--password", password])
        guard result.status == 0 else { throw Command.Failed(text: result.error) }
        return Data(result.output.utf8)
    }

    /// Invoices by the shop's order number, as the ERP holds them.
    static func invoices() throws -> [String: [Invoice]] {
        let all = try JSONDecoder().decode(Books.self, from: books()).invoices
        return Dictionary(grouping: all) { $0.reference ?? "" }
    }

    struct Books: Decodable {
        let invoices: [Invoice]
        let unbalanced_moves: [String]
        let debit: String
        let credit: String
    }

    struct Invoice: Decodable {
        struct Tax: Decodable {
            let base: String
            let amount: String
        }
        let number: String?
        let reference: String?
        let state: String
        let date: String?
        let currency: String
        let total: String
        let taxes: [String: Tax]
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}

/// A command run to its end.
enum Command {
    struct Failed: Error { let text: String }

    struct Result {
        let status: Int32
        let output: String
        let error: String
    }

    static func run(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Result {
        let prepared = try Prepared(executable, arguments, environment)
        try prepared.process.run()
        prepared.process.waitUntilExit()
        return try prepared.result()
    }

    /// The same without holding a thread: what the command talks to may live in this process.
    static func finished(_ executable: String, _ arguments: [String]) async throws -> Result {
        let prepared = try Prepared(executable, arguments, [:])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            prepared.process.terminationHandler = { _ in continuation.resume() }
            do { try prepared.process.run() } catch {
                prepared.process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return try prepared.result()
    }

    private struct Prepared {
        let process = Process()
        let files: TemporaryFolder

        init(_ executable: String, _ arguments: [String], _ environment: [String: String]) throws {
            files = try TemporaryFolder()
            for name in ["out", "err"] { try Data().write(to: files.url.appending(path: name)) }
            process.executableURL = URL(filePath: executable)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
            // Files, not pipes: a pipe that fills up while nobody reads would stop the command.
            process.standardOutput = try FileHandle(forWritingTo: files.url.appending(path: "out"))
            process.standardError = try FileHandle(forWritingTo: files.url.appending(path: "err"))
            process.standardInput = FileHandle.nullDevice
        }

        func result() throws -> Result {
            func text(_ name: String) throws -> String {
                String(decoding: try Data(contentsOf: files.url.appending(path: name)), as: UTF8.self)
            }
            return Result(
                status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
                output: try text("out"), error: try text("err"))
        }
    }
}

/// A folder that goes with its owner.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "ordersync-test-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
