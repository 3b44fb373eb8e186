import Foundation

/// Queries and forms as clients send them, decoded.
enum QueryText {
    static func pairs(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decoded)
            return (name: parts[0], value: parts.count == 2 ? parts[1] : "")
        }
    }

    static func decoded(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        return text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? String(text)
    }

    /// The parts of a path, where a plus is a plus.
    static func path(_ text: String) -> [String] {
        text.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    }
}
