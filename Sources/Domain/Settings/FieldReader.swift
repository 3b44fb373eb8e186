/// One thing that is wrong in a configuration, and where.
public struct SettingsProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// `integrations[0].settings.vat.rules[2].tax`.
    public let path: String
    public let text: String

    public init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
    }

    public var description: String { "\(path): \(text)" }
}

/// Reads typed values out of a configuration tree and collects every problem, so that a person sees all of them at once.
/// Scalars arrive as text, as YAML has them before it guesses types.
public final class FieldReader {
    private final class Findings {
        var problems: [SettingsProblem] = []
    }

    private let value: JSONValue?
    private let path: String
    private let findings: Findings
    private var known: Set<String> = []

    public convenience init(_ value: JSONValue) { self.init(value, path: "", findings: Findings()) }

    private init(_ value: JSONValue?, path: String, findings: Findings) {
        self.value = value
        self.path = path
        self.findings = findings
    }

    public var problems: [SettingsProblem] { findings.problems }
    public var isPresent: Bool { value.map { !$0.isNull } ?? false }

    /// The names of its keys, sorted.
    public var keys: [String] { if case .object(let members) = value { members.keys.sorted() } else { [] } }
    public func ifPresent<Value>(_ read: (FieldReader) -> Value) -> Value? { isPresent ? read(self) : nil }

    public func report(_ key: String, _ text: String) { findings.problems.append(SettingsProblem(path(to: key), text)) }

    private func path(to key: String) -> String {
        if key.isEmpty { return path.isEmpty ? "(top)" : path }
        return path.isEmpty ? key : "\(path).\(key)"
    }

    private func member(_ key: String) -> JSONValue? {
        known.insert(key)
        guard let found = value?[key], !found.isNull else { return nil }
        return found
    }

    // MARK: Scalars

    public func string(_ key: String) -> String? {
        guard let found = member(key) else { return nil }
        guard let text = found.text else {
            report(key, "must be a text")
            return nil
        }
        return text
    }

    public func string(_ key: String, default fallback: String) -> String { string(key) ?? fallback }

    public func requiredString(_ key: String) -> String {
        if let text = string(key), !text.isEmpty { return text }
        report(key, "is required")
        return ""
    }

    public func bool(_ key: String, default fallback: Bool) -> Bool {
        guard let text = string(key) else { return fallback }
        switch text {
        case "true": return true
        case "false": return false
        default:
            report(key, "must be true or false, not \"\(text)\"")
            return fallback
        }
    }

    public func int(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = string(key) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            report(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
            return fallback
        }
        return number
    }

    /// A value that is read from text, with what a right one looks like.
    public func parsed<Value>(_ key: String, _ expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = string(key) else { return nil }
        if let value = parse(text) { return value }
        report(key, "must be \(expected), not \"\(text)\"")
        return nil
    }

    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Choice
    ) -> Choice where Choice.RawValue == String { choice(key) ?? fallback }

    /// `nil` when it is left out.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String
    ) -> Choice? where Choice.RawValue == String {
        let expected = "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return parsed(key, expected) { Choice(rawValue: $0) }
    }

    // MARK: Structure

    public func group(_ key: String) -> FieldReader {
        let found = member(key)
        if let found, case .object = found {} else if found != nil { report(key, "must be a group of keys") }
        return FieldReader(found, path: path(to: key), findings: findings)
    }

    public func list<Element>(_ key: String, _ read: (FieldReader) -> Element) -> [Element] {
        elements(key).enumerated().map { index, element in
            let reader = FieldReader(element, path: "\(path(to: key))[\(index)]", findings: findings)
            let result = read(reader)
            reader.refuseUnknownKeys()
            return result
        }
    }

    public func strings(_ key: String, default fallback: [String]) -> [String] {
        guard value?[key] != nil else {
            known.insert(key)
            return fallback
        }
        return elements(key).enumerated().compactMap { index, element in
            if let text = element.text { return text }
            report("\(key)[\(index)]", "must be a text")
            return nil
        }
    }

    private func elements(_ key: String) -> [JSONValue] {
        guard let found = member(key) else { return [] }
        guard let elements = found.array else {
            report(key, "must be a list")
            return []
        }
        return elements
    }

    /// Misspelt keys would be ignored in silence otherwise.
    public func refuseUnknownKeys() {
        guard case .object(let members) = value else { return }
        for key in members.keys.sorted() where !known.contains(key) {
            report(key, "is not a key here; there are \(known.sorted().joined(separator: ", "))")
        }
    }
}
