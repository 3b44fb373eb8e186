import ArgumentParser
import Foundation
import Sandbox

/// For the demo: serves recorded orders as the shop that they were recorded from did.
struct ReplayShopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay-shop", abstract: "Serve recorded WooCommerce orders on loopback.", shouldDisplay: false)

    @Option(name: .long, help: "A folder with timeline.json, orders/ and refunds/.")
    var recordings: String

    @Option(name: .long) var port = 18_180
    @Option(name: .long) var consumerKey = "ck_replay"
    @Option(name: .long) var consumerSecret = "cs_replay"

    func run() async throws {
        var settings = ReplayShop.Settings()
        settings.consumerKey = consumerKey
        settings.consumerSecret = consumerSecret
        let shop = ReplayShop(
            timeline: try Self.timeline(in: recordings), refunds: Self.refunds(in: recordings), settings: settings)
        shop.advanceAll()
        try await shop.start(port: port)
        Output.line("serving \(recordings) at \(shop.address)")
        try await shop.run()
    }

    /// The snapshots in the order in which they were taken.
    static func timeline(in folder: String) throws -> [[UInt8]] {
        let folder = URL(filePath: folder, directoryHint: .isDirectory)
        guard let list = FileManager.default.contents(atPath: folder.appending(path: "timeline.json").path) else {
            throw UsageError("there is no timeline.json in \(folder.path)")
        }
        return try JSONDecoder().decode([String].self, from: list).map { name in
            let file = folder.appending(path: "orders/\(name)").path
            guard let data = FileManager.default.contents(atPath: file) else {
                throw UsageError("the timeline names \(name), which is not in \(folder.path)/orders")
            }
            return [UInt8](data)
        }
    }

    /// The lists of refunds, each in a file of its order's id.
    static func refunds(in folder: String) -> [Int: [UInt8]] {
        let folder = URL(filePath: folder, directoryHint: .isDirectory).appending(path: "refunds")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.reduce(into: [:]) { refunds, name in
            guard name.hasSuffix(".json"), let id = Int(name.dropLast(5)),
                let data = FileManager.default.contents(atPath: folder.appending(path: name).path)
            else { return }
            refunds[id] = [UInt8](data)
        }
    }
}
