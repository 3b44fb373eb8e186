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
        let files = try TemporaryFolder()
        let (output, error) = (files.url.appending(path: "out"), files.url.appending(path: "err"))
        for file in [output, error] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        // Files, not pipes: a pipe that fills up while nobody reads would stop the command.
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: error)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            error: String(decoding: try Data(contentsOf: error), as: UTF8.self))
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
