extension HTTPCall: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `GET http://shop.example/orders`: no query, headers or body, because they carry keys, signatures and people.
    public var description: String { "\(method.rawValue) \(urlWithoutSecrets)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["call": description]) }

    /// The address without user information, query and fragment.
    var urlWithoutSecrets: String {
        let bare = url.prefix { $0 != "?" && $0 != "#" }
        let parts = bare.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let at = parts[2].lastIndex(of: "@") else { return String(bare) }
        let host = parts[2][parts[2].index(after: at)...]
        return ([parts[0], parts[1], host] + parts.dropFirst(3)).joined(separator: "/")
    }
}
