import Domain

/// Writes JSON with its members in the order in which they are told, as PHP writes it: compact, with everything but ASCII
/// and every slash escaped.
struct WooJSON {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    static func object(_ body: (inout WooJSON) -> Void) -> [UInt8] {
        var json = WooJSON()
        json.bytes.reserveCapacity(4096)
        json.object(body: body)
        return json.bytes
    }

    mutating func object(_ name: String? = nil, body: (inout WooJSON) -> Void) {
        begin(name)
        enclose("{", "}", body)
    }

    mutating func array(_ name: String, body: (inout WooJSON) -> Void) {
        begin(name)
        enclose("[", "]", body)
    }

    mutating func array<Element>(_ name: String, _ elements: [Element], _ body: (inout WooJSON, Element) -> Void) {
        array(name) { json in
            for element in elements { json.object { body(&$0, element) } }
        }
    }

    mutating func text(_ name: String, _ text: String?) {
        begin(name)
        if let text { string(text) } else { raw("null") }
    }

    mutating func number(_ name: String, _ number: Int) { digits(name, String(number)) }

    /// A number that is written already.
    mutating func digits(_ name: String, _ digits: String) {
        begin(name)
        raw(digits)
    }

    mutating func flag(_ name: String, _ flag: Bool) { digits(name, flag ? "true" : "false") }

    mutating func value(_ name: String? = nil, _ value: JSONValue) {
        switch value {
        case .null:
            begin(name)
            raw("null")
        case .bool(let flag):
            begin(name)
            raw(flag ? "true" : "false")
        case .number(let number):
            begin(name)
            raw(number.description)
        case .string(let text):
            begin(name)
            string(text)
        case .array(let elements):
            begin(name)
            enclose("[", "]") { json in
                for element in elements { json.value(nil, element) }
            }
        case .object(let members):
            object(name) { json in
                for (name, value) in members.sorted(by: { $0.key < $1.key }) { json.value(name, value) }
            }
        }
    }

    // MARK: Plain parts

    private mutating func enclose(_ open: String, _ close: String, _ body: (inout WooJSON) -> Void) {
        raw(open)
        needsComma = false
        body(&self)
        raw(close)
    }

    private mutating func begin(_ name: String?) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        guard let name else { return }
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func raw(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        // Most texts need no escape.
        if text.utf8.allSatisfy(Self.isPlain) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for unit in text.utf16 { escape(unit) }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != 0x22 && byte != 0x5C && byte != 0x2F
    }

    private mutating func escape(_ unit: UInt16) {
        if let byte = UInt8(exactly: unit), Self.isPlain(byte) { return bytes.append(byte) }
        switch unit {
        case 0x22, 0x5C, 0x2F: bytes += [UInt8(ascii: "\\"), UInt8(unit)]
        case 0x0A: bytes += Array("\\n".utf8)
        default:
            let digits = String(unit, radix: 16)
            bytes += Array("\\u".utf8) + Array(repeating: UInt8(ascii: "0"), count: 4 - digits.utf8.count)
            bytes += Array(digits.utf8)
        }
    }
}
