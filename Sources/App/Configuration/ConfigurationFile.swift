import Domain
import Foundation
import Yams

/// The configuration file as a tree of texts, with `${NAME}` and `${file:PATH}` filled in.
struct ConfigurationFile {
    let tree: JSONValue
    let problems: [SettingsProblem]

    /// - Throws: `UsageError` when the file cannot be read or is not YAML.
    init(path: String, environment: [String: String]) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError("there is no configuration file \(path); name one with --config FILE")
        }
        try self.init(text: String(decoding: data, as: UTF8.self), environment: environment)
    }

    init(text: String, environment: [String: String]) throws {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw UsageError("the configuration is not valid YAML: \(error)")
        }
        var filler = Placeholders(environment: environment)
        tree = node.map { filler.value($0, path: "") } ?? .object([:])
        problems = filler.problems
    }
}

/// Replaces placeholders while the YAML tree is turned into values. Scalars stay text: types are asked for by the reader.
private struct Placeholders {
    let environment: [String: String]
    var problems: [SettingsProblem] = []

    mutating func value(_ node: Node, path: String) -> JSONValue {
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return .null }
            return .string(filled(scalar.string, path))
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for (index, element) in sequence.enumerated() { elements.append(value(element, path: "\(path)[\(index)]")) }
            return .array(elements)
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, element) in mapping {
                let name = key.string ?? ""
                members[name] = value(element, path: path.isEmpty ? name : "\(path).\(name)")
            }
            return .object(members)
        case .alias:
            problems.append(SettingsProblem(path, "aliases are not supported"))
            return .null
        }
    }

    private mutating func filled(_ text: String, _ path: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${"), let end = rest.range(of: "}", range: start.upperBound..<rest.endIndex) {
            result += rest[..<start.lowerBound]
            result += replacement(String(rest[start.upperBound..<end.lowerBound]), path)
            rest = rest[end.upperBound...]
        }
        return result + rest
    }

    private mutating func replacement(_ name: String, _ path: String) -> String {
        if name.hasPrefix("file:") {
            let file = String(name.dropFirst(5))
            if let data = FileManager.default.contents(atPath: file) {
                return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            }
            problems.append(SettingsProblem(path, "the file \(file) cannot be read"))
        } else if let value = environment[name] {
            return value
        } else {
            problems.append(SettingsProblem(path, "the environment has no \(name)"))
        }
        return ""
    }
}

/// The command was called in a way that cannot work: exit status 2.
struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
