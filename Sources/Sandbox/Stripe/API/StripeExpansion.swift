import Domain

/// Puts whole records in the place of their ids, as `expand[]=data.source` asks for.
struct StripeExpansion {
    private static let depthLimit = 4
    let record: (String) -> JSONValue?

    func applied(_ paths: [String], to value: JSONValue) throws(StripeRefusal) -> JSONValue {
        var value = value
        for path in paths {
            let names = path.split(separator: ".").map(String.init)
            guard !names.isEmpty, names.count <= Self.depthLimit else {
                throw .invalid("expand", "You cannot expand more than \(Self.depthLimit) levels of a property: \(path)")
            }
            // Only what every record has can be told apart from what only some have.
            guard value[names[0]] != nil else {
                throw .invalid("expand", "This property cannot be expanded (\(path)).")
            }
            value = expand(value, names[...])
        }
        return value
    }

    private func expand(_ value: JSONValue, _ names: ArraySlice<String>) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { expand($0, names) })
        case .string(let id) where names.isEmpty: return record(id) ?? value
        // On the way to a deeper one, an id that was not asked for by itself is expanded too.
        case .string(let id):
            guard let found = record(id) else { return value }
            return expand(found, names)
        case .object(var members):
            guard let name = names.first, let member = members[name] else { return value }
            members[name] = expand(member, names.dropFirst())
            return .object(members)
        case .null, .bool, .number: return value
        }
    }
}
