public import Crypto
import Engine
import Foundation

/// The key that seals what connections remember: 32 bytes in base64, in a file that only the server's user may read.
public struct KeyFile: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// The key; made at the first use.
    ///
    /// - Throws: `StoreError` when the file cannot be read or written, or holds no key.
    public func key() throws -> SymmetricKey {
        if !FileManager.default.fileExists(atPath: path) { try make() }
        guard let data = FileManager.default.contents(atPath: path),
            let key = Self.key(String(decoding: data, as: UTF8.self))
        else { throw StoreError(.unavailable, "the key file \(path) cannot be read or holds no key") }
        return key
    }

    /// A key as people write it; `nil` when it is none.
    public static func key(_ text: String) -> SymmetricKey? {
        guard let data = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)), data.count == 32
        else { return nil }
        return SymmetricKey(data: data)
    }

    /// Written whole under another name and then linked: of two processes that make it at once one wins, and nobody reads
    /// half a key.
    private func make() throws {
        let text = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() } + "\n"
        let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
        defer { unlink(draft) }
        let made = Self.write(Array(text.utf8), to: draft)
        guard made, link(draft, path) == 0 || errno == EEXIST else {
            throw StoreError(.unavailable, "the key file \(path) cannot be made")
        }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// On the disk before it returns: what is sealed with the key outlives a power cut too.
    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        return Foundation.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    }
}
