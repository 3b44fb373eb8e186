import App
import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage
import TestKit

/// One integration of a replayed shop, put together as the product puts it together, with its configuration file.
final class Setup {
    let shop: ReplayShop
    let folder: TemporaryFolder
    let configuration: URL
    let identity: String
    let erpAddress: String

    // `erp` is the address of the ERP or of a proxy before it.
    init(shop: ReplayShop, erp: String, identity: String) throws {
        self.shop = shop
        self.identity = identity
        erpAddress = erp
        folder = try TemporaryFolder()
        configuration = folder.url.appending(path: "ordersync.yaml")
        try Data(yaml.utf8).write(to: configuration)
    }

    private var yaml: String {
        let file = Recordings.expected.appending(path: "settings.yaml")
        let settings = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let groups = settings.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("live:") && !$0.hasPrefix("timeZone:") && !$0.hasPrefix("#") }
            .map { "      \($0)" }.joined(separator: "\n")
        return """
            store: "sqlite:\(storeFile)"
            integrations:
              - name: \(identity)
                live: true
                timeZone: Europe/Stockholm
                storefront:
                  connector: woocommerce
                  url: "\(shop.address)"
                  consumerKey: ck_sandbox
                  consumerSecret: cs_sandbox
                erp:
                  connector: tryton
                  url: "\(erpAddress)"
                  database: \(RealTryton.database)
                  username: admin
                  password: "\(RealTryton.password)"
                settings:
            \(groups)
            """
    }

    var storeFile: String { folder.url.appending(path: "store.db").path }

    /// The product as its users run it: a process of its own.
    func ordersync(_ arguments: String...) throws -> Command.Result {
        try Command.run(Self.executable, arguments + ["--config", configuration.path])
    }

    func start(_ arguments: String...) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: Self.executable)
        process.arguments = arguments + ["--config", configuration.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Built beside the tests, unless ORDERSYNC_TEST_EXECUTABLE names another one.
    static var executable: String {
        if let named = RealTryton.environment["ORDERSYNC_TEST_EXECUTABLE"] { return named }
        let beside = Bundle.main.bundleURL.appending(path: "ordersync").path
        let built = RealTryton.root.appending(path: ".build/debug/ordersync").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : built
    }

    func status(of number: String) throws -> Status {
        let result = try ordersync("status", "order", number, "--json")
        guard let status = try? JSONDecoder().decode(Status.self, from: Data(result.output.utf8)) else {
            throw Command.Failed(text: result.error + result.output)
        }
        return status
    }

    struct Status: Decodable {
        let state: String
        let code: String?
        let reason: String
    }
}
