import Domain

/// A register with its records, and the checks that depend on nothing else.
struct FortnoxRegister {
    let resource: FortnoxResource
    var shelf: FortnoxShelf<FortnoxRecord>
    /// Also of deleted records: Fortnox gives no number twice.
    private var used: Set<String> = []
    private var lastNumber = 0

    init(_ resource: FortnoxResource) {
        self.resource = resource
        shelf = FortnoxShelf(parameters: resource.searchable.columns, isInOrder: false)
    }

    subscript(key: String) -> [String: JSONValue]? { shelf[key]?.values }

    func found(_ key: String) throws(FortnoxRefusal) -> [String: JSONValue] {
        guard let values = self[key] else { throw resource.missing }
        return values
    }

    /// Makes a record of what was written; answers its key.
    mutating func add(_ written: [String: JSONValue], at now: Instant) throws(FortnoxRefusal) -> String {
        for name in resource.required where written.text(name).isEmpty {
            throw .invalid(.fieldMissing, "Fältet \(name) måste anges.")
        }
        var values = resource.fields.fallbacks
        values.take(written)
        var key = values.text(resource.key)
        if key.isEmpty {
            guard resource.isNumbered else {
                throw .invalid(.fieldMissing, "Fältet \(resource.key) måste anges.")
            }
            repeat { lastNumber += 1 } while used.contains(String(lastNumber))
            key = String(lastNumber)
            values[resource.key] = .string(key)
        }
        guard used.insert(key).inserted else { throw resource.used }
        if let number = Int(key) { lastNumber = max(lastNumber, number) }
        put(values, key, at: now)
        return key
    }

    mutating func change(
        _ key: String, _ written: [String: JSONValue], at now: Instant
    ) throws(FortnoxRefusal) {
        var values = try found(key)
        if let other = written[resource.key]?.text, other != key {
            throw .invalid(.valueInvalid, "Ogiltigt värde i fältet \(resource.key).")
        }
        values.take(written)
        for name in resource.required where values.text(name).isEmpty {
            throw .invalid(.fieldMissing, "Fältet \(name) måste anges.")
        }
        put(values, key, at: now)
    }

    mutating func remove(_ key: String) throws(FortnoxRefusal) {
        _ = try found(key)
        shelf.remove(key)
    }

    mutating func list(_ query: FortnoxQuery, _ moment: FortnoxMoment) -> JSONValue {
        query.answer(&shelf, under: resource.plural, path: resource.path, moment)
    }

    private mutating func put(_ values: [String: JSONValue], _ key: String, at now: Instant) {
        shelf.put(FortnoxRecord(resource: resource, values: values), key, at: now)
    }
}
