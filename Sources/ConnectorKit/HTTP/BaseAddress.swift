/// The address of a system as configurations give it, to which paths are added: `https://shop.example`.
public enum BaseAddress {
    /// Whether a text can be one: http or https, a host, and neither query, fragment nor user name.
    public static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, ["http:", "https:"].contains(parts[0].lowercased()), parts[1].isEmpty, !parts[2].isEmpty
        else { return false }
        return !text.contains { "?#@ ".contains($0) }
    }

    /// Without slashes at its end.
    public static func trimmed(_ text: String) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
