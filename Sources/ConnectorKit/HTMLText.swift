/// Text that a system stores as HTML, made plain: tags go, character references become their characters.
public enum HTMLText {
    public static func plain(_ html: String) -> String { withoutReferences(withoutTags(html)) }

    /// Tags go first, so that `&lt;b&gt;` stays readable as `<b>`. A `<` that opens no tag stays.
    private static func withoutTags(_ html: String) -> String {
        var result = ""
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            result += rest[..<open]
            let after = rest.index(after: open)
            let opensTag = after < rest.endIndex && (rest[after].isLetter || "/!".contains(rest[after]))
            if opensTag {
                // Without any end there is no tag in all of the rest; looking again at each `<` would take for ever.
                guard let close = rest[after...].firstIndex(of: ">") else { return result + rest[open...] }
                rest = rest[rest.index(after: close)...]
            } else {
                result += "<"
                rest = rest[after...]
            }
        }
        return result + rest
    }

    private static let named: [Substring: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
    ]

    /// One pass: `&amp;lt;` becomes `&lt;`, as a browser shows it.
    private static func withoutReferences(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            let after = rest.index(after: start)
            let window = rest[after...].prefix(12)
            if let end = window.firstIndex(of: ";"), let character = character(rest[after..<end]) {
                result += character
                rest = rest[rest.index(after: end)...]
            } else {
                result += "&"
                rest = rest[after...]
            }
        }
        return result + rest
    }

    private static func character(_ name: Substring) -> String? {
        guard name.hasPrefix("#") else { return named[name] }
        let digits = name.dropFirst()
        let isHex = digits.hasPrefix("x") || digits.hasPrefix("X")
        // A reference to NUL or half a pair stays as it is written.
        guard let code = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits), code > 0,
            let scalar = Unicode.Scalar(code)
        else { return nil }
        return String(Character(scalar))
    }
}
