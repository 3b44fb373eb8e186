import Domain

/// What a list shows and finds.
protocol FortnoxListed {
    /// What it can be found and sorted by, by parameter.
    var texts: [String: String] { get }
    var day: Day? { get }
    func passes(_ filter: String, today: Day) -> Bool
    /// As it stands in a list, but for its address.
    var summary: [String: JSONValue] { get }
}

extension FortnoxListed {
    var day: Day? { nil }
    func passes(_ filter: String, today: Day) -> Bool { true }
}

/// Records by key. What lists search in is kept in lower case, one column for each parameter, so that looking through ten
/// thousand records touches nothing else.
struct FortnoxShelf<Value: FortnoxListed> {
    /// By place, in the order in which they came; `nil` when deleted.
    private(set) var values: [Value?] = []
    private(set) var keys: [String] = []
    private(set) var modified: [Instant] = []
    private(set) var created: [Instant] = []
    private(set) var columns: [String: [[UInt8]]] = [:]
    private var places: [String: Int] = [:]
    private var sorted: [Int]?
    private let parameters: Set<String>
    /// Documents are numbered as they come; other records are sorted by their key.
    private let isInOrder: Bool

    init(parameters: Set<String>, isInOrder: Bool) {
        self.parameters = parameters
        self.isInOrder = isInOrder
        columns = parameters.reduce(into: [:]) { $0[$1] = [] }
    }

    var count: Int { places.count }

    subscript(key: String) -> Value? { places[key].flatMap { values[$0] } }

    mutating func put(_ value: Value, _ key: String, at now: Instant) {
        let texts = value.texts
        if let place = places[key] {
            values[place] = value
            modified[place] = now
            for name in parameters { columns[name]?[place] = Self.prepared(texts[name]) }
            return
        }
        places[key] = values.count
        values.append(value)
        keys.append(key)
        modified.append(now)
        created.append(now)
        for name in parameters { columns[name]?.append(Self.prepared(texts[name])) }
        sorted = nil
    }

    mutating func remove(_ key: String) {
        guard let place = places.removeValue(forKey: key) else { return }
        values[place] = nil
        sorted = nil
    }

    private static func prepared(_ text: String?) -> [UInt8] { text.map { Array($0.lowercased().utf8) } ?? [] }

    /// All places by key, numbers by their size before texts.
    mutating func ordered() -> [Int] {
        if let sorted { return sorted }
        let places = values.indices.filter { values[$0] != nil }
        let found = isInOrder ? places : Self.sorted(places) { self.keys[$0] }
        sorted = found
        return found
    }

    var all: [Value] { values.compactMap(\.self) }

    static func sorted(_ places: [Int], by text: (Int) -> String) -> [Int] {
        let keyed = places.map { place in
            let text = text(place)
            return (number: ExactDecimal(text), text: text, place: place)
        }
        return keyed.sorted { left, right in
            switch (left.number, right.number) {
            case (let one?, let other?): (one, left.place) < (other, right.place)
            case (nil, nil): (left.text, left.place) < (right.text, right.place)
            case (_?, nil): true
            case (nil, _?): false
            }
        }.map(\.place)
    }
}

extension [UInt8] {
    /// Whether the bytes stand somewhere in here.
    func holds(_ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard part.count <= count else { return false }
        return withUnsafeBufferPointer { text in
            part.withUnsafeBufferPointer { part in
                (0...(text.count - part.count)).contains { start in
                    guard text[start] == first else { return false }
                    var length = 1
                    while length < part.count, text[start + length] == part[length] { length += 1 }
                    return length == part.count
                }
            }
        }
    }
}
