import Domain

/// One field of a resource: what may be written to it and what it holds when nothing was.
struct FortnoxField: Sendable {
    enum Kind: Sendable {
        case text(Int)
        case number
        /// A number that is answered as text.
        case quantity
        case whole
        case flag
        case day
        case choice([String])
        case anything
    }

    let name: String
    let kind: Kind
    /// When nothing was written.
    let fallback: JSONValue
    var isWritable = true

    static func text(_ name: String, _ limit: Int = 1024, _ fallback: JSONValue = "") -> Self {
        Self(name: name, kind: .text(limit), fallback: fallback)
    }

    static func number(_ name: String, _ fallback: JSONValue = 0) -> Self {
        Self(name: name, kind: .number, fallback: fallback)
    }

    static func whole(_ name: String, _ fallback: JSONValue = nil) -> Self {
        Self(name: name, kind: .whole, fallback: fallback)
    }

    static func flag(_ name: String, _ fallback: JSONValue = false) -> Self {
        Self(name: name, kind: .flag, fallback: fallback)
    }

    static func day(_ name: String, _ fallback: JSONValue = nil) -> Self {
        Self(name: name, kind: .day, fallback: fallback)
    }

    static func choice(_ name: String, _ allowed: String, _ fallback: JSONValue) -> Self {
        Self(name: name, kind: .choice(allowed.split(separator: " ").map(String.init)), fallback: fallback)
    }

    static func anything(_ name: String, _ fallback: JSONValue) -> Self {
        Self(name: name, kind: .anything, fallback: fallback)
    }

    /// What only Fortnox writes.
    static func fixed(_ name: String, _ value: JSONValue) -> Self {
        Self(name: name, kind: .anything, fallback: value, isWritable: false)
    }

    static func texts(_ names: String, _ limit: Int = 1024, _ fallback: JSONValue = "") -> [Self] {
        names.split(separator: " ").map { .text(String($0), limit, fallback) }
    }

    /// The value as it is kept; `null` takes the field back to its fallback.
    func accepted(_ value: JSONValue) throws(FortnoxRefusal) -> JSONValue {
        if value.isNull { return fallback }
        switch kind {
        case .text(let limit):
            guard let text = value.text else { throw unfit }
            guard text.count <= limit else {
                throw .invalid(.textTooLong, "Fältet \(name) får vara högst \(limit) tecken.")
            }
            return .string(text)
        case .number:
            return .number(try number(value))
        case .quantity:
            return .string(try number(value).rounded(decimals: 2).description)
        case .whole:
            let number = try number(value)
            guard Int(number.description) != nil else { throw unfit }
            return .number(number)
        case .flag:
            guard let flag = value.bool ?? value.string.flatMap({ Bool($0) }) else { throw unfit }
            return .bool(flag)
        case .day:
            if value.string == "" { return fallback }
            guard let day = value.string.flatMap({ Day($0) }) else { throw unfit }
            return .string(day.description)
        case .choice(let allowed):
            guard let text = value.string, allowed.contains(text) else { throw unfit }
            return value
        case .anything:
            return value
        }
    }

    private func number(_ value: JSONValue) throws(FortnoxRefusal) -> ExactDecimal {
        guard let number = value.decimal else { throw unfit }
        return number
    }

    private var unfit: FortnoxRefusal { .invalid(.valueInvalid, "Ogiltigt värde i fältet \(name).") }
}

/// All fields of a resource.
struct FortnoxFields: Sendable {
    private let byName: [String: FortnoxField]
    let fallbacks: [String: JSONValue]

    init(_ fields: [FortnoxField]) {
        byName = fields.reduce(into: [:]) { $0[$1.name] = $1 }
        fallbacks = byName.mapValues(\.fallback)
    }

    /// What a request writes, by field.
    func accepted(_ payload: JSONValue?) throws(FortnoxRefusal) -> [String: JSONValue] {
        guard case .object(let members)? = payload else { throw .bodyInvalid }
        var values: [String: JSONValue] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let field = byName[name], field.isWritable else {
                throw .invalid(.fieldUnknown, "Ogiltigt fältnamn: \(name.prefix(40)).")
            }
            values[name] = try field.accepted(value)
        }
        return values
    }
}

extension JSONValue {
    /// A number, also one that is written as text.
    var decimal: ExactDecimal? { number ?? string.flatMap { ExactDecimal($0) } }

    init(_ number: Int) { self = .number(ExactDecimal(number)) }
    init(_ number: ExactDecimal) { self = .number(number) }
    init(_ number: Int?) { self = number.map { JSONValue($0) } ?? .null }
    init(_ day: Day?) { self = day.map { .string($0.description) } ?? .null }
    /// A reference to a document; Fortnox writes "no reference" as the text 0.
    init(reference number: Int?) { self = .string(String(number ?? 0)) }
}

extension [String: JSONValue] {
    func text(_ key: String) -> String { self[key]?.text ?? "" }
    func decimal(_ key: String) -> ExactDecimal { self[key]?.decimal ?? .zero }
    func day(_ key: String) -> Day? { self[key]?.string.flatMap { Day($0) } }
    func flag(_ key: String) -> Bool { self[key]?.bool ?? false }
    /// `API_BLANK` empties a field.
    mutating func take(_ other: [String: JSONValue]) {
        merge(other) { _, new in new.string == "API_BLANK" ? "" : new }
    }
}
