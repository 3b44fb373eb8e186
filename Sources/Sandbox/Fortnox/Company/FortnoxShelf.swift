import Domain
import Foundation

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

/// What records can be found by under one parameter: their texts in lower case, one after the other in the order in which
/// the records came, so that the system's own search goes through ten thousand of them in some microseconds.
struct FortnoxColumn {
    /// No text of Fortnox has this byte, nor the zero that ends them all.
    private static let end: UInt8 = 1
    private var bytes: [UInt8] = [0]
    /// Where each text begins; one more for the end.
    private var starts = [0]

    func text(at place: Int) -> String { String(decoding: bytes[range(of: place)], as: UTF8.self) }

    private func range(of place: Int) -> Range<Int> { starts[place]..<(starts[place + 1] - 1) }

    mutating func append(_ text: String) {
        bytes.removeLast()
        bytes.append(contentsOf: text.lowercased().utf8)
        starts.append(bytes.count + 1)
        bytes += [Self.end, 0]
    }

    mutating func replace(at place: Int, _ text: String) {
        let new = Array(text.lowercased().utf8)
        let range = range(of: place)
        guard !bytes[range].elementsEqual(new) else { return }
        bytes.replaceSubrange(range, with: new)
        let longer = new.count - range.count
        if longer != 0 { for index in (place + 1)..<starts.count { starts[index] += longer } }
    }

    /// Places whose text holds these bytes, which are in lower case and not none.
    func places(holding part: [UInt8]) -> [Int] {
        guard !part.contains(where: { $0 <= Self.end }) else { return [] }
        var places: [Int] = []
        (part + [0]).withUnsafeBytes { part in
            bytes.withUnsafeBytes { bytes in
                guard let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress,
                    let wanted = part.assumingMemoryBound(to: CChar.self).baseAddress
                else { return }
                var next = 0
                while let hit = strstr(base + next, wanted) {
                    let place = place(at: UnsafePointer(hit) - base)
                    places.append(place)
                    next = starts[place + 1]
                }
            }
        }
        return places
    }

    private func place(at offset: Int) -> Int {
        var (low, high) = (0, starts.count - 1)
        while low < high - 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}

/// Records by key.
struct FortnoxShelf<Value: FortnoxListed> {
    /// By place, in the order in which they came; `nil` when deleted.
    private(set) var values: [Value?] = []
    private(set) var keys: [String] = []
    private(set) var modified: [Instant] = []
    private(set) var created: [Instant] = []
    private(set) var columns: [String: FortnoxColumn] = [:]
    private var places: [String: Int] = [:]
    private var sorted: [Int]?
    private let parameters: Set<String>
    /// Documents are numbered as they come; other records are sorted by their key.
    private let isInOrder: Bool

    init(parameters: Set<String>, isInOrder: Bool) {
        self.parameters = parameters
        self.isInOrder = isInOrder
        columns = parameters.reduce(into: [:]) { $0[$1] = FortnoxColumn() }
    }

    var count: Int { places.count }

    subscript(key: String) -> Value? { places[key].flatMap { values[$0] } }

    mutating func put(_ value: Value, _ key: String, at now: Instant) {
        let texts = value.texts
        if let place = places[key] {
            values[place] = value
            modified[place] = now
            for name in parameters { columns[name]?.replace(at: place, texts[name] ?? "") }
            return
        }
        places[key] = values.count
        values.append(value)
        keys.append(key)
        modified.append(now)
        created.append(now)
        for name in parameters { columns[name]?.append(texts[name] ?? "") }
        if isInOrder { sorted?.append(values.count - 1) } else { sorted = nil }
    }

    mutating func remove(_ key: String) {
        guard let place = places.removeValue(forKey: key) else { return }
        values[place] = nil
        sorted = nil
    }

    /// All places by key, numbers by their size before texts.
    mutating func ordered() -> [Int] {
        if let sorted { return sorted }
        let places = values.indices.filter { values[$0] != nil }
        let found = inOrder(places)
        sorted = found
        return found
    }

    /// Places whose record holds the bytes in a text, by key.
    func places(holding part: [UInt8], in parameter: String) -> [Int] {
        inOrder(columns[parameter]?.places(holding: part).filter { values[$0] != nil } ?? [])
    }

    private func inOrder(_ places: [Int]) -> [Int] { isInOrder ? places : Self.sorted(places) { keys[$0] } }

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
