import Foundation

/// The project's own Swift files, as text.
struct SourceTree {
    struct File: Sendable {
        /// From the project's root: `Sources/Domain/Money/Money.swift`.
        let path: String
        let text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var name: String { String(path.split(separator: "/").last ?? "") }
        /// The target: the folder below Sources or Tests.
        var target: String { String(path.split(separator: "/")[1]) }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func files(below folder: String) -> [File] {
        let base = root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
            guard let data = FileManager.default.contents(atPath: base.appending(path: name).path) else { return nil }
            return File(path: "\(folder)/\(name)", text: String(decoding: data, as: UTF8.self))
        }
    }

    static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: root.appending(path: path).path).map {
            String(decoding: $0, as: UTF8.self)
        }
            ?? ""
    }

    static func folders(below folder: String) -> [String] {
        let base = root.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: base.path)) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: base.appending(path: name).path, isDirectory: &isFolder)
                && isFolder.boolValue
        }.sorted()
    }
}
