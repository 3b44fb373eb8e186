import ArgumentParser
import Foundation

struct SettlementBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settlement",
        abstract: "Rows per second and peak memory of a settlement file, from the file to the booked payout.",
        discussion:
            "The file and a store with an order for nearly every row are made first, in the folder, and left there.")

    @Option(name: .long, help: "Rows of the file.")
    var rows = 1_000_000

    @Option(name: .long, help: "An empty folder for the file and the store.")
    var folder: String

    @Flag(name: .long, help: "Machine-readable output.")
    var json = false

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: folder + "/bench.db") else {
            throw UsageError("\(folder) has a store of an earlier run: name an empty folder")
        }
        let result = try await SettlementBench(rows: rows, folder: URL(filePath: folder)).run()
        if json { return try Output.json(result) }
        Output.line("\(result.rows) rows, \(String(format: "%.1f", result.fileMegabytes)) MB: \(result.file)")
        for part in result.parts {
            Output.line(
                String(
                    format: "  %@: %.1f s, %.0f rows/s, peak memory %.0f MB", part.name, part.seconds,
                    part.rowsPerSecond, part.peakMegabytes))
        }
        Output.line("  not matched: \(result.unmatched), each with its reason; for instance")
        Output.line("    \(result.example)")
    }
}
