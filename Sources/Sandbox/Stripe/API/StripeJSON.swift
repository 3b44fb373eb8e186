import Domain

/// Writes JSON as Stripe does: two spaces a level, `id` and `object` first, the other members by name.
struct StripeJSON {
    private var bytes: [UInt8] = []
    /// A new line with so many levels of spaces.
    private var breaks: [[UInt8]] = []

    static func bytes(_ value: JSONValue) -> [UInt8] {
        var json = StripeJSON()
        json.bytes.reserveCapacity(4096)
        json.write(value, 0)
        return json.bytes
    }

    private mutating func write(_ value: JSONValue, _ depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .number(let number): append(number.isZero ? "0" : number.description)
        case .string(let text): write(text)
        case .array(let elements):
            if elements.isEmpty { return append("[]") }
            append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { append(",") }
                breakLine(depth + 1)
                write(element, depth + 1)
            }
            breakLine(depth)
            append("]")
        case .object(let members):
            if members.isEmpty { return append("{}") }
            append("{")
            for (index, name) in Self.sorted(members).enumerated() {
                if index > 0 { append(",") }
                breakLine(depth + 1)
                write(name)
                append(": ")
                write(members[name] ?? .null, depth + 1)
            }
            breakLine(depth)
            append("}")
        }
    }

    private static func sorted(_ members: [String: JSONValue]) -> [String] {
        let first = ["id", "object"].filter { members[$0] != nil }
        let names = members.keys.sorted()
        return first.isEmpty ? names : first + names.filter { !first.contains($0) }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func breakLine(_ depth: Int) {
        while breaks.count <= depth {
            breaks.append([UInt8(ascii: "\n")] + Array(repeating: UInt8(ascii: " "), count: 2 * breaks.count))
        }
        bytes.append(contentsOf: breaks[depth])
    }

    private mutating func write(_ text: String) {
        append("\"")
        // Most texts need no escape.
        if text.utf8.contains(where: Self.needsEscape) {
            for byte in text.utf8 { escape(byte) }
        } else {
            append(text)
        }
        append("\"")
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): append("\\n")
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            append("\\u00\(digits.count == 1 ? "0" : "")\(digits)")
        default: bytes.append(byte)
        }
    }
}
