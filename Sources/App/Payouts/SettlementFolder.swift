import ConnectorKit
import Domain
import Engine
import Foundation
import Logging
import ServiceLifecycle

/// Settlement files of one provider, as an integration is configured to take them.
struct SettlementFiles {
    let provider: String
    let layout: SettlementLayout
    /// Looked into while `serve` runs; `nil`: files are given to `payouts import`.
    let folder: String?
}

/// Takes in what is put into a folder. A file that was taken goes to `taken`, one that was refused to `refused` with a page of
/// what is wrong with it; what is still being written is left alone until it rests.
struct SettlementFolder: Service {
    let integration: Integration
    let files: SettlementFiles
    let folder: URL
    let interval: Duration

    init(_ integration: Integration, _ files: SettlementFiles, folder: String, every interval: Duration) {
        self.integration = integration
        self.files = files
        self.folder = URL(filePath: folder, directoryHint: .isDirectory)
        self.interval = interval
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await takeAll()
                } catch {
                    integration.logger.warning(
                        "settlement files could not be taken",
                        metadata: ["folder": "\(folder.path)", "error": "\(error)"])
                }
                try? await integration.clock.sleep(for: interval)
            }
        }
    }

    /// Takes every file that rests; answers what became of each.
    @discardableResult
    func takeAll() async throws -> [SettlementReport] {
        var reports: [SettlementReport] = []
        for file in try resting() {
            if let report = try await take(file) { reports.append(report) }
        }
        return reports
    }

    /// `nil` where somebody took the file away meanwhile.
    private func take(_ file: URL) async throws -> SettlementReport? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard FileManager.default.isReadableFile(atPath: file.path) else {
            // It stays where it is, and keeps no other from being taken.
            let problem = Problem(.settlementFileUnreadable, "the file \(file.path) cannot be opened: let it be read")
            integration.logger.error("settlement file refused", metadata: ["why": "\(problem)"])
            return SettlementReport(file.lastPathComponent, SettlementImport.Report(problems: [problem]))
        }
        let report = try await SettlementImport(integration, files.layout, provider: files.provider)
            .run(FilePieces(file.path).open)
        var told = SettlementReport(file.lastPathComponent, report)
        let name = report.problems.isEmpty ? "taken" : "refused"
        do {
            try put(file, into: name, told)
        } catch {
            // What was taken of it is kept, and taken once however often it is found here.
            told.hindrance = "the file cannot be moved to \(name): \(error.localizedDescription)"
            integration.logger.error("settlement file in the way", metadata: ["why": "\(told.hindrance ?? "")"])
        }
        return told
    }

    /// A file that was written to within the last seconds may not be whole.
    private func resting() throws -> [URL] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let found = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: [.contentModificationDateKey, .isRegularFileKey],
            options: .skipsHiddenFiles)
        let latest = integration.clock.now() - .seconds(5)
        return found.filter { file in
            let values = try? file.resourceValues(forKeys: [.contentModificationDateKey, .isRegularFileKey])
            let changed = values?.contentModificationDate.map { Int64($0.timeIntervalSince1970 * 1000) } ?? 0
            return values?.isRegularFile == true && Instant(milliseconds: changed) < latest
        }.sorted { $0.path < $1.path }
    }

    private func put(_ file: URL, into name: String, _ report: SettlementReport) throws {
        let place = folder.appending(path: name, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let target = Self.free(file, in: place)
        if !report.problems.isEmpty {
            let page = report.lines.joined(separator: "\n") + "\n"
            try page.write(
                to: place.appending(path: target.lastPathComponent + ".txt"), atomically: true, encoding: .utf8)
            integration.logger.error(
                "settlement file refused",
                metadata: ["file": "\(file.lastPathComponent)", "why": "\(report.problems[0])"])
        }
        try FileManager.default.moveItem(at: file, to: target)
    }

    /// Providers call every export the same: `export.csv`, `export-2.csv`, …
    private static func free(_ file: URL, in place: URL) -> URL {
        let (name, type) = (file.deletingPathExtension().lastPathComponent, file.pathExtension)
        var (target, number) = (place.appending(path: file.lastPathComponent), 1)
        while FileManager.default.fileExists(atPath: target.path) {
            number += 1
            target = place.appending(path: "\(name)-\(number)" + (type.isEmpty ? "" : ".\(type)"))
        }
        return target
    }
}
